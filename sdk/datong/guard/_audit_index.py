"""The reading end of the audit log: an index built from the segments when it is asked, never before."""

from __future__ import annotations

import base64
import binascii
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

import orjson

from datong.guard._segments import chains, parsed, segments
from datong.model import Problem

INDEX: Final = "index.db"
WAIT: Final = 30
"""Seconds to wait for another process that is indexing."""
Period = Literal["hour", "day", "month", "all"]

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS segments (id INTEGER PRIMARY KEY, path TEXT UNIQUE NOT NULL, bytes INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS records (
  micros INTEGER NOT NULL, replica TEXT NOT NULL, seq INTEGER NOT NULL, request TEXT, consumer TEXT, catalog TEXT,
  status INTEGER, code TEXT, records INTEGER, duration REAL,
  segment INTEGER NOT NULL REFERENCES segments, start INTEGER NOT NULL, length INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS by_time ON records (micros, replica, seq);
CREATE INDEX IF NOT EXISTS by_request ON records (request);
CREATE INDEX IF NOT EXISTS by_consumer ON records (consumer, micros);
CREATE INDEX IF NOT EXISTS by_catalog ON records (catalog, micros);
CREATE INDEX IF NOT EXISTS by_segment ON records (segment);
"""
_INSERT: Final = "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_STATS: Final = """
WITH numbered AS (
  SELECT catalog, {bucket} AS bucket, status, records, duration,
    ROW_NUMBER() OVER (PARTITION BY catalog, {bucket} ORDER BY duration) AS place,
    COUNT(*) OVER (PARTITION BY catalog, {bucket}) AS calls
  FROM records WHERE catalog IS NOT NULL {where})
SELECT catalog, bucket, MAX(calls), SUM(status >= 400), SUM(COALESCE(records, 0)),
  MAX(CASE WHEN place = (calls + 1) / 2 THEN duration END),
  MAX(CASE WHEN place = (calls * 95 + 99) / 100 THEN duration END)
FROM numbered GROUP BY catalog, bucket ORDER BY bucket, catalog
"""
_BUCKETS: Final = {"hour": "%Y-%m-%dT%H", "day": "%Y-%m-%d", "month": "%Y-%m"}


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """What is looked for; None does not narrow. `since` is inclusive, `until` exclusive, both aware.

    `after` is the `next` of the page before.
    """

    request_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    consumer_id: str | None = None
    catalog_id: str | None = None
    status: int | None = None
    code: str | None = None
    replica: str | None = None
    limit: int = 100
    after: str | None = None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Records by time (within a replica by `seq`), as they were written; `next` None on the last page."""

    items: list[dict[str, Any]]
    next: str | None


@dataclass(frozen=True, slots=True)
class EntryStats:
    """Calls of one entry in one period. Failures are answers from 400 on; durations in milliseconds."""

    catalog_id: str
    since: datetime | None
    until: datetime | None
    calls: int
    failures: int
    records: int
    median_ms: float | None
    p95_ms: float | None


class AuditIndex:
    """SQLite beside the segments, shared by all processes; it can be deleted at any time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def records(self, query: AuditQuery) -> AuditPage:
        where, values = _where(query)
        sql = (
            "SELECT records.micros, records.replica, records.seq, segments.path, start, length FROM records "  # noqa: S608 - the text of conditions is ours, values are bound
            f"JOIN segments ON segments.id = segment WHERE TRUE {where} "
            "ORDER BY records.micros, records.replica, records.seq LIMIT ?"
        )
        with self._fresh() as index:
            found = index.execute(sql, [*values, query.limit + 1]).fetchall()
        page = found[: query.limit]
        following = _cursor(page[-1][:3]) if len(found) > query.limit else None
        return AuditPage(list(self._read(page)), following)

    def stats(self, query: AuditQuery, period: Period) -> list[EntryStats]:
        where, values = _where(query)
        form = _BUCKETS.get(period)
        bucket = f"strftime('{form}', micros / 1000000, 'unixepoch', '+8 hours')" if form else "''"
        with self._fresh() as index:
            rows = index.execute(_STATS.format(bucket=bucket, where=where), values).fetchall()
        return [_entry_stats(row, query, period) for row in rows]

    def _read(self, page: list[tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
        handles: dict[str, int] = {}
        try:
            for *_, path, start, length in page:
                if path not in handles:
                    handles[path] = os.open(self._folder / path, os.O_RDONLY | os.O_CLOEXEC)
                record = parsed(os.pread(handles[path], length, start))
                if record is not None:  # what was spoilt since is for `verify` to name
                    yield record
        finally:
            for handle in handles.values():
                os.close(handle)

    @contextmanager
    def _fresh(self) -> Iterator[sqlite3.Connection]:
        """The index, up to date with every record that was written before this call."""
        index = self._connected()
        try:
            if any(self._behind(index)):
                index.execute("BEGIN IMMEDIATE")
                for name, size, done in list(self._behind(index)):
                    self._catch_up(index, name, size, done)
                index.execute("COMMIT")
            yield index
        finally:
            index.close()

    def _connected(self) -> sqlite3.Connection:
        path = self._folder / INDEX
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        index = sqlite3.connect(path, timeout=WAIT, isolation_level=None)
        # Nothing is lost with the index, so it need not survive a power failure.
        index.execute("PRAGMA journal_mode=WAL")
        index.execute("PRAGMA synchronous=OFF")
        index.executescript(_SCHEMA)
        return index

    def _behind(self, index: sqlite3.Connection) -> Iterator[tuple[str, int, int]]:
        """Segments whose size is not what was indexed of them: name, size, bytes indexed."""
        known: dict[str, int] = dict(index.execute("SELECT path, bytes FROM segments"))
        for chain in chains(self._folder):
            for segment in segments(chain):
                name, size = str(segment.relative_to(self._folder)), segment.stat().st_size
                if size != known.get(name, 0):
                    yield name, size, known.get(name, 0)

    def _catch_up(self, index: sqlite3.Connection, name: str, size: int, done: int) -> None:
        index.execute("INSERT OR IGNORE INTO segments (path, bytes) VALUES (?, 0)", [name])
        (ordinal,) = index.execute("SELECT id FROM segments WHERE path = ?", [name]).fetchone()
        if size < done:  # cut off since: what is gone is not answered from the index
            index.execute("DELETE FROM records WHERE segment = ?", [ordinal])
            done = 0
        for start, line in _lines(self._folder / name, done):
            done = start + len(line)
            record = parsed(line)
            if record is not None:
                index.execute(_INSERT, (*_columns(record), ordinal, start, len(line)))
        index.execute("UPDATE segments SET bytes = ? WHERE id = ?", [done, ordinal])


def _lines(segment: Path, start: int) -> Iterator[tuple[int, bytes]]:
    """Whole lines from an offset on, each with its own offset."""
    with segment.open("rb") as file:
        file.seek(start)
        for line in file:
            if line.endswith(b"\n"):
                yield start, line
                start += len(line)


def _columns(record: dict[str, Any]) -> tuple[Any, ...]:
    return (
        _micros(record.get("time")),
        str(record.get("replica", "")),
        record["seq"],
        record.get("requestId"),
        record.get("consumerId"),
        record.get("catalogId"),
        record.get("status"),
        record.get("code"),
        record.get("records"),
        record.get("durationMs"),
    )


def _micros(time: object) -> int:
    try:
        return round(datetime.fromisoformat(str(time)).timestamp() * 1_000_000)
    except ValueError:
        return 0


def _where(query: AuditQuery) -> tuple[str, list[Any]]:
    conditions: list[tuple[str, Any]] = [
        ("request = ?", query.request_id),
        ("micros >= ?", query.since and round(query.since.timestamp() * 1_000_000)),
        ("micros < ?", query.until and round(query.until.timestamp() * 1_000_000)),
        ("consumer = ?", query.consumer_id),
        ("catalog = ?", query.catalog_id),
        ("status = ?", query.status),
        ("code = ?", query.code),
        ("replica = ?", query.replica),
    ]
    used = [(text, value) for text, value in conditions if value is not None]
    after = _after(query.after) if query.after is not None else ()
    texts = [f"AND {text}" for text, _ in used] + ["AND (micros, replica, seq) > (?, ?, ?)"] * bool(after)
    return " ".join(texts), [value for _, value in used] + list(after)


def _cursor(place: tuple[int, str, int]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(place)).rstrip(b"=").decode()


def _after(cursor: str) -> tuple[int, str, int]:
    try:
        micros, replica, seq = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, binascii.Error):
        raise Problem("cursor-invalid") from None
    if not (isinstance(micros, int) and isinstance(replica, str) and isinstance(seq, int)):
        raise Problem("cursor-invalid")
    return micros, replica, seq


def _entry_stats(row: tuple[Any, ...], query: AuditQuery, period: Period) -> EntryStats:
    catalog, bucket, calls, failures, records, median, p95 = row
    since, until = _span(bucket, period) if period != "all" else (query.since, query.until)
    return EntryStats(catalog, since, until, calls, failures or 0, records, median, p95)


def _span(bucket: str, period: Period) -> tuple[datetime, datetime]:
    """The period that a bucket names, in the time of the law's country."""
    start = datetime.strptime(f"{bucket}+0800", f"{_BUCKETS[period]}%z")
    if period == "month":
        return start, (start + timedelta(days=32)).replace(day=1)
    return start, start + (timedelta(hours=1) if period == "hour" else timedelta(days=1))
