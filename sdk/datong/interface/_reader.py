"""Asking the source: natively asynchronous where it offers that, else in threads of its own.

Nothing here lets a source hold up the event loop, another dataset, or a call beyond its deadline.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, Final, TypeVar

from datong.interface._threads import RETRY_AFTER, Expiry, Lane, Threads, lane_width
from datong.model import Call, Capabilities, Problem, Row, Selection, SourceProblem, Text
from datong.sources import AsyncSource, Source

T = TypeVar("T")

GRACE: Final = 0.25
"""Seconds beyond the deadline in which a source may still say itself that it was too slow."""


class Reader:
    def __init__(self, source: Source | AsyncSource, datasets: Iterable[str]) -> None:
        self._source = source
        self._native = source if isinstance(source, AsyncSource) else None
        self._plain = source if isinstance(source, Source) else None
        names = tuple(datasets)
        count = max(1, getattr(source, "threads", 4))
        self._threads = Threads(count, "datong-source")
        width = lane_width(count, len(names))
        self._lanes = {name: Lane(width) for name in names}
        self._side = Lane(count)

    async def page(self, catalog_id: str, selection: Selection, call: Call) -> list[Row]:
        native, plain = self._native, self._plain
        if native is not None:
            return await self._awaited(self._lanes[catalog_id], call, lambda: native.fetch_page(selection, call))
        return await self._threaded(self._lanes[catalog_id], call, lambda: _all(plain, selection, call))

    async def row(self, catalog_id: str, selection: Selection, key: Sequence[Any], call: Call) -> Row | None:
        native, plain = self._native, self._plain
        if native is not None:
            return await self._awaited(self._lanes[catalog_id], call, lambda: native.get_row(selection, key, call))
        return await self._threaded(self._lanes[catalog_id], call, lambda: _plain(plain).get(selection, key, call))

    async def count(self, catalog_id: str, selection: Selection, call: Call) -> int:
        plain = _plain(self._plain)
        return await self._threaded(self._lanes[catalog_id], call, lambda: plain.count(selection, call))

    async def capabilities(self, location: Any, call: Call) -> Capabilities:
        """What the source can do; of a natively asynchronous one alone, keyset pages of every filter."""
        plain = self._plain
        if plain is None:
            return Capabilities()
        return await self._threaded(self._side, call, lambda: plain.capabilities(location))

    @property
    def counts(self) -> bool:
        return self._plain is not None

    async def ping(self, call: Call) -> None:
        plain = self._plain
        if plain is not None:
            await self._threaded(self._side, call, lambda: plain.ping(call))

    async def close(self) -> None:
        if self._native is not None:
            await self._native.aclose()
        if self._plain is not None:
            await asyncio.to_thread(self._plain.close)
        self._threads.close()

    async def _awaited(self, lane: Lane, call: Call, work: Callable[[], Awaitable[T]]) -> T:
        if lane.free > 0:
            lane.free -= 1
        else:
            await lane.enter(call)
        try:
            with Expiry(call.remaining() + GRACE):
                return await work()
        except TimeoutError as error:
            raise SourceProblem("source-timeout", headers=RETRY_AFTER) from error
        except (Problem, asyncio.CancelledError):
            raise
        except Exception as error:
            raise _foreign(error) from error
        finally:
            lane.leave()

    async def _threaded(self, lane: Lane, call: Call, work: Callable[[], T]) -> T:
        """Run in a thread; the lane stays taken until the thread is done, however long the caller waits."""
        if lane.free > 0:
            lane.free -= 1
        else:
            await lane.enter(call)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def settle(result: Any, error: BaseException | None) -> None:
            lane.leave()
            if answer.done():
                return
            if error is None:
                answer.set_result(result)
            else:
                answer.set_exception(error if isinstance(error, Problem) else _foreign(error))

        def done(result: Any, error: BaseException | None) -> None:
            with suppress(RuntimeError):  # the loop may be gone when a hung call comes back
                loop.call_soon_threadsafe(settle, result, error)

        def expire() -> None:
            if not answer.done():
                answer.set_exception(SourceProblem("source-timeout", headers=RETRY_AFTER))

        self._threads.submit(lambda: None if answer.cancelled() else work(), done)
        timer = loop.call_later(call.remaining() + GRACE, expire)
        try:
            return await answer
        finally:
            timer.cancel()


def _plain(source: Source | None) -> Source:
    if source is None:
        raise SourceProblem("source-failed", cause=Text("the source cannot do this", "数据源不支持该操作"))
    return source


def _all(source: Source | None, selection: Selection, call: Call) -> list[Row]:
    batches = iter(_plain(source).fetch(selection, call))
    rows = next(batches, [])
    for batch in batches:
        rows = [*rows, *batch] if isinstance(rows, tuple) else rows + batch
    return rows


def _foreign(error: BaseException) -> SourceProblem:
    """A plugin let something else than a Problem out: its text may hold anything, so only its type is kept."""
    name = type(error).__name__
    return SourceProblem("source-failed", cause=Text(f"the source raised {name}", f"数据源抛出 {name}"))
