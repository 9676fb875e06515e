"""Databases for tests: made on the servers of this machine, and dropped afterwards."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from secrets import token_hex

import psycopg
import pymysql
import pytest
from pymysql.constants import CLIENT
from sqlalchemy import URL, make_url

REPO = Path(__file__).resolve().parent.parent
POSTGRES = make_url(os.environ.get("DATONG_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"))
MARIADB = make_url(os.environ.get("DATONG_TEST_MARIADB", "mysql+pymysql://root@127.0.0.1:3306/mysql"))

_COPY = re.compile(r"^(COPY [^;]+ FROM stdin;)\n(.*?)^\\\.$", re.MULTILINE | re.DOTALL)


def corpus() -> Path:
    """The folder of real databases; it is not part of the repository."""
    return Path(os.environ.get("DATONG_CORPUS", REPO.parent / "shared" / "corpus"))


def corpus_file(name: str) -> Path:
    path = corpus() / "databases" / name
    if not path.is_file():
        elsewhere(f"the corpus has no {name}; DATONG_CORPUS names its folder")
    return path


def elsewhere(what: str) -> None:
    """Skip where something that lies beside the repository is missing; fail where somebody said where it is."""
    if "DATONG_CORPUS" in os.environ:
        absent(what)
    pytest.skip(what)


def absent(what: str) -> None:
    """Skip where something is missing, and fail in CI, where nothing may be."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


def connect_postgres(url: str | URL, *, autocommit: bool = True) -> psycopg.Connection:
    url = make_url(url)
    return psycopg.connect(
        host=url.host,
        port=url.port or 5432,
        user=url.username,
        password=url.password,
        dbname=url.database,
        autocommit=autocommit,
        connect_timeout=5,
    )


def connect_mariadb(url: str | URL, *, charset: str = "utf8mb4") -> pymysql.Connection:
    url = make_url(url)
    return pymysql.connect(
        host=url.host,
        port=url.port or 3306,
        user=url.username,
        password=url.password or "",
        database=url.database,
        charset=charset,
        autocommit=True,
        connect_timeout=5,
        client_flag=CLIENT.MULTI_STATEMENTS,
    )


@contextmanager
def postgres(options: str = "") -> Iterator[str]:
    """The address of a new, empty PostgreSQL database; `options` follow CREATE DATABASE."""
    name = f"datong_test_{token_hex(8)}"
    try:
        server = connect_postgres(POSTGRES)
    except psycopg.OperationalError:
        absent(f"no PostgreSQL server at {POSTGRES.host}:{POSTGRES.port}")
    with closing(server):
        server.execute(f"CREATE DATABASE {name} {options}")
        try:
            yield POSTGRES.set(database=name).render_as_string(hide_password=False)
        finally:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def mariadb(options: str = "CHARACTER SET utf8mb4") -> Iterator[str]:
    """The address of a new, empty MariaDB database; `options` follow CREATE DATABASE."""
    name = f"datong_test_{token_hex(8)}"
    try:
        server = connect_mariadb(MARIADB)
    except pymysql.err.OperationalError:
        absent(f"no MariaDB server at {MARIADB.host}:{MARIADB.port}")
    with closing(server), server.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} {options}")
        try:
            yield MARIADB.set(database=name).render_as_string(hide_password=False)
        finally:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")


@contextmanager
def fresh(kind: str, folder: Path) -> Iterator[str]:
    """The address of a new, empty database of that kind: sqlite, postgresql or mysql."""
    if kind == "sqlite":
        (folder / "legacy.db").touch()
        yield f"sqlite:///{folder / 'legacy.db'}"
        return
    with (postgres if kind == "postgresql" else mariadb)() as url:
        yield url


def run_postgres(url: str, script: str) -> None:
    """Run a script of statements, with COPY blocks as pg_dump writes them, as one transaction."""
    with closing(connect_postgres(url, autocommit=False)) as connection:
        at = 0
        for block in _COPY.finditer(script):
            connection.execute(script[at : block.start()].encode())
            with connection.cursor().copy(block[1].encode()) as copy:
                copy.write(block[2])
            at = block.end()
        connection.execute(script[at:].encode())
        connection.commit()


def run_mariadb(url: str, script: str) -> None:
    """Run a script of statements as one transaction."""
    with closing(connect_mariadb(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SET autocommit=0; SET foreign_key_checks=0;" + script.rstrip("; \n") + ";COMMIT")
        while cursor.nextset():
            pass


def run_sqlite(url: str, script: str) -> None:
    with closing(sqlite3.connect(str(make_url(url).database))) as connection:
        connection.executescript(script)


def without_database(script: str) -> str:
    """A Chinook script without its own DROP, CREATE and choice of a database."""
    return re.sub(r"(?mi)^\s*(DROP DATABASE|CREATE DATABASE|USE|\\c)\b[^;\n]*;", "", script)


def copied(name: str, folder: Path) -> str:
    path = folder / name
    shutil.copyfile(corpus_file(name), path)
    return f"sqlite:///{path}"
