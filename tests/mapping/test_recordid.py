from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mapping import build
from mapping.build import field

from datong.mapping import Fault, Plan, compile_dataset

IDENTITY = re.compile(r"\d{15}|\d{17}[\dXx]|[0-9A-Z]{18}")
parts = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-5, 5),
    st.text(max_size=8),
    st.text("09.-_~aZ", max_size=8),
    st.text("0123456789X", min_size=15, max_size=18),
    st.sampled_from(["", "5", "-5", "05", "00", ".", "..", "~", "a~b", "张三 ", "𠮷", "11010519491231002X"]),
    st.decimals(allow_nan=False),
    st.floats(allow_nan=False),
    st.dates(),
    st.times(),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
    st.binary(max_size=5),
    st.builds(UUID, int=st.integers(0, 2**128 - 1)),
)


def keyed(*kinds: dict[str, Any]) -> Plan:
    """A plan whose key columns K0, K1 … feed one field each."""
    names = [f"K{index}" for index in range(len(kinds))]
    fields = {f"k{index}": {**kind, "from": f"K{index}"} for index, kind in enumerate(kinds)}
    return build.plan(fields, tuple(names))


PLANS = {
    "integer": keyed(field("integer")),
    "text": keyed(field()),
    "unknown": keyed(field(transforms=[{"pad": 3}])),
    "pair": keyed(field("integer"), field()),
    "sensitive": keyed(field(sensitive=True)),
    "masked": keyed(field("integer"), field(mask="full")),
    "identity": keyed(field(format="residentId")),
    "narrower": keyed(field("integer", sharingType="notShared")),
    "unserved": build.plan({"x": field()}, ("ID",)),
}


def alike(left: Any, right: Any) -> bool:
    return type(left) is type(right) and left == right and str(left) == str(right)


@pytest.mark.parametrize("name", PLANS)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_key_comes_back_from_its_id_with_its_types(name: str, data: st.DataObject) -> None:
    """The id of a key is stable, fits a path, shows no identity number, and gives back the very key."""
    plan = PLANS[name]
    key = tuple(data.draw(parts) for _ in plan.dataset.key)
    record_id = plan.record_id(key)
    assert record_id == plan.record_id(list(key))
    assert re.fullmatch(r"[A-Za-z0-9_.~-]+", record_id)
    assert not any(IDENTITY.fullmatch(part) for part in record_id.split("~"))
    back = plan.key_of(record_id)
    assert back is not None
    assert all(alike(left, right) for left, right in zip(back, key, strict=True))


@pytest.mark.parametrize("name", PLANS)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_different_keys_have_different_ids(name: str, data: st.DataObject) -> None:
    """Values that are equal but of different types, 1 and "1" and 1.0, have ids of their own."""
    plan = PLANS[name]
    one, other = (tuple(data.draw(parts) for _ in plan.dataset.key) for _ in range(2))
    assume(not all(alike(left, right) for left, right in zip(one, other, strict=True)))
    assert plan.record_id(one) != plan.record_id(other)


@given(text=st.text(max_size=40))
@settings(max_examples=50, deadline=None)
def test_an_id_is_accepted_in_its_one_form_only(text: str) -> None:
    """Whatever a caller sends is either exactly the id of a key or no id at all."""
    for plan in PLANS.values():
        key = plan.key_of(text)
        assert key is None or plan.record_id(key) == text


@pytest.mark.parametrize(("name", "key", "record_id"), [
    ("integer", (5,), "5"),
    ("integer", (-5,), "-5"),
    ("text", ("A-1",), "A-1"),
    ("text", ("5",), "5"),
    ("pair", (5, "5"), "5~5"),
    ("unknown", (5,), "5"),
    ("unknown", ("A5",), "A5"),
])  # fmt: skip
def test_plain_keys_are_readable(name: str, key: tuple[Any, ...], record_id: str) -> None:
    """A key that tells nothing is its own id."""
    assert PLANS[name].record_id(key) == record_id


@pytest.mark.parametrize("name", ["sensitive", "identity", "masked", "narrower", "unserved"])
def test_keys_that_tell_something_are_sealed(name: str) -> None:
    """Keys that are sensitive, masked, personal, narrower shared or not served at all stay hidden."""
    plan = PLANS[name]
    assert plan.record_id([7] * len(plan.dataset.key)).startswith("~~")


@pytest.mark.parametrize("key", ["11010519491231002X", "91350100M000100Y43", 110105194912310021, 110105491231002])
def test_identity_numbers_are_sealed_even_where_nothing_says_sensitive(key: Any) -> None:
    """A key that looks like an identity number is never readable, nor merely encoded."""
    for name in ("text", "integer", "unknown"):
        assert PLANS[name].record_id((key,)).startswith("~~")


def test_a_sealed_id_is_bound_to_adapter_and_dataset() -> None:
    """A changed id, one of another dataset and one of another secret are no ids."""
    declared = PLANS["sensitive"].dataset
    plan = PLANS["sensitive"]
    record_id = plan.record_id(("11010519491231002X",))
    changed = record_id[:-2] + ("A" if record_id[-2] != "A" else "B") + record_id[-1]
    other = compile_dataset("firms", declared, zone=build.ZONE, secret=build.SECRET)
    foreign = compile_dataset("people", declared, zone=build.ZONE, secret=b"another secret of 32 bytes or so")
    assert plan.key_of(changed) is None
    assert other.key_of(record_id) is None
    assert foreign.key_of(record_id) is None
    assert foreign.record_id(("11010519491231002X",)) != record_id


def test_a_key_that_no_id_can_carry_is_a_faulty_row() -> None:
    """Values of foreign types, and text with lone surrogates, are reported with a row number."""
    view = PLANS["text"].view(["k0"])
    mapped = view.page([("a",), (build.Foreign(),), ("\ud842",)])
    assert [item["recordId"] for item in mapped.items] == ["a"]
    assert [(entry.row_ref, entry.field, entry.code, entry.record_id) for entry in mapped.faulty] == [
        ("row-2", "recordId", "key-unusable", None),
        ("row-3", "recordId", "key-unusable", None),
    ]
    with pytest.raises(Fault, match="key-unusable"):
        PLANS["text"].record_id((build.Foreign(),))


@given(values=st.lists(st.tuples(parts), max_size=20))
@settings(max_examples=50, deadline=None)
def test_records_of_a_page_carry_the_id_of_their_key(values: list[tuple[Any]]) -> None:
    """The id in an item is the id of the key, whichever way it was made."""
    for name in ("integer", "text", "unknown", "sensitive", "unserved"):
        plan = PLANS[name]
        view = plan.view(["x"] if name == "unserved" else ["k0"])
        rows = [dict.fromkeys(view.columns, "a") | {plan.dataset.key[0]: value} for (value,) in values]
        table = [tuple(row[column] for column in view.columns) for row in rows]
        mapped = view.page(table)
        expected = [plan.record_id((value,)) for (value,) in values]
        ids = [item["recordId"] for item in mapped.items] + [entry.record_id for entry in mapped.faulty]
        assert sorted(ids) == sorted(expected)


def test_types_of_a_composite_key_survive() -> None:
    """Dates, decimals with their scale, bytes and clock times come back as they were."""
    plan = keyed(*[field()] * 6)
    key = (date(1960, 1, 2), Decimal("1.50"), b"\x00\xff", time(1, 2, 3), datetime(2020, 1, 1, 2, 3), None)
    assert plan.key_of(plan.record_id(key)) == key
    assert str(plan.key_of(plan.record_id(key))[1]) == "1.50"  # type: ignore[index]
