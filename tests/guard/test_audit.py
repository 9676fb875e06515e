from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import resource
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import workers

from datong.guard import AuditLog, AuditPolicy, AuditQuery, Head
from datong.guard._segments import GENESIS
from datong.model import Problem
from datong.standard._schemas import validator

SPAWN = multiprocessing.get_context("spawn")


def record(**more: Any) -> dict[str, Any]:
    return {
        "requestId": "3f0c4f5e-6a53-4b6c-9d1b-0a6f4d6b2c11",
        "consumerId": "consumer-1",
        "catalogId": "insured",
        "method": "GET",
        "path": "/datasets/{catalogId}/records",
        "status": 200,
        "code": None,
        "records": 100,
        "responseBytes": 12_345,
        "durationMs": 1.23456,
        "caseId": "案-2025-1",
    } | more


Make = Callable[..., AuditLog]


@pytest.fixture
def make_log(tmp_path: Path) -> Iterator[Make]:
    """Opens the same log as often as asked, as several processes or restarts would."""
    made: list[AuditLog] = []

    def make(folder: Path = tmp_path / "audit", **policy: Any) -> AuditLog:
        made.append(AuditLog(folder, AuditPolicy(**policy)))
        return made[-1]

    yield make
    for log in made:
        log.close()


@pytest.fixture
def log(make_log: Make) -> AuditLog:
    return make_log()


def written(log: AuditLog) -> list[dict[str, Any]]:
    """All records, read by the standard library alone."""
    files = sorted(log.folder.glob("*/*.ndjson"))
    return [json.loads(line) for file in files for line in file.read_bytes().splitlines()]


def refused(log: AuditLog) -> str:
    with pytest.raises(Problem) as caught:
        log.append(record())
    with pytest.raises(Problem):
        log.check()
    return caught.value.code


def test_record(log: AuditLog) -> None:
    """A record holds what the call left, its place in the chain and its time; what is None is left out."""
    digest = log.append(record())
    (found,) = written(log)
    assert found == {name: value for name, value in record().items() if value is not None} | {
        "durationMs": 1.235,
        "seq": 1,
        "prevDigest": GENESIS,
        "digest": digest,
        "replica": log.head.replica if log.head else "",
        "time": found["time"],
    }
    assert abs(time.time() - time.mktime(time.strptime(found["time"][:19], "%Y-%m-%dT%H:%M:%S")) + time.timezone) < 5
    validator("auditRecord").validate(found)


def test_chain_recomputed_from_outside(log: AuditLog) -> None:
    """A third party recomputes every digest with nothing but a JSON library and SHA-256 (REQ-AUD-04)."""
    durations = [0.0004, 0.001, 2.0, 1e6, 123456.789, 3, 0.1 + 0.2]
    for duration in durations:
        log.append(record(durationMs=duration, caseId='"\\/\x7f\u2028\n\t\x01 𠮷'))
    previous = GENESIS
    for number, found in enumerate(written(log), 1):
        digest = found.pop("digest")
        canonical = json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert hashlib.sha256(canonical.encode()).hexdigest() == digest
        assert (found["seq"], found["prevDigest"]) == (number, previous)
        previous = digest
    assert [found["durationMs"] for found in written(log)] == [0, 0.001, 2, 1_000_000, 123456.789, 3, 0.3]


def test_at_once(log: AuditLog) -> None:
    """A record can be read as soon as `append` has returned, also by another process."""
    for number in range(3):
        log.append(record(requestId=f"r{number}"))
        assert [each["requestId"] for each in log.records(AuditQuery(request_id=f"r{number}")).items] == [f"r{number}"]


def test_private(log: AuditLog) -> None:
    """Segments, index, lock and checkpoint can be read by their user alone."""
    log.append(record())
    log.records()
    log.close()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in log.folder.rglob("*")}
    assert {mode for name, mode in modes.items() if "." in name} == {0o600}
    assert "checkpoint.json" in modes
    assert stat.S_IMODE(log.folder.stat().st_mode) == 0o700


def test_nothing_before_the_first_record(make_log: Make, tmp_path: Path) -> None:
    """Looking at a log makes no chain; an empty one is sound and has no head."""
    log = make_log()
    assert (log.head, log.records().items, log.verify().sound) == (None, [], True)
    assert list(tmp_path.glob("audit/*/*.ndjson")) == []


def test_rotation_by_size(make_log: Make) -> None:
    """A full segment is followed by the next, and the chain runs on through both."""
    log = make_log(segment_bytes=2_000)
    for _ in range(20):
        log.append(record())
    names = [path.name for path in sorted(log.folder.glob("*/*.ndjson"))]
    assert len(names) > 3
    assert [name[:7] for name in names] == [f"{number:06d}-" for number in range(1, len(names) + 1)]
    assert [found["seq"] for found in written(log)] == list(range(1, 21))
    assert log.verify().sound
    assert all(path.stat().st_size < 3_000 for path in log.folder.glob("*/*.ndjson"))


