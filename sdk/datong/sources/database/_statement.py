"""From the shape of a selection to the statement that answers it, compiled once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, Protocol

import sqlalchemy as sa
from sqlalchemy.sql.elements import quoted_name
from sqlalchemy.types import NullType

from datong.model import Operator, Problem, Selection
from datong.sources.database._table import Item, Place, Table
from datong.sources.database._values import NEVER, Binder

Expression = sa.ColumnElement[Any]
Mend = Callable[[Any], Any]


class Words(Protocol):
    """How one kind of server says what the contract means."""

    dialect: sa.Dialect
    row_values: bool
    """Whether `(a, b) > (x, y)` walks an index."""
    nulls_last: bool
    """Whether ascending order puts null at the end unless told otherwise."""

    plain_limit: bool
    """Whether a limit is written as a number at the end."""

    def shown(self, item: Item) -> Expression:
        """The column as it is selected: nothing rounded, and an instant with its offset."""
        ...

    def mend(self, item: Item) -> Mend | None:
        """What is done to each value of the column after it is read."""
        ...

    def ranked(self, item: Item) -> Expression:
        """The column in the order of code points, or of its values where it holds no text."""
        ...

    def rank(self, item: Item, value: Expression) -> Expression:
        """A bound value as it is compared with `ranked`."""
        ...

    def native(self, item: Item, value: Expression) -> Expression:
        """A bound value as it is compared with the bare column."""
        ...

    def equal(self, item: Item, value: Expression) -> Expression:
        """Exact equality that an index on the bare column can serve."""
        ...

    def binder(self, item: Item) -> Binder: ...

    def moment(self, item: Item) -> Item:
        """The column as it is compared with a date or an instant of Python."""
        ...


class Shape(NamedTuple):
    """What the text of a statement depends on. `after` says which of its values are null."""

    what: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    where: tuple[tuple[str, Operator, int, bool], ...]
    """Column, operator, number of places, and whether the value is a date or an instant."""
    sort: tuple[tuple[str, bool], ...]
    after: tuple[bool, ...] | None
    limit: int | None


@dataclass(frozen=True, slots=True)
class Statement:
    """A text and how its parameters come from the values of a selection, in the order of `flat`."""

    text: str
    binders: tuple[Binder, ...]
    order: tuple[int, ...]
    """For each place of the text, the binder whose value it takes."""
    names: tuple[str, ...] | None
    """Names of the places, for drivers that want a mapping."""
    mends: tuple[tuple[int, Mend], ...] = ()
    constants: tuple[Any, ...] = ()
    """Values that the statement itself brings; they follow those of the binders."""
    conditions: int = 0
    """How many binders belong to conditions; the rest belong to the last row."""

    def arguments(self, values: Sequence[Any]) -> Any:
        """What the driver is given; NEVER where no row can match.

        Raises Problem `cursor-invalid` where the last row cannot be one of this table.
        """
        bound = [binder(value) for binder, value in zip(self.binders, values, strict=True)]
        if NEVER in bound:
            if NEVER in bound[self.conditions :]:
                raise Problem("cursor-invalid")
            return NEVER
        bound.extend(self.constants)
        ordered = tuple([bound[place] for place in self.order])
        return ordered if self.names is None else dict(zip(self.names, ordered, strict=True))

    def mended(self, rows: list[Any]) -> list[Any]:
        if not self.mends:
            return rows
        changed = []
        for row in rows:
            values = list(row)
            for place, mend in self.mends:
                values[place] = mend(values[place])
            changed.append(tuple(values))
        return changed


def shape_of(selection: Selection, what: str, last: Sequence[Any] | None) -> Shape:
    """`last` holds the values of the last row delivered, or of the key that is looked up."""
    return Shape(
        what,
        selection.columns if what != "count" else (),
        selection.key,
        tuple([(c.column, c.operator, _width(c.operator, c.value), _moment(c.value)) for c in selection.where]),
        tuple([(s.column, s.descending) for s in selection.sort]) if what == "rows" else (),
        None if last is None else tuple([value is None for value in last]),
        selection.limit if what == "rows" else None,
    )


def flat(selection: Selection, last: Sequence[Any] | None) -> list[Any]:
    """The values of a statement's places: those of the conditions, then those of `last`."""
    values: list[Any] = []
    for condition in selection.where:
        if condition.operator == "in":
            values.extend(condition.value)
            values.extend([None] * (_width("in", condition.value) - len(condition.value)))
        elif condition.operator != "isNull":
            values.append(condition.value)
    if last is not None:
        values.extend([value for value in last if value is not None])
    return values


