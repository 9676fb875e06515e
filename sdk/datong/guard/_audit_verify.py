"""Recomputing the chains: that no record was altered, removed, inserted, moved or cut off."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import orjson

from datong.guard._segments import CHECKPOINT, GENESIS, Head, chains, lines, parsed, segments, sound

Kind = Literal["altered", "removed", "inserted", "reordered", "truncated", "torn"]
GRACE: Final = 0.2
"""Seconds in which a line that is being written is whole."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The first bad place of a chain: `line` counts from 1; `seq` is the number that was expected there."""

    replica: str
    kind: Kind
    seq: int
    segment: str
    line: int


@dataclass(frozen=True, slots=True)
class Verification:
    """What recomputing found: nothing bad, or the first fault of each bad chain."""

    records: int
    heads: tuple[Head, ...]
    faults: tuple[Fault, ...]

    @property
    def sound(self) -> bool:
        return not self.faults


def verify_folder(folder: Path, known: Iterable[Head] = ()) -> Verification:
    """Recompute every chain of an audit folder. Raises OSError where it cannot be read.

    `known` are heads that somebody noted elsewhere: each must still be in its chain.
    """
    noted: dict[str, dict[int, str]] = {}
    for head in known:
        noted.setdefault(head.replica, {})[head.seq] = head.digest
    results = [verify_chain(chain, noted.pop(chain.name, {})) for chain in chains(folder)]
    faults = [fault for _, fault in results if fault]
    faults += [Fault(replica, "removed", 1, "", 0) for replica, heads in noted.items() if max(heads)]
    heads = tuple(head for head, _ in results)
    return Verification(sum(head.seq for head in heads), heads, tuple(faults))


def verify_chain(chain: Path, noted: Mapping[int, str]) -> tuple[Head, Fault | None]:
    """The end of the sound part of a chain, and what is wrong after it, if anything."""
    head, fault = _recompute(chain, noted)
    if fault is not None and fault.kind == "torn":
        # A writer may be at work: what is one of its lines now is whole in a moment.
        time.sleep(GRACE)
        head, fault = _recompute(chain, noted)
    return head, fault


def _recompute(chain: Path, noted: Mapping[int, str]) -> tuple[Head, Fault | None]:
    marks = {**_checkpoint(chain), **noted}
    files = segments(chain)
    head, place = Head(chain.name, 0, GENESIS), ("", 0)
    for index, file in enumerate(files):
        for line_number, line in enumerate(lines(file), 1):
            place = file.name, line_number
            if not line.endswith(b"\n"):
                return head, Fault(chain.name, "torn" if file == files[-1] else "altered", head.seq + 1, *place)
            record = parsed(line)
            if record is None or not sound(line):
                return head, Fault(chain.name, "altered", head.seq + 1, *place)
            if record["seq"] != head.seq + 1 or record.get("prevDigest") != head.digest:
                return head, Fault(chain.name, *_misplaced(record["seq"], head.seq, files[index:]), *place)
            head = Head(chain.name, record["seq"], record["digest"])
            if marks.get(head.seq, head.digest) != head.digest:
                return head, Fault(chain.name, "altered", head.seq, *place)
    cut = max(marks, default=0) > head.seq
    return head, Fault(chain.name, "truncated", head.seq + 1, *place) if cut else None


def _misplaced(found: int, last: int, files: list[Path]) -> tuple[Kind, int]:
    """What happened where record `found` stands after record `last`, and which record it happened to."""
    if found <= last:
        return "inserted", found
    if found == last + 1:
        # The next record was chained to another version of the one before it.
        return "altered", max(last, 1)
    later = (parsed(line) for file in files for line in lines(file))
    moved = any(record is not None and record["seq"] == last + 1 for record in later)
    return "reordered" if moved else "removed", last + 1


def _checkpoint(chain: Path) -> dict[int, str]:
    try:
        point = orjson.loads((chain / CHECKPOINT).read_bytes())
        return {int(point["seq"]): str(point["digest"])}
    except (FileNotFoundError, KeyError, TypeError, ValueError):
        return {}  # whoever can spoil it can also remove it; heads noted elsewhere are what holds
