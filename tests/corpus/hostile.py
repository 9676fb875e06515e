"""Databases in which everything is legal and nothing is kind; their scripts stand beside this file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import databases
from sqlalchemy import make_url

KINDS = ("sqlite", "postgresql", "mysql")
_SCRIPTS = {"sqlite": "hostile_sqlite.sql", "postgresql": "hostile_postgres.sql", "mysql": "hostile_mariadb.sql"}


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The address of a fresh hostile database."""
    with databases.fresh(kind, folder) as url:
        build(url)
        yield url


def build(url: str) -> None:
    kind = make_url(url).get_backend_name()
    script = (Path(__file__).parent / _SCRIPTS[kind]).read_text(encoding="utf-8") + _wide(kind)
    if kind == "mysql":
        with closing(databases.connect_mariadb(url)) as connection, connection.cursor() as cursor:
            cursor.execute(script)
            while cursor.nextset():
                pass
    else:
        (databases.run_sqlite if kind == "sqlite" else databases.run_postgres)(url, script)


def _wide(kind: str) -> str:
    """A table of sixty columns."""
    columns = ", ".join(f"c{place} varchar(20) DEFAULT 'v{place}'" for place in range(60))
    charset = " CHARACTER SET latin1" if kind == "mysql" else ""
    return f"CREATE TABLE wide (id integer PRIMARY KEY, {columns}){charset};INSERT INTO wide (id) VALUES (1);"
