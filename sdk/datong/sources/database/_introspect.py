"""Looks at a legacy database and says what could be served: tables, types, keys, and why it thinks so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import sqlalchemy as sa

from datong.model import Call, Column, KeyGuess, Row, Structure
from datong.sources import Progress
from datong.sources.database._introspect_ask import Asker, NotInTime, Refused, asking
from datong.sources.database._introspect_catalog import CatalogNotes, notes_of
from datong.sources.database._introspect_keys import key_of
from datong.sources.database._introspect_reflect import Reflected, inspector_of, reflected, schemas_of
from datong.sources.database._introspect_sqlite import as_held
from datong.sources.database._introspect_types import column_of

SAMPLES: Final = 50
_BARRED: Final = "无权读取 / no right to read"
_CHEAP_COUNT: Final = 200_000
"""Rows up to which an estimate is replaced by a count."""
_SHARES: Final = 6
_PATIENCE: Final = (0.2, 10.0)
"""Seconds for one question: the least, however many tables there are, and the most."""


def describe(engine: sa.Engine, *, schema: str | None, call: Call, progress: Progress | None = None) -> list[Structure]:
    """Every table and view of the database, those that cannot be served with the reason.

    One bad table never stops the rest. Every question is bounded in time by `call`; what could not
    be counted in time is an estimate, or unknown. `evidence` and `problem` are in Chinese and
    English. Raises the driver's error only where the database cannot be reached at all.
    """
    inspector = inspector_of(engine)
    # reflection first: it takes its own connection, and a pool may hold no more than one
    listed = {name: list(reflected(inspector, name)) for name in schemas_of(inspector, schema)}
    with asking(engine, call) as asker:
        found = [pair for name, tables in listed.items() for pair in _noted(asker, name, tables)]
        out: list[Structure] = []
        for done, (one, notes) in enumerate(found):
            if progress:
                progress(done, len(found), one.name)
            out.append(_Look(asker, one, notes, schema, _patience(call.remaining(), len(found) - done)).structure())
    if progress:
        progress(len(found), len(found), "")
    return out


def _patience(remaining: float, tables: int) -> float:
    """Several shares of the time left, for most tables need next to none of theirs."""
    share = min(_SHARES * remaining / tables, remaining / 3)
    return min(max(share, _PATIENCE[0]), _PATIENCE[1])


def _noted(asker: Asker, schema: str | None, tables: Sequence[Reflected]) -> list[tuple[Reflected, CatalogNotes]]:
    notes = notes_of(asker, schema)
    return [(one, notes) for one in tables if one.name not in notes.parts]


@dataclass(frozen=True, slots=True)
class _Look:
    """One table or view, and how long a question about it may take."""

    asker: Asker
    reflected: Reflected
    notes: CatalogNotes
    default_schema: str | None
    seconds: float

    def structure(self) -> Structure:
        base = self._base()
        if base.problem or not base.columns:
            return base if base.problem else replace(base, problem="没有任何列 / it has no columns")
        if parent := self._parent(base):
            return replace(base, problem=f"数据已包含在 {parent} 中 / its rows are served by {parent}")
        table = self._table(base)
        head = self._head(table)
        if head is None and not self._readable(table):
            return replace(base, problem="数据库拒绝读取 / the database refused to read it")
        columns = self._refined(table, base.columns)
        declared = replace(self.reflected.declared, trusted=base.name not in self.notes.parents)
        key, problem = key_of(self.asker, table, columns, declared, seconds=self.seconds)
        if key.basis != "none":
            columns = tuple(replace(one, nullable=one.nullable and one.name not in key.columns) for one in columns)
        rows, exact = (len(head), True) if head is not None and len(head) < SAMPLES else self._count(table)
        samples = self._samples(table, columns, key, head or [])
        return replace(base, columns=columns, key=key, problem=problem, rows=rows, exact=exact, samples=samples)

    def _base(self) -> Structure:
        one = self.reflected
        location: dict[str, Any] = {"table": one.name}
        if one.schema is not None and one.schema != self.default_schema:
            location["schema"] = one.schema
        dialect = self.asker.dialect
        columns = tuple(
            column_of(column, dialect=dialect, native=self.notes.natives.get((one.name, column["name"]), ""))
            for column in one.columns
        )
        columns = tuple(
            replace(each, kind="unsupported", native=_BARRED) if self._barred(each.name) else each for each in columns
        )
        return Structure(
            location, one.name, columns, indexed=one.indexed, view=one.view, comment=one.comment, problem=one.problem
        )

    def _parent(self, base: Structure) -> str:
        """The table that serves these rows too, unless this one has columns that only it serves."""
        parent = self.notes.children.get(base.name, "")
        own = {column.name for column in base.columns}
        theirs = {name for table, name in self.notes.natives if table == parent}
        return parent if own <= theirs else ""

    def _table(self, base: Structure) -> sa.TableClause:
        columns: list[sa.ColumnClause[Any]] = [sa.column(column.name) for column in base.columns]
        return sa.table(self.reflected.name, *columns, schema=self.reflected.schema)

    def _head(self, table: sa.TableClause) -> list[Row] | None:
        """The first rows; None where they cannot be had, be it for a single value that the driver cannot read."""
        return self.asker.maybe(self._every(table).limit(SAMPLES), seconds=self.seconds)

    def _every(self, table: sa.TableClause) -> sa.Select[Any]:
        """All columns, with null for those that this user may not read."""
        shown = [sa.null().label(each.name) if self._barred(each.name) else each for each in table.c]
        return sa.select(*shown).select_from(table)

    def _barred(self, column: str) -> bool:
        return (self.reflected.name, column) in self.notes.barred

    def _readable(self, table: sa.TableClause) -> bool:
        try:
            self.asker.ask(sa.select(sa.literal_column("1")).select_from(table).limit(1), seconds=self.seconds)
        except NotInTime:
            return True
        except Refused:
            return False
        return True

    def _refined(self, table: sa.TableClause, columns: Sequence[Column]) -> tuple[Column, ...]:
        if self.asker.dialect == "sqlite":
            return as_held(self.asker, table, columns, seconds=self.seconds)
        if self.asker.dialect in {"mysql", "mariadb"}:
            return tuple(self._truth(table, column) for column in columns)
        return tuple(columns)

    def _truth(self, table: sa.TableClause, column: Column) -> Column:
        """TINYINT(1) is how MySQL spells a truth value, if no value says otherwise."""
        if not column.native.lower().startswith("tinyint(1)"):
            return column
        value = table.c[column.name]
        other = sa.select(value).where(value.not_in([0, 1])).limit(1)
        found = self.asker.maybe(other, seconds=self.seconds)
        return replace(column, kind="boolean" if found == [] else "integer")

    def _count(self, table: sa.TableClause) -> tuple[int | None, bool]:
        estimate = self.notes.estimates.get(self.reflected.name)
        if self.reflected.name in self.notes.parents:
            estimate = None
        if estimate is None or estimate <= _CHEAP_COUNT:
            counted = self.asker.maybe(sa.select(sa.func.count()).select_from(table), seconds=self.seconds)
            if counted:
                return int(counted[0][0]), True
        return estimate, False

    def _samples(
        self, table: sa.TableClause, columns: Sequence[Column], key: KeyGuess, head: list[Row]
    ) -> tuple[Row, ...]:
        """Odd rows, and rows from both ends of a declared key: newer rows are often written otherwise."""
        every = self._every(table)
        odd = [row for question in self._odd(table, columns) for row in self._some(every.where(question), 2)]
        if key.basis == "declared" and len(head) == SAMPLES:
            back = every.order_by(*(table.c[name].desc() for name in key.columns))
            head = head[: SAMPLES // 2] + self._some(back, SAMPLES // 2)
        return tuple([*odd, *(row for row in head if row not in odd)][:SAMPLES])

    def _some(self, question: sa.Select[Any], limit: int) -> list[Row]:
        return self.asker.maybe(question.limit(limit), seconds=self.seconds) or []

    def _odd(self, table: sa.TableClause, columns: Sequence[Column]) -> list[sa.ColumnElement[bool]]:
        dated = [table.c[column.name] for column in columns if column.kind in {"date", "dateTime"}]
        if self.asker.dialect in {"mysql", "mariadb"}:
            return [sa.cast(value, sa.CHAR).like("0000-00-00%") for value in dated]
        if self.asker.dialect != "sqlite":
            return []
        return [value == text for value in dated for text in self._shapes(table, value)]

    def _shapes(self, table: sa.TableClause, value: sa.ColumnElement[Any]) -> list[Any]:
        """One value of each length that dates written as text have."""
        text = sa.func.typeof(value) == sa.literal_column("'text'")
        lengths = sa.select(sa.func.min(value)).select_from(table).where(text).group_by(sa.func.length(value))
        return [row[0] for row in self._some(lengths, 8)]
