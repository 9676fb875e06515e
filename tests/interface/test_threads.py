from __future__ import annotations

import asyncio
import threading
import time

import pytest

from datong.interface._threads import Lane, Threads, lane_width
from datong.model import Call, SourceProblem


@pytest.mark.parametrize(
    ("threads", "datasets", "width"), [(1, 1, 1), (1, 5, 1), (8, 1, 8), (8, 3, 6), (2, 2, 1), (4, 9, 3)]
)
def test_lane_width(threads: int, datasets: int, width: int) -> None:
    """One dataset never takes all threads from the others, if there is more than one thread."""
    assert lane_width(threads, datasets) == width


def test_threads_are_bounded() -> None:
    """Never more calls at once than threads, and as many as there are."""
    threads, running, most = Threads(3, "test"), [0], [0]
    lock, done, gate = threading.Lock(), threading.Semaphore(0), threading.Event()

    def work() -> None:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        gate.wait(0.05)
        with lock:
            running[0] -= 1

    for _ in range(12):
        threads.submit(work, lambda result, error: done.release())
    for _ in range(12):
        assert done.acquire(timeout=5)
    assert most[0] == 3
    threads.close()


def test_threads_hand_over_what_went_wrong() -> None:
    """An exception reaches whoever asked, and the thread goes on."""
    threads, found, done = Threads(1, "test"), [], threading.Semaphore(0)

    def told(result: object, error: BaseException | None) -> None:
        found.append((result, type(error)))
        done.release()

    threads.submit(lambda: 1 // 0, told)
    threads.submit(lambda: 5, told)
    assert done.acquire(timeout=5)
    assert done.acquire(timeout=5)
    assert found == [(None, ZeroDivisionError), (5, type(None))]
    threads.close()


def test_lane_lets_in_one_after_the_other() -> None:
    """Whoever waits is let in when another leaves, in order."""

    async def run() -> list[int]:
        lane, order = Lane(1), []

        async def call(number: int) -> None:
            await lane.enter(Call.within(5))
            order.append(number)
            await asyncio.sleep(0.01)
            lane.leave()

        await asyncio.gather(*(call(number) for number in range(5)))
        assert lane.free == 1
        return order

    assert asyncio.run(run()) == [0, 1, 2, 3, 4]


def test_lane_gives_up_at_the_deadline() -> None:
    """Nobody waits beyond the deadline, and no place is lost by giving up."""

    async def run() -> None:
        lane = Lane(1)
        await lane.enter(Call.within(1))
        begun = time.monotonic()
        with pytest.raises(SourceProblem, match="source-busy"):
            await lane.enter(Call.within(0.05))
        assert time.monotonic() - begun < 1
        waiting = asyncio.create_task(lane.enter(Call.within(5)))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        lane.leave()
        assert lane.free == 1

    asyncio.run(run())


def test_lane_refuses_a_long_queue() -> None:
    """A queue that is too long is refused at once, with when to try again."""

    async def run() -> None:
        lane = Lane(1, queue=2)
        await lane.enter(Call.within(1))
        waiting = [asyncio.create_task(lane.enter(Call.within(1))) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(SourceProblem, match="source-busy") as refused:
            await lane.enter(Call.within(1))
        assert refused.value.headers["Retry-After"]
        for task in waiting:
            lane.leave()
            await task

    asyncio.run(run())