def _width(operator: Operator, value: Any) -> int:
    """How many places a condition takes; lists are filled up to a power of two, so that shapes stay few."""
    if operator == "in":
        return 1 << (len(value) - 1).bit_length() if value else 0
    return int(bool(value)) if operator == "isNull" else 1


def _moment(value: Any) -> bool:
    return isinstance(value[0] if isinstance(value, tuple | list) and value else value, date)


@dataclass(slots=True)
class _Term:
    """One part of the order: what is compared, and with which value of the last row."""

    item: Item
    descending: bool
    column: Expression
    value: Expression | None = None
    absent: bool = False


@dataclass(slots=True)
class Builder:
    words: Words
    table: Table
    binders: list[Binder] = field(default_factory=list)

    def build(self, shape: Shape) -> Statement:
        where = self._conditions(shape)
        source = sa.table(quoted_name(self.table.place.table, quote=True), schema=_schema(self.table.place))
        if shape.what == "count":
            return self._compiled(sa.select(sa.func.count()).select_from(source).where(*where), ())
        items = [self.table.item(name) for name in shape.columns]
        query = sa.select(*map(self.words.shown, items)).select_from(source)
        if shape.what == "get":
            where += [
                bare(item).is_(None) if absent else self.words.equal(item, self._place(item))
                for item, absent in zip(map(self.table.item, shape.key), shape.after or (), strict=True)
            ]
            return self._compiled(self._limited(query.where(*where), 1), items)
        places = len(self.binders)
        terms = self._terms(shape)
        if shape.after is not None:
            where.append(self._beyond(terms))
        query = query.where(*where).order_by(*self._order(terms, first=shape.after is None))
        return self._compiled(self._limited(query, shape.limit), items, conditions=places)

    def _limited(self, query: sa.Select[Any], limit: int | None) -> sa.Select[Any]:
        """A limit is part of the text: a server that plans for an unknown one may sort the whole table."""
        if limit is None:
            return query
        return query.limit(sa.literal_column(str(limit)) if self.words.plain_limit else limit)

    def _place(self, item: Item, *, listed: bool = False) -> Expression:
        binder = self.words.binder(item)
        self.binders.append(_or_null(binder) if listed else binder)
        return sa.bindparam(f"p{len(self.binders) - 1}", type_=NullType())

    def _conditions(self, shape: Shape) -> list[Expression]:
        return [
            self._condition(self.words.moment(item) if moment else item, operator, width)
            for name, operator, width, moment in shape.where
            for item in (self.table.item(name),)
        ]

    def _condition(self, item: Item, operator: Operator, width: int) -> Expression:
        column = bare(item)
        if operator == "isNull":
            return column.is_(None) if width else column.is_not(None)
        if operator == "in":
            places = [self._place(item, listed=True) for _ in range(width)]
            return sa.or_(sa.false(), *[self.words.equal(item, place) for place in places])
        place = self._place(item)
        if operator == "eq":
            return self.words.equal(item, place)
        ranked, value = self.words.ranked(item), self.words.rank(item, place)
        return _COMPARE[operator](ranked, value)

    def _terms(self, shape: Shape) -> list[_Term]:
        """The sort and then the key; a column that came before adds nothing to the order."""
        native = self.table.told_apart(shape.key)
        parts = [(name, descending, False) for name, descending in shape.sort]
        parts += [(name, False, True) for name in shape.key]
        absent = shape.after or (False,) * len(parts)
        terms: dict[str, _Term] = {}
        for (name, descending, is_key), missing in zip(parts, absent, strict=True):
            item = self.table.item(name)
            place = None if shape.after is None or missing else self._place(item)
            if name not in terms:
                terms[name] = self._term(item, descending, place, native=is_key and (native or not item.folding))
                terms[name].absent = missing
        return list(terms.values())

    def _term(self, item: Item, descending: bool, place: Expression | None, *, native: bool) -> _Term:  # noqa: FBT001
        if native and item.family != "other":
            return _Term(item, descending, bare(item), None if place is None else self.words.native(item, place))
        return _Term(item, descending, self.words.ranked(item), None if place is None else self.words.rank(item, place))

    def _beyond(self, terms: list[_Term]) -> Expression:
        """Strictly after the last row, null being the smallest value."""
        directions = {term.descending for term in terms}
        plain = not any(term.absent or (term.descending and term.item.nullable) for term in terms)
        if self.words.row_values and len(terms) > 1 and plain and len(directions) == 1:
            row, last = sa.tuple_(*[t.column for t in terms]), sa.tuple_(*[t.value for t in terms])
            return row < last if directions == {True} else row > last
        steps = [
            sa.and_(*[_same(earlier) for earlier in terms[:place]], step)
            for place, term in enumerate(terms)
            if (step := _step(term)) is not None
        ]
        if len(terms) == 1:
            return steps[0] if steps else sa.false()
        return sa.and_(*_bound(terms[0]), sa.or_(sa.false(), *steps))

    def _order(self, terms: list[_Term], *, first: bool) -> Iterable[sa.UnaryExpression[Any]]:
        for place, term in enumerate(terms):
            order = term.column.desc() if term.descending else term.column.asc()
            # Past a value that is not null, an ascending order meets no null any more
            met = term.item.nullable and (first or place > 0 or term.descending or term.absent)
            if self.words.nulls_last and met:
                order = order.nulls_last() if term.descending else order.nulls_first()
            yield order

    def _compiled(self, query: sa.Select[Any], items: Sequence[Item], *, conditions: int | None = None) -> Statement:
        compiled: Any = query.compile(dialect=self.words.dialect, compile_kwargs={"render_postcompile": True})
        names = tuple(compiled.positiontup) if compiled.positional else tuple(compiled.params)
        own = {f"p{place}": place for place in range(len(self.binders))}
        extra = [name for name in dict.fromkeys(names) if name not in own]
        own |= {name: len(self.binders) + place for place, name in enumerate(extra)}
        return Statement(
            text=str(compiled),
            binders=tuple(self.binders),
            order=tuple([own[name] for name in names]),
            names=None if compiled.positional else names,
            mends=tuple([(place, mend) for place, item in enumerate(items) if (mend := self.words.mend(item))]),
            constants=tuple([compiled.params[name] for name in extra]),
            conditions=len(self.binders) if conditions is None else conditions,
        )


def bare(item: Item) -> Expression:
    return sa.column(quoted_name(item.name, quote=True), NullType())


def _schema(place: Place) -> str | None:
    return None if place.schema is None else quoted_name(place.schema, quote=True)


def _or_null(binder: Binder) -> Binder:
    """In a list, a value that no row can equal is null, and equals none."""

    def bind(value: Any) -> Any:
        bound = binder(value)
        return None if bound is NEVER else bound

    return bind


def _same(term: _Term) -> Expression:
    return term.column.is_(None) if term.absent or term.value is None else term.column == term.value


def _step(term: _Term) -> Expression | None:
    if term.absent or term.value is None:
        return None if term.descending else term.column.is_not(None)
    if not term.descending:
        return term.column > term.value
    return sa.or_(term.column < term.value, term.column.is_(None)) if term.item.nullable else term.column < term.value


def _bound(term: _Term) -> list[Expression]:
    """What the alternatives have in common: it lets servers without row values start in the index."""
    if term.value is None or (term.descending and term.item.nullable):
        return []
    return [term.column <= term.value if term.descending else term.column >= term.value]


_COMPARE: dict[str, Callable[[Expression, Expression], Expression]] = {
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
}
