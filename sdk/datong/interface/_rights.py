"""What one version of a grant lets its holder ask of one dataset, compiled once (Art. 20, 25)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

from datong.guard import Access
from datong.interface._asked import Asked
from datong.interface._order import Order, memory_order
from datong.interface._violations import Violations
from datong.mapping import RECORD_ID, Plan, Residual, ValueInvalid, View
from datong.model import Capabilities, Condition, Field, Operator, Problem, Row, Selection, Sort

KEPT: Final = 256
"""Prepared queries that one grant keeps."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A conjunction: what the source is asked for, and what is tested on mapped values afterwards."""

    conditions: tuple[Condition, ...] = ()
    tests: tuple[Residual, ...] = ()


@dataclass(slots=True)
class Prepared:
    """One query, ready to run for any page.

    `columns` begin with those of `view`; `cut` says that more follow. `work` maps what tests and
    an order of our own need, unmasked; `position` reads a row's place in the order.
    """

    view: View
    columns: tuple[str, ...]
    cut: bool
    where: tuple[Condition, ...]
    sort: tuple[Sort, ...]
    position: Callable[[Row], tuple[Any, ...]]
    filters: dict[str, Any]
    order_names: tuple[str, ...]
    fields: tuple[str, ...] | None
    work: View | None = None
    pick: Callable[[Row], Row] | None = None
    scope_tests: tuple[Residual, ...] = ()
    tests: tuple[Residual, ...] = ()
    order: Order | None = None
    counted: tuple[int, float] = (0, 0.0)
    """How many rows meet the query, and until when (monotonic) that is believed."""

    def seen(self, rows: list[Row]) -> list[Row]:
        """The rows as the view wants them."""
        width = len(self.view.columns)
        return [row[:width] for row in rows] if self.cut else rows


