from __future__ import annotations

from typing import TYPE_CHECKING, Any

from datong.cli._command import argument, command, option
from datong.cli._session import session

if TYPE_CHECKING:
    from datong.conformance import Explanation
    from datong.model import Text


@command(
    "explain",
    says=("Explain a requirement and how to meet it.", "说明一项要求及其满足方法。"),
    more=(
        "What the standard says, where that comes from and why, how the kit tests it, and how to put it right.",
        "列出标准的规定、依据与理由，检测工具的检测方法，以及整改方法。",
    ),
)
@argument(
    "requirement",
    metavar="REQ-…",
    says=("Id of the requirement; QRY-02 and qry2 will do.", "要求编号；可简写为 QRY-02 或 qry2。"),
)
@option("--json", "as_json", is_flag=True, says=("Print as JSON.", "以 JSON 输出。"))
def COMMAND(requirement: str, *, as_json: bool) -> int:  # noqa: N802 - the name by which the group finds it
    from datong.cli._output import echo_json
    from datong.conformance import explain

    found = explain(requirement)
    if as_json:
        echo_json(_document(found))
    else:
        _show(found)
    return 0


def _document(found: Explanation) -> dict[str, Any]:
    about, language = found.requirement, session().language
    return {
        "requirement": about.id,
        "class": about.conformance,
        "level": about.level,
        "mandatory": found.mandatory,
        "text": about.text.to(language),
        "sources": [each.to(language) for each in found.sources],
        "reasons": [each.to(language) for each in found.reasons],
        "tested": found.tested.to(language),
        "probes": list(found.probes),
        "needs": [each.to(language) for each in found.needs],
        "unproven": found.unproven.to(language) if found.unproven else None,
        "remedy": found.remedy.to(language) if found.remedy else None,
    }


def _show(found: Explanation) -> None:
    from datong.cli._output import line, raw
    from datong.model import Text

    language, about = session().language, found.requirement
    raw(f"{about.id}  {session().pick(_level(about.level))}", "bold")
    line(about.text.to(language))
    kind = Text("mandatory", "必选") if found.mandatory else Text("optional", "可选")
    named = Text(
        f"{found.title.en} ({about.conformance}), {kind.en}", f"{found.title.zh}（{about.conformance}），{kind.zh}"
    )
    _part(Text("Class", "一致性类"), [named.to(language)])
    _part(Text("Source", "依据"), [each.to(language) for each in found.sources])
    _part(Text("Why", "理由"), [each.to(language) for each in found.reasons])
    tested = [found.tested.to(language), *(each.to(language) for each in (*found.needs, *_own(found.unproven)))]
    _part(Text("How it is tested", "检测方法"), tested)
    remedy = found.remedy or Text("This kit has no check for it.", "本检测工具尚无对应的检查。")
    _part(Text("How to meet it", "满足方法"), [remedy.to(language)])


def _own(text: Text | None) -> list[Text]:
    return [text] if text else []


def _level(level: str) -> tuple[str, str]:
    return ("MUST", "必须") if level == "MUST" else ("SHOULD", "建议")


def _part(title: Text, lines: list[str]) -> None:
    from datong.cli._output import console, line
    from datong.cli._width import wrap

    line()
    line(title.to(session().language), "bold")
    out = console()
    for text in lines:
        for each in wrap(text, out.width, "  "):
            out.print(each, soft_wrap=True)
