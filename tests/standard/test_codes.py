from __future__ import annotations

from typing import get_args

import pytest

from datong.model import Level, SharingMethod, SharingType, UpdateCycle, WireType
from datong.standard import (
    CLASS_PREFIXES,
    CLASSES,
    DATA_TYPES,
    INTERFACE_VERSION,
    LEVELS,
    METHOD_CLASSES,
    PROVINCES,
    SHARING_METHODS,
    SHARING_TYPES,
    UPDATE_CYCLES,
    WIRE_LETTERS,
    conformance_urn,
    requirement_urn,
    sharing_type,
)


def test_tables_cover_the_model() -> None:
    """Every token that adapter.yaml may hold has a meaning, and no other has."""
    assert set(SHARING_TYPES) == set(get_args(SharingType))
    assert set(SHARING_METHODS) == set(METHOD_CLASSES) == set(get_args(SharingMethod))
    assert set(LEVELS) == set(get_args(Level))
    assert set(UPDATE_CYCLES) == set(get_args(UpdateCycle))
    assert set(WIRE_LETTERS) == set(get_args(WireType))


def test_letters_lead_to_wire_types() -> None:
    """The letters are those of the catalog sheets, each read as a type that exists."""
    assert set(DATA_TYPES) == set("CNYDTLMGBIF")
    assert set(WIRE_LETTERS.values()) <= set(DATA_TYPES)
    assert all(DATA_TYPES[WIRE_LETTERS[row.wire]].wire == row.wire for row in DATA_TYPES.values())


@pytest.mark.parametrize("value", ["2", "02", 2, " 02 ", "conditional"])
def test_sharing_type_as_written_elsewhere(value: str | int) -> None:
    """Codes come with and without a leading zero; one token goes out."""
    assert sharing_type(value) == "conditional"


@pytest.mark.parametrize("value", ["4", "0", "", "002", "Conditional", 0])
def test_sharing_type_unknown(value: str | int) -> None:
    """What is no code of the table is not guessed."""
    assert sharing_type(value) is None


def test_texts_are_bilingual() -> None:
    """Every meaning is there in both languages."""
    rows = [*SHARING_TYPES.values(), *UPDATE_CYCLES.values(), *DATA_TYPES.values()]
    texts = [row.text for row in rows] + [*SHARING_METHODS.values(), *LEVELS.values(), *PROVINCES.values()]
    assert all(text.en.isascii() and not text.zh.isascii() for text in texts)


def test_provinces() -> None:
    """34 province-level divisions of GB/T 2260, and the prefix of residence permits."""
    assert len(PROVINCES) == 35


def test_names() -> None:
    """Identifiers are URNs, never addresses to fetch."""
    assert conformance_urn("core") == "urn:gds:1.0:conf:core"
    assert requirement_urn("REQ-CORE-01") == "urn:gds:1.0:req:CORE-01"
    assert INTERFACE_VERSION == "1.0.0"
    assert set(CLASSES) <= set(CLASS_PREFIXES)
