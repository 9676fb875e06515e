"""Checks of the class applications, which an exchange claims."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from datong.conformance._calendar import YearUnknown, working_days_later
from datong.conformance._checks._shared import FAILURE, OK, parsed
from datong.conformance._exchange import Exchange
from datong.conformance._look import Look, shown
from datong.conformance._registry import check
from datong.model import Text

MADE = 201
REPLY = {"unconditional": 1, "conditional": 10}
"""Working days of Art. 21(1)."""
DELIVERY = 20
"""Working days of Art. 22(1)."""
ZONE = ZoneInfo("Asia/Shanghai")


def _steps(look: Look, *names: str) -> list[Exchange]:
    found = [each for each in look.obs.at("applications.step") if each.tags.get("step") in names]
    if not found:
        look.inconclusive()
    return look.cite(found)


def _due(look: Look, each: Exchange, since: Any, name: str, days: int) -> None:
    calendar = look.obs.fixtures.calendar
    if not calendar.years:
        look.inconclusive(Text("No work calendar is given.", "测试数据未提供工作日历。"))
    start, ends = parsed("dateTime", since), parsed("dateTime", each.document.get(name))
    if look.expect(
        isinstance(start, datetime) and isinstance(ends, datetime), name, str(each.document.get(name)), each
    ):
        try:
            wanted = working_days_later(start.astimezone(ZONE).date(), days, calendar)
        except YearUnknown as year:
            look.error(Text(f"The work calendar does not cover {year}.", f"工作日历未覆盖 {year} 年。"))
        look.expect(ends.astimezone(ZONE).date() == wanted, f"{name} {wanted}", f"{name} {ends}", each)


@check(
    "REQ-APP-01",
    "Require the seven members of Art. 20(2) and nothing else.",
    "只要求条例第二十条第二款的七项内容。",
)
def required(look: Look) -> None:
    for each in look.need("applications.short"):
        refused = each.status is not None and FAILURE <= each.status < 500  # noqa: PLR2004
        look.expect(refused, "HTTP 400", f"−{each.tags.get('missing')}: {shown(each)}", each)
    for each in look.at("applications.filed"):
        look.status(each, MADE)


@check(
    "REQ-APP-02",
    "Set replyDueAt 1 working day later for unconditional entries and 10 for conditional ones.",
    "replyDueAt：无条件共享为一个工作日，有条件共享为十个工作日。",
)
def reply(look: Look) -> None:
    found = look.answered("applications.filed", MADE)
    if not found:
        look.inconclusive()
    for each in found:
        since = each.document.get("receivedAt") or each.document.get("submittedAt")
        _due(look, each, since, "replyDueAt", REPLY[str(each.tags.get("sharing"))])


@check(
    "REQ-APP-03",
    "Allow extensions of 10 working days in all, approved by the competent department, and show them.",
    "答复延期合计不超过十个工作日，须经主管部门批准，并对申请方可见。",
)
def extensions(look: Look) -> None:
    for each in _steps(look, "extension"):
        look.expect(each.status in (400, 409, 422), "HTTP 400 / 409", f"{each.tags.get('way')}: {shown(each)}", each)
    for each in look.answered("applications.state", way="twice"):
        look.expect(each.document.get("extensions"), "extensions[]", "-", each)


@check(
    "REQ-APP-04",
    "Ask for all missing material at once, once; never refuse for incompleteness.",
    "材料不全应一次性告知补正，不得以材料不全为由拒绝。",
)
def supplements(look: Look) -> None:
    for each in _steps(look, "incomplete", "again"):
        look.expect(each.status == 409, "HTTP 409", f"{each.tags.get('step')}: {shown(each)}", each)  # noqa: PLR2004
    for each in look.answered("applications.state", way="supplement"):
        status = each.document.get("status")
        look.expect(status == "supplementRequired", "supplementRequired", str(status), each)


@check(
    "REQ-APP-05",
    "Take no refusal without reasons.",
    "拒绝必须说明理由。",
)
def refusals(look: Look) -> None:
    for each in _steps(look, "bare"):
        look.expect(each.status in (400, 409, 422), "HTTP 400", shown(each), each)
    for each in _steps(look, "refused"):
        look.expect(each.status in (OK, MADE, 204), "HTTP 200", shown(each), each)


@check(
    "REQ-APP-06",
    "Set deliverDueAt 20 working days after agreeing, and create a grant that says exactly what was approved.",
    "同意后 deliverDueAt 为二十个工作日，并生成与批准内容完全一致的授权。",
)
def approvals(look: Look) -> None:
    found = look.answered("applications.state", way="approved")
    if not found:
        look.inconclusive()
    for each in found:
        grants = look.answered("applications.grant", way="approved")
        look.expect(grants, Text("a grant", "授权"), "-", each)
        asked = next(iter(look.at("applications.own", way="approved")), None)
        body = asked.request.body if asked is not None and isinstance(asked.request.body, dict) else {}
        for grant in grants:
            for name in ("catalogId", "basis", "scenario", "scope", "method"):
                same = grant.document.get(name) == body.get(name)
                look.expect(same, f"{name}: {body.get(name)}", f"{name}: {grant.document.get(name)}", grant)
        since = each.document.get("repliedAt") or each.document.get("approvedAt")
        _due(look, each, since, "deliverDueAt", DELIVERY)


@check(
    "REQ-APP-07",
    "Register an adapter only with its four documents and a fresh report digest.",
    "适配器登记须提供四项文档地址及有效期内的测试报告摘要。",
)
def registration(look: Look) -> None:
    for each in look.need("applications.register"):
        missing = each.tags.get("missing")
        if missing is None:
            look.status(each, OK, MADE, 202)
        else:
            refused = each.status is not None and FAILURE <= each.status < 500  # noqa: PLR2004
            look.expect(refused, "HTTP 400", f"−{missing}: {shown(each)}", each)
