"""Checks of the class query: filters, ranges, fields, scopes, sensitive and masked items."""

from __future__ import annotations

from typing import Any

from datong.conformance._checks._shared import (
    ABSENT,
    COMPARE,
    DENIED,
    OK,
    REFUSED,
    asked,
    ended,
    equal,
    grouped,
    identities,
    items,
    parsed,
    population,
    population_pages,
    short,
)
from datong.conformance._exchange import Exchange
from datong.conformance._look import Look, shown
from datong.conformance._redact import NUMBERED, PERSONAL
from datong.conformance._registry import check
from datong.model import Text

_EXACT = Text("exactly the records that meet the condition", "恰为符合条件的记录")


def _meets(look: Look, entry: str, record: dict[str, Any], conditions: dict[str, Any]) -> bool | None:
    """Whether a record meets all conditions; None where the kit cannot tell."""
    outcome: bool | None = True
    for name, wanted in conditions.items():
        field, _, suffix = name.partition(".")
        kind = str(look.obs.items(entry).get(field, {}).get("wireType"))
        value = record.get(field)
        if not suffix:
            holds: bool | None = value is not None and equal(kind, value, wanted)
        else:
            one, other = parsed(kind, value), parsed(kind, wanted)
            holds = False if value is None else None if None in (one, other) else COMPARE[suffix](one, other)
        if holds is False:
            return False
        outcome = None if holds is None else outcome
    return outcome


def _cases(look: Look, label: str) -> int:
    """Judge every case of a label; how many could be judged."""
    judged = 0
    for (entry, case), found in grouped(look.at(label), "entry", "case").items():
        bad = next((page for page in found if page.status != OK), None)
        if bad is not None:
            look.wrong("HTTP 200", f"{case}: {shown(bad)}", bad)
            continue
        judged += _judged(look, str(entry), found)
    return judged


def _judged(look: Look, entry: str, found: list[Exchange]) -> bool:
    conditions = asked(found[0])
    records, closed = population(look.obs, entry)
    got = items(found)
    outside = [each for each in got if _meets(look, entry, each, conditions) is False]
    told = f"{short(f'{name}={value}' for name, value in conditions.items())}: "
    look.expect(not outside, _EXACT, f"{told}+{len(outside)}", found[0])
    known = [(each, _meets(look, entry, each, conditions)) for each in records]
    if not closed or not ended(found) or any(holds is None for _, holds in known):
        return bool(got)
    wanted = set(identities(each for each, holds in known if holds))
    lost, more = wanted - set(identities(got)), set(identities(got)) - wanted
    look.expect(not lost and not more, _EXACT, f"{told}−{len(lost)} +{len(more)}", *found)
    return True


@check(
    "REQ-QRY-04",
    "Compare filters exactly: no prefix, pattern, case folding or padding; refuse items not declared filterable (400).",
    "筛选须精确匹配，不得做前缀、模糊、忽略大小写或补空格比较；未声明可筛选的数据项应返回 400。",
)
def filters(look: Look) -> None:
    judged = _cases(look, "query.filter")
    for each in look.at("query.undeclared"):
        if each.tags.get("flag") in ("filterable", "sortable"):
            look.status(each, REFUSED)
    for entry in look.obs.entries:
        population_pages(look, entry)
    if not judged and not look.findings:
        look.inconclusive()


@check(
    "REQ-QRY-05",
    "Make .gte, .gt, .lte and .lt agree with the values as served, and refuse them where no range is declared.",
    "范围条件 .gte、.gt、.lte、.lt 的结果应与所提供的值一致；未声明可按范围筛选的数据项应拒绝。",
)
def ranges(look: Look) -> None:
    judged = _cases(look, "query.range")
    for each in look.at("query.undeclared", flag="rangeable"):
        look.status(each, REFUSED)
    if not judged and not look.findings:
        ranged = any(item.get("rangeable") for entry in look.obs.entries.values() for item in entry.get("items") or ())
        if not ranged:
            look.not_applicable(Text("No item may be filtered by range.", "没有可按范围筛选的数据项。"))
        look.inconclusive()


@check(
    "REQ-QRY-06",
    "Send the items that fields names and no others; refuse one outside the grant with 403, in every use of it.",
    "fields 只返回所列数据项；授权范围外的数据项无论如何使用均应返回 403。",
)
def fields(look: Look) -> None:
    for each in look.need("query.fields"):
        if look.status(each, OK):
            wanted = set(str(each.tags.get("names")).split(","))
            for record in items([each])[:5]:
                look.expect(set(record) == wanted, ", ".join(sorted(wanted)), ", ".join(sorted(record)), each)
    for each in look.at("query.outside"):
        named = str(each.tags.get("case")).startswith("fields")
        allowed = (DENIED,) if named else (DENIED, REFUSED)
        expected = f"HTTP {' / '.join(map(str, allowed))}"
        look.expect(each.status in allowed, expected, f"{each.tags.get('case')}: {shown(each)}", each)


