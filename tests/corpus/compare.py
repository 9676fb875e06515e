"""Holding what an adapter serves to what its database holds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import httpx
import jsonschema
from corpus import truth
from corpus.journey import MAX, Served, Walk, settled, spread

VALUES = 3
"""Values of an item that are asked for."""
PAGES = 2
"""Most pages of an answer that are read to their last record; the number of all is compared too."""
STEPS = 8
"""Most small pages of a sort."""
LARGE = 3000
"""Records up to which every sort is walked to its end; beyond, descending ones among nulls are."""
LONGEST = 1000
"""Characters of a value that a filter may have."""

Field = Mapping[str, Any]
Record = dict[str, Any]


class Held:
    """An adapter under way and the database behind it; each dataset is walked and read once."""

    def __init__(self, url: str, served: Served) -> None:
        self.url = url
        self.served = served
        self.datasets = served.made.datasets
        self._walks: dict[str, Walk] = {}
        self._rows: dict[str, truth.Rows] = {}

    def walk(self, name: str) -> Walk:
        if name not in self._walks:
            self._walks[name] = self.served.walk(name)
        return self._walks[name]

    def rows(self, name: str) -> truth.Rows:
        if name not in self._rows:
            self._rows[name] = truth.rows(self.url, *self._place(name))
        return self._rows[name]

    def columns(self, name: str) -> list[str]:
        return truth.columns(self.url, *self._place(name))

    def _place(self, name: str) -> tuple[str, str | None]:
        place = self.datasets[name]["from"]
        return place["table"], place.get("schema")

    def expected(self, name: str) -> tuple[list[Record], Counter[str]]:
        """The records that the rows must become, and for each item how many rows it makes faulty."""
        shared = {
            item: field
            for item, field in self.datasets[name]["fields"].items()
            if field.get("sharingType") != "notShared"
        }
        records, faulty = [], Counter[str]()
        for row in self.rows(name):
            try:
                records.append(truth.record(row, shared))
            except truth.Unservable as error:
                faulty[str(error)] += 1
        return records, faulty

    def search(self, name: str, body: Mapping[str, Any]) -> httpx.Response:
        return self.served.call(name, f"{self.served.records(name)}/_search", method="POST", json=body)


def _written(record: Record) -> str:
    return json.dumps({key: value for key, value in record.items() if key != "recordId"}, sort_keys=True)


def difference(expected: Sequence[Record], found: Sequence[Record]) -> tuple[list[str], list[str]]:
    """Some of the records that are missing, and some that should not be there."""
    wanted, got = Counter(map(_written, expected)), Counter(map(_written, found))
    return list((wanted - got).elements())[:3], list((got - wanted).elements())[:3]


def comparable(value: Any, field: Field) -> Any:
    """A wire value in the order that its type has."""
    if value is None:
        return None
    readers: dict[str, Callable[[Any], Any]] = {
        "integer": int,
        "decimal": Decimal,
        "number": float,
        "date": date.fromisoformat,
        "dateTime": datetime.fromisoformat,
        "time": time.fromisoformat,
    }
    return readers.get(field["type"], lambda text: text)(value)


_RANGES: dict[str, Callable[[Any, Any], bool]] = {
    "gte": lambda one, other: one >= other,
    "gt": lambda one, other: one > other,
    "lte": lambda one, other: one <= other,
    "lt": lambda one, other: one < other,
}


def filters_agree(held: Held, name: str, item: str, field: Field) -> int:
    """Ask for some values of an item, and for what lies around them; returns how often was asked."""
    items = held.walk(name).items
    present = {json.dumps(each[item]): each[item] for each in items if _askable(each[item])}
    values = spread(sorted(present.values(), key=lambda value: comparable(value, field)), VALUES)
    for value in values:
        at = comparable(value, field)
        _same(held, name, {item: value}, [each for each in items if comparable(each[item], field) == at])
        if field.get("range"):
            for suffix, holds in _RANGES.items():
                within = [each for each in items if each[item] is not None and holds(comparable(each[item], field), at)]
                _same(held, name, {f"{item}.{suffix}": value}, within)
    if len(values) > 1:
        chosen = [values[0], values[-1]]
        among = [comparable(value, field) for value in chosen]
        within = [each for each in items if comparable(each[item], field) in among]
        _same(held, name, {f"{item}.in": chosen}, within)
    return len(values)


def _askable(value: Any) -> bool:
    """Whether a filter may have the value: nothing over a thousand characters, and no NUL."""
    return value is not None and not (isinstance(value, str) and (len(value) > LONGEST or "\0" in value))


def _same(held: Held, name: str, wanted: Mapping[str, Any], within: Sequence[Record]) -> None:
    """The answer to a search, and to the same asked in an address where that is possible."""
    found = held.served.walk(name, asked={"filter": wanted}, most=PAGES)
    assert found.items == list(within)[: None if found.ended else len(found.items)], (name, wanted)
    assert found.matched <= {None, len(within) + len(found.faulty)}, (name, wanted)
    ((parameter, value),) = wanted.items()
    field = held.datasets[name]["fields"][parameter.partition(".")[0]]
    if field.get("sensitive") or parameter.endswith((".in", ".gt", ".lte", ".lt")):
        return
    text = str(value).lower() if isinstance(value, bool) else str(value)
    answer = held.served.call(name, held.served.records(name), params={parameter: text, "limit": 1000})
    assert settled(answer.json()["items"]) == list(within)[:MAX], (name, wanted)


def sort_agrees(held: Held, name: str, item: str, field: Field) -> None:
    items = held.walk(name).items
    gaps = any(each[item] is None for each in items)
    for sign in ("", "-"):
        most = None if len(items) <= LARGE or (gaps and sign) else PAGES
        found = held.served.walk(name, asked={"sort": [sign + item]}, most=most)
        assert len(set(found.ids)) == len(found.ids), (name, sign, item)
        assert len(found.ids) == (len(items) if found.ended else PAGES * MAX), (name, sign, item)
        values = [each[item] for each in found.items]
        assert any(_ordered(values, rank, sign) for rank in _ranks(field)), (name, sign, item)
        small = held.served.walk(name, asked={"sort": [sign + item]}, limit=7, most=STEPS)
        assert small.ids == found.ids[: len(small.ids)], (name, sign, item)
        assert small.ended == (len(held.rows(name)) <= 7 * STEPS)


def _ranks(field: Field) -> list[Callable[[Any], Any]]:
    """A timestamp without offset has the order of its digits, which is not that of its instants in a skipped hour."""
    ranks: list[Callable[[Any], Any]] = [lambda value: comparable(value, field)]
    if field["type"] == "dateTime":
        ranks.append(lambda value: comparable(value, field).replace(tzinfo=None))
    return ranks


def _ordered(values: Sequence[Any], rank: Callable[[Any], Any], sign: str) -> bool:
    ranks = [(0, 0) if value is None else (1, rank(value)) for value in values]
    return ranks == sorted(ranks, reverse=bool(sign))


def schema_of(held: Held, name: str) -> jsonschema.Draft202012Validator:
    """What the entry says of its records; the record id is the interface's own."""
    schema = held.served.call(name, f"/v1/catalog/{name}/schema").json()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)
