"""Making up for what a source cannot do: tests on mapped values, and orders of our own.

Rows are read in the source's order and judged one by one, within the row budget of the call. What
would need more is refused (`budget-exceeded`), never cut short in silence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from datong.interface._reader import Reader
from datong.interface._rights import Prepared, Rights
from datong.mapping import Faulty, FaultyRow, Residual
from datong.model import Call, Problem, Row

CHUNK: Final = 1000
"""Rows that are mapped without letting other calls have their turn."""


@dataclass(frozen=True, slots=True)
class Found:
    """A row of the answer, or the report of one that cannot be judged; `place` is where it stands."""

    place: tuple[Any, ...]
    row: Row
    faulty: Faulty | None = None


class Scan:
    def __init__(self, reader: Reader, catalog_id: str, rights: Rights, prepared: Prepared, call: Call) -> None:
        self._reader = reader
        self._catalog_id = catalog_id
        self._rights = rights
        self._prepared = prepared
        self._call = call
        self._left = call.rows

    async def first(self, after: tuple[Any, ...] | None, limit: int) -> list[Found]:
        """The first `limit` rows behind `after`; fewer only where there are no more."""
        if self._prepared.order is None:
            return await self._in_order(after, limit)
        return await self._sorted(after, limit)

    async def _in_order(self, after: tuple[Any, ...] | None, limit: int) -> list[Found]:
        found: list[Found] = []
        size = min(max(limit, 100), CHUNK)
        while len(found) < limit:
            rows = await self._read(after, size)
            found += [Found(self._prepared.position(row), row, faulty) for row, _, faulty in self._judged(rows)]
            if len(rows) < size:
                break
            after = self._prepared.position(rows[-1])
            size = min(size * 4, CHUNK)
        return found[:limit]

    async def _sorted(self, after: tuple[Any, ...] | None, limit: int) -> list[Found]:
        order = self._prepared.order
        if order is None:
            raise AssertionError
        start = order.rank(after) if after is not None else None
        best: list[tuple[tuple[Any, ...], Found]] = []
        async for rows in self._everything():
            for row, item, faulty in self._judged(rows):
                place = (*order.values(item), *self._prepared.position(row))
                rank = order.rank(place)
                if start is None or rank > start:
                    best.append((rank, Found(place, row, faulty)))
            best = sorted(best, key=lambda pair: pair[0])[:limit]
            await asyncio.sleep(0)
        return [found for _, found in best]

    async def _everything(self) -> Any:
        """All rows in chunks; in one go where the source cannot take up a walk again."""
        if not self._rights.keyset:
            rows = await self._read(None, None)
            for start in range(0, len(rows), CHUNK):
                yield rows[start : start + CHUNK]
            return
        after = None
        while True:
            rows = await self._read(after, CHUNK)
            if rows:
                yield rows
            if len(rows) < CHUNK:
                return
            after = self._prepared.position(rows[-1])

    async def _read(self, after: tuple[Any, ...] | None, size: int | None) -> list[Row]:
        """One more chunk, of at most `size` rows or all that are left of the budget and one."""
        wanted = self._left + 1 if size is None else min(size, self._left + 1)
        selection = self._rights.selection(self._prepared, after, wanted)
        rows = await self._reader.page(self._catalog_id, selection, self._call)
        self._left -= len(rows)
        if self._left < 0:
            raise Problem("budget-exceeded", rows=self._call.rows)
        return rows

    def _judged(self, rows: list[Row]) -> Iterator[tuple[Row, dict[str, Any] | None, Faulty | None]]:
        """Rows that pass, with what the work view made of them; those that cannot be judged as faulty.

        A row that cannot be shown to lie within the grant is not told of at all.
        """
        prepared = self._prepared
        if prepared.work is None or prepared.pick is None:
            yield from ((row, None, None) for row in rows)
            return
        picked = [prepared.pick(row) for row in rows]
        mapped = prepared.work.page(picked)
        if not mapped.faulty:
            for row, item in zip(rows, mapped.items, strict=True):
                if _passes(item, prepared.scope_tests) and _passes(item, prepared.tests):
                    yield row, item, None
            return
        for row, part in zip(rows, picked, strict=True):
            try:
                item = prepared.work.record(part)
            except FaultyRow as error:
                if self._in_scope(row):
                    yield row, None, error.faulty
            else:
                if _passes(item, prepared.scope_tests) and _passes(item, prepared.tests):
                    yield row, item, None

    def _in_scope(self, row: Row) -> bool:
        tests = self._prepared.scope_tests
        if not tests:
            return True
        view = self._rights.plan.view({test.field for test in tests}, record_id=False)
        columns = self._prepared.columns
        try:
            item = view.record(tuple(row[columns.index(column)] for column in view.columns))
        except FaultyRow:
            return False
        return _passes(item, tests)


def _passes(item: dict[str, Any], tests: tuple[Residual, ...]) -> bool:
    return all(test.test(item[test.field]) for test in tests)
