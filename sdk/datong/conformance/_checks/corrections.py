"""Checks of the class corrections."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from datong.conformance._calendar import YearUnknown, working_days_later
from datong.conformance._checks._shared import ABSENT, DENIED, OK, REFUSED, parsed, short
from datong.conformance._exchange import Exchange
from datong.conformance._look import Look, shown
from datong.conformance._redact import PERSONAL
from datong.conformance._registry import check
from datong.model import Text

MADE = 201
DUE = 10
"""Working days of Art. 26(2)."""
ORDER = ("submitted", "accepted", "investigating", "resolved", "rejected", "closed")
ZONE = ZoneInfo("Asia/Shanghai")
ASKED = ("catalogId", "kind", "description")
_HOOK = Text("No hook of the fixtures corrects a row.", "测试数据未提供可更正数据的钩子。")
_CASES = ("corrections.filed", "corrections.read", "corrections.state", "corrections.readByProvider")


def filed(look: Look) -> list[Exchange]:
    return [each for label in ("corrections.filed", "corrections.walked") for each in look.at(label)]


def shown_cases(look: Look) -> list[Exchange]:
    return [each for label in _CASES for each in look.answered(label, OK, MADE)]


@check(
    "REQ-COR-01",
    "Take a correction with what the standard lists, answer 201 with Location, and show the same there.",
    "应受理标准所列内容的数据校核请求，返回 201 与 Location，且可据此查询到相同内容。",
)
def accepted(look: Look) -> None:
    for each in look.need("corrections.filed"):
        if not look.expect(each.status == MADE, "HTTP 201", f"{each.tags.get('case')}: {shown(each)}", each):
            continue
        look.expect(each.header("location"), "Location", "-", each)
        look.schema(each, "correction")
        for read in look.at("corrections.read", case=each.tags.get("case")):
            look.status(read, OK)
            sent = each.request.body if isinstance(each.request.body, dict) else {}
            for name in ("catalogId", "kind", "field", "problem", "description", "evidenceDigest", "recordId"):
                same = name not in sent or read.document.get(name) == sent[name]
                look.expect(same, f"{name}: {sent.get(name)}", f"{name}: {read.document.get(name)}", read)
    for each in look.at("corrections.bad"):
        look.status(each, REFUSED)


@check(
    "REQ-COR-02",
    "State receivedAt, and dueAt exactly 10 working days later on the official calendar.",
    "应给出 receivedAt 及按法定工作日历恰好十个工作日之后的 dueAt。",
)
def due(look: Look) -> None:
    found = [each for each in filed(look) if each.status == MADE]
    if not found:
        look.inconclusive()
    calendar = look.obs.fixtures.calendar
    if not calendar.years:
        look.inconclusive(Text("No work calendar is given.", "测试数据未提供工作日历。"))
    for each in found:
        received, ends = (parsed("dateTime", each.document.get(name)) for name in ("receivedAt", "dueAt"))
        if look.expect(isinstance(received, datetime) and isinstance(ends, datetime), "receivedAt, dueAt", "-", each):
            try:
                wanted = working_days_later(received.astimezone(ZONE).date(), DUE, calendar)
            except YearUnknown as year:
                look.error(Text(f"The work calendar does not cover {year}.", f"工作日历未覆盖 {year} 年。"))
            look.expect(ends.astimezone(ZONE).date() == wanted, f"dueAt {wanted}", f"dueAt {ends}", each)


@check(
    "REQ-COR-03",
    "Move cases forward only, each step with time and office; refuse others with 409; mark overdue cases.",
    "状态只能向前流转，每步记录时间与机构；不合法的流转返回 409；逾期案件标记 overdue。",
)
def states(look: Look) -> None:
    found = look.at("corrections.state")
    if not found:
        look.inconclusive()
    for each in found:
        if look.status(each, OK):
            wanted, status = each.tags.get("wanted"), each.document.get("status")
            look.expect(status == wanted, str(wanted), str(status), each)
            _steps(look, each)
    for each in look.at("corrections.step"):
        look.expect(each.status in (OK, MADE, 204), "HTTP 200", f"{each.tags.get('to')}: {shown(each)}", each)
    for each in look.at("corrections.illegal"):
        look.expect(each.status == 409, "HTTP 409", f"{each.tags.get('to')}: {shown(each)}", each)  # noqa: PLR2004
    for each in look.at("corrections.byConsumer"):
        look.status(each, DENIED)


def _steps(look: Look, each: Exchange) -> None:
    listed = each.document.get("steps")
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    places = [ORDER.index(row["status"]) for row in rows if row.get("status") in ORDER]
    look.expect(places == sorted(places) and places, Text("forward only", "只能向前流转"), short(places, 9), each)
    whole = all(row.get("time") and row.get("office") for row in rows)
    look.expect(whole, Text("time and office of each step", "每步有时间与机构"), str(rows)[:120], each)
    ends, closed = parsed("dateTime", each.document.get("dueAt")), each.document.get("status") in ORDER[3:]
    late = isinstance(ends, datetime) and ends < datetime.fromisoformat(each.started_at) and not closed
    look.expect(each.document.get("overdue") is late, f"overdue: {late}", f"{each.document.get('overdue')}", each)


@check(
    "REQ-COR-04",
    "Report result and explanation of a resolved case and where it took effect; reject with a reason alone.",
    "已解决的案件须说明结果、解释及生效的变更或版本；驳回须说明理由。",
)
def results(look: Look) -> None:
    found = [each for each in shown_cases(look) if each.document.get("status") in ("resolved", "rejected", "closed")]
    if not found:
        look.inconclusive()
    for each in found:
        look.schema(each, "correction")
    for each in look.at("corrections.bare"):
        look.expect(each.status in (REFUSED, 409, 422), "HTTP 400", f"{each.tags.get('to')}: {shown(each)}", each)


@check(
    "REQ-COR-05",
    "Serve the corrected value by records, exports and the feed (type corrected).",
    "更正后的值须在记录、导出与变更流（corrected）中可见。",
)
def visible(look: Look) -> None:
    done = look.obs.facts.get("corrected")
    found = look.at("corrections.corrected")
    if not isinstance(done, dict) or not found:
        look.inconclusive(_HOOK)
    for each in found:
        if look.status(each, OK) and each.tags.get("by") == "record":
            for name, value in done["values"].items():
                told = each.document.get(name)
                look.expect(str(told) == str(value), f"{name}: {value}", f"{name}: {told}", each)
        elif each.status == OK:
            rows: list[dict[str, Any]] = [row for row in each.document.get("changes") or () if isinstance(row, dict)]
            named = any(row.get("type") == "corrected" and row.get("subject") == done["recordId"] for row in rows)
            look.expect(named, "corrected", short(row.get("type") for row in rows), each)


@check(
    "REQ-COR-06",
    "Show a case to its consumer and the provider alone; keep error rows as digest, count and masked sample.",
    "案件只对提出部门与提供部门可见；错误行只保存摘要、数量与脱敏样例。",
)
def privacy(look: Look) -> None:
    for each in look.need("corrections.foreign"):
        look.status(each, ABSENT)
    for each in look.at("corrections.readByProvider"):
        look.status(each, OK)
    for each in shown_cases(look):
        leak = PERSONAL.search(str(each.body))
        look.expect(leak is None, Text("no identity number", "不含身份证号"), leak[0] if leak else "", each)


@check(
    "REQ-COR-07",
    "Let every consumer with an active grant file a correction, with no further permission or fee.",
    "任何持有有效授权的使用部门均可提出，不得另设许可或收费。",
)
def open_to_all(look: Look) -> None:
    for each in look.need("corrections.filed", case="minimal"):
        look.status(each, MADE)


@check(
    "REQ-COR-08",
    "List every missing point of an incomplete correction at once.",
    "内容不全时应一次列出全部缺失项。",
)
def complete(look: Look) -> None:
    for each in look.need("corrections.empty"):
        if look.status(each, REFUSED):
            listed = each.document.get("errors")
            named = " ".join(str(row) for row in listed or ())
            missing = [name for name in ASKED if name not in named]
            look.expect(not missing, ", ".join(ASKED), f"−{', '.join(missing)}", each)
