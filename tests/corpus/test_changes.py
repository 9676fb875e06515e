"""What happens to an adapter when the database behind it changes, or lets nobody in."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

import databases
import httpx
import psycopg
import pytest
import yaml
from cli.process import process
from corpus.journey import Made, Served, made, served
from sqlalchemy import make_url

SCRIPT = """
CREATE TABLE kept (id integer PRIMARY KEY, v varchar(20));
CREATE TABLE dropped (id integer PRIMARY KEY, v varchar(20));
CREATE TABLE renamed (id integer PRIMARY KEY, v varchar(20));
INSERT INTO kept VALUES (1, 'x');
INSERT INTO dropped VALUES (1, 'x');
INSERT INTO renamed VALUES (1, 'x');
"""
RUN: dict[str, Callable[[str, str], None]] = {
    "sqlite": databases.run_sqlite,
    "postgresql": databases.run_postgres,
    "mysql": databases.run_mariadb,
}
DEADLINE = 1.0
"""Seconds that a call may take in the adapters that wait for a lock."""


@dataclass(frozen=True)
class Legacy:
    url: str
    kind: str

    def run(self, script: str) -> None:
        RUN[self.kind](self.url, script)


@pytest.fixture(params=RUN)
def legacy(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Legacy]:
    with databases.fresh(request.param, tmp_path) as url:
        one = Legacy(url, request.param)
        one.run(SCRIPT)
        yield one


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def test_what_changed(legacy: Legacy, tmp_path: Path) -> None:
    """A table that was dropped and a column that was renamed are told by check, each at its line.

    The server answers that the source failed, for these entries alone. Columns and rows that were added do no harm.
    """
    done = made(legacy.url, tmp_path)
    assert done.check.code == 0, done.check.all
    with served(done) as running:
        assert [len(running.walk(name).items) for name in ("dropped", "kept", "renamed")] == [1, 1, 1]
        legacy.run("DROP TABLE dropped; ALTER TABLE renamed RENAME COLUMN v TO w")
        legacy.run("ALTER TABLE kept ADD COLUMN more integer; INSERT INTO kept (id, v, more) VALUES (2, 'y', 3)")
        for name in ("dropped", "renamed"):
            answer = running.call(name, running.records(name))
            assert code(answer) == (502, "source-failed")
            assert answer.json()["origin"] == "source"
            assert "SELECT" not in answer.text
        assert [item["v"] for item in running.walk("kept").items] == ["x", "y"]
    check = process("check", done.folder)
    assert check.code == 1
    assert "[structure-unknown]" in check.all
    assert "[column-unknown]" in check.all
    assert "datasets.kept" not in check.all


def impatient(done: Made) -> Made:
    """The adapter with a short deadline."""
    path = done.folder / "adapter.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    document["limits"] = {"deadline": DEADLINE}
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return done


@contextmanager
def locked(legacy: Legacy) -> Iterator[None]:
    """Nobody else can read the table `dropped` until the block ends."""
    if legacy.kind == "postgresql":
        with closing(databases.connect_postgres(legacy.url, autocommit=False)) as connection:
            connection.execute("LOCK TABLE dropped IN ACCESS EXCLUSIVE MODE")
            yield
            connection.rollback()
    else:
        with closing(databases.connect_mariadb(legacy.url)) as connection, connection.cursor() as cursor:
            cursor.execute("LOCK TABLES dropped WRITE")
            yield
            cursor.execute("UNLOCK TABLES")


@pytest.mark.parametrize("legacy", ["postgresql", "mysql"], indirect=True)
def test_a_locked_table(legacy: Legacy, tmp_path: Path) -> None:
    """A table that is locked gives a timeout within the deadline, while others answer at once; then it is back."""
    done = impatient(made(legacy.url, tmp_path, checked=False))
    with served(done) as running:
        for name in ("dropped", "kept"):
            running.token(name)
            running.walk(name)
        with locked(legacy):
            waiting, others = _race(running)
        assert {code(answer) for answer, _ in waiting} <= {(504, "source-timeout"), (503, "source-busy")}
        assert (504, "source-timeout") in {code(answer) for answer, _ in waiting}
        assert all(answer.headers["retry-after"] for answer, _ in waiting)
        assert max(seconds for _, seconds in waiting) < DEADLINE + 1.5
        assert {answer.status_code for answer, _ in others} == {200}
        assert max(seconds for _, seconds in others) < DEADLINE
        assert len(running.walk("dropped").items) == 1


Timed = list[tuple[httpx.Response, float]]


def _race(running: Served) -> tuple[Timed, Timed]:
    """Eight calls that must wait, and twenty that need not, at once."""
    waiting: Timed = []
    others: Timed = []

    def call(name: str, into: Timed) -> None:
        start = time.monotonic()
        answer = running.call(name, running.records(name))
        into.append((answer, time.monotonic() - start))

    threads = [threading.Thread(target=call, args=("dropped", waiting)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        call("kept", others)
    for thread in threads:
        thread.join()
    return waiting, others


def test_a_locked_file(tmp_path: Path) -> None:
    """A SQLite file that another program holds locked gives a busy source, and no defect; then it is back."""
    with databases.fresh("sqlite", tmp_path) as url:
        databases.run_sqlite(url, SCRIPT)
        done = impatient(made(url, tmp_path, checked=False))
        with served(done) as running:
            running.walk("kept")
            with closing(sqlite3.connect(str(make_url(url).database), isolation_level=None)) as other:
                other.execute("BEGIN EXCLUSIVE")
                answer = running.call("kept", running.records("kept"))
                assert code(answer) in {(503, "source-busy"), (504, "source-timeout")}
                assert answer.headers["retry-after"]
                other.execute("ROLLBACK")
            assert len(running.walk("kept").items) == 1


@pytest.fixture
def guest(postgres_database: str) -> Iterator[str]:
    """The address for a role that may read `kept` and `renamed`, the latter without one column."""
    databases.run_postgres(postgres_database, SCRIPT)
    role = f"datong_guest_{token_hex(6)}"
    with closing(databases.connect_postgres(postgres_database)) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'guest-of-tests'")
        connection.execute(f"GRANT SELECT ON kept TO {role}")
        connection.execute(f"GRANT SELECT (id) ON renamed TO {role}")
        try:
            url = make_url(postgres_database).set(username=role, password="guest-of-tests")
            yield url.render_as_string(hide_password=False)
        finally:
            connection.execute(f"DROP OWNED BY {role}")
            connection.execute(f"DROP ROLE {role}")


def test_a_table_that_may_not_be_read(guest: str, tmp_path: Path) -> None:
    """What the database user may not read is left out, with the reason, and the rest is served."""
    done = made(guest, tmp_path)
    told: dict[str, Any] = yaml.safe_load(done.new.out)
    assert [(each["table"], each["items"]) for each in told["datasets"]] == [("kept", 2), ("renamed", 1)]
    reasons = {each["name"]: each["reason"] for each in told["leftOut"]}
    assert reasons.keys() == {"dropped", "renamed.v"}
    assert all("refused to read" in reason or "no right to read" in reason for reason in reasons.values())
    assert "guest-of-tests" not in (done.folder / "adapter.yaml").read_text(encoding="utf-8") + done.new.all
    assert done.check.code == 0, done.check.all
    with served(done) as running:
        assert len(running.walk("kept").items) == 1


def test_a_right_that_is_taken_away(guest: str, postgres_database: str, tmp_path: Path) -> None:
    """When the right to read is taken away, the server says that the source refuses, and check names the table."""
    done = made(guest, tmp_path, checked=False)
    with served(done) as running, closing(databases.connect_postgres(postgres_database)) as connection:
        running.walk("kept")
        role = psycopg.sql.Identifier(str(make_url(guest).username))
        connection.execute(psycopg.sql.SQL("REVOKE SELECT ON kept FROM {}").format(role))
        assert code(running.call("kept", running.records("kept"))) == (502, "source-failed")
    check = process("check", done.folder)
    assert (check.code, "[structure-unreadable]" in check.all) == (1, True)


def test_a_server_that_goes_away(postgres_database: str, tmp_path: Path) -> None:
    """Connections that the server ends are made anew; a database that is gone is a source that is not available."""
    databases.run_postgres(postgres_database, SCRIPT)
    done = impatient(made(postgres_database, tmp_path, checked=False))
    name = make_url(postgres_database).database
    with served(done) as running, closing(databases.connect_postgres(databases.POSTGRES)) as connection:
        running.walk("kept")
        connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        assert len(running.walk("kept").items) == 1
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        answer = running.call("kept", running.records("kept"))
        assert code(answer) == (503, "source-unavailable")
        assert answer.headers["retry-after"]
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        assert len(running.walk("kept").items) == 1


def test_a_database_of_bytes(tmp_path: Path) -> None:
    """In a PostgreSQL database without encoding, texts that are no UTF-8 are faulty, and no harm to the others."""
    with databases.postgres("ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0") as url:
        with closing(databases.connect_postgres(url)) as connection:
            connection.execute("CREATE TABLE t (id integer PRIMARY KEY, v text)")
            gbk = "'" + "张三".encode("gbk").decode("latin-1") + "'"
            connection.execute(b"INSERT INTO t VALUES (1, 'plain'), (2, " + gbk.encode("latin-1") + b")")
            connection.execute("INSERT INTO t VALUES (3, '李四')".encode())
        done = made(url, tmp_path)
        assert done.check.code == 0, done.check.all
        with served(done) as running:
            found = running.walk("t")
            assert [item["v"] for item in found.items] == ["plain", "李四"]
            assert [(each["recordId"], each["field"], each["code"]) for each in found.faulty] == [("2", "v", "charset")]
        text = (done.folder / "adapter.yaml").read_text(encoding="utf-8")
        (done.folder / "adapter.yaml").write_text(text.replace("  zone:", "  charset: gbk\n  zone:"), encoding="utf-8")
        with served(done) as running:
            found = running.walk("t")
            assert found.items[1]["v"] == "张三"
            assert len(found.items) + len(found.faulty) == 3