class Rights:
    """`fields` are the granted items in the order of the entry, `masked` those of them shown masked."""

    def __init__(self, access: Access, plan: Plan, location: Any, can: Capabilities) -> None:
        self.plan = plan
        self.dataset = access.dataset
        self.fields = access.fields
        self.masked = access.masked
        self.granted = frozenset(access.fields)
        self._location = location
        self._can = can
        self.scope = self._scoped(access)
        self.kept = KEPT
        self.queries: dict[bytes, Any] = {}
        self.lookups: dict[tuple[str, ...] | None, tuple[Prepared, Selection]] = {}

    def selection(self, prepared: Prepared, after: tuple[Any, ...] | None, limit: int | None) -> Selection:
        return Selection(
            self._location, prepared.columns, self.dataset.key, prepared.where, prepared.sort, after, limit
        )

    def raw_selection(
        self, columns: tuple[str, ...], where: tuple[Condition, ...], after: tuple[Any, ...] | None, limit: int
    ) -> Selection:
        return Selection(self._location, columns, self.dataset.key, where, (), after, limit)

    def pushed(self, item: str, operator: Operator, value: Any) -> list[Condition]:
        """What the source can be asked for of a condition that is tested afterwards anyway."""
        conditions: list[Condition] = []
        self._push(item, operator, value, conditions, [])
        return conditions

    @property
    def counts(self) -> bool:
        return self._can.count

    @property
    def keyset(self) -> bool:
        return self._can.keyset

    # -- what is asked ------------------------------------------------------------------------

    def prepare(self, asked: Asked, violations: Violations) -> Prepared:
        """Check a query against the grant and the declaration; raises Problem with every violation."""
        wanted = self._wanted(asked, violations)
        narrowing = self._filtered(asked, violations)
        self._check_sort(asked, violations)
        violations.settle()
        return self._prepared(wanted, asked, narrowing)

    def lookup(self, fields: tuple[str, ...] | None, violations: Violations) -> tuple[Prepared, Selection]:
        """The query for one record by its key."""
        found = self.lookups.get(fields)
        if found is None:
            asked = Asked(fields=fields)
            wanted = self._wanted(asked, violations)
            violations.settle()
            prepared = self._prepared(wanted, asked, Narrowing())
            found = prepared, self.selection(prepared, None, 1)
            if len(self.lookups) < KEPT:
                self.lookups[fields] = found
        return found

    def _prepared(self, wanted: tuple[str, ...], asked: Asked, narrowing: Narrowing) -> Prepared:
        with_id = asked.fields is None or RECORD_ID in asked.fields
        view = self.plan.view(wanted, self.masked, record_id=with_id)
        sort = self._pushed_sort(asked.sort)
        names = [test.field for test in (*self.scope.tests, *narrowing.tests)]
        ordered = sort is None or (bool(names) and not self._can.keyset) or not self._can.keyset
        if ordered:
            names += [name.removeprefix("-") for name in asked.sort]
        work = self.plan.view(dict.fromkeys(names), record_id=False) if names or ordered else None
        columns = tuple(
            dict.fromkeys(
                (*view.columns, *(work.columns if work else ()), *(each.column for each in sort or () if not ordered))
            )
        )
        pushed = () if ordered else sort or ()
        return Prepared(
            view=view,
            columns=columns,
            cut=len(columns) > len(view.columns),
            where=(*self.scope.conditions, *narrowing.conditions),
            sort=pushed,
            position=_picker(columns, [*(each.column for each in pushed), *self.dataset.key]),
            filters=asked.filters,
            order_names=asked.sort,
            fields=asked.fields,
            work=work,
            pick=_picker(columns, work.columns) if work else None,
            scope_tests=self.scope.tests,
            tests=narrowing.tests,
            order=memory_order(asked.sort, self.dataset) if ordered else None,
        )

    def _pushed_sort(self, names: tuple[str, ...]) -> tuple[Sort, ...] | None:
        """None where an order of our own is needed."""
        if names and not self._can.sort:
            return None
        pushed = [self.plan.sort(name.removeprefix("-"), descending=name.startswith("-")) for name in names]
        return None if None in pushed else tuple(each for each in pushed if each is not None)

    # -- what may be asked --------------------------------------------------------------------

    def _wanted(self, asked: Asked, violations: Violations) -> tuple[str, ...]:
        if asked.fields is None:
            return self.fields
        pointer = asked.pointer("fields")
        for name in asked.fields:
            if name == RECORD_ID or name in self.granted:
                continue
            if name in self.dataset.fields:
                violations.add(pointer, "item-not-granted", item=name)
            else:
                violations.invalid(pointer, "items[].field")
        return tuple(name for name in asked.fields if name != RECORD_ID)

    def _filtered(self, asked: Asked, violations: Violations) -> Narrowing:
        conditions: list[Condition] = []
        tests: list[Residual] = []
        for name, value in asked.filters.items():
            item, _, suffix = name.partition(".")
            pointer = asked.pointer(name)
            if self._refused(item, suffix, pointer, violations) or value is None:
                continue
            operator: Operator = suffix or "eq"  # type: ignore[assignment]  # the parser lets no other suffix through
            try:
                self._push(item, operator, value, conditions, tests)
            except ValueInvalid as error:
                _invalid(error, pointer, violations)
        return Narrowing(tuple(conditions), tuple(tests))

    def _refused(self, item: str, suffix: str, pointer: str, violations: Violations) -> bool:
        declared = self.dataset.fields[item]
        code = self._withheld(item) or _unfilterable(declared, suffix)
        if code is not None:
            violations.add(pointer, code, item=item)
        return code is not None

    def _withheld(self, item: str) -> str | None:
        """Why the caller may neither filter nor sort by an item: it would tell what may not be seen."""
        if item not in self.granted:
            return "item-not-granted"
        return "item-masked" if item in self.masked else None

    def _check_sort(self, asked: Asked, violations: Violations) -> None:
        pointer = asked.pointer("sort")
        for name in asked.sort:
            item = name.removeprefix("-")
            declared = self.dataset.fields.get(item)
            if declared is None:
                violations.invalid(pointer, "items[].field")
                continue
            code = self._withheld(item) or (None if declared.sortable else "not-sortable")
            if code is not None:
                violations.add(pointer, code, item=item, name=item)

    def _push(
        self, item: str, operator: Operator, value: Any, conditions: list[Condition], tests: list[Residual]
    ) -> None:
        """Ask the source where it can answer exactly, else test; raises ValueInvalid."""
        found = self.plan.condition(item, operator, value)
        if isinstance(found, Residual):
            tests.append(found)
            conditions += [each for each in found.narrow if each.operator in self._can.filters]
        elif found.operator in self._can.filters:
            conditions.append(found)
        else:
            tests.append(self.plan.test(item, operator, value))

    # -- the scope of the grant ---------------------------------------------------------------

    def _scoped(self, access: Access) -> Narrowing:
        """The rows of the grant. Raises Problem `grant-scope` where that can no longer be told."""
        conditions: list[Condition] = []
        tests: list[Residual] = []
        for item, operator, value in access.scope:
            try:
                if operator == "prefix":
                    self._push_prefix(item, value, conditions, tests)
                else:
                    self._push(item, operator, value, conditions, tests)
            except (ValueInvalid, KeyError) as error:
                raise Problem("grant-scope") from error
        return Narrowing(tuple(conditions), tuple(tests))

    def _push_prefix(self, item: str, prefix: str, conditions: list[Condition], tests: list[Residual]) -> None:
        if self.dataset.fields[item].type == "string":
            found: list[Residual] = []
            # By code point, what begins with 3301 lies from 3301 up to, and without, 3302.
            self._push(item, "gte", prefix, conditions, found)
            self._push(item, "lt", prefix[:-1] + chr(ord(prefix[-1]) + 1), conditions, found)
            if not found:
                return
        tests.append(Residual(item, lambda value: value is not None and str(value).startswith(prefix)))


def _unfilterable(declared: Field, suffix: str) -> str | None:
    if suffix in ("", "in"):
        return None if declared.filterable else "not-filterable"
    return None if declared.range else "not-rangeable"


def _invalid(error: ValueInvalid, pointer: str, violations: Violations) -> None:
    if error.reason == "operator":
        violations.add(pointer, "not-rangeable")
    else:
        violations.invalid(pointer, error.reason)


def _picker(columns: Sequence[str], wanted: Iterable[str]) -> Callable[[Row], tuple[Any, ...]]:
    places = [columns.index(column) for column in wanted]
    if len(places) == 1:
        place = places[0]
        return lambda row: (row[place],)
    if not places:
        return lambda _: ()
    return itemgetter(*places)
