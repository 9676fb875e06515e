"""What the system tables of a database say beyond SQLAlchemy's reflection, one statement for all tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import sqlalchemy as sa

from datong.model import Row
from datong.sources.database._introspect_ask import Asker

_SECONDS: Final = 5.0

_POSTGRES_RELATIONS = """
SELECT c.relname, c.reltuples, c.relispartition, p.relname, pn.nspname,
       EXISTS (SELECT 1 FROM pg_catalog.pg_inherits d WHERE d.inhparent = c.oid) AND c.relkind <> 'p'
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid AND i.inhseqno = 1
  LEFT JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
  LEFT JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
 WHERE n.nspname = coalesce(CAST(:schema AS text), current_schema()) AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
"""
_POSTGRES_TYPES = """
SELECT c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)
  FROM pg_catalog.pg_attribute a
  JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = coalesce(CAST(:schema AS text), current_schema()) AND a.attnum > 0 AND NOT a.attisdropped
   AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
"""
_POSTGRES_BARRED = """
SELECT c.relname, a.attname
  FROM pg_catalog.pg_attribute a
  JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = coalesce(CAST(:schema AS text), current_schema()) AND a.attnum > 0 AND NOT a.attisdropped
   AND c.relkind IN ('r', 'p', 'f', 'v', 'm') AND NOT has_column_privilege(c.oid, a.attnum, 'SELECT')
"""
_MYSQL_RELATIONS = """
SELECT table_name, table_rows FROM information_schema.tables
 WHERE table_schema = coalesce(:schema, database()) AND table_type = 'BASE TABLE'
"""
_MYSQL_TYPES = """
SELECT table_name, column_name, column_type FROM information_schema.columns
 WHERE table_schema = coalesce(:schema, database())
"""
_SQLITE_SHADOWS = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'"


@dataclass(slots=True)
class CatalogNotes:
    """By table name: rows as the database estimates them, and what a relation is besides a table.

    `parts` are partitions, which their parent serves; `children` are tables that inherit from
    another (child → parent); `parents` are tables that others inherit from, so that a primary key
    of theirs says nothing about the rows of the children; `barred` are columns, by table and
    name, that this user may not read.
    """

    estimates: dict[str, int] = field(default_factory=dict)
    natives: dict[tuple[str, str], str] = field(default_factory=dict)
    parts: set[str] = field(default_factory=set)
    children: dict[str, str] = field(default_factory=dict)
    parents: set[str] = field(default_factory=set)
    barred: set[tuple[str, str]] = field(default_factory=set)


def notes_of(asker: Asker, schema: str | None) -> CatalogNotes:
    """Never fails: a system table that cannot be read leaves its notes empty."""
    notes = CatalogNotes()
    if asker.dialect == "postgresql":
        _postgres(notes, _rows(asker, _POSTGRES_RELATIONS, schema), schema)
        notes.natives = _natives(_rows(asker, _POSTGRES_TYPES, schema))
        notes.barred = {(_text(table), _text(column)) for table, column in _rows(asker, _POSTGRES_BARRED, schema)}
    elif asker.dialect in {"mysql", "mariadb"}:
        relations = _rows(asker, _MYSQL_RELATIONS, schema)
        notes.estimates = {_text(name): int(rows) for name, rows in relations if rows is not None}
        notes.natives = _natives(_rows(asker, _MYSQL_TYPES, schema))
    elif asker.dialect == "sqlite":
        notes.parts = {_text(name) for (name,) in _rows(asker, _SQLITE_SHADOWS, None)}
    return notes


def _rows(asker: Asker, statement: str, schema: str | None) -> list[Row]:
    text = sa.text(statement)
    if ":schema" in statement:
        text = text.bindparams(sa.bindparam("schema", schema, sa.String()))
    return asker.maybe(text, seconds=_SECONDS) or []


def _postgres(notes: CatalogNotes, rows: Iterable[Row], schema: str | None) -> None:
    for name, estimate, part, parent, parent_schema, has_children in rows:
        if estimate is not None and estimate >= 0:
            notes.estimates[name] = int(estimate)
        if part:
            notes.parts.add(name)
        elif parent is not None:
            notes.children[name] = parent if schema in {None, parent_schema} else f"{parent_schema}.{parent}"
        if has_children:
            notes.parents.add(name)


def _natives(rows: Iterable[Row]) -> dict[tuple[str, str], str]:
    return {(_text(table), _text(column)): _text(native) for table, column, native in rows}


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
