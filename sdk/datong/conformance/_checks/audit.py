"""Checks of the class audit."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from itertools import pairwise
from typing import Any, Final

from datong.conformance._checks._shared import DENIED, OK, grouped, items, short
from datong.conformance._exchange import NUMBER, Exchange
from datong.conformance._look import Look, shown
from datong.conformance._redact import MARKER
from datong.conformance._registry import check
from datong.model import Text

HOOK: Final = Text("No hook of the fixtures blocks the log.", "测试数据未提供可阻断审计存储的钩子。")
CASE: Final = "KIT-2026-0001"
OPERATOR: Final = "kit-operator-7"
YEARS: Final = 3
FEWEST: Final = 3
"""Records that make a chain."""
_DURATION: Final = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T.*)?")
_LEAK: Final = re.compile(r"<(?:id|phone|value|token):[^>]*>|eyJ[A-Za-z0-9_-]{8,}\.")


def _of(look: Look, label: str, request: Any) -> dict[str, Any] | None:
    """The record of a request as the log showed it in the end."""
    found = look.at(label, request=request)
    records = [row for row in items(found[-1:]) if row.get("requestId") == request]
    return records[0] if records else None


@check(
    "REQ-AUD-01",
    "Write one record for every data call, with who, what, under which grant and purpose, outcome, counts and time.",
    "每次数据调用须留存一条记录，包含调用方、授权、使用目的、路径模板、结果、数量与时间。",
)
def recorded(look: Look) -> None:
    for each in look.need("audit.call"):
        record = _of(look, "audit.found", each.tags.get("request"))
        kind = each.tags.get("kind")
        if record is None:
            look.wrong(Text("a record of the call", "该次调用的记录"), f"{kind}: -", each)
            continue
        expected = {
            "consumerId": each.tags.get("consumer"),
            "catalogId": each.tags.get("entry"),
            "grantId": each.tags.get("grant"),
            "purposeId": each.tags.get("purpose"),
            "method": each.request.method,
            "status": each.status,
            "caseId": CASE,
        } | ({"operatorId": OPERATOR} if each.tags.get("token") == "operator named" else {})
        for name, value in expected.items():
            look.expect(record.get(name) == value, f"{name}: {value}", f"{kind}, {name}: {record.get(name)}", each)
        for name in ("time", "providerId", "path", "responseBytes", "durationMs"):
            look.expect(record.get(name) is not None, name, f"{kind}, {name}: -", each)
        _counted(look, each, record)


def _counted(look: Look, each: Exchange, record: dict[str, Any]) -> None:
    rows = len(each.document["items"]) if isinstance(each.document.get("items"), list) else 1
    if each.status == OK and each.tags.get("kind") != "verify":
        look.expect(record.get("records") == rows, f"records: {rows}", f"records: {record.get('records')}", each)
    size = each.response.size if each.response else 0
    close = isinstance(record.get("responseBytes"), int) and record["responseBytes"] >= 0
    plain = each.header("content-encoding") is None
    same = not plain or record.get("responseBytes") == size
    look.expect(close and same, f"responseBytes: {size}", f"responseBytes: {record.get('responseBytes')}", each)
    template = "{" in str(record.get("path")) or "/datasets/" not in each.path
    look.expect(template, Text("the path's template", "路径模板"), str(record.get("path")), each)


@check(
    "REQ-AUD-02",
    "Record refused calls too, with the code of their problem.",
    "被拒绝的调用也须记录，并包含问题代码。",
)
def refusals(look: Look) -> None:
    for each in look.need("audit.refused"):
        record = _of(look, "audit.foundRefused", each.tags.get("request"))
        case = each.tags.get("case")
        if record is None:
            look.wrong(Text("a record of the refusal", "该次拒绝的记录"), f"{case}: -", each)
            continue
        look.expect(
            record.get("status") == each.status, f"status {each.status}", f"{case}: {record.get('status')}", each
        )
        look.expect(record.get("code") == each.code, f"code {each.code}", f"{case}: {record.get('code')}", each)


@check(
    "REQ-AUD-03",
    "Keep values, identity numbers, tokens and addresses as called out of the log; bodies by digest and size alone.",
    "审计记录不得包含数据值、身份证号、令牌或完整地址；请求体只记录摘要与大小。",
)
def contents(look: Look) -> None:
    found = [each for each in look.obs.at("audit.") if each.path.endswith("/audit/records") and each.status == OK]
    rows = items(found)
    if not rows:
        look.cite(found)
        look.inconclusive()
    values = _values(look)
    for each in look.cite(found):
        for row in items([each]):
            text = json.dumps(row, ensure_ascii=False)
            leak = _LEAK.search(text)
            if leak is not None:
                look.wrong(Text("no value in the log", "日志不含数据值"), leak[0], each)
            path = str(row.get("path"))
            look.expect("?" not in path, Text("no query in the log", "日志不含查询内容"), path, each)
            held = next((value for value in values if value in text), None)
            look.expect(held is None, Text("no value in the log", "日志不含数据值"), str(held), each)


def _values(look: Look) -> set[str]:
    """Texts of known records that occur nowhere but in data."""
    records = [record for entry in look.obs.fixtures.entries.values() for record in entry.records]
    texts = {value for record in records for value in record.values.values() if value}
    return {text for text in texts if len(text) > 3 and not text.isascii()}  # noqa: PLR2004 - not by chance elsewhere


@check(
    "REQ-AUD-04",
    "Chain the records: digest over canonical JSON (RFC 8785), prevDigest of the record before, without a gap.",
    "记录须构成哈希链：digest 取自规范化 JSON（RFC 8785），prevDigest 为前一条的摘要，不得缺漏。",
)
def chain(look: Look) -> None:
    pages = look.answered("audit.window")
    rows = items(pages)
    if len(rows) < FEWEST:
        look.inconclusive()
    chains: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        chains.setdefault(str(row.get("replica")), []).append(row)
    for name, own in chains.items():
        if all(isinstance(row.get("seq"), int) for row in own):
            own.sort(key=lambda row: int(row["seq"]))
        _linked(look, name, own, pages)


def _linked(look: Look, name: str, own: list[dict[str, Any]], pages: list[Exchange]) -> None:
    for row in own:
        if MARKER.search(json.dumps(row)) is None:
            place = f"{name} {row.get('seq', '')}"
            look.expect(
                row.get("digest") == digest(row), Text("its digest", "摘要一致"), f"{place}: digest", *pages[:1]
            )
    forward = sum(one.get("digest") == other.get("prevDigest") for one, other in pairwise(own))
    backward = sum(one.get("prevDigest") == other.get("digest") for one, other in pairwise(own))
    broken = len(own) - 1 - max(forward, backward)
    look.expect(broken == 0, Text("an unbroken chain", "哈希链完整"), f"{name}: {broken} ✕", *pages[:1])


def digest(record: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON of a record without its digest."""
    return sha256(canonical({name: value for name, value in record.items() if name != "digest"}).encode()).hexdigest()


