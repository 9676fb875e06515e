"""What SQLite columns really hold: a declared type binds nobody there, so every value may lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import sqlalchemy as sa

from datong.model import Column, Row
from datong.sources.database._introspect_ask import Asker

_EXACT: Final = 2**53 - 1
_HEAD: Final = 5000
"""Rows looked at where the whole table takes too long."""
_BATCH: Final = 100
"""Columns to one statement."""


@dataclass(frozen=True, slots=True)
class _Held:
    classes: frozenset[str]
    low: int | None
    high: int | None
    longest: int | None


def as_held(asker: Asker, table: sa.TableClause, columns: Sequence[Column], *, seconds: float) -> tuple[Column, ...]:
    """The columns with the kinds of the values they hold; as declared where there is no value."""
    out: list[Column] = []
    for start in range(0, len(columns), _BATCH):
        batch = columns[start : start + _BATCH]
        held = _held(asker, table, batch, seconds)
        out += [_judged(column, one) for column, one in zip(batch, held, strict=True)]
    return tuple(out)


def _held(asker: Asker, table: sa.TableClause, columns: Sequence[Column], seconds: float) -> list[_Held]:
    head = sa.select(*(table.c[column.name] for column in columns)).limit(_HEAD).subquery()
    for place in (table, head):
        rows = asker.maybe(_question(place, columns), seconds=seconds)
        if rows:
            return [_answer(rows[0], 4 * index) for index in range(len(columns))]
    return [_Held(frozenset(), None, None, None)] * len(columns)


def _question(place: sa.FromClause, columns: Sequence[Column]) -> sa.Select[Any]:
    asked: list[Any] = []
    for column in columns:
        value = place.c[column.name]
        storage = sa.func.typeof(value)
        whole = sa.case((storage == sa.literal_column("'integer'"), value))
        longest = sa.func.max(sa.func.length(value)) if column.length else sa.null()
        asked += [sa.func.group_concat(storage.distinct()), sa.func.min(whole), sa.func.max(whole), longest]
    return sa.select(*asked).select_from(place)


def _answer(row: Row, at: int) -> _Held:
    classes = frozenset(str(row[at]).split(",")) if row[at] else frozenset()
    return _Held(classes - {"null"}, row[at + 1], row[at + 2], row[at + 3])


def _judged(column: Column, held: _Held) -> Column:
    """Nothing there pads text or keeps to a declared length, and any integer may have 64 bits."""
    kind = _kind(column.kind if column.native else "string", held)
    length = None if (held.longest or 0) > (column.length or 0) else column.length
    beyond = max(abs(held.low or 0), abs(held.high or 0)) > _EXACT or "BIGINT" in column.native.upper().replace(" ", "")
    return replace(column, kind=kind, wide=kind == "integer" and beyond, padded=False, length=length)


def _kind(declared: str, held: _Held) -> str:
    classes = held.classes
    if not classes:
        return declared
    if classes == {"integer"}:
        return _whole(declared, held)
    if classes <= {"integer", "real"}:
        return "decimal" if declared == "decimal" else "number"
    if classes == {"text"}:
        return declared if declared in {"date", "dateTime", "time", "json"} else "string"
    return "binary" if classes == {"blob"} else "string"


def _whole(declared: str, held: _Held) -> str:
    if declared == "boolean":
        return "boolean" if held.low in {0, 1} and held.high in {0, 1} else "integer"
    return declared if declared in {"decimal", "number"} else "integer"
