from __future__ import annotations

import hashlib
import resource
import socket
import sqlite3
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

import databases
import pytest
from databases import connect_mariadb, connect_postgres, run_mariadb, run_postgres, run_sqlite
from reading import all_rows, opened, select
from sqlalchemy import make_url

from datong.model import Call, Condition, EnvironmentProblem, Problem, SourceProblem
from datong.sources import Source

RUN = {"sqlite": run_sqlite, "postgresql": run_postgres, "mysql": run_mariadb}
SERVERS = ["postgres_database", "mariadb_database"]
SLOW = {
    "postgresql": "CREATE VIEW slow AS SELECT 1 AS id FROM pg_sleep(30);",
    "mysql": "CREATE VIEW slow AS SELECT SLEEP(30) AS id",
    "sqlite": "CREATE VIEW slow AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) "
    "SELECT count(*) AS id FROM n;",
}


def name_of(url):
    return url.partition("+")[0].partition(":")[0]


@pytest.fixture(params=["sqlite_database", *SERVERS])
def database(request):
    url = request.getfixturevalue(request.param)
    RUN[name_of(url)](url, "CREATE TABLE t (id integer PRIMARY KEY, name varchar(9));")
    RUN[name_of(url)](url, "INSERT INTO t VALUES (1, 'a'), (2, 'b');")
    RUN[name_of(url)](url, SLOW[name_of(url)])
    return url


@pytest.fixture(params=SERVERS)
def server(request):
    url = request.getfixturevalue(request.param)
    RUN[name_of(url)](url, "CREATE TABLE t (id integer PRIMARY KEY); INSERT INTO t VALUES (1), (2)")
    return url


def refused(work):
    with pytest.raises(SourceProblem) as raised:
        work()
    return raised.value


