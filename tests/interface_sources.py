"""Sources in memory: what a source cannot do, and how one fails, on purpose."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from threading import Event
from typing import Any

from interface_world import rows

from datong.model import Call, Capabilities, Condition, Row, Selection, SourceProblem, Structure

COLUMNS = ("RYBH", "SFZH", "XM", "XB", "CSRQ", "DWDM", "ZT", "YJE", "GXSJ", "BZ", "XZQH")
TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda found, value: found == value,
    "in": lambda found, value: found in value,
    "gt": lambda found, value: found > value,
    "gte": lambda found, value: found >= value,
    "lt": lambda found, value: found < value,
    "lte": lambda found, value: found <= value,
}


class Memory:
    """Rows in a list; does of itself only what its capabilities say, and fails when asked for more."""

    threads = 3

    def __init__(self, count: int, can: Capabilities) -> None:
        self.rows = [dict(zip(COLUMNS, row, strict=True)) for row in rows(count)]
        self.can = can
        self.read = 0
        self.asked: list[Selection] = []

    def describe(self, call: Call) -> Sequence[Structure]:
        return ()

    def capabilities(self, location: Any) -> Capabilities:
        return self.can

    def fetch(self, selection: Selection, call: Call) -> Iterator[list[Row]]:
        self.asked.append(selection)
        found = [row for row in self.rows if all(self._meets(row, each) for each in selection.where)]
        assert self.can.sort or not selection.sort
        for sort in reversed(selection.sort):
            found.sort(
                key=lambda row, name=sort.column: (row[name] is not None, row[name] or ""), reverse=sort.descending
            )
        if selection.after is not None:
            assert self.can.keyset
            assert not selection.sort
            found = [row for row in found if row["RYBH"] > selection.after[0]]
        found = found[: selection.limit]
        for start in range(0, len(found), 100):
            batch = [tuple(row[column] for column in selection.columns) for row in found[start : start + 100]]
            self.read += len(batch)
            yield batch

    def _meets(self, row: dict[str, Any], condition: Condition) -> bool:
        assert condition.operator in self.can.filters
        found = row[condition.column]
        if condition.operator == "isNull":
            return (found is None) is condition.value
        return found is not None and TESTS[condition.operator](found, condition.value)

    def get(self, selection: Selection, key: Sequence[Any], call: Call) -> Row | None:
        for row in self.rows:
            if row["RYBH"] == key[0] and all(self._meets(row, each) for each in selection.where):
                return tuple(row[column] for column in selection.columns)
        return None

    def count(self, selection: Selection, call: Call) -> int:
        assert self.can.count
        return sum(all(self._meets(row, each) for each in selection.where) for row in self.rows)

    def ping(self, call: Call) -> None:
        return None

    def close(self) -> None:
        return None


class Failing(Memory):
    """Fails in a given way as long as `failure` is set."""

    def __init__(self, failure: Exception | None) -> None:
        super().__init__(60, Capabilities(filters=frozenset(), keyset=True))
        self.failure = failure

    def fetch(self, selection: Selection, call: Call) -> Iterator[list[Row]]:
        self._fail()
        yield from super().fetch(selection, call)

    def get(self, selection: Selection, key: Sequence[Any], call: Call) -> Row | None:
        self._fail()
        return super().get(selection, key, call)

    def ping(self, call: Call) -> None:
        self._fail()

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure


class Hanging(Memory):
    """Its first statement of each kind hangs until `released`, whatever the deadline says."""

    def __init__(self, table: str = "CBRY") -> None:
        super().__init__(60, Capabilities(filters=frozenset(TESTS), keyset=True))
        self.released = Event()
        self.hung = 0
        self.catalog: set[str] = set()

    def get(self, selection: Selection, key: Sequence[Any], call: Call) -> Row | None:
        if key[0] == 1:
            self.hung += 1
            self.released.wait(20)
            self.hung -= 1
        return super().get(selection, key, call)


class Native:
    """A natively asynchronous source: answers after `delay` seconds."""

    threads = 2

    def __init__(self, delay: float = 0.0) -> None:
        self.memory = Memory(60, Capabilities())
        self.delay = delay
        self.running = 0
        self.most = 0
        self.cancelled = 0
        self.closed = False

    async def fetch_page(self, selection: Selection, call: Call) -> list[Row]:
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await asyncio.sleep(self.delay)
            return [row for batch in self.memory.fetch(selection, call) for row in batch]
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.running -= 1

    async def get_row(self, selection: Selection, key: Sequence[Any], call: Call) -> Row | None:
        await asyncio.sleep(self.delay)
        return self.memory.get(selection, key, call)

    async def aclose(self) -> None:
        self.closed = True


def slow(seconds: float) -> Callable[[], None]:
    return lambda: time.sleep(seconds)


def gone() -> SourceProblem:
    return SourceProblem("source-unavailable", headers={"Retry-After": "10"})
