from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.scaffold._names import RESERVED, distinct, field_name, slug

NAMES = st.text(max_size=90)


@pytest.mark.parametrize(
    ("name", "field", "dataset"),
    [
        ("UnitPrice", "unitPrice", "unit-price"),
        ("unit_price", "unitPrice", "unit-price"),
        ("Order Details", "orderDetails", "order-details"),
        ("AAC001", "aac001", "aac001"),
        ("XMLHttpID", "xmlHttpId", "xml-http-id"),
        ("个人编号", "geRenBianHao", "ge-ren-bian-hao"),
        ("1st", "field1st", "1st"),
        ("%", "field9", "table-9"),
        ("limit", "limitValue", "limit"),
        ("record_id", "recordIdValue", "record-id"),
    ],
)
def test_names(name: str, field: str, dataset: str) -> None:
    """Names of any convention become those of the standard; the interface's own are kept free."""
    assert (field_name(name, "field9"), slug(name, "table-9")) == (field, dataset)


@given(NAMES)
def test_always_legal(name: str) -> None:
    """No name of a legacy system gives one that the interface would refuse."""
    assert re.fullmatch(r"[a-z][a-zA-Z0-9]{0,62}", field_name(name, "field1"))
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", slug(name, "table-1"))
    assert field_name(name, "field1") not in RESERVED


@given(st.lists(st.sampled_from(["a", "b", "a2", "a3"])))
def test_distinct(names: list[str]) -> None:
    """Equal names are told apart, the first keeps its own, and none takes another's."""
    made = distinct(names)
    assert len(set(made)) == len(names)
    assert [made[names.index(name)] for name in dict.fromkeys(names)] == list(dict.fromkeys(names))
