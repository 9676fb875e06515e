from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from databases import connect_mariadb, connect_postgres
from sqlalchemy import make_url


def test_corpus_on_sqlite(chinook_sqlite, northwind):
    """The SQLite databases of the corpus hold their rows."""
    counted = {}
    for url, table in ((chinook_sqlite, "Track"), (northwind, "Customers")):
        with closing(sqlite3.connect(make_url(url).database)) as connection:
            counted[table] = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    assert counted["Track"] == 3503
    assert counted["Customers"] > 90


@pytest.mark.parametrize(
    ("fixture", "table", "rows"), [("chinook_postgres", "track", 3503), ("sakila_postgres", "film", 1000)]
)
def test_corpus_on_postgres(request, fixture, table, rows):
    """The PostgreSQL scripts of the corpus load whole."""
    with closing(connect_postgres(request.getfixturevalue(fixture))) as connection:
        assert connection.execute(f"SELECT count(*) FROM public.{table}").fetchone() == (rows,)


def test_corpus_on_mariadb(chinook_mariadb):
    """The MariaDB script of the corpus loads whole, with its characters."""
    with closing(connect_mariadb(chinook_mariadb)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM Track")
        assert cursor.fetchone() == (3503,)
        cursor.execute("SELECT Name FROM Artist WHERE ArtistId = 6")
        assert cursor.fetchone() == ("Antônio Carlos Jobim",)


def test_databases_are_fresh(postgres_database, mariadb_database, sqlite_database):
    """A test's own database is empty."""
    with closing(connect_postgres(postgres_database)) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
    with closing(connect_mariadb(mariadb_database)) as connection, connection.cursor() as cursor:
        assert cursor.execute("SHOW TABLES") == 0
    with closing(sqlite3.connect(make_url(sqlite_database).database)) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
