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
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._waiting.append(turn)
        timer = loop.call_later(call.remaining(), _expire, turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.leave()  # the turn came at the very moment of giving up
            raise
        finally:
            timer.cancel()

    def leave(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.free += 1


def _expire(turn: asyncio.Future[None]) -> None:
    if not turn.done():
        turn.set_exception(SourceProblem("source-busy", headers=RETRY_AFTER))


class Expiry:
    """What `asyncio.timeout` does for the task that enters it, at a third of the cost on each call.

    Raises TimeoutError.
    """

    __slots__ = ("_expired", "_seconds", "_task", "_timer")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._expired = False

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        self._task = asyncio.current_task(loop)
        self._timer = loop.call_later(self._seconds, self._expire)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._timer.cancel()
        if self._expired and self._task is not None and self._task.uncancel() == 0 and kind is asyncio.CancelledError:
            raise TimeoutError

    def _expire(self) -> None:
        self._expired = True
        if self._task is not None:
            self._task.cancel()


def lane_width(threads: int, datasets: int) -> int:
    """All threads for the only dataset; otherwise a quarter, and at least one, is left to the others."""
    if datasets == 1 or threads == 1:
        return threads
    return threads - max(1, threads // 4)
