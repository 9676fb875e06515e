"""Checks of the class changes."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from datong.conformance._checks._shared import OK, REFUSED, grouped, items, parsed, short
from datong.conformance._exchange import Exchange
from datong.conformance._look import Look
from datong.conformance._registry import check
from datong.model import Text

_HOOK = Text("No hook of the fixtures changes the source.", "测试数据未提供可变更数据源的钩子。")
_KINDS = {"insert": "created", "update": "updated", "correct": "corrected", "delete": "deleted"}
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


def changes(pages: list[Exchange]) -> list[dict[str, Any]]:
    found = []
    for page in pages:
        listed = page.document.get("changes")
        found += [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    return found


@check(
    "REQ-CHG-01",
    "Answer changes, nextCursor and hasMore; an empty feed still gives a cursor that works.",
    "应返回 changes、nextCursor、hasMore；没有变更时也须给出可用的游标。",
)
def feed(look: Look) -> None:
    for each in look.need("changes.page") + look.at("changes.end"):
        if look.status(each, OK):
            look.schema(each, "changeFeed")
    for each in look.at("changes.badCursor"):
        look.status(each, REFUSED, 410)


@check(
    "REQ-CHG-02",
    "Give every change id, type, time, subject and dataVersion; deleted carries no data.",
    "每条变更须有 id、type、time、subject、dataVersion；deleted 不得携带数据。",
)
def shape(look: Look) -> None:
    pages = [*look.at("changes.page"), *look.at("changes.before"), *look.at("changes.after")]
    rows = changes(pages)
    if not pages:
        look.inconclusive(_HOOK)
    for page in pages:
        for row in changes([page]):
            look.schema(page, "change", row)
    done = look.obs.facts.get("changed")
    if isinstance(done, list) and done:
        after = changes(look.at("changes.after"))
        for action, subject in [each for each in done if each[0] in _KINDS]:
            told = any(row.get("subject") == subject and row.get("type") == _KINDS[action] for row in after)
            look.expect(told, f"{_KINDS[action]} {subject}", short(row.get("type") for row in after), *pages[-1:])
    elif not rows:
        look.inconclusive(_HOOK)


@check(
    "REQ-CHG-03",
    "Give the same changes in the same order from the same cursor, those of one record in the order they happened.",
    "同一游标应返回相同顺序的相同变更；同一记录的变更须按发生顺序排列。",
)
def replay(look: Look) -> None:
    turns = {turn: look.at("changes.page", turn=turn) for turn in (1, 2)}
    by_entry = [{key: changes(own) for key, own in grouped(pages, "entry").items()} for pages in turns.values()]
    if not by_entry[0]:
        look.inconclusive()
    for key, rows in by_entry[0].items():
        ids = [row.get("id") for row in rows]
        again = [row.get("id") for row in by_entry[1].get(key, [])]
        same = Text("the same changes again", "重复读取结果相同")
        look.expect(
            again[: len(ids)] == ids and len(set(ids)) == len(ids), same, f"{key[0]}: {len(ids)}", *turns[2][:1]
        )
        latest: dict[Any, Any] = {}
        for row in rows:
            moment = parsed("dateTime", row.get("time"))
            before = latest.get(row.get("subject"))
            causal = before is None or moment is None or moment >= before
            look.expect(causal, Text("in the order they happened", "按发生顺序"), str(row.get("id")), *turns[1][:1])
            latest[row.get("subject")] = moment


@check(
    "REQ-CHG-04",
    "Tell every change of the data in the feed, so that applying it to an earlier state gives the present one.",
    "变更流须覆盖全部数据变化：将其应用于较早的数据应得到当前数据。",
)
def applied(look: Look) -> None:
    before, after = look.at("changes.walkBefore"), look.at("changes.walkAfter")
    rows = changes(look.at("changes.after"))
    if not before or not after or not look.obs.facts.get("changed"):
        look.inconclusive(_HOOK)
    state = {str(record.get("recordId")): record for record in items(before)}
    for row in rows:
        if row.get("type") == "deleted":
            state.pop(str(row.get("subject")), None)
        elif isinstance(row.get("data"), dict):
            state[str(row.get("subject"))] = row["data"]
    present = {str(record.get("recordId")): record for record in items(after)}
    right = Text("the feed leads to the present state", "应用变更流后与当前数据一致")
    look.expect(state.keys() == present.keys(), right, short(sorted(state.keys() ^ present.keys())), *after[:1])
    for name in state.keys() & present.keys():
        one, other = ({k: v for k, v in each.items() if k != "recordId"} for each in (state[name], present[name]))
        look.expect(one == other, right, name, *after[:1])


@check(
    "REQ-CHG-05",
    "Answer a cursor older than the retention with 410 cursor-expired and a link to start an export.",
    "超出保留期的游标应返回 410 cursor-expired，并给出发起导出的链接。",
)
def aged(look: Look) -> None:
    found = look.at("changes.aged")
    if not found:
        look.inconclusive(Text("No aged cursor is given.", "测试数据未提供过期游标。"))
    for each in found:
        if look.refused(each, 410, "cursor-expired"):
            link = "exports" in f"{each.document.get('links')} {each.header('link')}"
            look.expect(link, Text("a link to start an export", "发起导出的链接"), "-", each)


@check(
    "REQ-CHG-06",
    "Narrow the feed to items, region and rows of the grant; a record that leaves the scope appears as deleted.",
    "变更流须限于授权的数据项、区域与行范围；移出范围的记录以 deleted 出现。",
)
def narrowed(look: Look) -> None:
    found = look.at("changes.narrow")
    if not found:
        look.inconclusive()
    for each in found:
        granted = set(str(each.tags.get("granted")).split(",")) | {"recordId"}
        data = [row["data"] for row in changes([each]) if isinstance(row.get("data"), dict)]
        more = sorted({name for row in data for name in row} - granted)
        look.status(each, OK)
        look.expect(not more, short(sorted(granted)), short(more), each)
    for each in look.at("changes.region"):
        entry = str(each.tags.get("entry"))
        query = look.obs.entries.get(entry, {}).get("query") or {}
        code = look.obs.fixtures.entry(entry).region or "-"
        outside = [
            row
            for row in changes([each])
            if isinstance(row.get("data"), dict) and not str(row["data"].get(query.get("region"))).startswith(code)
        ]
        look.expect(not outside, f"region {code}…", f"+{len(outside)}", each)


@check(
    "REQ-CHG-07",
    "Tell changes within the maxLag that the entry declares.",
    "变更应在条目声明的 maxLag 之内出现在变更流中。",
)
def lag(look: Look) -> None:
    pages = look.at("changes.after")
    rows = changes(pages)
    if not rows or not look.obs.facts.get("changed"):
        look.inconclusive(_HOOK)
    declared = (look.obs.entries.get(str(pages[0].tags.get("entry")), {}).get("changes") or {}).get("maxLag")
    limit = _seconds(str(declared))
    look.expect(limit is not None, "changes.maxLag", str(declared), *pages[:1])
    seen = datetime.fromisoformat(pages[-1].started_at)
    times = [moment for row in rows if (moment := parsed("dateTime", row.get("time"))) is not None]
    late = max((seen - moment for moment in times), default=timedelta()).total_seconds()
    look.figures["lagSeconds"] = round(late, 2)
    look.expect(limit is None or late <= limit, f"≤ {declared}", f"{late:.1f} s", *pages[-1:])


def _seconds(text: str) -> float | None:
    parts = _DURATION.fullmatch(text)
    if parts is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds).total_seconds()
