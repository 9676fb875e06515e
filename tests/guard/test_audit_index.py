from __future__ import annotations

import json
import multiprocessing
import os
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import workers
from callers import signer

from datong.guard import AuditLog, AuditPolicy, AuditQuery, Guard
from datong.model import Problem

SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[AuditLog]:
    log = AuditLog(tmp_path / "audit", AuditPolicy(segment_bytes=4_000))
    yield log
    log.close()


def fill(log: AuditLog, count: int = 60) -> list[dict[str, Any]]:
    """Records that differ in everything that can be asked for."""
    for number in range(count):
        log.append(
            {
                "requestId": f"r{number}",
                "consumerId": f"c{number % 3}",
                "catalogId": f"e{number % 4}",
                "status": 200 if number % 5 else 403,
                "code": None if number % 5 else "wrong-entry",
                "records": number,
                "durationMs": float(number * number % 97),
            }
        )
    return [
        json.loads(line) for file in sorted(log.folder.glob("*/*.ndjson")) for line in file.read_bytes().splitlines()
    ]


def found(log: AuditLog, **query: Any) -> list[str]:
    return [record["requestId"] for record in log.records(AuditQuery(limit=1000, **query)).items]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, lambda n: True),
        ({"request_id": "r7"}, lambda n: n == 7),
        ({"consumer_id": "c1"}, lambda n: n % 3 == 1),
        ({"catalog_id": "e2"}, lambda n: n % 4 == 2),
        ({"status": 403}, lambda n: n % 5 == 0),
        ({"code": "wrong-entry"}, lambda n: n % 5 == 0),
        ({"consumer_id": "c0", "catalog_id": "e0", "status": 200}, lambda n: n % 12 == 0 and n % 5),
        ({"request_id": "R7"}, lambda n: False),
        ({"consumer_id": "c1' OR 1=1 --"}, lambda n: False),
    ],
)
def test_queries(log: AuditLog, query: dict[str, Any], expected: Any) -> None:
    """Records are found by whatever is asked of them, all of it together, in the order of time."""
    fill(log)
    assert found(log, **query) == [f"r{number}" for number in range(60) if expected(number)]


def test_records_as_written(log: AuditLog) -> None:
    """A record is answered as it was written, digests included, so that it can be recomputed."""
    written = fill(log, 10)
    assert log.records().items == written


def test_time_range(log: AuditLog) -> None:
    """A range of time holds its start and not its end."""
    written = fill(log, 10)
    times = [datetime.fromisoformat(record["time"]) for record in written]
    assert found(log, since=times[3], until=times[6]) == ["r3", "r4", "r5"]
    assert found(log, since=times[9] + timedelta(seconds=1)) == []


@pytest.mark.parametrize("size", [1, 7, 30, 60, 61])
def test_paging(log: AuditLog, size: int) -> None:
    """Pages end, and hold every record once, also when records are added meanwhile."""
    fill(log)
    seen: list[str] = []
    query = AuditQuery(limit=size, until=datetime.now(UTC))
    while True:
        page = log.records(query)
        assert len(page.items) <= size
        seen += [record["requestId"] for record in page.items]
        log.append({"requestId": "later"})
        if page.next is None:
            break
        query = AuditQuery(limit=size, until=query.until, after=page.next)
    assert seen == [f"r{number}" for number in range(60)]


@pytest.mark.parametrize("cursor", ["", "x", "W10", "WzEsMiwzXQ", "e30", "//", "令"])
def test_foreign_cursor(log: AuditLog, cursor: str) -> None:
    """What is no place in the log is refused."""
    with pytest.raises(Problem, match="cursor-invalid"):
        log.records(AuditQuery(after=cursor))


def test_index_can_be_lost(log: AuditLog) -> None:
    """The index is made anew from the segments when it is gone."""
    fill(log)
    before = log.records(AuditQuery(limit=1000))
    for path in log.folder.glob("index.db*"):
        path.unlink()
    assert log.records(AuditQuery(limit=1000)) == before


def test_incremental(log: AuditLog) -> None:
    """New records join those already indexed, over segments and without doubles."""
    fill(log, 20)
    assert len(found(log)) == 20
    fill(log, 20)
    assert len(found(log)) == 40
    assert len(found(log)) == 40


def test_shortened_segment(log: AuditLog) -> None:
    """What was cut off the log is not answered from the index."""
    fill(log, 5)
    assert len(found(log)) == 5
    (segment,) = log.folder.glob("*/*.ndjson")
    lines = segment.read_bytes().splitlines(keepends=True)
    log.close()
    os.truncate(segment, sum(map(len, lines[:3])))
    assert found(log) == ["r0", "r1", "r2"]
    log.append({"requestId": "next"})
    assert found(log) == ["r0", "r1", "r2", "next"]
    assert found(log, request_id="next") == ["next"]


def test_spoilt_line(log: AuditLog) -> None:
    """A line that is no record any more neither stops the others nor is made up."""
    fill(log, 5)
    (segment,) = log.folder.glob("*/*.ndjson")
    content = segment.read_bytes()
    assert len(found(log)) == 5
    segment.write_bytes(content.replace(b'"requestId":"r2"', b'"requestId":"r2""'[:-1] + b"\x00"))
    assert found(log) == ["r0", "r1", "r3", "r4"]


