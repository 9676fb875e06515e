from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import asynccontextmanager
from dataclasses import replace

import databases
import pytest
from reading import select

from datong.model import Call, Condition, SourceProblem
from datong.sources import AsyncSource
from datong.sources.database import KIND, DatabaseOptions


@asynccontextmanager
async def opened(path, **options):
    source = KIND.open(DatabaseOptions(url=f"sqlite:///{path}", **options), folder=databases.REPO)
    try:
        yield source
    finally:
        await source.aclose()


@pytest.fixture
def path(tmp_path):
    """5000 rows; `slow` counts to many millions before its one row."""
    file = tmp_path / "t.db"
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)")
        db.executemany("INSERT INTO t VALUES (?, ?)", ((n, f"n{n % 7}") for n in range(1, 5001)))
        db.execute("INSERT INTO t VALUES (6000, CAST(x'C4E3' AS TEXT))")
        db.execute(
            "CREATE VIEW slow AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 40000000) "
            "SELECT max(n) AS id FROM c"
        )
    db.close()
    return file


def counted(source):
    """How often the thread was used from now on."""
    calls = []
    beside = source._beside

    async def watched(work):
        calls.append(work)
        return await beside(work)

    source._beside = watched
    return calls


def test_same_rows_as_the_other_variant(path):
    """Both variants give the same rows, and the thread is needed only until the table is known."""

    async def read():
        async with opened(path) as source:
            assert isinstance(source, AsyncSource)
            first, calls = await walk(source), counted(source)
            return first, await walk(source), len(calls)

    async def walk(source):
        selection = select("t", "id name", limit=700)
        found = []
        while page := await source.fetch_page(selection, Call.within(5)):
            assert page == next(source.fetch(selection, Call.within(5)))
            found += page
            selection = replace(selection, after=(page[-1][0],))
        keys = ("3", 7001, "x")
        return found, [await source.get_row(select("t", "id name"), (key,), Call.within(5)) for key in keys]

    first, second, calls = asyncio.run(read())
    assert first == second
    found, rows = first
    assert [row[0] for row in found] == [*range(1, 5001), 6000]
    assert found[-1][1] == b"\xc4\xe3"
    assert rows == [(3, "n3"), None, None]
    assert calls == 1  # for the page with bytes that are no text


def test_slow_reading_keeps_the_loop_free(path):
    """What is not quick is broken off and read in the thread; the loop goes on, the deadline holds."""

    async def read():
        async with opened(path) as source:
            quick, slow = select("t", "id", limit=1), select("slow", "id", limit=1)
            await source.fetch_page(quick, Call.within(5))
            with pytest.raises(SourceProblem) as first:  # the table is looked at, and the thread is too slow
                await source.fetch_page(slow, Call.within(0.3))
            reading = asyncio.create_task(source.fetch_page(slow, Call.within(1)))
            longest, before = 0.0, time.monotonic()
            while not reading.done():
                await source.fetch_page(quick, Call.within(5))
                await asyncio.sleep(0)
                now = time.monotonic()
                longest, before = max(longest, now - before), now
            return first.value.code, reading.exception().code, longest

    first, second, longest = asyncio.run(read())
    assert first == second == "source-timeout"
    assert longest < 0.5


def test_a_locked_file_is_told_by_the_thread(path):
    """A writer that holds the file makes no quick read fail: the thread waits, and says so in the end."""

    async def read():
        async with opened(path) as source:
            selection = select("t", "id", limit=1)
            await source.fetch_page(selection, Call.within(5))
            with sqlite3.connect(path, isolation_level=None) as writer:
                writer.execute("BEGIN EXCLUSIVE")
                with pytest.raises(SourceProblem) as raised:
                    await source.fetch_page(selection, Call.within(0.5))
                writer.execute("ROLLBACK")
            writer.close()
            return raised.value.code, await source.fetch_page(selection, Call.within(5))

    code, rows = asyncio.run(read())
    assert code in {"source-busy", "source-timeout"}
    assert rows == [(1,)]


def test_nothing_is_asked_that_cannot_match(path):
    """A condition that no row can meet, a limit of none and a key of another size find nothing."""

    async def read():
        async with opened(path) as source:
            never = select("t", "id", where=(Condition("id", "eq", "x"),), limit=5)
            return [
                [await source.fetch_page(never, Call.within(5)) for _ in range(2)],
                [await source.fetch_page(select("t", "id", limit=0), Call.within(5)) for _ in range(2)],
                await source.get_row(select("t", "id"), (1, 2), Call.within(5)),
            ]

    assert asyncio.run(read()) == [[[], []], [[], []], None]


def test_writing_is_refused(path):
    """The connection of the event loop reads only, as the thread's does."""

    async def read():
        async with opened(path) as source:
            await source.fetch_page(select("t", "id", limit=1), Call.within(5))
            await source.fetch_page(select("t", "id", limit=1), Call.within(5))
            source._own.execute("INSERT INTO t VALUES (0, 'x')")

    with pytest.raises(sqlite3.OperationalError, match=r"readonly|query_only|read-only"):
        asyncio.run(read())
