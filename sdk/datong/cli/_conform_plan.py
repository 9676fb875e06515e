"""What a run would send and judge, without sending it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from datong.cli._output import echo_json, line, raw
from datong.cli._session import session
from datong.cli._width import cells, pad
from datong.model import Text

if TYPE_CHECKING:
    from datong.conformance import Settings

WRITES = Text(
    "It puts grants of its own at /grants/{id}, and asks for correction cases, jobs and service calls where the "
    "target claims those classes. Data is read only.",
    "检测将通过 /grants/{id} 写入自用授权；在被测系统声明相应一致性类时，还会提交校核更正、"
    "导出任务和服务调用。数据仅读取。",
)


def show_plan(target: str | None, settings: Settings, *, as_json: bool) -> int:
    if as_json:
        echo_json(_document(target, settings))
    else:
        _print(target, settings)
    return 0


def _document(target: str | None, settings: Settings) -> dict[str, Any]:
    from datong.conformance import planned
    from datong.standard import CLASS_PREFIXES

    language = session().language
    probes = planned(settings, tuple(CLASS_PREFIXES))
    return {
        "target": target,
        "settings": settings.model_dump(mode="json", by_alias=True, exclude_none=True),
        "writes": WRITES.to(language),
        "classes": [
            {
                "class": name,
                "probes": [each.name for each in probes if each.conformance == name],
                "requirements": requirements,
            }
            for name in CLASS_PREFIXES
            if (requirements := _requirements(name, settings))
        ],
    }


def _requirements(name: str, settings: Settings) -> list[dict[str, Any]]:
    from datong.conformance import CHECKS, explain
    from datong.standard import REQUIREMENTS

    language = session().language
    return [
        {
            "requirement": each.id,
            "level": each.level,
            "tested": explain(each.id).tested.to(language),
            "checked": each.id in CHECKS,
        }
        for each in REQUIREMENTS.values()
        if each.conformance == name
        and (not settings.classes or name in settings.classes)
        and (not settings.requirements or each.id in settings.requirements)
    ]


def _print(target: str | None, settings: Settings) -> None:
    from datong.conformance import CLASS_TITLES

    say, plan = session().say, _document(target, settings)
    if target:
        raw(say("Plan for ", "检测计划：") + target, "bold")
    line(_limits(settings))
    line(WRITES.to(session().language))
    line(say("Classes that the target does not claim are left out.", "被测系统未声明的一致性类不予检测。"))
    for each in plan["classes"]:
        line()
        raw(f"{CLASS_TITLES[each['class']].to(session().language)}  {each['class']}", "bold")
        if each["probes"]:
            line(say("probes: ", "探测程序：") + ", ".join(each["probes"]), "dim")
        for requirement in each["requirements"]:
            _requirement(requirement)


def _requirement(requirement: dict[str, Any]) -> None:
    from rich.text import Text as Styled

    from datong.cli._output import console
    from datong.cli._width import wrap

    out = console()
    head = pad(f"  {requirement['requirement']}  ", 15)
    for text in wrap(requirement["tested"], out.width - cells(head)):
        out.print(Styled(head, "bold").append(text, ""), soft_wrap=True)
        head = " " * cells(head)


def _limits(settings: Settings) -> str:
    rate = f"{settings.rate:g}" if settings.rate else session().say("5, on loopback unlimited", "5（本机回环地址不限）")
    return session().say(
        f"Requests a second: {rate}. Seconds for one request: {settings.timeout:g}, for all: {settings.budget:g}. "
        f"Seed: {settings.seed}.",
        f"每秒请求数：{rate}。单次请求时限 {settings.timeout:g} 秒，总时限 {settings.budget:g} 秒。"
        f"随机种子：{settings.seed}。",
    )
