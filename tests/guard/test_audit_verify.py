from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datong.guard import AuditLog, AuditPolicy, Fault, Head
from datong.guard._segments import GENESIS, seal

RECORDS = 12


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed log of twelve records in three segments."""
    folder = tmp_path_factory.mktemp("sample") / "audit"
    log = AuditLog(folder, AuditPolicy(segment_bytes=1_200))
    for number in range(RECORDS):
        log.append({"requestId": f"r{number}", "caseId": "案", "status": 200, "durationMs": number / 7})
    log.close()
    assert len(list(folder.glob("*/*.ndjson"))) == 3
    return folder


@pytest.fixture
def folder(sample: Path, tmp_path: Path) -> Path:
    """A copy of the sample to tamper with."""
    return Path(shutil.copytree(sample, tmp_path / "audit"))


def segments(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*.ndjson"))


def edit(folder: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Rewrite all lines of the chain into its first segment."""
    lines = [line for file in segments(folder) for line in file.read_bytes().splitlines(keepends=True)]
    first, *others = segments(folder)
    first.write_bytes(b"".join(change(lines)))
    for other in others:
        other.unlink()


def fault(folder: Path, *known: Head) -> tuple[str, int]:
    """Kind of the fault and the record it is told of."""
    (found,) = AuditLog(folder).verify(known).faults
    return found.kind, found.seq


def resealed(line: bytes, **changes: Any) -> bytes:
    """What an attacker writes who knows how digests are made."""
    record = json.loads(line)
    del record["digest"]
    return seal(record | changes)[0]


