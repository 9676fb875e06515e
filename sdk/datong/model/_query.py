from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Operator = Literal["eq", "in", "gt", "gte", "lt", "lte", "isNull"]
Form = Literal["text", "integer", "decimalText", "momentText"]
"""What every value of a column that is not null is sure to be, as the source hands it over: `str`
that decodes; `int` of 32 bits; a number's plain decimal text or the words NaN and Infinity; a
timestamp without offset as `YYYY-MM-DD HH:MM:SS`, longer or shorter where it is anything else."""
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """`column operator value` in the source's own names and value types.

    `in` takes a tuple of values; `isNull` takes True or False. Strings compare exactly: by code
    point, with no folding of case or width, whatever the collation of the source.

    Values are str, int, Decimal, float, bool, date, time, bytes, or datetime with the offset of the
    source's zone, whose digits are the wall-clock time that a column without offset holds. They
    need not be of the column's own type: a text asked of a column of numbers means the number of
    which it is the canonical text (`12`, never `012`), and nothing where it is none.
    """

    column: str
    operator: Operator
    value: Any


@dataclass(frozen=True, slots=True)
class Sort:
    """Order by one source column; null is the smallest value; strings by code point."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """What a source is asked for: already narrowed by the grant, in the source's own names.

    `columns` is what each row holds, in this order. `where` is a conjunction. `sort` never names
    the key columns that a source appends itself to make the order total. `after` holds, for the
    last row already delivered, the values of the sort columns and then of the key columns; None
    starts at the front. `limit` is the most rows wanted, None for all.
    """

    location: Any
    columns: tuple[str, ...]
    key: tuple[str, ...]
    where: tuple[Condition, ...] = ()
    sort: tuple[Sort, ...] = ()
    after: tuple[Any, ...] | None = None
    limit: int | None = None


@dataclass(slots=True)
class Call:
    """One request on its way to a source: how long it may take and how much it may read.

    `deadline` is a reading of `time.monotonic()`; `rows` is the row budget of the whole call.
    """

    deadline: float
    rows: int = 100_000
    request_id: str = ""
    purpose: str = ""

    @classmethod
    def within(cls, seconds: float, **more: Any) -> Call:
        return cls(deadline=time.monotonic() + seconds, **more)

    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self.deadline - time.monotonic())


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a source can do by itself for one location: data, declared honestly.

    What is False here the SDK makes up within the row budget, or refuses with a problem.
    """

    filters: frozenset[Operator] = frozenset()
    sort: bool = False
    keyset: bool = False
    count: bool = False
    changes: bool = False
    partitions: bool = False
    forms: Mapping[str, Form] = field(default_factory=dict)
    """Columns whose values need no test of their type, since the source itself guarantees it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column (element, field) of a legacy structure, as introspection found it.

    `kind` is the neutral type: string, integer, decimal, number, boolean, date, dateTime, time,
    binary, json, unsupported. `wide` marks integers that can pass 2^53-1. `native` is the type's
    own name in the source; `zoned` whether an instant carries an offset; `padded` whether values
    are blank-padded (CHAR).
    """

    name: str
    kind: str
    native: str = ""
    nullable: bool = True
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    wide: bool = False
    zoned: bool = False
    padded: bool = False
    values: tuple[str, ...] = ()
    comment: str = ""


@dataclass(frozen=True, slots=True)
class KeyGuess:
    """A key and why it is believed: `declared` by the source, or `measured` by counting."""

    columns: tuple[str, ...]
    basis: Literal["declared", "unique", "measured", "none"]
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Structure:
    """One table, view, file or operation that can become a dataset.

    `location` is what adapter.yaml holds under `from`. `problem` says why this one cannot be
    served; it never stops the rest. `rows` is a count or estimate, None where unknown.
    """

    location: dict[str, Any]
    name: str
    columns: tuple[Column, ...] = ()
    key: KeyGuess = field(default_factory=lambda: KeyGuess((), "none"))
    indexed: frozenset[str] = frozenset()
    rows: int | None = None
    exact: bool = False
    view: bool = False
    comment: str = ""
    problem: str = ""
    samples: tuple[Row, ...] = ()
