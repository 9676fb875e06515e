"""Records: lists, searches and single records (REQ-QRY-01 to 12)."""

from __future__ import annotations

import asyncio
import time
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

import orjson

from datong.interface._asked import Asked, from_address, from_body, parameters, same, shown
from datong.interface._core import Core
from datong.interface._cursor import Cursor
from datong.interface._exchange import JSON, Exchange, Reply
from datong.interface._gateway import Params, accept
from datong.interface._rights import Prepared, Rights
from datong.interface._scan import CHUNK, Scan
from datong.interface._violations import Violations
from datong.mapping import Faulty
from datong.model import Call, Problem, Row
from datong.standard import BASE_PATH

CELLS: Final = 24_000
"""Values that are mapped and encoded without letting other calls have their turn: about 10 ms."""
COUNTED: Final = 2.0
"""Seconds for which a count is believed."""


class Records:
    def __init__(self, core: Core) -> None:
        self._core = core
        self._zone = ZoneInfo(core.adapter.source.zone)

    # -- lists ----------------------------------------------------------------------------------

    async def page(self, exchange: Exchange, params: Params) -> Reply:
        catalog_id = params["catalog_id"]
        rights = await self._core.admit(exchange, catalog_id, "serviceInterface")
        accept(exchange)
        query_string: bytes = exchange.scope["query_string"]
        known = rights.queries.get(query_string)
        if known is not None:
            prepared, limit = known
            return await self._page(exchange, catalog_id, rights, prepared, limit, None)
        violations = Violations()
        asked = from_address(query_string, rights.dataset, violations)
        prepared, limit, after = self._understood(exchange, catalog_id, rights, asked, violations)
        if after is None:
            _keep(rights, query_string, (prepared, limit))
        return await self._page(exchange, catalog_id, rights, prepared, limit, after)

    async def search(self, exchange: Exchange, params: Params) -> Reply:
        catalog_id = params["catalog_id"]
        rights = await self._core.admit(exchange, catalog_id, "serviceInterface")
        accept(exchange)
        violations = Violations("body-invalid")
        for name in parameters(exchange.scope["query_string"], violations):
            violations.add(shown(name), "parameter-unknown")
        body = await exchange.json(self._core.adapter.limits.body)
        asked = from_body(body, rights.dataset, violations)
        prepared, limit, after = self._understood(exchange, catalog_id, rights, asked, violations)
        return await self._page(exchange, catalog_id, rights, prepared, limit, after)

    def _understood(
        self, exchange: Exchange, catalog_id: str, rights: Rights, asked: Asked, violations: Violations
    ) -> tuple[Prepared, int, tuple[Any, ...] | None]:
        """The query, the size of its page, and where the page starts."""
        sizes = rights.dataset.page
        after = None
        if asked.cursor is not None:
            violations.settle()
            cursor = self._core.cursors.open(asked.cursor, self._core.binding(exchange, catalog_id))
            _check_same(asked, cursor)
            asked = Asked(dict(cursor.filters), cursor.sort, cursor.fields, asked.limit or cursor.limit)
            after = cursor.after
        limit = min(asked.limit or sizes.default, sizes.max)
        if after is None:
            return rights.prepare(asked, violations), limit, None
        place = orjson.dumps([asked.filters, asked.sort, asked.fields])
        prepared = rights.queries.get(place)
        if prepared is None:
            prepared = rights.prepare(asked, violations)
            _keep(rights, place, prepared)
        return prepared, limit, after

    async def _page(
        self,
        exchange: Exchange,
        catalog_id: str,
        rights: Rights,
        prepared: Prepared,
        limit: int,
        after: tuple[Any, ...] | None,
    ) -> Reply:
        call = self._core.call(exchange)
        with exchange.watched():
            if prepared.work is None:
                selection = rights.selection(prepared, after, limit + 1)
                rows = await self._core.reader.page(catalog_id, selection, call)
                last = prepared.position(rows[limit - 1]) if len(rows) > limit else None
                reports: list[Faulty] = []
                rows = rows[:limit] if last is not None else rows
                read = len(rows)
            else:
                found = await Scan(self._core.reader, catalog_id, rights, prepared, call).first(after, limit + 1)
                last = found[limit - 1].place if len(found) > limit else None
                found = found[:limit]
                rows = [each.row for each in found if each.faulty is None]
                reports = [each.faulty for each in found if each.faulty is not None]
                read = len(found)
            body, served, faulty = await _mapped(prepared, rows)
            matched = await self._matched(
                catalog_id, rights, prepared, call, read, whole=after is None and last is None
            )
        faulty = [*faulty, *reports]
        if served + len(faulty) != read:
            raise Problem("loss-unbalanced")
        exchange.faulty = len(faulty)
        self._core.quality.note(catalog_id, read, faulty, time.time())
        links = self._links(exchange, catalog_id, prepared, limit, last)
        return Reply(_document(body, served, matched, self._now(), links, faulty), [*JSON], records=served)

    async def _matched(
        self, catalog_id: str, rights: Rights, prepared: Prepared, call: Call, read: int, *, whole: bool
    ) -> int | None:
        """How many rows meet the query, where the entry says that it counts and the source can."""
        if not rights.dataset.count:
            return None
        if whole:
            return read
        if prepared.tests or prepared.scope_tests or not rights.counts or not self._core.reader.counts:
            return None
        number, until = prepared.counted
        if time.monotonic() >= until:
            selection = rights.selection(prepared, None, None)
            number = await self._core.reader.count(catalog_id, selection, call)
            prepared.counted = number, time.monotonic() + COUNTED
        return number

    def _links(
        self, exchange: Exchange, catalog_id: str, prepared: Prepared, limit: int, last: tuple[Any, ...] | None
    ) -> list[dict[str, str]]:
        links = []
        path = f"{exchange.base}{BASE_PATH}/datasets/{catalog_id}/records"
        if exchange.method != "POST":
            query = exchange.scope["query_string"].decode("ascii", "replace")
            links.append({"rel": "self", "href": f"{path}?{quote(query, safe='=&%+,.-_~:/')}" if query else path})
        if last is not None:
            cursor = Cursor(prepared.filters, prepared.order_names, prepared.fields, limit, last)
            text = self._core.cursors.seal(cursor, self._core.binding(exchange, catalog_id))
            links.append({"rel": "next", "href": f"{path}?cursor={text}"})
        return links

    def _now(self) -> str:
        return datetime.now(self._zone).isoformat(timespec="milliseconds")

    # -- one record -----------------------------------------------------------------------------

    async def record(self, exchange: Exchange, params: Params) -> Reply:
        catalog_id = params["catalog_id"]
        rights = await self._core.admit(exchange, catalog_id, "serviceInterface")
        accept(exchange)
        query_string: bytes = exchange.scope["query_string"]
        prepared, selection = rights.lookup(_fields(query_string, rights) if query_string else None, Violations())
        key = rights.plan.key_of(params["record_id"])
        if key is None:
            raise Problem("record-unknown")
        with exchange.watched():
            row = await self._core.reader.row(catalog_id, selection, key, self._core.call(exchange))
        if row is None or not _within(prepared, row):
            raise Problem("record-unknown")
        mapped = prepared.view.page(prepared.seen([row]))
        self._core.quality.note(catalog_id, 1, mapped.faulty, time.time())
        if mapped.faulty:
            exchange.faulty = 1
            raise Problem("record-faulty", item=mapped.faulty[0].field)
        body = mapped.json[1:-1]
        tag = b'"%b"' % b64encode(blake2b(body, digest_size=18).digest())
        if _holds(exchange.headers.get(b"if-none-match"), tag):
            return Reply(b"", [*JSON[1:], (b"etag", tag)], 304, records=1)
        return Reply(body, [*JSON, (b"etag", tag)], records=1)


