"""What identifies a row: declared, else a unique index, else counted; never guessed without a count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Any, Final

import sqlalchemy as sa

from datong.model import Column, KeyGuess, Row
from datong.sources.database._introspect_ask import Asker, NotInTime, Refused

COMPARABLE: Final = frozenset({"string", "integer", "decimal", "boolean", "date", "dateTime", "time"})

_KEYABLE: Final = COMPARABLE | {"number", "binary"}
"""Kinds of which a declared key may be made: of the others no record id can be."""
_HEAD: Final = 2000
"""Rows read to leave out what is plainly not unique, before anything is counted."""
_SINGLES: Final = 8
_GROUPS: Final = 12
_POOL: Final = 12
"""Columns of which combinations are tried: 12 give 66 pairs and 220 triples, judged in memory."""

_LIKE_A_KEY = re.compile(
    r"(?:id|no|num|number|code|key|uuid|guid|bh|dm|hm|xh|lsh)$|编号|代码|号码|序号|流水号", re.IGNORECASE
)
_KIND_RANK: Final = {"integer": 0, "string": 1, "boolean": 4, "decimal": 2, "date": 3, "dateTime": 3, "time": 4}
_LONG: Final = 200


@dataclass(frozen=True, slots=True)
class Declared:
    """Keys the database declares: the primary key, and unique indexes in its own order.

    `trusted` is False where a primary key does not cover all rows of the table, as with tables
    that others inherit from.
    """

    primary: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    trusted: bool = True


def key_of(
    asker: Asker, table: sa.TableClause, columns: Sequence[Column], declared: Declared, *, seconds: float
) -> tuple[KeyGuess, str]:
    """The key and its evidence; without one, the reason, in Chinese and English."""
    known = {column.name: column for column in columns if column.kind in _KEYABLE}
    if declared.trusted and (found := _declared(asker, table, known, declared, seconds)):
        return found, ""
    return _Counting(asker, table, columns, declared, seconds).guess()


def _declared(
    asker: Asker, table: sa.TableClause, known: dict[str, Column], declared: Declared, seconds: float
) -> KeyGuess | None:
    primary = declared.primary
    if primary and all(name in known for name in primary):
        # SQLite alone lets a primary key hold NULL, save for INTEGER PRIMARY KEY
        loose = asker.dialect == "sqlite" and any(known[name].nullable for name in primary)
        if not loose or not _holds_null(asker, table, primary, seconds):
            return KeyGuess(primary, "declared", "数据库声明的主键 / primary key declared by the database")
    strict = [names for names in declared.unique if all(name in known and not known[name].nullable for name in names)]
    if strict:
        best = min(strict, key=lambda names: (len(names), sum(_rank(known[name]) for name in names)))
        return KeyGuess(best, "unique", "非空唯一索引 / unique index without NULL")
    return None


def _holds_null(asker: Asker, table: sa.TableClause, names: Iterable[str], seconds: float) -> bool:
    empty = sa.or_(*(table.c[name].is_(None) for name in names))
    question: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(table).where(empty).limit(1)
    return bool(asker.maybe(question, seconds=seconds))


def _rank(column: Column) -> int:
    """Smaller is more like a key: a telling name first, then whole numbers, then short text."""
    named = 0 if _LIKE_A_KEY.search(column.name) else 10
    long = 5 if column.kind == "string" and (column.length or 0) > _LONG else 0
    return named + long + _KIND_RANK.get(column.kind, 9)


class _Counting:
    """Looks for columns whose values are never NULL and never repeat, and counts to prove it."""

    def __init__(
        self, asker: Asker, table: sa.TableClause, columns: Sequence[Column], declared: Declared, seconds: float
    ) -> None:
        self._asker = asker
        self._table = table
        self._seconds = seconds
        self._columns = [column for column in columns if column.kind in COMPARABLE]
        self._hinted = [*declared.unique, declared.primary] if declared.primary else list(declared.unique)

    def guess(self) -> tuple[KeyGuess, str]:
        if not self._columns:
            return _none("没有可比较的列 / no column whose values can be compared")
        try:
            head = self._asker.ask(self._select().limit(_HEAD), seconds=self._seconds)
            if not head:
                return self._empty(), ""
            return self._measured(head)
        except NotInTime:
            return _none("未能在限定时间内计数 / could not be counted in the time allowed")
        except Refused:
            return _none("数据库拒绝读取 / the database refused to read it")

    def _select(self) -> sa.Select[Any]:
        return sa.select(*(self._table.c[column.name] for column in self._columns))

    def _empty(self) -> KeyGuess:
        names = tuple(column.name for column in self._columns)
        return KeyGuess(
            names,
            "none",
            "表中没有数据，无法实测，暂用全部可比较列；有数据后请确认 / "
            "no rows to measure; all comparable columns for now; confirm once there are rows",
        )

    def _measured(self, head: list[Row]) -> tuple[KeyGuess, str]:
        plain = self._plausible(head)
        names = [self._columns[index].name for index in plain]
        if names and (found := self._first_single(names)):
            return found, ""
        for group in self._groups(head):
            if found := self._proved(tuple(self._columns[index].name for index in group)):
                return found, ""
        return _none(
            "没有主键，实测也没有任何无空值且不重复的列组合 / "
            "no key is declared, and no combination of columns without NULL is unique when counted"
        )

    def _plausible(self, head: list[Row]) -> list[int]:
        """Columns that are unique and never NULL in the head, most key-like first."""
        found = [index for index in range(len(self._columns)) if _unique(head, (index,))]
        return sorted(found, key=lambda index: (_rank(self._columns[index]), index))[:_SINGLES]

    def _first_single(self, names: Sequence[str]) -> KeyGuess | None:
        columns = [self._table.c[name] for name in names]
        counts = [count for column in columns for count in (sa.func.count(column), sa.func.count(column.distinct()))]
        question = sa.select(sa.func.count(), *counts).select_from(self._table)
        total, *rest = self._asker.ask(question, seconds=self._seconds)[0]
        for index, name in enumerate(names):
            if rest[2 * index] == rest[2 * index + 1] == total:
                return _counted((name,), total)
        return None

    def _groups(self, head: list[Row]) -> Iterator[tuple[int, ...]]:
        whole = [i for i in range(len(self._columns)) if all(row[i] is not None for row in head)]
        place = {column.name: index for index, column in enumerate(self._columns)}
        for names in self._hinted:
            if len(names) > 1 and all(name in place for name in names):
                yield tuple(place[name] for name in names)
        pool = sorted(whole, key=lambda index: (_rank(self._columns[index]), index))[:_POOL]
        small = (group for size in (2, 3) for group in combinations(pool, size) if _unique(head, group))
        yield from islice(small, _GROUPS)
        if len(whole) > 1 and _unique(head, whole):
            yield tuple(whole)

    def _proved(self, names: tuple[str, ...]) -> KeyGuess | None:
        columns = [self._table.c[name] for name in names]
        groups = sa.select(*columns, sa.func.count().label("datong_n")).group_by(*columns).subquery()
        empty = [sa.case((groups.c[index].is_(None), 1), else_=0) for index in range(len(names))]
        question = sa.select(
            sa.func.count(), sa.func.sum(groups.c[len(names)]), sa.func.max(groups.c[len(names)]),
            *(sa.func.max(one) for one in empty),
        )  # fmt: skip
        total, rows, most, *nulls = self._asker.ask(question, seconds=self._seconds)[0]
        return _counted(names, int(rows)) if total and int(most) == 1 and not any(nulls) else None


def _unique(head: list[Row], places: Sequence[int]) -> bool:
    seen = set()
    for row in head:
        values = tuple(row[place] for place in places)
        if None in values:
            return False
        try:
            seen.add(values)
        except TypeError:
            return False
    return len(seen) == len(head)


def _counted(names: tuple[str, ...], rows: int) -> KeyGuess:
    evidence = (
        f"实测：{rows} 行中有 {rows} 个不同取值，没有空值 / "
        f"measured: {rows} distinct values in {rows} rows, none of them NULL"
    )
    return KeyGuess(names, "measured", evidence)


def _none(reason: str) -> tuple[KeyGuess, str]:
    return KeyGuess((), "none", reason), reason
