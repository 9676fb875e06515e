"""Datasets and values for the tests of the mapping."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from datong.mapping import Plan, View, compile_dataset
from datong.model import Dataset

SECRET = b"0123456789abcdef0123456789abcdef"
ZONE = "Asia/Shanghai"

CATALOG = {
    "name": "测试",
    "catalogCode": "3010100001/1",
    "format": "数据库",
    "updateCycle": "daily",
    "sharingType": "conditional",
    "sharingMethods": ["serviceInterface"],
    "classification": {"level": "general"},
    "publishedAt": "2025-08-01",
    "updatedAt": "2025-08-01",
}


def field(kind: str = "string", column: Any = "C", **more: Any) -> dict[str, Any]:
    origin = {} if column is None else {"from": column}
    return {**origin, "name": "项", "type": kind, **more}


def dataset(fields: dict[str, dict[str, Any]], key: tuple[str, ...] = ("ID",)) -> Dataset:
    return Dataset.model_validate({"from": {"table": "t"}, "catalog": CATALOG, "key": key, "fields": fields})


def plan(fields: dict[str, dict[str, Any]], key: tuple[str, ...] = ("ID",), zone: str = ZONE) -> Plan:
    return compile_dataset("people", dataset(fields, key), zone=zone, secret=SECRET)


def one(kind: str = "string", **more: Any) -> tuple[Plan, View]:
    """A plan of an integer key `ID` and one item `x` from column `C`."""
    made = plan({"id": field("integer", "ID"), "x": field(kind, **more)})
    return made, made.view(["x"], record_id=False)


def convert(value: Any, kind: str = "string", **more: Any) -> Any:
    """The wire value of one legacy value, or the fault's code after an exclamation mark."""
    view = one(kind, **more)[1]
    mapped = view.page([tuple({"C": value, "ID": 1}[column] for column in view.columns)])
    return mapped.items[0]["x"] if mapped.items else f"!{mapped.faulty[0].code}"


class Text(str):
    """A text that is not exactly str, as some drivers give."""

    __slots__ = ()


class Foreign:
    """An object that no item can hold."""


texts = st.one_of(
    st.text(max_size=12),
    st.text(st.characters(categories=("L", "N", "P", "Z", "C", "Cs")), max_size=6),
    st.sampled_from(
        [
            "",
            " ",
            "张三  ",
            "\u3000李四\u3000",
            "𠮷野",
            "㐂",
            "䶮",
            "ＡＢ１２",
            "\ufffd",
            "\ud842",
            "NULL",
            "无",
            "0",
            "1",
            "是",
            "否",
        ]
    ),
    st.sampled_from(["1990-01-01", "19900101", "00000000", "0000-00-00", "1990-02-30", "infinity", "1990/1/5"]),
    st.sampled_from(["2020-01-01 03:04:05", "2020-01-01T03:04:05.120Z", "25:00:00", "03:04:05", "1900-01-01 00:00:00"]),
    st.sampled_from(["12.50", "-1", "007", "1e3", "NaN", "Infinity", "9007199254740993", "1,234.50", "12-"]),
    st.sampled_from(['{"a": [1, 2.5, null]}', "[1e400]", "[1.10]", "{", '"\\ud842"']),
)
numbers = st.one_of(
    st.booleans(),
    st.integers(),
    st.integers(-3, 3),
    st.integers(2**53 - 3, 2**53 + 3),
    st.floats(),
    st.decimals(places=2, allow_nan=False, allow_infinity=False),
    st.decimals(),
    st.sampled_from([Decimal("1E+3"), Decimal("0E-10"), Decimal("1.00"), Decimal("sNaN12"), 1.0, 0.0, 19900101]),
)
moments = st.one_of(
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
    st.times(),
    st.timedeltas(min_value=timedelta(days=-2), max_value=timedelta(days=2)),
    st.sampled_from([date(1990, 1, 1), datetime(1990, 1, 1), time(3, 4, 5), datetime(1986, 5, 4, 2, 30)]),
)
others = st.one_of(
    st.none(),
    st.binary(max_size=4),
    st.binary(max_size=4).map(memoryview),
    st.binary(max_size=4).map(bytearray),
    st.builds(UUID, int=st.integers(0, 2**128 - 1)),
    st.lists(st.integers(-3, 3), max_size=2),
    st.dictionaries(st.text(max_size=2), st.floats(), max_size=2),
    texts.map(Text),
    st.builds(Foreign),
)
dirty = st.one_of(texts, numbers, moments, others)
