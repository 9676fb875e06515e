from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.interface._cursor import Cursor, Cursors
from datong.model import Problem

CURSORS = Cursors(bytes(64))
BINDING = ("persons", "grant", "consumer")
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=-(10**40), max_value=10**40),
    st.floats(allow_nan=False),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.text(alphabet=st.characters(exclude_categories=["Cs"])),
    st.binary(),
    st.dates(),
    st.times(),
    st.datetimes(),
    st.datetimes(timezones=st.just(dt.UTC)),
    st.timedeltas(),
    st.uuids(),
)


@given(st.lists(VALUES, max_size=4))
def test_round_trip(values: list[Any]) -> None:
    """A position comes back with its values and their types."""
    cursor = Cursor({"status": "1"}, ("-unit",), ("status",), 7, tuple(values))
    opened = CURSORS.open(CURSORS.seal(cursor, BINDING), BINDING)
    assert opened == cursor
    assert [type(value) for value in opened.after] == [type(value) for value in values]


def test_decimals_keep_their_scale() -> None:
    """1.50 stays 1.50, for it may be compared as text."""
    cursor = Cursor({}, (), None, 1, (Decimal("1.50"), UUID(int=5), math.inf))
    assert str(CURSORS.open(CURSORS.seal(cursor, BINDING), BINDING).after[0]) == "1.50"


@given(st.text())
def test_foreign_texts(text: str) -> None:
    """Nothing but a sealed cursor opens."""
    with pytest.raises(Problem, match="cursor-invalid"):
        CURSORS.open(text, BINDING)


@pytest.mark.parametrize("other", [("x", "grant", "consumer"), ("persons", "grantconsumer"), ("persons", "grant", "")])
def test_binding(other: tuple[str, ...]) -> None:
    """A cursor opens for its own entry, grant and consumer only."""
    text = CURSORS.seal(Cursor({}, (), None, 1, (1,)), BINDING)
    with pytest.raises(Problem, match="cursor-invalid"):
        CURSORS.open(text, other)
    with pytest.raises(Problem, match="cursor-invalid"):
        Cursors(b"1" * 64).open(text, BINDING)


def test_nothing_can_be_read() -> None:
    """The filter's values are not in the text."""
    text = CURSORS.seal(Cursor({"idNumber": "330106193101010015"}, (), None, 1, (1,)), BINDING)
    assert "330106" not in text


def test_a_value_of_a_foreign_type() -> None:
    """A key that no cursor can hold is a bug, not a wrong page."""
    with pytest.raises(TypeError):
        CURSORS.seal(Cursor({}, (), None, 1, (object(),)), BINDING)


def test_one_spelling() -> None:
    """No other spelling of the same bytes opens: the last character may hold bits that nobody reads."""
    text = CURSORS.seal(Cursor({}, (), None, 1, (1,)), BINDING)
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=":
        for other in (text[:-1] + letter, text + letter):
            if other != text:
                with pytest.raises(Problem, match="cursor-invalid"):
                    CURSORS.open(other, BINDING)
