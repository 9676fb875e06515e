"""Checks of the class query: pages, cursors, limits, single records."""

from __future__ import annotations

from itertools import pairwise

from datong.conformance._checks._shared import (
    ABSENT,
    BROKEN,
    OK,
    REFUSED,
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
from datong.conformance._redact import MARKER
from datong.conformance._registry import check
from datong.model import Text

LISTS = ("population", "query.walk", "query.limit", "query.filter", "query.range", "query.narrow", "query.scope")
_HOOK = Text("No hook of the fixtures can bring this about.", "测试数据未提供可触发该情形的钩子。")
_UNTAGGED = Text("No record was read twice.", "没有记录被重复读取。")


def lists(look: Look) -> list[Exchange]:
    """Every successful page of records."""
    return [each for label in LISTS for each in look.answered(label) if not each.tags.get("single")]


@check(
    "REQ-QRY-01",
    "Send items, numberReturned, timeStamp and links with every page, and numberMatched where the entry counts.",
    "每页应包含 items、numberReturned、timeStamp、links；声明可计数的条目还应包含 numberMatched。",
)
def pages(look: Look) -> None:
    found = lists(look)
    if not found:
        for each in look.at("population"):
            look.status(each, OK)
        look.inconclusive() if not look.findings else None
    for each in found:
        if not look.schema(each, "recordPage"):
            continue
        returned = each.document["numberReturned"]
        look.expect(returned == len(each.document["items"]), "numberReturned = len(items)", f"{returned}", each)
    for entry, declared in look.obs.entries.items():
        query = declared.get("query")
        if isinstance(query, dict) and query.get("count") is True:
            _counted(look, entry)


def _counted(look: Look, entry: str) -> None:
    """numberMatched of the pages of the population is the number of its records, faulty ones counted or not."""
    records, closed = population(look.obs, entry)
    found = population_pages(look, entry)
    faulty = sum(len(page.document.get("faulty") or ()) for page in found)
    for page in found:
        matched = page.document.get("numberMatched")
        right = isinstance(matched, int) and (not closed or len(records) <= matched <= len(records) + faulty)
        look.expect(right, f"numberMatched {len(records)}", f"numberMatched {matched}", page)


@check(
    "REQ-QRY-02",
    "Page by next links with opaque cursors, over a total order: each record once, nothing lost at ties or nulls.",
    "应通过 next 链接与不透明游标翻页，并按全序排列：每条记录恰好出现一次，相同值或空值处不得遗漏。",
)
def walks(look: Look) -> None:
    look.need("query.walk")
    for (entry, walk), found in grouped(look.at("query.walk"), "entry", "walk").items():
        _walked(look, str(entry), str(walk), found)
    for each in look.at("query.cursor"):
        case = str(each.tags.get("case"))
        if case == "good":
            look.status(each, OK)
        else:
            allowed = (400, 403, 404) if case == "another consumer" else (400,)
            look.expect(each.status in allowed, "HTTP 400", f"{case}: {shown(each)}", each)


def _walked(look: Look, entry: str, walk: str, found: list[Exchange]) -> None:
    bad = next((page for page in found if page.status != OK), None)
    if bad is not None:
        look.wrong(Text("every page answers", "每页均成功返回"), f"{entry}, {walk}: {shown(bad)}", bad)
        return
    records, closed = population(look.obs, entry)
    own, known = identities(items(found)), identities(records)
    place = f"{entry}, {walk}"
    twice = sorted({each for each in own if own.count(each) > 1})
    once = Text("each record exactly once", "每条记录恰好一次")
    look.expect(not twice, once, f"{place}: {short(twice)} ×2", found[-1])
    limit = found[0].tags.get("limit")
    over = [page for page in found if isinstance(limit, int) and len(items([page])) > limit]
    look.expect(not over, f"≤ {limit}", f"{place}: > {limit}", *over[:1])
    if ended(found) and closed:
        lost, more = set(known) - set(own), set(own) - set(known)
        look.expect(not lost and not more, once, f"{place}: −{len(lost)} +{len(more)}", found[-1])
    elif closed and found[0].tags.get("cut") is not True:
        look.wrong(Text("the walk ends", "翻页有终点"), f"{place}: {len(found)}", found[-1])
    elif not found[0].tags.get("sort"):
        shared = min(len(own), len(known))
        look.expect(own[:shared] == known[:shared], Text("the same order", "顺序一致"), place, found[-1])
    _ordered(look, entry, found)


def _ordered(look: Look, entry: str, found: list[Exchange]) -> None:
    """The values of an order with a meaning never go back, and nulls stand together."""
    sort = found[0].tags.get("sort")
    if not isinstance(sort, str):
        return
    name, descending = sort.removeprefix("-"), sort.startswith("-")
    kind = str(look.obs.items(entry).get(name, {}).get("wireType"))
    values = [item.get(name) for item in items(found)]
    nulls = [value is None for value in values]
    changes = sum(one != other for one, other in pairwise(nulls))
    look.expect(changes <= 1, Text("nulls together, first or last", "空值集中在首或尾"), sort, found[0])
    known = [parsed(kind, value) for value in values if value is not None]
    if kind != "string" and all(value is not None for value in known):
        right = sorted(known, reverse=descending)
        look.expect(known == right, Text(f"in the order of {sort}", f"按 {sort} 排序"), entry, found[0])


@check(
    "REQ-QRY-03",
    "Declare default and maximum of limit, and never send more than the maximum.",
    "应声明 limit 的默认值与最大值，且返回条数不得超过最大值。",
)
def limits(look: Look) -> None:
    shown_by = 0
    for each in look.need("query.limit"):
        query = look.obs.entries.get(str(each.tags.get("entry")), {}).get("query")
        default, most = (query.get("defaultLimit"), query.get("maxLimit")) if isinstance(query, dict) else (None, None)
        if not isinstance(default, int) or not isinstance(most, int):
            look.wrong("query.defaultLimit, query.maxLimit", f"{default}, {most}", each)
            continue
        limit = default if each.tags.get("case") == "default" else most
        if each.tags.get("case") == "larger" and each.status == REFUSED:
            shown_by += 1
        elif look.status(each, OK):
            sent = len(items([each]))
            look.expect(sent <= limit, f"≤ {limit}", f"{sent}", each)
            shown_by += each.tags.get("case") == "larger" and bool(each.links("next"))
    if not shown_by and not look.findings:
        few = Text("No entry has more records than its maximum.", "没有记录数超过上限的条目，无法判断。")
        look.inconclusive(few)


@check(
    "REQ-QRY-10",
    "Give every record one stable id; derive it by a keyed digest or cipher where the key is an identity number.",
    "每条记录须有稳定的标识；若主键为身份证号，应以密钥摘要或加密方式生成标识。",
)
def record_ids(look: Look) -> None:
    seen: dict[tuple[str, str], str] = {}
    found = lists(look)
    for each in found:
        for record in items([each]):
            named = record.get("recordId")
            if isinstance(named, str) and MARKER.search(named):
                look.wrong(Text("an opaque id", "不透明的标识"), named, each)
    singles = look.answered("query.record")
    for each in singles:
        look.expect(each.document.get("recordId") == each.tags.get("id"), str(each.tags.get("id")), shown(each), each)
        key = (str(each.tags.get("entry")), str(each.tags.get("id")))
        content = repr(sorted(each.document.items(), key=str))
        again = Text("the same record under the same id", "同一标识对应同一记录")
        look.expect(seen.setdefault(key, content) == content, again, key[1], each)
    _listed(look, singles)
    for each in look.at("query.record"):
        look.status(each, OK)
    for each in look.at("query.absent"):
        look.status(each, ABSENT)
    if not found and not singles:
        look.inconclusive()


def _listed(look: Look, singles: list[Exchange]) -> None:
    """A record by its id is the one that the list showed under it."""
    for (entry,), own in grouped(singles, "entry").items():
        known = {str(record.get("recordId")): record for record in population(look.obs, str(entry))[0]}
        for each in own:
            listed = known.get(str(each.tags.get("id")))
            if listed is not None:
                alike = Text("the record as listed", "与列表中的记录一致")
                same = _alike(look, str(entry), listed, dict(each.document))
                look.expect(same, alike, str(each.tags.get("id")), each)


def _alike(look: Look, entry: str, one: dict[str, object], other: dict[str, object]) -> bool:
    kinds = {name: str(item.get("wireType")) for name, item in look.obs.items(entry).items()}
    return one.keys() == other.keys() and all(equal(kinds.get(k, ""), one[k], other[k]) for k in one)


@check(
    "REQ-QRY-11",
    "Send an ETag that changes with the record, and answer 304 to an If-None-Match that names it.",
    "单条记录应带随内容变化的 ETag；If-None-Match 匹配时应返回 304。",
)
def tags(look: Look) -> None:
    singles = look.answered("query.record")
    if not singles:
        look.inconclusive(_UNTAGGED)
    for (entry, named), found in grouped(singles, "entry", "id").items():
        given = {each.header("etag") for each in found}
        look.expect(None not in given, "ETag", "-", *found)
        look.expect(len(given) == 1, Text("the same ETag", "ETag 不变"), f"{entry} {named}", *found)
    for each in look.at("query.conditional"):
        look.status(each, 304 if each.tags.get("case") == "same" else OK)
    for before in look.answered("query.tagBefore"):
        for after in look.answered("query.tagAfter", id=before.tags.get("id")):
            changed = before.header("etag") != after.header("etag")
            look.expect(changed, Text("another ETag", "ETag 已变化"), str(after.header("etag")), before, after)


@check(
    "REQ-QRY-12",
    "Answer 503 or 504 with Retry-After and origin source while the source does not answer; never an empty list.",
    "数据源不可用时应返回 503 或 504，带 Retry-After，origin 为 source；不得返回空列表。",
)
def source_down(look: Look) -> None:
    found = look.at("query.sourceDown")
    if not found:
        look.inconclusive(_HOOK)
    for each in found:
        if look.expect(each.status in (503, 504), "HTTP 503 / 504", shown(each), each):
            look.expect(each.header("retry-after"), "Retry-After", "-", each)
            origin = each.document.get("origin")
            look.expect(origin == "source", "origin: source", f"origin: {origin}", each)
        elif each.status is not None and each.status < BROKEN:
            look.expect(each.status != OK, Text("never a success", "不得返回成功"), shown(each), each)
