from __future__ import annotations

from pathlib import Path

import pytest
from cli.process import datong

from datong.config import load
from datong.guard import AuditLog


@pytest.fixture
def recorded(adapter: Path) -> Path:
    """An adapter with five audit records; the folder around it."""
    loaded = load(adapter / "pension")
    log = AuditLog(loaded.folder / loaded.adapter.audit.folder)
    for number in range(5):
        log.append({"status": 200, "requestId": f"r-{number}"})
    log.close()
    return adapter


def segment(folder: Path) -> Path:
    (found,) = (folder / "pension" / ".datong" / "audit").glob("*/*.ndjson")
    return found


def test_sound(recorded: Path) -> None:
    """Whole chains are counted, their heads printed, and the exit code is 0."""
    ran = datong("verify-audit", "pension", cwd=recorded)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.endswith("5 records, every chain whole.\n")
    report = datong("verify-audit", "pension", "--json", cwd=recorded).document
    (head,) = report["heads"]
    assert f"{head['replica']}:5:{head['digest']}" in ran.out


def test_altered(recorded: Path) -> None:
    """One altered record is found and named, with exit code 1."""
    path = segment(recorded)
    path.write_bytes(path.read_bytes().replace(b"r-2", b"r-9"))
    ran = datong("verify-audit", "pension", cwd=recorded)
    assert ran.code == 1
    assert f"{path.name}:3: record 3 was altered." in ran.out
    (fault,) = datong("verify-audit", "pension", "--json", cwd=recorded).document["faults"]
    assert (fault["kind"], fault["seq"], fault["line"]) == ("altered", 3, 3)
    assert "第 3 条记录被改动。" in datong("verify-audit", "pension", "--lang", "zh", cwd=recorded).out


def test_noted_head(recorded: Path) -> None:
    """A head that was noted elsewhere finds a chain that was cut off together with its checkpoint."""
    ran = datong("verify-audit", "pension", cwd=recorded)
    head = ran.out.splitlines()[0]
    path = segment(recorded)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:3]))
    path.with_name("checkpoint.json").unlink(missing_ok=True)
    assert datong("verify-audit", "pension", cwd=recorded).code == 0
    ran = datong("verify-audit", "pension", "--head", head, cwd=recorded)
    assert (ran.code, "cut off" in ran.out) == (1, True)


def test_nothing_recorded(adapter: Path) -> None:
    """No record is no fault."""
    ran = datong("verify-audit", "pension", cwd=adapter)
    assert (ran.code, ran.out) == (0, "0 records, every chain whole.\n")


def test_wrong_head(adapter: Path) -> None:
    """A head that was not printed so is refused."""
    ran = datong("verify-audit", "pension", "--head", "x:y:z", cwd=adapter)
    assert (ran.code, "REPLICA:SEQ:DIGEST" in ran.err) == (2, True)
