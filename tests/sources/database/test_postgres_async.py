from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, closing
from dataclasses import replace

import databases
import pytest
from databases import connect_postgres, run_postgres
from reading import select

from datong.model import Call, Condition, Sort, SourceProblem
from datong.sources import AsyncSource
from datong.sources.database import KIND, DatabaseOptions


@asynccontextmanager
async def opened(url, **options):
    source = KIND.open(DatabaseOptions(url=url, **options), folder=databases.REPO)
    try:
        yield source
    finally:
        await source.aclose()


@pytest.fixture
def table(postgres_database):
    run_postgres(
        postgres_database,
        "CREATE TABLE t (id int PRIMARY KEY, name text, day date, d numeric(9,2));"
        "INSERT INTO t SELECT n, 'n' || n % 7, 'infinity', n * 1.10 FROM generate_series(1, 50) n;"
        "CREATE VIEW slow AS SELECT 1 AS id FROM pg_sleep(30);",
    )
    return postgres_database


async def code_of(work):
    with pytest.raises(SourceProblem) as raised:
        await work
    return raised.value.code


def test_same_rows_as_the_other_variant(table):
    """Both variants give the same rows, page by page and one by one."""

    async def read():
        async with opened(table) as source:
            assert isinstance(source, AsyncSource)
            selection = select("t", "id name day d", sort=(Sort("name", descending=True),), limit=7)
            found = []
            while page := await source.fetch_page(selection, Call.within(5)):
                assert page == next(source.fetch(selection, Call.within(5)))
                found += page
                selection = replace(selection, after=(page[-1][1], page[-1][0]))
            row = await source.get_row(select("t", "id name day d"), ("3",), Call.within(5))
            none = await source.get_row(select("t", "id"), ("x",), Call.within(5))
            return found, row, none

    found, row, none = asyncio.run(read())
    assert sorted(n for n, *_ in found) == list(range(1, 51))
    assert [name for _, name, *_ in found] == sorted((name for _, name, *_ in found), reverse=True)
    assert row == (3, "n3", "infinity", "3.30")
    assert none is None


def test_the_server_refuses_to_write(table):
    """The asynchronous connections are read-only too."""

    async def write():
        async with opened(table) as source:
            connection = await source._connect()
            try:
                await connection.execute("INSERT INTO t VALUES (99)")
            finally:
                await connection.close()

    with pytest.raises(Exception, match="read-only"):
        asyncio.run(write())


def test_deadline(table):
    """A slow statement ends at the deadline, and the source goes on working."""

    async def read():
        async with opened(table, pool=1) as source:
            started = time.monotonic()
            assert await code_of(source.fetch_page(select("slow", "id", limit=1), Call.within(0.5))) == "source-timeout"
            assert time.monotonic() - started < 2
            assert await code_of(source.fetch_page(select("t", "id", limit=1), Call.within(0))) == "source-timeout"
            return await source.get_row(select("t", "id"), (1,), Call.within(5))

    assert asyncio.run(read()) == (1,)


def test_waiting_for_a_connection_is_bounded(table):
    """Where every connection is in use, a call waits no longer than its deadline, and order is kept."""

    async def read():
        async with opened(table, pool=1) as source:
            await source.get_row(select("t", "id"), (1,), Call.within(5))
            slow = asyncio.create_task(code_of(source.fetch_page(select("slow", "id", limit=1), Call.within(1.2))))
            await asyncio.sleep(0.2)
            assert await code_of(source.get_row(select("t", "id"), (1,), Call.within(0.2))) == "source-busy"
            waiting = [source.get_row(select("t", "id"), (n,), Call.within(5)) for n in range(1, 20)]
            rows = await asyncio.gather(*waiting)
            assert await slow == "source-timeout"
            return rows

    assert asyncio.run(read()) == [(n,) for n in range(1, 20)]


def test_the_pool_is_bounded(table):
    """However many tasks ask, the server sees no more connections than `pool`, and one for looking."""

    async def read():
        async with opened(table, pool=3) as source:
            calls = [source.get_row(select("t", "id"), (n % 50 + 1,), Call.within(10)) for n in range(200)]
            rows = await asyncio.gather(*calls)
            with closing(connect_postgres(table)) as connection:
                query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                return rows, connection.execute(query).fetchone()[0]

    rows, connections = asyncio.run(read())
    assert rows == [(n % 50 + 1,) for n in range(200)]
    assert connections <= 3 + 1 + 1


def test_recovery(table):
    """Connections that the server ended are replaced within the same call."""

    async def read():
        async with opened(table, pool=3) as source:
            found = []
            for _ in range(3):
                calls = [source.get_row(select("t", "id"), (n,), Call.within(5)) for n in (1, 2, 3)]
                found += await asyncio.gather(*calls)
                with closing(connect_postgres(table)) as connection:
                    kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                    connection.execute(f"{kill} AND pid <> pg_backend_pid()")
                found.append(await source.get_row(select("t", "id"), (4,), Call.within(5)))
            return found

    assert asyncio.run(read()) == [(1,), (2,), (3,), (4,)] * 3


def test_a_table_that_changed(table):
    """A statement prepared before a table changed is prepared anew."""

    async def read():
        async with opened(table, pool=1) as source:
            before = await source.get_row(select("t", "id d"), (1,), Call.within(5))
            run_postgres(table, "ALTER TABLE t ALTER d TYPE numeric(9,3)")
            return before, await source.get_row(select("t", "id d"), (1,), Call.within(5))

    assert asyncio.run(read()) == ((1, "1.10"), (1, "1.100"))


def test_a_caller_that_goes_away(table):
    """A cancelled call ends its statement in the server and keeps no place of the pool."""

    async def read():
        async with opened(table, pool=1) as source:
            task = asyncio.create_task(source.fetch_page(select("slow", "id", limit=1), Call.within(20)))
            await asyncio.sleep(0.4)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            with closing(connect_postgres(table)) as connection:
                query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'"
                busy = connection.execute(f"{query} AND pid <> pg_backend_pid()").fetchone()
            return busy, await source.get_row(select("t", "id"), (1,), Call.within(5))

    assert asyncio.run(read()) == ((0,), (1,))


def test_down(table):
    """A server that is not there is unavailable."""

    async def read():
        async with opened("postgresql://postgres@127.0.0.1:1/x") as source:
            return await code_of(source.fetch_page(select("t", "id", limit=1), Call.within(5)))

    assert asyncio.run(read()) == "source-unavailable"


def test_without_prepared_statements(table):
    """Behind a pooler, nothing is prepared."""

    async def read():
        async with opened(table, prepare=False, pool=1) as source:
            for _ in range(3):
                rows = await source.fetch_page(
                    select("t", "id", where=(Condition("id", "lte", 2),), limit=5), Call.within(5)
                )
            connection = await source._lent.take(Call.within(5))
            held = await (await connection.execute("SELECT count(*) FROM pg_prepared_statements")).fetchone()
            source._lent.give(connection)
            return rows, held

    assert asyncio.run(read()) == ([(1,), (2,)], (0,))