def test_rotation_by_day(make_log: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first record of a day opens a segment named after the day, also after a restart."""
    now = [1_760_000_000]
    monkeypatch.setattr("time.time_ns", lambda: now[0] * 1_000_000_000)
    monkeypatch.setattr("time.gmtime", lambda at=None, gmtime=time.gmtime: gmtime(now[0] if at is None else at))
    log = make_log()
    log.append(record())
    now[0] += 86_400
    log.append(record())
    log.append(record())
    log.close()
    now[0] += 86_400
    log = make_log()
    log.append(record())
    assert [path.name for path in sorted(log.folder.glob("*/*.ndjson"))] == [
        "000001-20251009.ndjson",
        "000002-20251010.ndjson",
        "000003-20251011.ndjson",
    ]
    assert log.verify().sound


def test_restart(make_log: Make) -> None:
    """The next process takes up the chain where the last one left it."""
    for _ in range(3):
        log = make_log()
        log.append(record())
        log.append(record())
        log.close()
    found = written(log)
    assert [each["seq"] for each in found] == [1, 2, 3, 4, 5, 6]
    assert len({each["replica"] for each in found}) == 1
    assert log.verify() == make_log().verify()
    assert log.verify().heads == (Head(found[0]["replica"], 6, found[-1]["digest"]),)


def test_two_logs_at_once(make_log: Make) -> None:
    """Two writers over one folder never share a chain, and each reads the records of both."""
    first, second = make_log(), make_log()
    first.append(record(requestId="a"))
    second.append(record(requestId="b"))
    assert len({log.head.replica for log in (first, second) if log.head}) == 2
    assert {each["requestId"] for each in first.records().items} == {"a", "b"}


def test_processes(tmp_path: Path, make_log: Make) -> None:
    """Processes that append at once keep a chain each; no record is lost and every chain is sound."""
    folder = str(tmp_path / "audit")
    with ProcessPoolExecutor(3, mp_context=SPAWN) as pool:
        jobs = [pool.submit(workers.append, folder, worker, 300, 20_000) for worker in range(3)]
        replicas = {job.result() for job in jobs}
    log = make_log()
    result = log.verify()
    assert (result.sound, result.records, len(result.heads)) == (True, 900, len(replicas))
    assert len({each["requestId"] for each in written(log)}) == 900


def test_threads(log: AuditLog) -> None:
    """Threads of one process append to one chain."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: log.append(record(requestId=str(number))), range(400)))
    assert (log.verify().sound, log.verify().records) == (True, 400)


def test_fork(log: AuditLog) -> None:
    """A forked child goes on in a chain of its own."""
    log.append(record(requestId="parent"))
    child = os.fork()
    if child == 0:
        try:
            log.append(record(requestId="child"))
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    log.append(record(requestId="parent"))
    assert log.verify().sound
    chains = {(each["replica"], each["requestId"]) for each in written(log)}
    assert len(chains) == 2


def test_torn_tail(make_log: Make) -> None:
    """Half a line left by a crash is set aside and noted in the chain, which stays sound."""
    log = make_log()
    for _ in range(3):
        log.append(record())
    log.close()
    (segment,) = log.folder.glob("*/*.ndjson")
    torn = b'{"caseId":"half a rec'
    with segment.open("ab") as file:
        file.write(torn)
    assert [fault.kind for fault in make_log().verify().faults] == ["torn"]
    log = make_log()
    log.append(record())
    found = written(log)
    assert [each["seq"] for each in found] == [1, 2, 3, 4, 5]
    assert found[3]["event"] == "tornTail"
    assert (found[3]["tornBytes"], found[3]["tornDigest"]) == (len(torn), hashlib.sha256(torn).hexdigest())
    validator("auditRecord").validate(found[3])
    assert log.verify().sound
    (aside,) = log.folder.glob("*/*.torn-*")
    assert aside.read_bytes() == torn


@pytest.mark.parametrize("cut", [1, 2, 40, 200])
def test_torn_last_record(make_log: Make, cut: int) -> None:
    """A crash in the middle of a record loses that record alone, not the ones before."""
    log = make_log()
    log.append(record(requestId="kept"))
    log.close()
    (checkpoint,) = log.folder.glob("*/checkpoint.json")
    kept = checkpoint.read_bytes()
    log = make_log()
    log.append(record(requestId="lost"))
    log.close()
    checkpoint.write_bytes(kept)  # the crash came before the next sync
    (segment,) = log.folder.glob("*/*.ndjson")
    os.truncate(segment, segment.stat().st_size - cut)
    log = make_log()
    log.append(record(requestId="next"))
    assert [each.get("requestId", each.get("event")) for each in written(log)] == ["kept", "tornTail", "next"]
    assert log.verify().sound


def test_nothing_but_a_torn_line(make_log: Make) -> None:
    """A chain whose very first record was torn begins again at one."""
    log = make_log()
    log.append(record())
    log.close()
    (segment,) = log.folder.glob("*/*.ndjson")
    (checkpoint,) = log.folder.glob("*/checkpoint.json")
    checkpoint.unlink()
    os.truncate(segment, 10)
    log = make_log()
    log.append(record())
    assert [each["seq"] for each in written(log)] == [1, 2]
    assert log.verify().sound


def test_empty_last_segment(make_log: Make) -> None:
    """A crash between opening a segment and writing to it changes nothing."""
    log = make_log(segment_bytes=100)
    log.append(record())
    log.close()
    (segment,) = log.folder.glob("*/*.ndjson")
    segment.with_name("000002-20251009.ndjson").touch()
    log = make_log(segment_bytes=100)
    log.append(record())
    assert [each["seq"] for each in written(log)] == [1, 2]
    assert log.verify().sound


def test_killed(tmp_path: Path, make_log: Make) -> None:
    """A process killed in the middle of appending leaves a chain that the next one continues."""
    folder = tmp_path / "audit"
    for _ in range(3):
        process = SPAWN.Process(target=workers.die_appending, args=(str(folder),))
        process.start()
        process.join()
        assert process.exitcode == -9
    log = make_log()
    log.append(record(requestId="after"))
    result = log.verify()
    assert (result.sound, len(result.heads)) == (True, 1)
    assert result.records > 10


def test_checkpoint_follows(log: AuditLog) -> None:
    """Within about a second of a record the checkpoint says that it is on the disk."""
    log.append(record())
    digest = log.append(record())
    started = time.monotonic()
    while True:
        points = [json.loads(path.read_bytes()) for path in log.folder.glob("*/checkpoint.json")]
        if points and points[0]["seq"] == 2:
            break
        assert time.monotonic() - started < 3
        time.sleep(0.05)
    assert points[0]["digest"] == digest


def test_folder_is_a_file(make_log: Make, tmp_path: Path) -> None:
    """A folder that cannot be made refuses every record."""
    (tmp_path / "audit").write_text("in the way")
    assert refused(make_log()) == "audit-unavailable"


def test_folder_removed(make_log: Make, tmp_path: Path) -> None:
    """Without its folder the log refuses records instead of writing them to nowhere or starting afresh."""
    log = make_log()
    log.append(record())
    kept = tmp_path / "kept"
    shutil.copytree(log.folder, kept)
    shutil.rmtree(log.folder)
    assert refused(log) == "audit-unavailable"
    assert refused(log) == "audit-unavailable"
    shutil.rmtree(log.folder, ignore_errors=True)
    shutil.copytree(kept, log.folder)
    log.append(record())
    assert [each["seq"] for each in written(log)] == [1, 2]


def test_segment_replaced(make_log: Make) -> None:
    """A log whose written records were taken away under it refuses to go on."""
    log = make_log()
    log.append(record())
    log.append(record())
    (segment,) = log.folder.glob("*/*.ndjson")
    first = segment.read_bytes().splitlines(keepends=True)[0]
    segment.unlink()
    segment.write_bytes(first)
    assert refused(log) == "audit-unavailable"


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from datong.guard import AuditLog
from datong.model import Problem
log = AuditLog(Path(sys.argv[1]))
log.append({"requestId": "first"})
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
size = next(Path(sys.argv[1]).glob("*/*.ndjson")).stat().st_size
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, hard))
for _ in range(3):
    try:
        log.append({"requestId": "second"})
    except Problem as problem:
        print(problem.code)
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
log.append({"requestId": "third"})
log.check()
print(log.verify().sound)
log.close()
"""


def test_full_disk(tmp_path: Path, make_log: Make) -> None:
    """A disk that takes part of a record refuses the call, and the log goes on when there is room again."""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    command = [sys.executable, "-W", "error", "-c", FULL_DISK, str(tmp_path / "audit")]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert answer.stderr == ""
    assert answer.stdout.split() == [*["audit-unavailable"] * 3, "True"]
    found = written(make_log())
    assert [each["requestId"] for each in found if "requestId" in each] == ["first", "third"]
    assert [each["seq"] for each in found] == list(range(1, len(found) + 1))


def test_sync_fails(log: AuditLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk reports that it lost what was written, records are refused until it takes them again."""
    broken = [True]
    real = os.fdatasync

    def fdatasync(handle: int) -> None:
        if broken[0]:
            raise OSError
        real(handle)

    monkeypatch.setattr("os.fdatasync", fdatasync)
    log.append(record())
    time.sleep(0.2)
    assert refused(log) == "audit-unavailable"
    broken[0] = False
    time.sleep(1.2)
    log.append(record())
    assert log.verify().records == 2


def test_huge_record(log: AuditLog) -> None:
    """A record that no call can have is a bug, and leaves the chain as it was."""
    log.append(record())
    with pytest.raises(ValueError, match="10"):
        log.append(record(path="x" * 100_000))
    with pytest.raises(TypeError):
        log.append(record(path=object()))
    log.append(record())
    assert (log.verify().sound, log.verify().records) == (True, 2)


def test_policy(adapter: Any) -> None:
    """The policy document states retention, clock and algorithm, and fits the published schema (REQ-AUD-05)."""
    policy = AuditPolicy("P10Y", "NTP, national time service").to_wire()
    assert (policy["retention"], policy["clock"], policy["digest"]) == ("P10Y", "NTP, national time service", "sha-256")
    validator("auditPolicy").validate(policy)
    validator("auditPolicy").validate(AuditPolicy(adapter.audit.retention, adapter.audit.clock).to_wire())
