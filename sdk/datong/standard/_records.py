"""The JSON Schema of one dataset's records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from datong.model import Dataset, Field, WireType

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"

SAFE_INTEGER: Final = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly (RFC 8259, section 6)."""

_DECIMAL: Final = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"
_WIDE: Final = r"^-?[1-9][0-9]{15,}$"
_TIME: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?$"


def _integer() -> dict[str, Any]:
    return {"type": "integer", "minimum": -SAFE_INTEGER, "maximum": SAFE_INTEGER}


_TYPES: Final[dict[WireType, Callable[[], dict[str, Any]]]] = {
    "string": lambda: {"type": "string"},
    "integer": _integer,
    "decimal": lambda: {"type": "string", "pattern": _DECIMAL},
    "number": lambda: {"type": "number"},
    "boolean": lambda: {"type": "boolean"},
    "date": lambda: {"type": "string", "format": "date"},
    "dateTime": lambda: {"type": "string", "format": "date-time"},
    "time": lambda: {"type": "string", "pattern": _TIME},
    "binary": lambda: {"type": "string", "contentEncoding": "base64"},
    "json": dict,
}


def record_schema(dataset: Dataset) -> dict[str, Any]:
    """A record: its properties are exactly the items of the entry (REQ-CAT-10).

    None is required, because a grant narrows the items. `recordId` is no item, so it is allowed
    beside them by a pattern and not listed among them.
    """
    return {
        "$schema": DRAFT,
        "title": dataset.catalog.name,
        "type": "object",
        "properties": {name: item_schema(field) for name, field in dataset.fields.items()},
        "patternProperties": {"^recordId$": {"type": "string", "minLength": 1}},
        "additionalProperties": False,
    }


def item_schema(field: Field) -> dict[str, Any]:
    """The values one item can take on the wire, masked ones included."""
    schema = _nullable(_served(field)) if field.nullable else _served(field)
    return {"title": field.name, **schema}


def value_schema(field: Field) -> dict[str, Any]:
    """One value that a filter or a claim may give for this item: never masked, never null."""
    if field.type == "integer" and field.wide:
        return {"anyOf": [_integer(), {"type": "string", "pattern": _WIDE}]}
    return _TYPES[field.type]()


def _served(field: Field) -> dict[str, Any]:
    value = value_schema(field)
    if field.mask is None or field.type == "json":
        return value
    if value == {"type": "string"}:
        return value
    return {"anyOf": [value, {"type": "string"}]}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    if "type" in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return schema
