"""Reflection in bulk; where one table spoils it, table by table, so that the others are not lost."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine.reflection import Inspector, ObjectKind, ObjectScope
from sqlalchemy.exc import SAWarning, SQLAlchemyError

from datong.sources.database._introspect_keys import Declared

_SYSTEM_SCHEMAS: Final = {
    "postgresql": ("pg_catalog", "information_schema", "pg_toast"),
    "mssql": ("sys", "INFORMATION_SCHEMA", "guest"),
}

_FAULTS: Final = (SQLAlchemyError, TypeError, KeyError, ValueError, NotImplementedError)


@dataclass(slots=True)
class Reflected:
    """One table or view as the database declares it; `problem` where that cannot be read."""

    name: str
    schema: str | None
    view: bool = False
    columns: list[dict[str, Any]] = field(default_factory=list)
    declared: Declared = field(default_factory=Declared)
    indexed: frozenset[str] = frozenset()
    comment: str = ""
    problem: str = ""


def schemas_of(inspector: Inspector, wanted: str | None) -> list[str | None]:
    """The schema asked for, else the default one and every other that is not the system's own.

    None stands for the default schema. MySQL's other schemas are other databases, and Oracle's
    other users: nobody pointed at those.
    """
    dialect = inspector.dialect.name
    if wanted is not None or dialect not in _SYSTEM_SCHEMAS:
        return [wanted]
    default = inspector.default_schema_name
    system = _SYSTEM_SCHEMAS[dialect]
    others = [
        name
        for name in inspector.get_schema_names()
        if name != default and name not in system and not name.startswith(("pg_", "db_"))
    ]
    return [None, *sorted(others)]


def reflected(inspector: Inspector, schema: str | None) -> Iterator[Reflected]:
    """Every table, view, materialized view and foreign table of a schema, by name."""
    with _quiet():
        views = _views(inspector, schema)
        names = dict.fromkeys([*inspector.get_table_names(schema=schema), *_foreign(inspector, schema), *views])
        facts = _Facts(inspector, schema)
        found = [facts.of(name, view=name in views) for name in sorted(names)]
    yield from found


@contextmanager
def _quiet() -> Iterator[None]:
    """Unknown types and expression indexes are dealt with here, so SQLAlchemy need not warn of them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)
        yield


def _views(inspector: Inspector, schema: str | None) -> set[str]:
    views = set(inspector.get_view_names(schema=schema))
    try:
        return views | set(inspector.get_materialized_view_names(schema=schema))
    except NotImplementedError:
        return views


def _foreign(inspector: Inspector, schema: str | None) -> list[str]:
    listing = getattr(inspector, "get_foreign_table_names", None)
    return list(listing(schema=schema)) if listing else []


class _Facts:
    """The answers of the bulk calls; a call that failed is made again for each table alone."""

    def __init__(self, inspector: Inspector, schema: str | None) -> None:
        self._schema = schema
        self._doubled = inspector.dialect.name in {"mysql", "mariadb"}
        """SQLAlchemy leaves a backtick in the name of a MySQL column doubled, as SHOW CREATE TABLE writes it."""
        one = inspector
        self._columns = self._bulk(one.get_multi_columns), one.get_columns
        self._primary = self._bulk(one.get_multi_pk_constraint), one.get_pk_constraint
        self._unique = self._bulk(one.get_multi_unique_constraints), one.get_unique_constraints
        self._indexes = self._bulk(one.get_multi_indexes), one.get_indexes
        self._comment = self._bulk(one.get_multi_table_comment), one.get_table_comment

    def _bulk(self, call: Callable[..., Any]) -> dict[Any, Any] | None:
        try:
            return dict(call(schema=self._schema, kind=ObjectKind.ANY, scope=ObjectScope.DEFAULT))
        except _FAULTS:
            return None

    def _ask(self, pair: tuple[dict[Any, Any] | None, Callable[..., Any]], name: str) -> Any:
        bulk, single = pair
        if bulk is not None and (self._schema, name) in bulk:
            return bulk[self._schema, name]
        return single(name, schema=self._schema)

    def _soft(self, pair: tuple[dict[Any, Any] | None, Callable[..., Any]], name: str, empty: Any) -> Any:
        """What a table can be served without: keys and comments, for some dialects know none."""
        try:
            return self._ask(pair, name) or empty
        except _FAULTS:
            return empty

    def of(self, name: str, *, view: bool) -> Reflected:
        try:
            columns = self._ask(self._columns, name)
        except _FAULTS:
            reason = "数据库无法给出它的列定义 / the database cannot describe its columns"
            return Reflected(name, self._schema, view, problem=reason)
        primary = tuple(map(self._named, self._soft(self._primary, name, {}).get("constrained_columns") or ()))
        indexes = self._over(self._soft(self._indexes, name, []))
        unique = self._over(self._soft(self._unique, name, []))
        return Reflected(
            name,
            self._schema,
            view,
            [{**column, "name": self._named(column["name"])} for column in columns],
            Declared(primary, _unique_groups(unique, indexes)),
            _leading(primary, unique, indexes),
            str(self._soft(self._comment, name, {}).get("text") or "").strip(),
        )

    def _named(self, column: Any) -> Any:
        return column.replace("``", "`") if self._doubled and column is not None else column

    def _over(self, indexes: list[Any]) -> list[Any]:
        return [{**one, "column_names": [self._named(column) for column in one["column_names"]]} for one in indexes]


def _unique_groups(unique: list[Any], indexes: list[Any]) -> tuple[tuple[str, ...], ...]:
    groups = [tuple(one["column_names"]) for one in unique]
    groups += [tuple(one["column_names"]) for one in indexes if one.get("unique") and not _partial(one)]
    return tuple(dict.fromkeys(group for group in groups if group and None not in group))


def _partial(index: dict[str, Any]) -> bool:
    """An index over some rows only, or over an expression, makes nothing unique in the whole table."""
    options = index.get("dialect_options") or {}
    return bool(index.get("expressions")) or any(name.endswith("_where") for name in options)


def _leading(primary: tuple[str, ...], unique: list[Any], indexes: list[Any]) -> frozenset[str]:
    """Columns that lead an index, so that a filter on them alone is quick."""
    firsts = [primary[0]] if primary else []
    ordered = [one for one in indexes if _ordered(one)]
    firsts += [one["column_names"][0] for one in [*unique, *ordered] if one["column_names"]]
    return frozenset(str(name) for name in firsts if name is not None)


def _ordered(index: dict[str, Any]) -> bool:
    """Whether an index answers equality: GIN, GiST and FULLTEXT ones answer other questions."""
    options = index.get("dialect_options") or {}
    special = options.get("mysql_prefix") or options.get("mariadb_prefix")
    return not special and (options.get("postgresql_using") or "btree") in {"btree", "hash"}


def inspector_of(engine: sa.Engine) -> Inspector:
    with _quiet():
        return sa.inspect(engine)
