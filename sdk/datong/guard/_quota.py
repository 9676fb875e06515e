"""How often a grant may be used (Art. 25(2)), and how often one subject may be asked about."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from hashlib import blake2b
from threading import Lock
from typing import Final

from datong.model import Attempts, Problem, Rate

Headers = tuple[tuple[str, str], ...]
WIDTH: Final = 1 << 16
DEPTH: Final = 4


class Quota:
    """Calls of one grant, counted in fixed windows that start with the first call of each.

    Each process counts for itself: behind N workers a grant may reach N times its quota.

    Header values are those of draft-ietf-httpapi-ratelimit-headers-10, policy name `grant`.
    """

    __slots__ = ("_clock", "_ends", "_left", "_lock", "_per", "_requests", "policy")

    def __init__(self, rate: Rate, clock: Callable[[], float]) -> None:
        self._requests, self._per, self._clock = rate.requests, rate.per, clock
        self._ends, self._left = 0.0, 0
        self._lock = Lock()
        self.policy = f'"grant";q={rate.requests};w={rate.per}'
        """Value of `RateLimit-Policy`."""

    def take(self) -> str:
        """Count one call; the value of `RateLimit` for its answer.

        Raises Problem `rate-limited` with `Retry-After` and both fields as headers.
        """
        now = self._clock()
        with self._lock:
            if now >= self._ends:
                self._ends, self._left = now + self._per, self._requests
            self._left -= 1
            left, wait = self._left, math.ceil(self._ends - now)
        if left < 0:
            raise Problem("rate-limited", headers=self._refusal(wait), seconds=wait)
        return f'"grant";r={left};t={wait}'

    def _refusal(self, wait: int) -> dict[str, str]:
        return {"Retry-After": str(wait), "RateLimit-Policy": self.policy, "RateLimit": f'"grant";r=0;t={wait}'}


class ProbingLimit:
    """How often one consumer may ask about one subject of one dataset (REQ-VER-06).

    Counts are kept in a count-min sketch of keyed digests: its memory never grows, it holds no
    personal value, and it errs only by refusing too early, never by allowing too much. The last
    window counts on, in proportion to what of it still lies within `per` seconds.
    """

    def __init__(self, attempts: Attempts, key: bytes, clock: Callable[[], float]) -> None:
        self._count, self._per, self._clock = attempts.count, attempts.per, clock
        self._key = key[:64]
        self._window = -2
        self._now, self._before = _empty(), _empty()
        self._lock = Lock()

    def take(self, consumer_id: str, subject: bytes) -> None:
        """Count one question; Problem `probing-limited` with `Retry-After` when it is one too many."""
        cells = self._cells(consumer_id, subject)
        with self._lock:
            elapsed = self._turn()
            current = min(self._now[cell] for cell in cells)
            earlier = min(self._before[cell] for cell in cells)
            if current + earlier * (1 - elapsed / self._per) >= self._count:
                wait = max(1, math.ceil(self._per - elapsed))
                raise Problem("probing-limited", headers={"Retry-After": str(wait)}, seconds=wait)
            for cell in cells:
                self._now[cell] = max(self._now[cell], current + 1)

    def _cells(self, consumer_id: str, subject: bytes) -> list[int]:
        digest = blake2b(consumer_id.encode() + b"\0" + subject, digest_size=DEPTH * 4, key=self._key).digest()
        return [
            row * WIDTH + int.from_bytes(digest[row * 4 : row * 4 + 4], "big") % WIDTH for row in range(DEPTH)
        ]  # each row of the sketch counts every subject once

    def _turn(self) -> float:
        """Seconds since the present window began, after moving on to it."""
        window, elapsed = divmod(self._clock(), self._per)
        passed = int(window) - self._window
        if passed:
            self._before = self._now if passed == 1 else _empty()
            self._now = _empty()
            self._window = int(window)
        return elapsed


def _empty() -> array[int]:
    return array("L", bytes(WIDTH * DEPTH * array("L").itemsize))
