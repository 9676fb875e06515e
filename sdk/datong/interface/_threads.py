"""Where synchronous sources run, and the bounds that protect the legacy system.

Threads of our own instead of an executor's: they are daemons, so a driver that hangs for ever
cannot keep the process from ending.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

from datong.model import Call, SourceProblem

T = TypeVar("T")
_Job = tuple[Callable[[], Any], Callable[[Any, BaseException | None], None]]

RETRY_AFTER = {"Retry-After": "2"}


class Threads:
    """At most `count` daemon threads, started as they are needed."""

    def __init__(self, count: int, name: str) -> None:
        self.count = count
        self._name = name
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._started = 0
        self._idle = 0
        self._lock = threading.Lock()

    def submit(self, work: Callable[[], T], done: Callable[[Any, BaseException | None], None]) -> None:
        """Run `work`; `done(result, error)` is called in the working thread."""
        with self._lock:
            if self._idle <= self._jobs.qsize() and self._started < self.count:
                self._started += 1
                threading.Thread(target=self._serve, name=f"{self._name}-{self._started}", daemon=True).start()
        self._jobs.put((work, done))

    def close(self) -> None:
        """Let idle threads end; one that is busy ends after its call."""
        for _ in range(self._started):
            self._jobs.put(None)

    def _serve(self) -> None:
        while True:
            self._idle += 1
            job = self._jobs.get()
            self._idle -= 1
            if job is None:
                return
            work, done = job
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001  it is handed to the caller, who raises it
                done(None, error)
                del error
            else:
                done(result, None)
                del result
            del work, done, job


class Lane:
    """How many calls one dataset may have inside the source at a time.

    A lane is narrower than the source's pool where there is more than one dataset: a table that
    hangs keeps its own lane, and the others go on.
    """

    def __init__(self, width: int, queue: int = 512) -> None:
        self.free = width
        self._queue = queue
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def enter(self, call: Call) -> None:
        if self.free > 0:
            self.free -= 1
            return
        if len(self._waiting) >= self._queue:
            raise SourceProblem("source-busy", headers=RETRY_AFTER)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(call.remaining()):
                await turn
        except TimeoutError as error:
            self._give_up(turn)
            raise SourceProblem("source-busy", headers=RETRY_AFTER) from error
        except asyncio.CancelledError:
            self._give_up(turn)
            raise

    def _give_up(self, turn: asyncio.Future[None]) -> None:
        if turn.done() and not turn.cancelled():
            self.leave()  # the turn came at the very moment of giving up

    def leave(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.free += 1


def lane_width(threads: int, datasets: int) -> int:
    """All threads for the only dataset; otherwise a quarter, and at least one, is left to the others."""
    if datasets == 1 or threads == 1:
        return threads
    return threads - max(1, threads // 4)
