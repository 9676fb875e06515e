from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from datong.model import Adapter, Field
from datong.standard import SAFE_INTEGER, item_schema, record_schema, value_schema

CHECKER = Draft202012Validator.FORMAT_CHECKER


def field(kind: str, **more: Any) -> Field:
    return Field.model_validate({"from": "C", "name": "项", "type": kind, "nullable": False} | more)


def takes(schema: dict[str, Any], value: object) -> bool:
    return Draft202012Validator(schema, format_checker=CHECKER).is_valid(value)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("string", ["", "00123", "𠮷"], [1, None]),
        ("integer", [0, -7, SAFE_INTEGER], ["7", 1.5, SAFE_INTEGER + 1, True, None]),
        ("decimal", ["0.10", "-12", "123456789012345678.90"], [0.1, "1e3", ".5", "01", "NaN", ""]),
        ("number", [1.5, 2], ["1.5", None]),
        ("boolean", [True, False], ["是", 0]),
        ("date", ["1949-10-01", "2000-02-29"], ["1900-02-29", "19491001", "1949-10-01T00:00:00Z"]),
        ("time", ["08:30:00", "08:30:00.5+08:00"], ["24:00:00", "8:30"]),
        ("binary", ["AAE="], [1]),
        ("json", [{"a": 1}, [1], "x", None], []),
    ],
)
def test_wire_types(kind: str, good: list[object], bad: list[object]) -> None:
    """Each wire type takes its own form and no other."""
    schema = item_schema(field(kind))
    assert [value for value in good if not takes(schema, value)] == []
    assert [value for value in bad if takes(schema, value)] == []


def test_wide_integer() -> None:
    """Beyond 2^53-1 an integer is a string of digits, below it a number."""
    schema = item_schema(field("integer", wide=True))
    assert takes(schema, 42)
    assert takes(schema, "9223372036854775807")
    assert not takes(schema, 2**60)
    assert not takes(schema, "42")
    assert not takes(schema, "9223372036854775807.0")


@pytest.mark.parametrize("kind", ["string", "integer", "decimal", "number", "boolean", "date", "dateTime", "binary"])
@pytest.mark.parametrize("more", [{}, {"wide": True}, {"mask": "year"}])
def test_nullable(kind: str, more: dict[str, Any]) -> None:
    """Null is allowed exactly where the item is nullable."""
    assert takes(item_schema(field(kind, **more, nullable=True)), None)
    assert not takes(item_schema(field(kind, **more)), None)


def test_masked_value() -> None:
    """A masked item may show text that is no value of its type; a filter may not give such text."""
    masked = field("date", mask="year")
    assert takes(item_schema(masked), "1949-**-**")
    assert not takes(value_schema(masked), "1949-**-**")


def test_record(adapter: Adapter) -> None:
    """A record holds items and `recordId`, in any selection, and nothing else."""
    schema = record_schema(adapter.datasets["insured"])
    Draft202012Validator.check_schema(schema)
    assert takes(schema, {"recordId": "r1", "personNumber": "001", "months": None})
    assert takes(schema, {})
    assert not takes(schema, {"recordId": "r1", "other": 1})
    assert not takes(schema, {"personNumber": None})
    assert schema["properties"]["personNumber"]["title"] == "个人编号"
