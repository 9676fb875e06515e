"""The audit log: one chain a process to write, all chains of the folder to read (Art. 29(2), 34)."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final
from weakref import WeakSet

from datong.guard._audit_index import AuditIndex, AuditPage, AuditQuery, EntryStats, Period
from datong.guard._audit_verify import Verification, verify_folder
from datong.guard._chain import SYNC_SECONDS, Chain
from datong.guard._segments import Head
from datong.model import Problem


@dataclass(frozen=True, slots=True)
class AuditPolicy:
    """What the adapter declares about its log, and when a new segment begins."""

    retention: str = "P3Y"
    clock: str = "system clock, synchronised by NTP"
    segment_bytes: int = 64 << 20

    def to_wire(self) -> dict[str, Any]:
        """The document of `/audit/policy`."""
        return {
            "retention": self.retention,
            "clock": self.clock,
            "digest": "sha-256",
            "canonicalization": "RFC 8785",
            "chain": "one for each replica; prevDigest is the digest of the record before, 64 zeros for the first",
            "segmentBytes": self.segment_bytes,
            "segmentPeriod": "P1D",
            "syncInterval": f"PT{SYNC_SECONDS:.0f}S",
            "appendOnly": True,
        }


class AuditLog:
    """Append-only log in a folder. Nothing is opened before the first `append` or `check`.

    Several processes use one folder at once: each takes a chain of its own, and every one reads all.
    """

    def __init__(self, folder: Path, policy: AuditPolicy | None = None) -> None:
        self.folder = folder
        self.policy = policy or AuditPolicy()
        self._chain: Chain | None = None
        self._index = AuditIndex(folder)
        self._lock = Lock()
        _LOGS.add(self)

    def append(self, record: Mapping[str, Any]) -> str:
        """Write one record before its answer is sent; the record's digest.

        `record` holds JSON values; members that are None are left out, and `seq`, `time`, `replica`,
        `prevDigest`, `digest` are added. Raises Problem `audit-unavailable` when it is not written.
        """
        duration = record.get("durationMs")
        if type(duration) is float:
            record = {**record, "durationMs": _canonical(duration)}
        try:  # not `_translated`: this runs within every call
            return (self._chain or self._opened()).append(record)
        except OSError:
            raise _unavailable() from None

    def check(self) -> None:
        """Return when the next append can succeed, as far as can be told; Problem otherwise."""
        with _translated():
            (self._chain or self._opened()).check()

    def records(self, query: AuditQuery | None = None) -> AuditPage:
        """Records of all replicas, those just appended included. Reads the disk: call it in a thread.

        Raises Problem `cursor-invalid` for a foreign `after`, `audit-unavailable`.
        """
        with _translated():
            return self._index.records(query or AuditQuery())

    def stats(self, query: AuditQuery | None = None, period: Period = "day") -> list[EntryStats]:
        """Figures of each entry and period (REQ-OPS-06), periods in the time of +08:00."""
        with _translated():
            return self._index.stats(query or AuditQuery(), period)

    def verify(self, known: Iterable[Head] = ()) -> Verification:
        """Recompute all chains; `known` are heads noted elsewhere that must still be there."""
        with _translated():
            return verify_folder(self.folder, known)

    @property
    def head(self) -> Head | None:
        """The end of this process's own chain; None before its first record."""
        return self._chain.head if self._chain is not None else None

    def close(self) -> None:
        with self._lock:
            if self._chain is not None:
                self._chain.close()
                self._chain = None

    def _opened(self) -> Chain:
        with self._lock:
            if self._chain is None:
                self._chain = Chain(self.folder, self.policy.segment_bytes)
            return self._chain

    def _forked(self) -> None:
        # Parent and child must not share a chain; the lock belongs to the parent.
        self._chain = None
        self._lock = Lock()


def _canonical(duration: float) -> float | int:
    """Milliseconds to the microsecond, written alike by every JSON library."""
    rounded = round(duration, 3)
    return int(rounded) if rounded.is_integer() else rounded


def _unavailable() -> Problem:
    return Problem("audit-unavailable", headers={"Retry-After": "5"})


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error):
        raise _unavailable() from None


_LOGS: Final[WeakSet[AuditLog]] = WeakSet()


def _after_fork() -> None:
    for log in _LOGS:
        log._forked()  # noqa: SLF001 - the same module


os.register_at_fork(after_in_child=_after_fork)
