"""What a statement must know of a table: which columns there are, and how each is compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, NamedTuple

from datong.model import SourceProblem, Text

Family = Literal[
    "text", "integer", "decimal", "float", "boolean", "bytes", "date", "instant", "local", "time", "uuid", "other"
]
"""`instant` carries an offset, `local` is a timestamp without one, `other` is compared by its text."""


class Place(NamedTuple):
    """Where rows are: an optional schema and a table or view."""

    schema: str | None
    table: str

    @property
    def name(self) -> str:
        return f"{self.schema}.{self.table}" if self.schema else self.table


@dataclass(frozen=True, slots=True)
class Item:
    """One column. `native` is the type's own name, `folding` whether its collation lets two
    different texts be equal, `padded` whether trailing blanks say nothing (CHAR)."""

    name: str
    family: Family
    native: str = ""
    nullable: bool = True
    folding: bool = False
    padded: bool = False
    charset: str = ""
    collation: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    place: Place
    items: dict[str, Item]
    unique: tuple[frozenset[str], ...] = ()
    """Sets of columns that the database itself keeps unique."""

    def item(self, name: str) -> Item:
        try:
            return self.items[name]
        except KeyError:
            raise missing("column", name, self.items, self.place.name) from None

    def told_apart(self, columns: Iterable[str]) -> bool:
        """Whether the database lets no two rows be equal in these columns, under their own collations."""
        asked = frozenset(columns)
        return any(known <= asked for known in self.unique)


def missing(what: Literal["table", "column"], name: str, choices: Iterable[str], of: str = "") -> SourceProblem:
    """The problem of a table or column that is not there, with the nearest one that is."""
    near = get_close_matches(name, choices, n=1, cutoff=0.5)
    if what == "table":
        cause = Text(f"The database has no table or view {name!r}.", f"数据库中没有名为 {name!r} 的表或视图。")
    else:
        cause = Text(f"The table {of!r} has no column {name!r}.", f"表 {of!r} 中没有名为 {name!r} 的列。")
    hint = Text(f"Did you mean {near[0]!r}?", f"是否想写 {near[0]!r}？") if near else None
    return SourceProblem("source-failed", cause=cause, hint=hint)