def test_half_a_line_is_waited_for(log: AuditLog) -> None:
    """A line that is still being written is answered when it is whole."""
    fill(log, 3)
    (segment,) = log.folder.glob("*/*.ndjson")
    *_, last = segment.read_bytes().splitlines(keepends=True)
    size = segment.stat().st_size
    os.truncate(segment, size - 5)
    assert found(log) == ["r0", "r1"]
    with segment.open("ab") as file:
        file.write(last[-5:])
    assert found(log) == ["r0", "r1", "r2"]


def test_readers_and_writers_at_once(tmp_path: Path) -> None:
    """Several processes append while this one asks, and in the end every record is there once."""
    folder = tmp_path / "audit"
    with ProcessPoolExecutor(3, mp_context=SPAWN) as pool:
        jobs = [pool.submit(workers.append_and_read, str(folder), worker, 40) for worker in range(3)]
        assert [job.result() for job in jobs] == [40, 40, 40]
    names = found(AuditLog(folder))
    assert (len(names), len(set(names))) == (120, 120)


def test_stats(log: AuditLog) -> None:
    """Figures of each entry: calls, failures, records, median and 95th percentile by nearest rank."""
    written = fill(log)
    result = log.stats(period="all")
    assert [each.catalog_id for each in result] == ["e0", "e1", "e2", "e3"]
    for each in result:
        own = [record for record in written if record["catalogId"] == each.catalog_id]
        durations = sorted(record["durationMs"] for record in own)
        assert (each.calls, each.failures) == (15, sum(record["status"] >= 400 for record in own))
        assert each.records == sum(record["records"] for record in own)
        assert each.median_ms == statistics.median_low(durations)
        assert each.p95_ms == durations[14]


def test_stats_of_one(log: AuditLog) -> None:
    """Figures can be asked of one entry, one consumer and a time."""
    fill(log)
    (only,) = log.stats(AuditQuery(catalog_id="e1", consumer_id="c1"), "all")
    assert (only.catalog_id, only.calls) == ("e1", 5)
    assert log.stats(AuditQuery(until=datetime(2020, 1, 1, tzinfo=UTC)), "all") == []


@pytest.mark.parametrize("period", ["hour", "day", "month"])
def test_periods(log: AuditLog, monkeypatch: pytest.MonkeyPatch, period: Any) -> None:
    """A period begins and ends in the time of +08:00."""
    starts = {"hour": "2025-10-31T23:00+08:00", "day": "2025-10-31T00:00+08:00", "month": "2025-10-01T00:00+08:00"}
    last = datetime.fromisoformat("2025-10-31T23:59:59.999999+08:00")
    for moment in (last, last + timedelta(microseconds=1)):
        nanoseconds = round(moment.timestamp() * 1_000_000) * 1000
        monkeypatch.setattr("time.time_ns", lambda nanoseconds=nanoseconds: nanoseconds)
        log.append({"catalogId": "e", "status": 200, "durationMs": 1})
    first, second = log.stats(period=period)
    assert first.since == datetime.fromisoformat(starts[period])
    assert first.until == second.since == datetime.fromisoformat("2025-11-01T00:00+08:00")
    assert (first.calls, second.calls) == (1, 1)


def test_calls_without_entry_or_duration(log: AuditLog) -> None:
    """Calls of no entry are no entry's figures, and a missing duration is no number."""
    log.append({"status": 401})
    log.append({"status": 503, "catalogId": "e"})
    (only,) = log.stats(period="all")
    assert (only.calls, only.failures, only.median_ms, only.p95_ms) == (1, 1, None, None)


def test_unreadable(tmp_path: Path) -> None:
    """A log that cannot be read is a problem, not a crash."""
    (tmp_path / "audit").write_text("in the way")
    for ask in (AuditLog(tmp_path / "audit").records, AuditLog(tmp_path / "audit").stats):
        with pytest.raises(Problem, match="audit-unavailable"):
            ask()


def test_own_records_only(guard: Guard) -> None:
    """A consumer reads its own calls, the provider all, nobody else any (REQ-AUD-06)."""
    for consumer in ("consumer-1", "consumer-2"):
        guard.audit.append({"requestId": consumer, "consumerId": consumer, "catalogId": "insured", "status": 200})

    def caller(**claims: Any) -> Any:
        return guard.authenticate(f"Bearer {signer('ES256').token(**claims)}")

    def seen(principal: Any, **query: Any) -> list[str]:
        return [each["requestId"] for each in guard.audit_records(principal, AuditQuery(**query)).items]

    assert seen(caller()) == ["consumer-1"]
    assert seen(caller(role="provider")) == ["consumer-1", "consumer-2"]
    assert seen(caller(role="provider"), consumer_id="consumer-2") == ["consumer-2"]
    assert [each.calls for each in guard.stats(caller(), AuditQuery(), "all")] == [1]
    assert [each.calls for each in guard.stats(caller(role="operator"), AuditQuery(), "all")] == [2]
    for role, query in (("consumer", {"consumer_id": "consumer-2"}), ("exchange", {}), ("operator", {})):
        with pytest.raises(Problem, match="role-required"):
            seen(caller(role=role), **query)
    with pytest.raises(Problem, match="wrong-provider"):
        seen(caller(role="provider", providerId="91350100M000100Y44"))


def test_large_log(tmp_path: Path) -> None:
    """Looking into a log that is already indexed does not take longer as the log grows."""
    log = AuditLog(tmp_path / "audit")
    fill(log, 5_000)
    found(log, request_id="r0")
    started = time.perf_counter()
    assert found(log, request_id="r4999") == ["r4999"]
    assert time.perf_counter() - started < 0.2
    log.close()