def canonical(value: Any) -> str:
    """RFC 8785; member names of audit records are ASCII, so code points order them."""
    if isinstance(value, dict):
        members = (f"{canonical(name)}:{canonical(value[name])}" for name in sorted(value))
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(each) for each in value) + "]"
    if isinstance(value, float) and not isinstance(value, bool):
        return _number(value)
    if isinstance(value, str) and value.startswith(NUMBER):
        return _number(float(value[len(NUMBER) : -1]))
    return json.dumps(value, ensure_ascii=False)


def _number(value: float) -> str:
    """As ECMAScript writes it, within the range of durations and counts."""
    return str(int(value)) if value.is_integer() else repr(value)


@check(
    "REQ-AUD-05",
    "State a retention of at least P3Y and the source of the clock at /audit/policy.",
    "应在 /audit/policy 说明不少于三年的留存期限及时钟来源。",
)
def policy(look: Look) -> None:
    for each in look.need("audit.policy"):
        if look.status(each, OK) and look.schema(each, "auditPolicy"):
            stated = str(each.document.get("retention"))
            parts = _DURATION.fullmatch(stated)
            years, months, weeks, days = (int(part or 0) for part in parts.groups()) if parts else (0, 0, 0, 0)
            total = years + months / 12 + weeks / 52.2 + days / 365.3
            look.expect(total >= YEARS - 0.01, "≥ P3Y", stated, each)
            look.figures["declaredYears"] = round(total, 2)


@check(
    "REQ-AUD-06",
    "Show a consumer the records of its own calls, the provider all of its entries, and nobody else any.",
    "使用部门只能查看本部门调用的记录，提供部门可查看其条目的全部记录，其他角色不得查看。",
)
def readers(look: Look) -> None:
    for each in look.need("audit.read"):
        case, consumer = each.tags.get("case"), each.tags.get("consumer")
        if case == "foreign consumer" and each.status == DENIED:
            continue
        if look.status(each, OK):
            others = {row.get("consumerId") for row in items([each])} - {consumer}
            look.expect(not others, f"consumerId: {consumer}", short(others), each)
            seen = items([each])
            if case == "own call":
                look.expect(seen, Text("its own call", "本部门的调用"), "-", each)
            elif case in ("foreign call", "foreign consumer"):
                look.expect(not seen, Text("nothing of others", "不含其他部门的记录"), f"{len(seen)}", each)
    for each in look.at("audit.provider"):
        look.expect(each.status == OK and items([each]), Text("every call", "全部调用"), shown(each), each)
    for each in look.at("audit.role"):
        look.expect(each.status == DENIED, "HTTP 403", f"{each.tags.get('role')}: {shown(each)}", each)


@check(
    "REQ-AUD-07",
    "Offer no method that changes the log: PUT, PATCH and DELETE answer 405.",
    "不得提供修改日志的方法：PUT、PATCH、DELETE 应返回 405。",
)
def changes(look: Look) -> None:
    for (path,), found in grouped(look.need("audit.change"), "path").items():
        for each in found:
            allowed = (405, 404) if path == "one" else (405,)
            look.expect(each.status in allowed, "HTTP 405", f"{each.request.method}: {shown(each)}", each)


@check(
    "REQ-AUD-08",
    "Answer nothing that cannot be recorded: 503 audit-unavailable.",
    "无法记录时不得提供数据，应返回 503 audit-unavailable。",
)
def blocked(look: Look) -> None:
    found = look.at("audit.blocked")
    if not found:
        look.inconclusive(HOOK)
    for each in found:
        look.refused(each, 503, "audit-unavailable")