def kill(url):
    """End every connection to this database but our own."""
    name = make_url(url).database
    if name_of(url) == "postgresql":
        with closing(connect_postgres(databases.POSTGRES)) as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        return
    with closing(connect_mariadb(databases.MARIADB)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM information_schema.PROCESSLIST WHERE db = %s", (name,))
        for (process,) in cursor.fetchall():
            with suppress(Exception):
                cursor.execute(f"KILL {process}")


def test_it_is_a_source(database):
    """The database keeps the contract of sources."""
    with opened(database) as source:
        assert isinstance(source, Source)
        assert source.capabilities({"table": "t"}).keyset
        source.ping(Call.within(5))


@pytest.mark.parametrize("write", ["INSERT INTO t VALUES (3, 'c')", "DELETE FROM t", "CREATE TABLE u (id integer)"])
def test_the_server_itself_refuses_to_write(database, write):
    """Connections are read-only on the server: what is not sent by mistake could not be done either."""
    with opened(database) as source:
        pooled = source.backend.engine.raw_connection()
        with pytest.raises(source.backend.dialect.dbapi.Error, match=r"(?i)read.?only"):
            source.backend.rows(pooled.dbapi_connection, write, ())
        pooled.invalidate()
        looking = source.backend.looking_engine()
        with looking.connect() as connection, pytest.raises(Exception, match=r"(?i)read.?only"):
            connection.exec_driver_sql(write)
        looking.dispose()
        assert all_rows(source, select("t", "id")) == [(1,), (2,)]


def test_reading_leaves_a_sqlite_file_as_it_was(sqlite_database):
    """Neither the file changes, nor does another appear beside it."""
    run_sqlite(sqlite_database, "CREATE TABLE t (id integer PRIMARY KEY);")
    path = Path(make_url(sqlite_database).database)
    before = hashlib.sha256(path.read_bytes()).digest()
    with opened(sqlite_database) as source:
        all_rows(source, select("t", "id"))
        source.describe(Call.within(5))
    assert hashlib.sha256(path.read_bytes()).digest() == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_missing_sqlite_file_is_told_and_not_made(tmp_path):
    """A wrong path is an error that names it; no empty database appears."""
    with pytest.raises(EnvironmentProblem) as raised, opened("sqlite:///no-such.db", tmp_path):
        pass
    assert "no-such.db" in raised.value.title.en
    assert list(tmp_path.iterdir()) == []


def test_a_sqlite_file_that_vanishes(sqlite_database):
    """A file that is gone, or is no database, makes the source unavailable, with the cause."""
    path = Path(make_url(sqlite_database).database)
    with opened(sqlite_database) as source:
        path.unlink()
        problem = refused(lambda: source.ping(Call.within(5)))
        assert (problem.code, "does not exist" in problem.cause.en) == ("source-unavailable", True)
        path.write_bytes(b"no database" * 100)
        problem = refused(lambda: all_rows(source, select("t", "id")))
        assert (problem.code, "not a SQLite database" in problem.cause.en) == ("source-unavailable", True)


def test_a_relative_file_starts_at_the_adapter(tmp_path):
    """The folder of the adapter is where a relative path starts."""
    run_sqlite(f"sqlite:///{tmp_path}/legacy.db", "CREATE TABLE t (id integer); INSERT INTO t VALUES (1);")
    with opened("sqlite:///legacy.db", tmp_path) as source:
        assert all_rows(source, select("t", "id")) == [(1,)]


def test_a_slow_statement_ends_at_the_deadline(database):
    """A statement is stopped at the deadline, and the source goes on working."""
    with opened(database) as source:
        started = time.monotonic()
        problem = refused(lambda: list(source.fetch(select("slow", "id", limit=1), Call.within(0.6))))
        assert problem.code == "source-timeout"
        assert time.monotonic() - started < 3
        assert all_rows(source, select("t", "id")) == [(1,), (2,)]


def test_a_slow_statement_ends_at_the_sources_own_limit(database):
    """The source's own limit holds where the call would leave more time."""
    with opened(database, timeout=0.5) as source:
        started = time.monotonic()
        assert refused(lambda: source.count(select("slow", "id"), Call.within(60))).code == "source-timeout"
        assert time.monotonic() - started < 3


def test_the_server_stops_working_too(postgres_database):
    """After the deadline no statement goes on in the server."""
    run_postgres(postgres_database, SLOW["postgresql"])
    with opened(postgres_database) as source:
        refused(lambda: list(source.fetch(select("slow", "id", limit=1), Call.within(0.5))))
        time.sleep(0.7)
        with closing(connect_postgres(postgres_database)) as connection:
            others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            busy = connection.execute(f"{others} AND state = 'active' AND pid <> pg_backend_pid()").fetchone()
    assert busy == (0,)


def test_no_time_left(database):
    """A call whose deadline is over asks nothing."""
    with opened(database) as source:
        assert refused(lambda: list(source.fetch(select("t", "id", limit=1), Call.within(0)))).code == "source-timeout"


def test_waiting_for_a_connection_is_bounded(server):
    """Where every connection is in use, a call waits no longer than its deadline."""
    RUN[name_of(server)](server, SLOW[name_of(server)])
    with opened(server, pool=1) as source:
        source.ping(Call.within(5))
        all_rows(source, select("t", "id"))
        busy = threading.Thread(target=lambda: refused(lambda: source.count(select("slow", "id"), Call.within(1.5))))
        busy.start()
        time.sleep(0.3)
        started = time.monotonic()
        problem = refused(lambda: source.get(select("t", "id"), (1,), Call.within(0.3)))
        assert problem.code == "source-busy"
        assert "Retry-After" in problem.headers
        assert time.monotonic() - started < 1
        busy.join()
        assert source.get(select("t", "id"), (1,), Call.within(5)) == (1,)


def test_the_pool_is_bounded(postgres_database):
    """However many threads ask, the server sees no more connections than `pool`."""
    run_postgres(postgres_database, "CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, 2000)")
    with opened(postgres_database, pool=3) as source:
        threads = [threading.Thread(target=all_rows, args=(source, select("t", "id"))) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with closing(connect_postgres(postgres_database)) as connection:
            query = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            assert connection.execute(query).fetchone()[0] <= 3


def test_it_recovers_from_lost_connections(server):
    """Connections that the server ended between two calls are replaced, and the call succeeds."""
    with opened(server, pool=3) as source:
        selection = select("t", "id")
        threads = [threading.Thread(target=source.get, args=(selection, (1,), Call.within(5))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for _ in range(3):
            kill(server)
            assert source.get(selection, (2,), Call.within(5)) == (2,)
            kill(server)
            assert all_rows(source, selection) == [(1,), (2,)]


def test_a_table_that_changed_is_read_as_it_is(server):
    """A statement prepared before a table changed is prepared anew."""
    with opened(server) as source:
        assert all_rows(source, select("t", "id", limit=5)) == [(1,), (2,)]
        RUN[name_of(server)](
            server,
            "ALTER TABLE t ADD COLUMN more varchar(9); ALTER TABLE t MODIFY id bigint"
            if (name_of(server) == "mysql")
            else "ALTER TABLE t ADD COLUMN more varchar(9); ALTER TABLE t ALTER id TYPE bigint",
        )
        assert all_rows(source, select("t", "id", limit=5)) == [(1,), (2,)]
        assert all_rows(source, select("t", "id more", limit=5)) == [(1, None), (2, None)]


def test_a_table_that_is_gone_and_comes_back(server):
    """A dropped table fails while it is gone, and is served again when it is back."""
    with opened(server) as source:
        all_rows(source, select("t", "id"))
        RUN[name_of(server)](server, "DROP TABLE t")
        assert refused(lambda: all_rows(source, select("t", "id"))).code == "source-failed"
        RUN[name_of(server)](server, "CREATE TABLE t (id integer PRIMARY KEY); INSERT INTO t VALUES (9)")
        assert all_rows(source, select("t", "id")) == [(9,)]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql+psycopg://postgres@127.0.0.1:{port}/x", "no server listens"),
        ("mysql+pymysql://root@127.0.0.1:{port}/x", "No server answers"),
        ("postgresql+psycopg://postgres@no-such-host.invalid/x", "cannot be resolved"),
    ],
)
def test_a_server_that_is_down(url, words):
    """An unreachable server is unavailable; the cause is for people, and no driver's text goes out."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with opened(url.format(port=port)) as source:
        for work in (lambda: source.ping(Call.within(5)), lambda: source.describe(Call.within(5))):
            problem = refused(work)
            assert problem.code == "source-unavailable"
            assert words in problem.cause.en
            assert problem.params == {}
            assert problem.__cause__ is None


def test_a_server_that_never_answers():
    """A host that accepts and says nothing costs no more than the time for connecting."""
    with closing(socket.socket()) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        for kind in ("postgresql+psycopg", "mysql+pymysql"):
            url = f"{kind}://u@127.0.0.1:{silent.getsockname()[1]}/x"
            with opened(url, connect_timeout=1) as source:
                started = time.monotonic()
                problem = refused(lambda: source.ping(Call.within(30)))
                assert problem.code in {"source-timeout", "source-unavailable"}
                assert time.monotonic() - started < 5


def test_a_database_or_user_that_is_not_there(server):
    """A wrong database or user makes the source unavailable and says which."""
    url = make_url(server)
    for wrong, words in ((url.set(database="nowhere"), "no such database"), (url.set(username="nobody"), "user")):
        with opened(wrong.render_as_string()) as source:
            problem = refused(lambda: source.ping(Call.within(5)))
            assert problem.code == "source-unavailable"
            assert words in problem.cause.en


def test_a_user_that_may_not_read(postgres_database):
    """A missing privilege is told to people as such."""
    role = make_url(postgres_database).database
    run_postgres(postgres_database, f"CREATE TABLE t (id int); CREATE ROLE {role} LOGIN;")
    try:
        with opened(make_url(postgres_database).set(username=role).render_as_string()) as source:
            problem = refused(lambda: all_rows(source, select("t", "id")))
            assert problem.code == "source-failed"
            assert "may not read" in problem.cause.en
    finally:
        run_postgres(postgres_database, f"DROP ROLE {role}")


def test_a_locked_sqlite_file_is_busy(sqlite_database):
    """A file that another program holds locked is busy, not failed."""
    run_sqlite(sqlite_database, "CREATE TABLE t (id integer PRIMARY KEY);")
    other = sqlite3.connect(make_url(sqlite_database).database, isolation_level=None)
    with closing(other), opened(sqlite_database) as source:
        other.execute("BEGIN EXCLUSIVE")
        assert refused(lambda: all_rows(source, select("t", "id", limit=1))).code == "source-busy"
        other.execute("COMMIT")
        assert all_rows(source, select("t", "id", limit=1)) == []


def test_sqlite_is_used_from_one_thread(sqlite_database):
    """However large a pool is asked for, SQLite has one connection."""
    with opened(sqlite_database, pool=8) as source:
        assert source.threads == 1


FILL = {
    "sqlite": "CREATE TABLE big AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n LIMIT 100000) "
    "SELECT id, printf('%0200d', id) AS v FROM n;",
    "postgresql": "CREATE TABLE big AS SELECT id, lpad(id::text, 200) AS v FROM generate_series(1, 100000) id;"
    "CREATE UNIQUE INDEX ON big (id);",
    "mysql": "CREATE TABLE big AS SELECT seq AS id, lpad(seq, 200, ' ') AS v FROM seq_1_to_100000;"
    "CREATE UNIQUE INDEX big_id ON big (id)",
}


def test_reading_all_takes_little_memory(database):
    """A reading without limit is lazy: what is not read yet stays where it is."""
    RUN[name_of(database)](database, FILL[name_of(database)])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with opened(database) as source:
        read = 0
        for batch in source.fetch(select("big", "id v"), Call.within(60, rows=10**9)):
            assert batch
            assert batch[0][0] == read + 1
            read += len(batch)
    assert read == 100_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


def test_a_reading_given_up_frees_its_connection(database):
    """Who stops reading in the middle leaves the source as it was."""
    RUN[name_of(database)](database, FILL[name_of(database)])
    with opened(database, pool=1) as source:
        for _ in range(3):
            reading = source.fetch(select("big", "id v"), Call.within(20, rows=10**9))
            assert next(reading)[0][0] == 1
            reading.close()
        assert source.get(select("big", "id"), (5,), Call.within(20)) == (5,)


def test_the_row_budget_is_kept(database):
    """A reading beyond the call's rows is refused, and never cut short in silence."""
    RUN[name_of(database)](database, FILL[name_of(database)])
    with opened(database) as source, pytest.raises(Problem) as raised:
        for _ in source.fetch(select("big", "id"), Call.within(20, rows=5000)):
            pass
    assert raised.value.code == "budget-exceeded"


def test_an_empty_answer(database):
    """Where no row matches, there is no batch at all."""
    with opened(database) as source:
        nothing = (Condition("id", "eq", 77),)
        assert list(source.fetch(select("t", "id", where=nothing, limit=5), Call.within(5))) == []
        assert list(source.fetch(select("t", "id", where=nothing), Call.within(5))) == []
        assert list(source.fetch(select("t", "id", limit=0), Call.within(5))) == []
        assert source.count(select("t", "id", where=nothing), Call.within(5)) == 0


def test_describe_tells_what_there_is(database):
    """The source introduces its tables and views through the introspection, a slow one too."""
    with opened(database) as source:
        found = {one.name: one for one in source.describe(Call.within(4))}
    assert set(found) == {"t", "slow"}
    assert found["t"].key.columns == ("id",)
    assert [column.name for column in found["t"].columns] == ["id", "name"]
