"""What the source guarantees of its columns changes the cost of a page, and never the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mapping import build
from mapping.build import field

from datong.mapping import Plan
from datong.model import Form

FIELDS = {
    "id": field("integer", "id", nullable=False),
    "title": field("string", "title"),
    "needed": field("string", "needed", nullable=False),
    "money": field("decimal", "money", scale=2),
    "due": field("decimal", "due", nullable=False),
    "seen": field("dateTime", "seen"),
}
FORMS: Mapping[str, Form] = {
    "id": "integer",
    "title": "text",
    "needed": "text",
    "money": "decimalText",
    "due": "decimalText",
    "seen": "momentText",
}
TEXT = st.none() | st.text(st.characters(codec="utf-8"), max_size=4)
NUMBER = st.none() | st.sampled_from(
    ["0", "7", "-7", "0.10", "-0.5", "123456789012345678901234567890.12", "NaN", "Infinity", "-Infinity"]
)
MOMENT = st.none() | st.sampled_from(
    [
        "2024-02-29 00:00:00",
        "1991-09-16 23:59:59",
        "1991-09-17 00:00:00",
        "1988-07-01 12:00:00",
        "1900-01-01 00:00:00",
        "2024-01-02 03:04:05.678900",
        "12024-01-02 03:04:05",
        "0044-03-15 00:00:00 BC",
        "infinity",
        "-infinity",
    ]
)
ROW = st.tuples(st.none() | st.integers(-(2**31), 2**31 - 1), TEXT, TEXT, NUMBER, NUMBER, MOMENT)


def plan(forms: Mapping[str, Form] | None = None) -> Plan:
    made = build.plan(FIELDS, key=("id",))
    if forms:
        made.rely(forms)
    return made


def told(found: Plan, rows: list[Any]) -> tuple[Any, ...]:
    mapped = found.view(tuple(FIELDS)).page(rows)
    return mapped.items, mapped.faulty, mapped.json


@given(st.lists(ROW, max_size=5))
@example([(1, None, None, None, None, None)])
def test_forms_change_no_page(rows: list[Any]) -> None:
    """Rows that have the guaranteed forms map alike with the guarantee and without, faulty ones too."""
    assert told(plan(FORMS), rows) == told(plan(), rows)


@pytest.mark.parametrize(
    "row",
    [
        ("1", "a", "b", "1.00", "1", "2024-01-01 00:00:00"),
        (1, 5, "b", "1.00", "1", "2024-01-01 00:00:00"),
        (1, "a", b"b", "1.00", "1", "2024-01-01 00:00:00"),
        (1, "a", "b", 1.5, "1", "2024-01-01 00:00:00"),
        (1, "a", "b", "1.00", "1", 20240101),
    ],
)
def test_altered_column_is_noticed(row: tuple[Any, ...]) -> None:
    """A column that was altered under the adapter is mapped by what its values are, not by the old guarantee."""
    assert told(plan(FORMS), [row, row]) == told(plan(), [row, row])


def test_declared_words_for_nothing() -> None:
    """What a field's transforms take for null is told, and nothing else is."""
    made = build.plan(
        {
            "born": field("date", "B", transforms=["trim", {"nulls": ["", "00000000"]}, {"date": "%Y%m%d"}]),
            "title": field("string", "T"),
        },
        key=("ID",),
    )
    assert made.null_tokens("born") == ("", "00000000")
    assert made.null_tokens("title") == ()
