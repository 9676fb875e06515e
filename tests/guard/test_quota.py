from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.guard import ProbingLimit, Quota
from datong.guard._quota import _empty
from datong.model import Attempts, Problem, Rate

KEY = b"k" * 64


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_quota(clock: Clock) -> None:
    """Calls up to the quota pass and count down; the next is told when to come again."""
    quota = Quota(Rate(requests=3, per=60), clock)
    assert quota.policy == '"grant";q=3;w=60'
    assert quota.take() == '"grant";r=2;t=60'
    clock.now += 10.5
    assert [quota.take(), quota.take()] == ['"grant";r=1;t=50', '"grant";r=0;t=50']
    with pytest.raises(Problem) as caught:
        quota.take()
    assert (caught.value.code, caught.value.params) == ("rate-limited", {"seconds": 50})
    assert caught.value.headers == {
        "Retry-After": "50",
        "RateLimit-Policy": '"grant";q=3;w=60',
        "RateLimit": '"grant";r=0;t=50',
    }


def test_retry_after_holds(clock: Clock) -> None:
    """A caller that waits as long as it was told is served, one that comes earlier is not."""
    quota = Quota(Rate(requests=1, per=7), clock)
    quota.take()
    with pytest.raises(Problem) as caught:
        quota.take()
    clock.now += 6.9
    with pytest.raises(Problem, match="rate-limited"):
        quota.take()
    clock.now = 1000 + int(caught.value.headers["Retry-After"])
    assert quota.take() == '"grant";r=0;t=7'


def test_refused_calls_do_not_count(clock: Clock) -> None:
    """Knocking on a closed door does not keep it closed."""
    quota = Quota(Rate(requests=2, per=10), clock)
    for _ in range(50):
        try:
            quota.take()
        except Problem:
            clock.now += 0.1
    clock.now = 1010
    assert quota.take() == '"grant";r=1;t=10'


def test_threads(clock: Clock) -> None:
    """Threads together get the quota and no call more."""
    quota = Quota(Rate(requests=100, per=60), clock)

    def attempt(_: int) -> bool:
        try:
            quota.take()
        except Problem:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(1000))) == 100


def refused(limit: ProbingLimit, consumer: str = "c", subject: bytes = b"s") -> Problem:
    with pytest.raises(Problem) as caught:
        limit.take(consumer, subject)
    return caught.value


def test_probing(clock: Clock) -> None:
    """A consumer may ask about one subject so often, whatever it asks about others (REQ-VER-06)."""
    limit = ProbingLimit(Attempts(count=3, per=60), KEY, clock)
    for _ in range(3):
        limit.take("c", b"s")
    problem = refused(limit)
    assert (problem.code, problem.params) == ("probing-limited", {"seconds": 20})
    assert problem.headers == {"Retry-After": "20"}
    limit.take("c", b"t")
    limit.take("d", b"s")


def test_probing_slides(clock: Clock) -> None:
    """The turn of a window does not double what may be asked."""
    limit = ProbingLimit(Attempts(count=10, per=60), KEY, clock)
    clock.now = 1019.0  # one second before the turn
    for _ in range(10):
        limit.take("c", b"s")
    clock.now = 1021.0
    limit.take("c", b"s")
    refused(limit)
    clock.now = 1050.0  # half a window later, half of the last one counts
    for _ in range(4):
        limit.take("c", b"s")
    refused(limit)
    clock.now = 1200.0
    for _ in range(10):
        limit.take("c", b"s")
    refused(limit)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([b"1", b"2", b"3"])), max_size=60))
def test_never_too_many(asked: list[tuple[str, bytes]]) -> None:
    """Whatever is asked in one window, no pair is let through more often than allowed."""
    limit = ProbingLimit(Attempts(count=3, per=60), KEY, Clock())
    passed: dict[tuple[str, bytes], int] = {}
    for pair in asked:
        try:
            limit.take(*pair)
        except Problem:
            assert passed[pair] == 3
        else:
            passed[pair] = passed.get(pair, 0) + 1
    assert max(passed.values(), default=0) <= 3


def test_probing_memory(clock: Clock) -> None:
    """Many subjects take no more memory than few, and hardly one of them is refused wrongly."""
    limit = ProbingLimit(Attempts(count=5, per=60), KEY, clock)
    size = sys.getsizeof(limit._now)
    wrong = 0
    for number in range(20_000):
        try:
            limit.take("c", str(number).encode())
        except Problem:
            wrong += 1
    assert sys.getsizeof(limit._now) == size == sys.getsizeof(_empty())
    assert wrong == 0


def test_boundaries_of_names(clock: Clock) -> None:
    """Consumer and subject cannot be shifted into one another."""
    limit = ProbingLimit(Attempts(count=1, per=60), KEY, clock)
    limit.take("ab", b"c")
    limit.take("a", b"bc")
