"""The quality block of an entry, from the rows that were seen (Art. 18; REQ-FID-05)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from datong.mapping import Faulty

MOST: Final = 100_000
"""Faulty rows that are told apart for one dataset."""


@dataclass(slots=True)
class _Seen:
    read: int = 0
    faulty: int = 0
    rows: set[int] = field(default_factory=set)
    last: float = 0.0


class Quality:
    """Counts of this process. A faulty row counts once, however often it is read."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    def note(self, catalog_id: str, read: int, faulty: Sequence[Faulty], now: float) -> None:
        seen = self._seen.setdefault(catalog_id, _Seen())
        seen.read += read
        seen.last = now
        if faulty:
            seen.faulty += len(faulty)
            if len(seen.rows) < MOST:
                seen.rows.update(hash(each.row_ref) for each in faulty)

    def block(self, catalog_id: str) -> dict[str, Any] | None:
        """`completeness` is the share of rows read that could be served; None before any was read."""
        seen = self._seen.get(catalog_id)
        if seen is None or not seen.read:
            return None
        return {
            "completeness": round(1 - seen.faulty / seen.read, 6),
            "faultyRows": len(seen.rows),
            "lastProfiledAt": datetime.fromtimestamp(seen.last, UTC).isoformat(timespec="seconds"),
        }
