"""What the source itself holds, read past the interface, so that the kit does not take the adapter's word for it.

Only values that the adapter declares to serve unchanged become known values: a declared transform is
the owner's own decision, and nothing here could say that it is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from datong.model import Dataset, DatongError, Field, Problem, Row

if TYPE_CHECKING:
    from datong.config import Loaded
    from datong.conformance import EntryFixtures, Fixtures
    from datong.mapping import Plan
    from datong.sources import Source

ROWS = 400
"""Rows of one entry that are looked through for difficult values."""
ENTRIES = 6
"""Entries of which known values are taken; rows are counted in all."""
_EPOCH = 1970
_EXACT = 2**53 - 1
_DIGITS = 15
_LEAP = ((2, 28), (2, 29))
_RARE = 0x3400


def known_of(loaded: Loaded, fixtures: Fixtures) -> Fixtures:
    """The given fixtures, and for what they leave out, rows counted and values read in the source.

    What cannot be read is left out: the kit then says what it could not judge.
    """
    from datong.config import open_source

    entries = dict(fixtures.entries)
    source = open_source(loaded)
    try:
        for number, name in enumerate(_served(loaded)):
            given = fixtures.entry(name)
            try:
                entries[name] = _completed(loaded, name, source, given, values=number < ENTRIES)
            except (DatongError, Problem):
                continue
    finally:
        source.close()
    return fixtures.model_copy(update={"entries": entries})


def _served(loaded: Loaded) -> Iterator[str]:
    for name, dataset in loaded.adapter.datasets.items():
        if dataset.catalog.status == "published" and dataset.sharing != "notShared":
            yield name


def _completed(loaded: Loaded, name: str, source: Source, given: EntryFixtures, *, values: bool) -> EntryFixtures:
    from datong.config import resolve
    from datong.guard import secret_material
    from datong.mapping import compile_dataset
    from datong.model import Call, Selection

    dataset = loaded.adapter.datasets[name]
    secret = secret_material(loaded.adapter, loaded.folder, resolve)
    plan = compile_dataset(name, dataset, zone=loaded.adapter.source.zone, secret=secret)
    selection = Selection(loaded.locations[name], plan.columns, dataset.key, limit=ROWS)
    found: dict[str, Any] = {}
    if given.count is None:
        found["count"] = source.count(selection, Call.within(loaded.adapter.limits.deadline))
    if values and not given.records:
        batches = source.fetch(selection, Call.within(loaded.adapter.limits.deadline))
        found["records"] = tuple(_records(plan, dataset, [row for batch in batches for row in batch]))
    return given.model_copy(update=found)


def _records(plan: Plan, dataset: Dataset, rows: Sequence[Row]) -> Iterator[Any]:
    """The first record of each difficulty, with the items that have it."""
    from datong.conformance import KnownRecord

    fields = {name: field for name, field in dataset.fields.items() if _unchanged(dataset, field)}
    view = plan.view(tuple(dataset.fields))
    missing = dict.fromkeys(("hardCharacters", "leadingZeros", "wideDecimal", "null", "empty", "blank"))
    missing |= dict.fromkeys(("beforeEpoch", "calendar"))
    for row in rows:
        values = dict(zip(plan.columns, row, strict=True))
        hard = {
            name: kinds for name, field in fields.items() if (kinds := set(_about(values[field.columns[0]], field)))
        }
        new = [kind for kind in missing if any(kind in kinds for kinds in hard.values())]
        if not new or view.page([row]).faulty:
            continue
        shown = {name: _text(values[fields[name].columns[0]]) for name, kinds in hard.items() if kinds & set(new)}
        key = [values[column] for column in dataset.key]
        yield KnownRecord(id=plan.record_id(key), values=shown, about=tuple(new))
        for kind in new:
            del missing[kind]


def _unchanged(dataset: Dataset, field: Field) -> bool:
    """Whether the item is served to everybody who may read the entry, exactly as it is stored."""
    shared = (field.sharing_type or dataset.sharing) == dataset.sharing
    return shared and len(field.columns) == 1 and not field.transforms and field.mask is None


def _about(value: Any, field: Field) -> Iterable[str]:
    if value is None and field.nullable:
        yield "null"
    elif isinstance(value, str) and field.type == "string":
        yield from _hard_text(value)
    elif isinstance(value, Decimal | int) and not isinstance(value, bool):
        if field.type in ("decimal", "integer") and _wide(value) and _scaled(value, field):
            yield "wideDecimal"
    elif type(value) is date and field.type == "date":
        if value.year < _EPOCH:
            yield "beforeEpoch"
        if (value.month, value.day) in _LEAP:
            yield "calendar"


def _hard_text(value: str) -> Iterable[str]:
    if not value:
        yield "empty"
    elif not value.strip():
        yield "blank"
    elif value.isdigit() and value[0] == "0" and len(value) > 1:
        yield "leadingZeros"
    elif any(ord(char) >= _RARE or (not char.isascii() and char.isalpha()) for char in value):
        yield "hardCharacters"


def _wide(value: Decimal | int) -> bool:
    """Whether a double would lose digits of it."""
    if isinstance(value, Decimal):
        return len(value.as_tuple().digits) > _DIGITS
    return abs(value) > _EXACT


def _scaled(value: Decimal | int, field: Field) -> bool:
    """Whether the stored digits are those that the declared scale shows."""
    if isinstance(value, int):
        return field.type == "integer"
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and -exponent == (field.scale or 0)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime | date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