def test_sound(folder: Path) -> None:
    """An untouched log is sound, with the number of its records and its heads."""
    result = AuditLog(folder).verify()
    assert (result.sound, result.records, result.faults) == (True, RECORDS, ())
    assert [head.seq for head in result.heads] == [RECORDS]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_byte(sample: Path, tmp_path: Path, data: st.DataObject) -> None:
    """Altering any byte of any record is found, and told of that record."""
    folder = tmp_path / "audit"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(sample, folder)
    segment = data.draw(st.sampled_from(segments(folder)))
    content = bytearray(segment.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    before = [len(file.read_bytes().splitlines()) for file in segments(folder) if file < segment]
    expected = sum(before) + bytes(content[:place]).count(b"\n") + 1
    segment.write_bytes(content)
    (found,) = AuditLog(folder).verify().faults
    assert (found.seq, found.segment) == (expected, segment.name)
    assert found.kind in {"altered", "torn"}


@pytest.mark.parametrize("number", range(1, RECORDS + 1))
def test_removed(folder: Path, number: int) -> None:
    """A missing record is told as removed, a missing last one as cut off."""
    edit(folder, lambda lines: lines[: number - 1] + lines[number:])
    assert fault(folder) == ("truncated" if number == RECORDS else "removed", number)


@pytest.mark.parametrize("number", range(1, RECORDS))
def test_reordered(folder: Path, number: int) -> None:
    """Two records that changed places are told as reordered."""
    edit(folder, lambda lines: [*lines[: number - 1], lines[number], lines[number - 1], *lines[number + 1 :]])
    assert fault(folder) == ("reordered", number)


def test_repeated(folder: Path) -> None:
    """A record that stands there twice is told as inserted."""
    edit(folder, lambda lines: [*lines[:5], lines[4], *lines[5:]])
    assert fault(folder) == ("inserted", 5)


def test_inserted(folder: Path) -> None:
    """A made-up record that is chained to the one before it breaks the chain to the one after it."""
    edit(folder, lambda lines: [*lines[:5], resealed(lines[5], requestId="made-up"), *lines[5:]])
    assert fault(folder) == ("inserted", 6)


def test_rewritten(folder: Path) -> None:
    """A record rewritten with a right digest of its own is given away by the record after it."""
    edit(folder, lambda lines: [*lines[:5], resealed(lines[5], status=500), *lines[6:]])
    assert fault(folder) == ("altered", 6)


def test_last_one_rewritten(folder: Path) -> None:
    """The last record, which none follows, is held by the checkpoint."""
    edit(folder, lambda lines: [*lines[:-1], resealed(lines[-1], status=500)])
    assert fault(folder) == ("altered", RECORDS)


def rechained(lines: list[bytes]) -> list[bytes]:
    """The whole chain made anew, sound in itself."""
    previous, made = GENESIS, []
    for line in lines:
        made.append(resealed(line, prevDigest=previous, consumerId="somebody-else"))
        previous = json.loads(made[-1])["digest"]
    return made


def test_all_rewritten(folder: Path) -> None:
    """A chain made anew from the start is sound in itself but not what the checkpoint says."""
    edit(folder, rechained)
    assert fault(folder) == ("altered", RECORDS)


def test_known_heads(folder: Path) -> None:
    """A head that somebody noted elsewhere finds what a forged checkpoint hides."""
    (head,) = AuditLog(folder).verify().heads
    record = json.loads(segments(folder)[0].read_bytes().splitlines()[2])
    noted = Head(head.replica, 3, record["digest"])
    assert AuditLog(folder).verify([noted, head]).sound
    for path in folder.glob("*/checkpoint.json"):
        path.unlink()
    edit(folder, rechained)
    assert AuditLog(folder).verify().sound
    assert fault(folder, noted) == ("altered", 3)
    edit(folder, lambda lines: lines[:2])
    assert fault(folder, noted) == ("truncated", 3)
    shutil.rmtree(folder)
    assert AuditLog(folder).verify([noted]).faults == (Fault(head.replica, "removed", 1, "", 0),)


@pytest.mark.parametrize("index", [0, 1, 2])
def test_segment_removed(folder: Path, index: int) -> None:
    """A missing segment is told by the first record it held."""
    counts = [len(file.read_bytes().splitlines()) for file in segments(folder)]
    segments(folder)[index].unlink()
    assert fault(folder) == ("removed" if index < 2 else "truncated", sum(counts[:index]) + 1)


def test_segments_exchanged(folder: Path) -> None:
    """Segments that changed their names are told as reordered."""
    first, second, _ = segments(folder)
    held = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(held)
    assert fault(folder) == ("reordered", 1)


def test_everything_cut_off(folder: Path) -> None:
    """An emptied chain is told from a chain that never had a record."""
    edit(folder, lambda _: [])
    assert fault(folder) == ("truncated", 1)


def test_record_of_another_chain(folder: Path, tmp_path: Path) -> None:
    """A record taken from another log does not fit in."""
    other = AuditLog(tmp_path / "other")
    other.append({"requestId": "foreign"})
    other.close()
    (line,) = segments(tmp_path / "other")[0].read_bytes().splitlines(keepends=True)
    edit(folder, lambda lines: [line, *lines[1:]])
    assert fault(folder) == ("altered", 1)


def test_each_chain_for_itself(folder: Path) -> None:
    """A fault in one chain hides neither the others nor their faults."""
    (chain,) = (path for path in folder.iterdir() if path.is_dir())
    shutil.copytree(chain, folder / "other-1")
    edit(folder, lambda lines: lines)
    for path in (folder / "other-1").glob("000001-*"):
        path.write_bytes(path.read_bytes().replace(b"r1", b"rX", 1))
    result = AuditLog(folder).verify()
    assert {(each.replica, each.kind) for each in result.faults} >= {("other-1", "altered")}


def test_while_writing(tmp_path: Path) -> None:
    """A log that is being written can be verified at any time."""
    log = AuditLog(tmp_path / "audit", AuditPolicy(segment_bytes=2_000))
    for number in range(60):
        log.append({"requestId": str(number)})
        if number % 7 == 0:
            assert log.verify().records == number + 1
    log.close()
