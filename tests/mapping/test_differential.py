from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mapping import build, reference
from mapping.build import field

FIELDS: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "text": (field("string"), [reference.string]),
    "needed": (field("string", nullable=False), [reference.string]),
    "count": (field("integer"), [reference.WIRE["integer"]]),
    "wide": (field("integer", wide=True), [reference.WIRE["wide"]]),
    "money": (field("decimal"), [reference.decimal]),
    "price": (field("decimal", scale=2), [reference.priced]),
    "ratio": (field("number"), [reference.double]),
    "flag": (field("boolean"), [reference.boolean]),
    "born": (field("date"), [reference.day]),
    "seen": (field("dateTime"), [reference.moment]),
    "opens": (field("time"), [reference.clock]),
    "photo": (field("binary"), [reference.binary]),
    "tree": (field("json"), [reference.document]),
    "name": (
        field("string", transforms=["trim", {"nulls": ["", "无"]}, "upper"]),
        [reference.trimmed, reference.nulled("", "无"), reference.upper, reference.string],
    ),
    "tidy": (field("string", transforms=["trim"]), [reference.trimmed, reference.string]),
    "status": (
        field("string", transforms=[{"codes": {"0": "closed", "1": "open", "是": "yes"}}]),
        [reference.coded({"0": "closed", "1": "open", "是": "yes"}), reference.string],
    ),
    "day": (
        field("date", transforms=[{"nulls": ["", "00000000"]}, {"date": "%Y%m%d"}]),
        [reference.nulled("", "00000000"), reference.compact_date, reference.day],
    ),
    "code": (field("string", transforms=[{"pad": 6}]), [reference.padded, reference.string]),
    "cents": (
        field("decimal", transforms=[{"decimal": {"implied": 2, "currency": []}}]),
        [reference.implied, reference.decimal],
    ),
}


def expected(name: str, value: Any) -> Any:
    """The reference's wire value; raises Bad."""
    declared, steps = FIELDS[name]
    for step in steps:
        if value is not None:
            value = step(value)
    if value is None and not declared.get("nullable", True):
        raise reference.Bad
    return value


def same(left: Any, right: Any) -> bool:
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)


PLANS = {
    name: build.plan({"id": field("integer", "ID"), name: declared}).view([name])
    for name, (declared, _) in FIELDS.items()
}


@pytest.mark.parametrize("name", FIELDS)
@given(values=st.lists(build.dirty, max_size=5))
@settings(max_examples=80, deadline=None)
@example(values=[True, 1, 1.0, "1", b"\x01"])
@example(values=[None, "", "无", " "])
def test_generated_code_does_what_the_reference_does(name: str, values: list[Any]) -> None:
    """Every value converts as the plain reference says, and exactly the rows that it refuses are faulty."""
    rows = [(value, number) for number, value in enumerate(values)]
    mapped = PLANS[name].page(rows)
    items, faulty = [], []
    for value, number in rows:
        try:
            items.append({"recordId": str(number), name: expected(name, value)})
        except reference.Bad:
            faulty.append(str(number))
    assert [entry.row_ref for entry in mapped.faulty] == faulty
    assert same(mapped.items, items)


@pytest.mark.parametrize("name", FIELDS)
@given(values=st.lists(build.dirty, min_size=1, max_size=40))
@settings(max_examples=25, deadline=None)
def test_a_page_balances_whatever_its_rows(name: str, values: list[Any]) -> None:
    """Items and faulty rows together are the rows read, the JSON is the items, and no fault is unforeseen."""
    mapped = PLANS[name].page([(value, number) for number, value in enumerate(values)])
    assert len(mapped.items) + len(mapped.faulty) == mapped.read == len(values)
    assert json.loads(mapped.json) == json.loads(json.dumps(mapped.items))
    assert not {entry.code for entry in mapped.faulty} & {"transform-failed", "loss-unbalanced"}


CLEAN = {
    "text": "张三",
    "born": "1990-01-01",
    "money": "1.50",
    "name": "张三",
    "wide": 2**60,
    "seen": "2020-01-01 00:00:00",
}


@pytest.mark.parametrize("name", CLEAN)
@given(value=build.dirty)
@settings(max_examples=50, deadline=None)
def test_rows_convert_alone_as_they_do_among_others(name: str, value: Any) -> None:
    """A dirty row changes nothing for the rows beside it."""
    alone = PLANS[name].page([(CLEAN[name], 7)]).items
    assert len(alone) == 1
    assert PLANS[name].page([(CLEAN[name], 7), (value, 8)]).items[:1] == alone
