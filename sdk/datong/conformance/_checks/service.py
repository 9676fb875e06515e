"""Checks of the class service."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from datong.conformance._checks._shared import OK, REFUSED, grouped
from datong.conformance._exchange import Exchange
from datong.conformance._look import Look, judged, shown
from datong.conformance._redact import MARKER
from datong.conformance._registry import check
from datong.conformance._values import parts
from datong.model import Text

_HOOK = Text("No hook of the fixtures can bring this about.", "测试数据未提供可触发该情形的钩子。")
_GIVEN = Text("No known call is given.", "测试数据未提供已知的服务调用。")


def schema(look: Look, entry: str) -> tuple[dict[str, Any], dict[str, Any]]:
    found = look.answered("service.schema", entry=entry)
    return parts(dict(found[-1].document)) if found else ({}, {})


@check(
    "REQ-SVC-01",
    "Name `safe` in the entry, and publish request and response schema.",
    "目录条目须注明 safe，并发布请求与响应的 JSON Schema。",
)
def described(look: Look) -> None:
    for each in look.need("service.schema"):
        entry = str(each.tags.get("entry"))
        safe = look.obs.entries.get(entry, {}).get("safe")
        look.expect(isinstance(safe, bool), "safe", f"safe: {safe}", *look.at("catalog.entry", entry=entry))
        if not look.status(each, OK):
            continue
        for name, part in zip(("request", "response"), parts(dict(each.document)), strict=True):
            look.expect(part, name, "-", each)
            try:
                Draft202012Validator.check_schema(part)
            except SchemaError as error:
                look.wrong("JSON Schema 2020-12", f"{name}: {str(error.message)[:100]}", each)


@check(
    "REQ-SVC-02",
    "Answer a valid request with 200 and a body that is valid against the response schema.",
    "合法请求应返回 200 及符合响应模式的内容。",
)
def answered(look: Look) -> None:
    found = look.at("service.known")
    if not found:
        look.inconclusive(_GIVEN)
    for each in found:
        if not look.status(each, OK):
            continue
        entry = str(each.tags.get("entry"))
        errors = Draft202012Validator(schema(look, entry)[1]).iter_errors(each.body)
        for place, text in [pair for error in errors for pair in judged(error)][:3]:
            look.wrong(Text("valid against the response schema", "符合响应模式"), f"{place or '/'}: {text}", each)
        case = look.obs.fixtures.entry(entry).service
        if case is not None and case.response is not None and MARKER.search(str(each.body)) is None:
            look.expect(each.body == case.response, str(case.response)[:120], str(each.body)[:120], each)


@check(
    "REQ-SVC-03",
    "Refuse invalid bodies with 400 and every violation, before the legacy system is called.",
    "无效请求体应返回 400 并列出全部问题，且不得调用遗留系统。",
)
def wrong(look: Look) -> None:
    found = look.at("service.wrong")
    if not found:
        look.inconclusive(_GIVEN)
    for each in found:
        if look.expect(each.status == REFUSED, "HTTP 400", f"{each.tags.get('case')}: {shown(each)}", each):
            look.expect(each.document.get("errors"), "errors[]", "-", each)
    for entry, case, reached in look.obs.facts.get("reached", ()):
        look.expect(not reached, Text("not called", "未调用遗留系统"), f"{entry}, {case}")


@check(
    "REQ-SVC-04",
    "Answer a declared fault with origin source and a stable code; any other with 502.",
    "已声明的故障应以 origin 为 source 及固定代码返回；未声明的返回 502。",
)
def faults(look: Look) -> None:
    found = look.at("service.fault")
    if not found:
        look.inconclusive(_GIVEN)
    for each in found:
        origin, code = each.document.get("origin"), each.tags.get("code")
        look.expect(origin == "source", "origin: source", f"origin: {origin} ({shown(each)})", each)
        look.expect(code in (None, each.code), str(code), str(each.code), each)
        look.expect(code is not None or each.status == 502, "HTTP 502", shown(each), each)  # noqa: PLR2004


@check(
    "REQ-SVC-05",
    "Demand an Idempotency-Key where the call changes things; call once for one key; 422 for another body.",
    "有副作用的调用须带 Idempotency-Key；相同键只调用一次；相同键不同请求体返回 422。",
)
def repeats(look: Look) -> None:
    found = look.at("service.repeat")
    if not found:
        safe = all(e.get("safe") is not False for e in look.obs.entries.values())
        if safe and look.obs.entries:
            look.not_applicable(Text("Every service is safe.", "所有服务均无副作用。"))
        look.inconclusive(_GIVEN)
    for (entry,), calls in grouped(found, "entry").items():
        turns = {str(each.tags.get("turn")): each for each in calls}
        _repeated(look, turns)
        times = look.obs.facts.get("repeats", {}).get(entry)
        look.expect(times in (None, 1), Text("called once", "只调用一次"), f"{entry}: {times}", *calls[:1])
    for each in look.at("service.keyless"):
        look.status(each, REFUSED)


def _repeated(look: Look, turns: dict[str, Exchange]) -> None:
    first, again, other = (turns.get(name) for name in ("first", "again", "other"))
    if first is not None and again is not None:
        same = Text("the first answer again", "返回首次结果")
        look.expect(first.status == again.status and first.body == again.body, same, shown(again), first, again)
    if other is not None:
        look.status(other, 422)


@check(
    "REQ-SVC-06",
    "Answer 504 outcome-unknown when an unsafe call was sent and never answered, and do not try again.",
    "有副作用的调用发出后未获应答时应返回 504 outcome-unknown，且不得重试。",
)
def unknown(look: Look) -> None:
    found = look.at("service.hanging")
    if not found:
        look.inconclusive(_HOOK)
    for each in found:
        look.refused(each, 504, "outcome-unknown")
