"""Fixtures of the whole test suite.

Each database fixture gives an SQLAlchemy address. `*_database` is fresh, empty and the test's own;
those of the corpus are loaded once for each worker and only read.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import databases
import pytest


@pytest.fixture
def postgres_database() -> Iterator[str]:
    with databases.postgres() as url:
        yield url


@pytest.fixture
def mariadb_database() -> Iterator[str]:
    with databases.mariadb() as url:
        yield url


@pytest.fixture
def sqlite_database(tmp_path: Path) -> str:
    path = tmp_path / "legacy.db"
    path.touch()
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def chinook_sqlite(tmp_path_factory: pytest.TempPathFactory) -> str:
    return databases.copied("Chinook_Sqlite.sqlite", tmp_path_factory.mktemp("chinook"))


@pytest.fixture(scope="session")
def northwind(tmp_path_factory: pytest.TempPathFactory) -> str:
    return databases.copied("northwind.sqlite", tmp_path_factory.mktemp("northwind"))


@pytest.fixture(scope="session")
def chinook_postgres() -> Iterator[str]:
    script = databases.corpus_file("Chinook_PostgreSql.sql").read_text(encoding="utf-8-sig")
    with databases.postgres() as url:
        databases.run_postgres(url, databases.without_database(script))
        yield url


@pytest.fixture(scope="session")
def chinook_mariadb() -> Iterator[str]:
    script = databases.corpus_file("Chinook_MySql.sql").read_text(encoding="utf-8-sig")
    with databases.mariadb() as url:
        databases.run_mariadb(url, databases.without_database(script))
        yield url


@pytest.fixture(scope="session")
def sakila_postgres() -> Iterator[str]:
    schema = databases.corpus_file("postgres-sakila-schema.sql").read_text(encoding="utf-8")
    data = databases.corpus_file("postgres-sakila-insert-data-using-copy.sql").read_text(encoding="utf-8")
    with databases.postgres() as url:
        databases.run_postgres(url, schema)
        databases.run_postgres(url, data)
        yield url