def _keep(rights: Rights, place: bytes, what: Any) -> None:
    if len(rights.queries) >= rights.kept:
        rights.queries.clear()
    rights.queries[place] = what


def _check_same(asked: Asked, cursor: Cursor) -> None:
    """With a cursor, filter, sort and fields are those of the first page or left out."""
    differing = [name for name in asked.filters if name in same(asked.filters, cursor.filters)]
    differing += ["sort"] if asked.sort and asked.sort != cursor.sort else []
    differing += ["fields"] if asked.fields is not None and asked.fields != cursor.fields else []
    if differing:
        raise Problem("cursor-mismatch", name=differing)


def _fields(query_string: bytes, rights: Rights) -> tuple[str, ...] | None:
    violations = Violations()
    asked = from_address(query_string, rights.dataset, violations)
    for name in (*asked.filters, *(name for name in ("limit", "cursor", "sort") if getattr(asked, name))):
        violations.add(name, "parameter-unknown")
    violations.settle()
    return asked.fields


async def _mapped(prepared: Prepared, rows: list[Row]) -> tuple[bytes, int, list[Faulty]]:
    """The items as a JSON array, how many they are, and what could not be one of them."""
    size = max(1, min(CHUNK, CELLS // max(1, len(prepared.view.columns))))
    rows = prepared.seen(rows)
    if len(rows) <= size:
        mapped = prepared.view.page(rows)
        return mapped.json, len(mapped.items), mapped.faulty
    parts: list[bytes] = []
    faulty: list[Faulty] = []
    served = 0
    for start in range(0, len(rows), size):
        mapped = prepared.view.page(rows[start : start + size])
        served += len(mapped.items)
        faulty += mapped.faulty
        if mapped.items:
            parts.append(mapped.json[1:-1])
        await asyncio.sleep(0)
    return b"[%b]" % b",".join(parts), served, faulty


def _document(
    items: bytes, served: int, matched: int | None, now: str, links: Sequence[dict[str, str]], faulty: list[Faulty]
) -> bytes:
    counted = b"" if matched is None else b',"numberMatched":%d' % matched
    reported = b',"faulty":%b' % orjson.dumps([each.wire() for each in faulty]) if faulty else b""
    return b'{"items":%b,"numberReturned":%d%b,"timeStamp":"%b","links":%b%b}' % (
        items,
        served,
        counted,
        now.encode(),
        orjson.dumps(links),
        reported,
    )


def _within(prepared: Prepared, row: Row) -> bool:
    """Whether a row passes those tests of the scope that the source could not be asked for."""
    if prepared.work is None or prepared.pick is None:
        return True
    mapped = prepared.work.page([prepared.pick(row)])
    return bool(mapped.items) and all(test.test(mapped.items[0][test.field]) for test in prepared.scope_tests)


def _holds(header: bytes | None, tag: bytes) -> bool:
    """Whether `If-None-Match` names this tag (RFC 9110, 13.1.2, by weak comparison)."""
    if header is None:
        return False
    return header.strip() == b"*" or any(each.strip().removeprefix(b"W/") == tag for each in header.split(b","))
