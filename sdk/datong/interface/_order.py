"""An order of our own, for items whose order no column has: null first, ties by key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import total_ordering
from typing import Any

from datong.model import Dataset, WireType

Rank = Callable[[Any], Any]


@total_ordering
class _Down:
    """Turns an order round."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Down) and bool(self.value == other.value)

    def __lt__(self, other: _Down) -> bool:
        return bool(other.value < self.value)

    __hash__ = None  # type: ignore[assignment]  # compared, never looked up


@dataclass(frozen=True, slots=True)
class Order:
    """`names` are the items, `ranks` what makes each wire value comparable."""

    names: tuple[str, ...]
    ranks: tuple[Rank, ...]

    def values(self, item: dict[str, Any] | None) -> tuple[Any, ...]:
        """The wire values that place a row; a row that cannot be read stands with the nulls."""
        return tuple([None if item is None else item.get(name) for name in self.names])

    def rank(self, place: Sequence[Any]) -> tuple[Any, ...]:
        """What two places (values of the order, then of the key) are compared by."""
        head = len(self.names)
        ordered = [rank(value) for rank, value in zip(self.ranks, place[:head], strict=True)]
        return (*ordered, *[_key(value) for value in place[head:]])


def memory_order(names: Sequence[str], dataset: Dataset) -> Order:
    items = tuple(name.removeprefix("-") for name in names)
    ranks = tuple(
        _rank(dataset.fields[item].type, descending=name.startswith("-"))
        for item, name in zip(items, names, strict=True)
    )
    return Order(items, ranks)


def _rank(kind: WireType, *, descending: bool) -> Rank:
    read = _READ.get(kind, _same)

    def rank(value: Any) -> Any:
        placed = (0,) if value is None else (1, read(value))
        return _Down(placed) if descending else placed

    return rank


def _same(value: Any) -> Any:
    return value


def _key(value: Any) -> tuple[Any, ...]:
    return (0,) if value is None else (1, value)


_READ: dict[WireType, Callable[[Any], Any]] = {
    "integer": int,
    "decimal": Decimal,
    "dateTime": datetime.fromisoformat,
    "json": repr,
}
