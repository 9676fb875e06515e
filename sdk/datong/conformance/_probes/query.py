"""Requests of the class query: walks, limits, cursors, single records."""

from __future__ import annotations

import time
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from datong.conformance._context import Access, Context, records
from datong.conformance._population import Population, population
from datong.conformance._registry import probe
from datong.conformance._values import some, usable

SMALL: Final = 40
"""Records that are walked one by one."""
_SORTS: Final = 6
STEP: Final = 0.2
BELIEVED: Final = 5.0
"""Seconds within which readiness must show that the source is down."""


@probe("query")
def walks(context: Context) -> None:
    """The same records by pages of several sizes, in several orders, by address and by body."""
    for entry in context.tested:
        people = population(context, entry)
        most = context.limits(entry)[1]
        sizes = ([1] if entry == context.main else []) + [7, most]
        for size in dict.fromkeys(min(size, most) for size in sizes):
            _walk(context, people, {"limit": size}, f"{size}", post=False)
        _walk(context, people, {"limit": min(7, most)}, "7 again", post=False)
        _walk(context, people, {"limit": min(11, most)}, "11 by body", post=True)
        for number, sort in enumerate(_orders(context, entry)):
            _walk(context, people, {"limit": min(9, most), "sort": sort}, f"by {sort}", post=bool(number % 2))


def _orders(context: Context, entry: str) -> list[str]:
    names = [name for name, item in context.items(entry).items() if usable(item, "sortable")]
    context.random.shuffle(names)
    both = [order for name in names for order in (name, f"-{name}")]
    return both[:_SORTS]


def _walk(context: Context, people: Population, params: dict[str, Any], walk: str, *, post: bool) -> None:
    access = context.access(people.entry, part=walk)
    size = params["limit"]
    most = (
        SMALL if not people.closed or (size == 1 and len(people.records) > SMALL) else len(people.records) // size + 3
    )
    tags = {"walk": walk, "limit": size, "sort": params.get("sort"), "cut": most == SMALL}
    context.walk(access, people.params | params, "query.walk", tags, post=post, most=most)


@probe("query")
def limits(context: Context) -> None:
    for entry in context.tested:
        access = context.access(entry)
        _, most = context.limits(entry)
        context.ask(access, {}, "query.limit", case="default")
        for size in (most + 1, 1_000_000_000):
            context.ask(access, {"limit": size}, "query.limit", case="larger", limit=size)
            context.search(access, {"limit": size}, "query.limit", case="larger", limit=size)


@probe("query")
def cursors(context: Context) -> None:
    """A cursor that was changed, borrowed, or used for another question."""
    for entry in context.tested:
        access = context.access(entry)
        first = context.ask(access, {"limit": 1}, "query.cursorSource")
        link = first.link("next")
        cursor = _cursor(context, access, link) if link else None
        if cursor is None:
            continue
        middle = len(cursor) // 2
        for number, place in enumerate({middle, len(cursor) // 4, middle + len(cursor) // 4}):
            changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
            _used(context, access, entry, changed, f"changed {number}")
        _used(context, access, entry, cursor[:middle], "cut")
        _used(context, access, entry, cursor, "good")
        _used(context, context.access(entry, "other", "b"), entry, cursor, "another consumer")
        filtered = _another_filter(context, entry)
        if filtered is not None:
            _used(context, access, entry, cursor, "another filter", **filtered)
        others = [each for each in context.tested if each != entry]
        if others:
            _used(context, context.access(others[0]), others[0], cursor, "another entry")


def _cursor(context: Context, access: Access, link: str) -> str | None:
    query = urlsplit(context.session.resolve(records(access.catalog_id), link)).query
    return next(iter(parse_qs(query).get("cursor", ())), None)


def _used(context: Context, access: Access, entry: str, cursor: str, case: str, **more: Any) -> None:
    path = f"{records(entry)}?{urlencode({**more, 'cursor': cursor})}"
    context.get(path, "query.cursor", access.token(), entry=entry, case=case)


def _another_filter(context: Context, entry: str) -> dict[str, Any] | None:
    people = population(context, entry)
    for name, item in context.items(entry).items():
        if usable(item, "filterable") and item.get("wireType") == "string":
            found = some(context.random, people.records, name, 1)
            if found:
                return {name: found[0]}
    return None


@probe("query")
def single(context: Context) -> None:
    """Records by their ids: twice, by another consumer, with their tags, and one that is not there."""
    for entry in context.tested:
        people = population(context, entry)
        access = context.access(entry)
        named = [each for each in people.records if isinstance(each.get("recordId"), str)]
        for record in context.random.sample(named, min(4, len(named))):
            identity = record["recordId"]
            seen = context.record(access, identity, "query.record", id=identity, turn=1)
            context.record(access, identity, "query.record", id=identity, turn=2)
            tag = seen.headers.get("etag")
            if tag is not None:
                for case, text in (("same", tag), ("other", '"kit-other"')):
                    _conditional(context, access, identity, case, text)
        context.record(access, "kit-no-such-record", "query.absent")


def _conditional(context: Context, access: Access, identity: str, case: str, tag: str) -> None:
    path = f"{records(access.catalog_id)}/{quote(identity, safe='')}"
    tags = {"entry": access.catalog_id, "id": identity, "case": case}
    context.call("GET", path, "query.conditional", access.token(), tags, headers=(("If-None-Match", tag),))


@probe("query")
def changed(context: Context) -> None:
    """The tag of a record before and after the hook changes it."""
    entry = context.main
    people = population(context, entry)
    named = [each for each in people.records if isinstance(each.get("recordId"), str)]
    if not named or entry not in context.tested:
        return
    access, identity = context.access(entry), named[-1]["recordId"]
    if context.fixtures.hook is None:
        return
    context.record(access, identity, "query.tagBefore", id=identity)
    if context.hook("update", entry=entry, record=named[-1]) is not None:
        context.record(access, identity, "query.tagAfter", id=identity)


@probe("query")
def source_down(context: Context) -> None:
    """Calls while the hook keeps the source from answering."""
    entry = context.main
    access = context.access(entry)
    if context.hook("stop-source", entry=entry) is None:
        return
    try:
        context.ask(access, {"limit": 3}, "query.sourceDown")
        context.search(access, {"limit": 3}, "query.sourceDown")
        _until_down(context)
        context.get("/health/live", "ops.liveDown")
    finally:
        context.hook("start-source", entry=entry)


def _until_down(context: Context) -> None:
    """Readiness until it tells of the source: what was learned a moment ago may be believed for a while."""
    began = time.monotonic()
    while True:
        seen = context.get("/health/ready", "ops.readyDown", context.role("operator"))
        if seen.status == 503 or time.monotonic() - began > min(BELIEVED, context.settings.wait):  # noqa: PLR2004
            return
        context.session.pause(STEP, "readiness shows that the source is down")