@check(
    "REQ-QRY-07",
    "Send granted items alone; show masked items masked everywhere, and let nobody filter or sort by what is hidden.",
    "只返回已授权的数据项；脱敏项在任何位置均须脱敏，且不得按其原值筛选或排序。",
)
def narrow(look: Look) -> None:
    for each in look.need("query.narrow"):
        if look.status(each, OK):
            granted = set(str(each.tags.get("granted")).split(",")) | {"recordId"}
            for record in [dict(each.document)] if each.tags.get("single") else items([each]):
                more = sorted(set(record) - granted)
                look.expect(not more, ", ".join(sorted(granted)), ", ".join(more), each)
    for each in look.answered("query.masked"):
        _masked(look, each)
    for each in look.at("query.maskedFilter"):
        hidden = each.status in (REFUSED, DENIED)
        look.expect(hidden, "HTTP 403", f"{each.tags.get('item')}: {shown(each)}", each)


def _masked(look: Look, each: Exchange) -> None:
    known = {str(record.get("recordId")): record for record in population(look.obs, str(each.tags.get("entry")))[0]}
    compared = str(each.tags.get("known")).split(",")
    for record in [dict(each.document)] if each.tags.get("single") else items([each]):
        clear = known.get(str(record.get("recordId")), {})
        for name in str(each.tags.get("items")).split(","):
            value = record.get(name)
            same = name in compared and value == clear.get(name)
            bare = value not in (None, "") and (same or NUMBERED.search(str(value)) is not None)
            look.expect(not bare, Text(f"{name}, masked", f"{name} 已脱敏"), str(value), each)


@check(
    "REQ-QRY-08",
    "Narrow lists, counts, single records and verification to the region and rows of the grant; outside is 404.",
    "列表、计数、单条读取与核验均须限于授权的区域与行范围；范围外的记录返回 404。",
)
def scopes(look: Look) -> None:
    if not look.at("query.scope"):
        look.inconclusive()
    for (entry, kind, _), found in grouped(look.at("query.scope"), "entry", "kind", "body").items():
        _scoped(look, str(entry), str(kind), found)
    for each in look.at("query.scopeRecord"):
        wanted = OK if each.tags.get("inside") is True else ABSENT
        look.status(each, wanted)
    absent = {each.code for each in look.at("query.scopeRecord", inside=None)}
    for each in look.at("query.scopeRecord", inside=False):
        same = not absent or each.code in absent
        look.expect(same, Text("as a record that is not there", "与不存在的记录相同"), shown(each), each)
    for each in look.answered("query.scopeVerify", inside=False):
        results = each.document.get("results")
        outcomes = [row.get("outcome") for row in results if isinstance(row, dict)] if isinstance(results, list) else []
        look.expect(outcomes == ["noMatch"], "noMatch", short(outcomes), each)


def _scoped(look: Look, entry: str, kind: str, found: list[Exchange]) -> None:
    bad = next((page for page in found if page.status != OK), None)
    if bad is not None:
        look.wrong("HTTP 200", f"{entry}, {kind}: {shown(bad)}", bad)
        return
    records, closed = population(look.obs, entry)
    wanted = {str(each.get("recordId")) for each in records if _covered(look, entry, kind, each)}
    got = set(identities(items(found)))
    inside = got <= wanted and (not closed or not ended(found) or got == wanted)
    told = f"{entry}, {kind}: −{len(wanted - got)} +{len(got - wanted)}"
    look.expect(inside, Text("the records of the grant", "授权范围内的记录"), told, found[0])
    matched = [page.document.get("numberMatched") for page in found if "numberMatched" in page.document]
    faulty = sum(len(page.document.get("faulty") or ()) for page in found)
    right = all(isinstance(each, int) and each <= len(got) + faulty for each in matched) or not ended(found)
    look.expect(right, f"numberMatched {len(got)}", f"numberMatched {short(matched)}", found[0])


def _covered(look: Look, entry: str, kind: str, record: dict[str, Any]) -> bool:
    given = look.obs.fixtures.entry(entry)
    if kind == "rows":
        return _meets(look, entry, record, dict(given.rows)) is True
    query = look.obs.entries.get(entry, {}).get("query")
    name = query.get("region") if isinstance(query, dict) else None
    return str(record.get(str(name)) or "").startswith(given.region or "-")


@check(
    "REQ-QRY-09",
    "Refuse sensitive items in an address (400 sensitive-in-uri), take them in the body, write none into a link.",
    "敏感数据项出现在地址中应返回 400 sensitive-in-uri，只能放在请求体中；链接中不得包含敏感值。",
)
def sensitive(look: Look) -> None:
    found = look.at("query.sensitiveAddress")
    if not found:
        marked = any(item.get("sensitive") for entry in look.obs.entries for item in look.obs.items(entry).values())
        if look.obs.entries and not marked:
            look.not_applicable(Text("No item is sensitive.", "没有敏感数据项。"))
        look.inconclusive()
    for each in found:
        look.refused(each, REFUSED, "sensitive-in-uri")
    for each in look.at("query.sensitiveBody"):
        if look.status(each, OK):
            known = each.tags.get("known") is not True or bool(items([each]))
            look.expect(known or "cursor=" in each.request.url, Text("the record", "该记录"), "-", each)
    for each in look.cite(look.obs.at("query.")):
        links = each.document.get("links")
        text = f"{links} {each.header('location')} {each.header('content-location')}"
        clear = Text("no identity number in a link", "链接不含身份证号")
        look.expect(PERSONAL.search(text) is None, clear, text[:80], each)
