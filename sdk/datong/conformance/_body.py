"""Reads the body of an answer strictly: what is lost in lenient reading is what the kit looks for."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from datong.conformance._exchange import NUMBER, Fault

_TEXT: Final = ("text/", "application/xml", "application/javascript")
_LINES: Final = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/fhir+ndjson")
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
MOST: Final = 1 << 20
"""Characters of a body that is no JSON document that are recorded."""


def read_body(content: bytes, content_type: str) -> tuple[Any, Fault | None]:
    """The JSON value or text of a body, and what is wrong with it."""
    media = content_type.partition(";")[0].strip().lower()
    if not content:
        return None, None
    if media == "application/json" or media.endswith("+json"):
        return _json(content)
    if not media.startswith(_TEXT) and b"\0" in content[:4096]:
        return None, "binary"
    if media in _LINES:
        return _lines(content)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return (None, "notUtf8") if media.startswith(_TEXT) else (None, "binary")
    return text[:MOST], "truncated" if len(text) > MOST else None


def _lines(content: bytes) -> tuple[Any, Fault | None]:
    """One JSON value a line, as a list."""
    rows, fault = [], None
    for line in content.split(b"\n"):
        if line.strip():
            value, wrong = _json(line)
            rows.append(value)
            fault = fault or wrong
    return rows, fault


def _json(content: bytes) -> tuple[Any, Fault | None]:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None, "notUtf8"
    repeated: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            repeated.append("")
        return members

    try:
        value = json.loads(text, object_pairs_hook=unique, parse_float=_number, parse_constant=_constant)
    except (ValueError, RecursionError):
        return text[:MOST], "notJson"
    if _SURROGATE.search(text):
        sound = _sound(value)
        if sound != value:
            return sound, "notUtf8"
    return value, "duplicateMember" if repeated else None


def _sound(value: Any) -> Any:
    """U+FFFD for each half of a pair of surrogates, which is no character and cannot be written down again."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_sound(each) for each in value]
    return {_sound(name): _sound(each) for name, each in value.items()} if isinstance(value, dict) else value


def _number(text: str) -> float | str:
    value = float(text)
    try:
        exact = Decimal(repr(value)) == Decimal(text)
    except InvalidOperation:
        exact = False
    return value if exact else f"{NUMBER}{text}>"


def _constant(name: str) -> Any:
    raise ValueError(name)
