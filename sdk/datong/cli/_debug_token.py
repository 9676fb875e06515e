from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from datong.cli._command import command, option
from datong.cli._session import session

if TYPE_CHECKING:
    from datong.conformance import Diagnosis, Step

MOST = 1 << 20
METHODS = ("serviceInterface", "batchExchange", "fileDownload", "verify")


@command(
    "debug-token",
    says=("Say offline which check a token fails, and why.", "离线诊断令牌未通过哪一项检查及其原因。"),
    more=(
        (
            "Walks the ten checks of a data call as an adapter does. It needs what the adapter answers at "
            "/v1/.well-known/gds-adapter and at /v1/grants/{id}; with the issuer's keys the signature is checked too. "
            "Neither the token nor its signature is printed. Exit codes: 0 no check fails, 1 one does."
        ),
        (
            "按适配器的次序逐项执行数据调用的十项检查。需要适配器在 /v1/.well-known/gds-adapter 与 /v1/grants/{id} "
            "的应答；给出签发方公钥时一并验签。不会输出令牌及其签名。退出码：0 未发现问题，1 有检查未通过。"
        ),
    ),
)
@option(
    "--token",
    required=True,
    metavar="FILE|-",
    says=("The token; - reads it from standard input.", "令牌文件；- 表示标准输入。"),
)
@option("--discovery", required=True, metavar="FILE", says=("The discovery document.", "适配器发现文档。"))
@option("--grant", required=True, metavar="FILE", says=("The grant.", "授权文档。"))
@option("--jwks", metavar="FILE", says=("Keys of the issuer, a JWK set.", "签发方公钥（JWK Set）。"))
@option("--at", metavar="TIME", says=("Instant of the call; else now.", "调用时间；未给出时为当前时间。"))
@option("--entry", metavar="ID", says=("Entry in the path of the call.", "调用路径中的目录条目。"))
@option(
    "--method",
    type=click.Choice(METHODS),
    metavar="NAME",
    says=(f"Sharing method of the call: {', '.join(METHODS)}.", f"调用所属共享方式：{'、'.join(METHODS)}。"),
)
@option("--json", "as_json", is_flag=True, says=("Print as JSON.", "以 JSON 输出。"))
def COMMAND(**asked: Any) -> int:  # noqa: N802 - the name by which the group finds it
    from datong.cli._output import echo_json
    from datong.conformance import debug_token

    found = debug_token(
        _text(asked["token"], "--token"),
        _json(asked["discovery"], "--discovery"),
        _json(asked["grant"], "--grant"),
        jwks=_json(asked["jwks"], "--jwks") if asked["jwks"] else None,
        at=_instant(asked["at"]) if asked["at"] else None,
        entry=asked["entry"],
        method=asked["method"],
    )
    if asked["as_json"]:
        echo_json(_document(found))
    else:
        _show(found)
    return 0 if found.ok else 1


def _text(name: str, which: str) -> str:
    from datong.model import EnvironmentProblem, Text

    try:
        if name == "-":
            return sys.stdin.read(MOST)
        with Path(name).open(encoding="utf-8") as file:
            return file.read(MOST)
    except (OSError, UnicodeDecodeError):
        raise EnvironmentProblem(
            Text(f"The file {name} of {which} cannot be read.", f"无法读取 {which} 所指文件 {name}。"),
            code="file-unreadable",
        ) from None


def _json(name: str, which: str) -> Any:
    from datong.model import Text, UsageError

    try:
        return json.loads(_text(name, which))
    except (ValueError, RecursionError):
        raise UsageError(
            Text(f"The file {name} of {which} is not JSON.", f"{which} 所指文件 {name} 不是 JSON。"),
            code="document-invalid",
        ) from None


def _instant(text: str) -> datetime:
    from datong.model import Text, UsageError

    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise UsageError(
            Text(f"--at is wrong: {text}.", f"--at 无效：{text}。"),
            Text(
                "Write an instant with its offset: 2026-05-01T09:00:00+08:00.",
                "请填写带时区偏移的时间，如 2026-05-01T09:00:00+08:00。",
            ),
        )
    return found


def _document(found: Diagnosis) -> dict[str, Any]:
    return {
        "ok": found.ok,
        "code": found.code,
        "at": found.at.isoformat(),
        "checks": [
            {
                "requirement": step.requirement,
                "title": _both(step.title),
                "status": step.status,
                "code": step.code,
                "expected": _both(step.expected),
                "found": _both(step.found),
                "note": _both(step.note),
            }
            for step in found.steps
        ],
    }


def _both(text: Any) -> dict[str, str] | None:
    return {"en": text.en, "zh": text.zh} if text is not None else None


_STATUSES = {
    "passed": ("passed", "通过", "green"),
    "failed": ("failed", "未通过", "bold red"),
    "notChecked": ("not checked", "未检查", "yellow"),
}


def _show(found: Diagnosis) -> None:
    from datong.cli._output import line
    from datong.standard import PROBLEMS

    say, language = session().say, session().language
    for step in found.steps:
        _show_step(step)
    line()
    if found.code is None:
        line(say("No check that could be made fails.", "所能执行的检查均已通过。"), "green")
        return
    kind = PROBLEMS[found.code]
    colon = say(": ", "：")
    answer = say(f"The adapter answers {kind.status} {found.code}", f"适配器将返回 {kind.status} {found.code}")
    line(f"{answer}{colon}{kind.title.to(language)}{say('.', '。')}", "bold")


def _show_step(step: Step) -> None:
    from datong.cli._output import raw
    from datong.cli._width import pad

    en, zh, style = _STATUSES[step.status]
    say, language = session().say, session().language
    code = f"  {step.code}" if step.code else ""
    raw(f"{step.requirement}  {pad(step.title.to(language), 26)}{say(en, zh)}{code}", style)
    rows = (
        (say("expected", "应为"), step.expected),
        (say("found", "实为"), step.found),
        (say("note", "说明"), step.note),
    )
    for name, text in rows:
        if text is not None:
            raw(f"            {pad(name, 10)}{text.to(language)}")
