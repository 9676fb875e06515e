from __future__ import annotations

import sys
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mapping import build
from mapping.build import convert, field

from datong.mapping import TRANSFORMS

GBK = "张三".encode("gbk")

EXAMPLES: list[tuple[str, Any, list[Any], Any]] = [
    ("string", "  张三  ", ["trim"], "张三"),
    ("string", "  张三  ", [{"trim": "right"}], "  张三"),
    ("string", "\u3000张三\u3000\t", ["trim"], "\u3000张三\u3000\t"),
    ("string", "\u3000张三\u3000\t", [{"trim": {"blanks": "all"}}], "张三"),
    ("string", 5, ["trim"], "5"),
    ("string", " 王 \u3000 小\n明 ", ["collapse"], "王 小 明"),
    ("string", "NULL", ["nulls"], None),
    ("string", "00000000", [{"nulls": ["", "00000000"]}], None),
    ("string", 0, [{"nulls": "0"}], None),
    ("integer", Decimal("0.00"), [{"nulls": 0}], None),
    ("string", "无", [{"nulls": ["无"]}, {"default": "未知"}], "未知"),
    ("string", None, [{"default": "CN"}], "CN"),
    ("string", "x1", ["upper"], "X1"),
    ("string", "Ab", ["lower"], "ab"),
    ("string", "１２３ＡＢＣ－（甲）\u3000乙", ["halfwidth"], "123ABC-(甲) 乙"),
    ("string", 1, [{"codes": {1: "男", 2: "女"}}], "男"),
    ("string", "01", [{"codes": {"1": "男"}}], "!code-unknown"),
    ("string", "9", [{"codes": {"map": {"1": "男"}, "unknown": "keep"}}], "9"),
    ("string", "9", [{"codes": {"map": {"1": "男"}, "unknown": "null"}}], None),
    ("string", True, [{"codes": {True: "是", False: "否"}}], "是"),
    ("integer", "A", [{"codes": {"A": 1}}], 1),
    ("date", "19600102", [{"date": "%Y%m%d"}], "1960-01-02"),
    ("date", 19600102, [{"date": "%Y%m%d"}], "1960-01-02"),
    ("date", Decimal(19600102), [{"date": "%Y%m%d"}], "1960-01-02"),
    ("date", "19600230", [{"date": "%Y%m%d"}], "!date-invalid"),
    ("date", "00000000", [{"nulls": ["00000000"]}, {"date": "%Y%m%d"}], None),
    ("date", "00000000", [{"date": "%Y%m%d"}], "!date-invalid"),
    ("date", "600102", [{"date": {"formats": "%y%m%d", "pivot": 30}}], "1960-01-02"),
    ("date", "300102", [{"date": {"formats": "%y%m%d", "pivot": 30}}], "2030-01-02"),
    ("date", "310102", [{"date": {"formats": "%y%m%d", "pivot": 30}}], "1931-01-02"),
    ("date", "1960年1月2日", [{"date": ["%Y%m%d", "%Y年%m月%d日"]}], "1960-01-02"),
    ("date", "1960/1/2", [{"date": {"formats": "%Y/%m/%d", "padded": True}}], "!date-invalid"),
    ("date", "20200229", [{"date": "%Y%m%d"}], "2020-02-29"),
    ("date", "20190229", [{"date": "%Y%m%d"}], "!date-invalid"),
    ("date", "٢٠٢٠٠١٠١", [{"date": "%Y%m%d"}], "!date-invalid"),
    ("date", datetime(2020, 1, 1, 5), [{"date": "%Y%m%d"}], "!time-lost"),
    ("date", datetime(2020, 1, 1, 5), [{"date": {"formats": "%Y%m%d", "dropTime": True}}], "2020-01-01"),
    ("date", "202001", [{"date": "%Y%m"}], "2020-01-01"),
    ("dateTime", "20200101030405", [{"dateTime": "%Y%m%d%H%M%S"}], "2020-01-01T03:04:05+08:00"),
    ("dateTime", "20200101", [{"dateTime": ["%Y%m%d%H%M%S", "%Y%m%d"]}], "2020-01-01T00:00:00+08:00"),
    ("dateTime", "2020/1/1 3:04", [{"date": "%Y/%m/%d %H:%M"}], "2020-01-01T03:04:00+08:00"),
    ("dateTime", "20200101030405+0000", [{"dateTime": "%Y%m%d%H%M%S%z"}], "2020-01-01T11:04:05+08:00"),
    ("dateTime", "2020010103", [{"dateTime": {"formats": "%Y%m%d%H", "zone": "UTC"}}], "2020-01-01T11:00:00+08:00"),
    ("dateTime", 1577836800, [{"dateTime": "epoch"}], "2020-01-01T08:00:00+08:00"),
    ("dateTime", "1577836800123", [{"dateTime": "epochMillis"}], "2020-01-01T08:00:00.123000+08:00"),
    ("dateTime", "198605040230", [{"dateTime": "%Y%m%d%H%M"}], "1986-05-04T02:30:00+08:00"),
    ("dateTime", "198605040230", [{"dateTime": {"formats": "%Y%m%d%H%M", "gap": "faulty"}}], "!time-gap"),
    ("dateTime", "2020-01-01 00:00:00", [{"zone": "UTC"}], "2020-01-01T08:00:00+08:00"),
    ("dateTime", datetime(2020, 1, 1), [{"zone": "Asia/Urumqi"}], "2020-01-01T02:00:00+08:00"),
    ("time", "0304", [{"time": "%H%M"}], "03:04:00"),
    ("time", "2500", [{"time": "%H%M"}], "!time-invalid"),
    ("decimal", "000123456", [{"decimal": {"implied": 2}}], "1234.56"),
    ("decimal", "000000000", [{"decimal": {"implied": 2}}], "0.00"),
    ("decimal", "-5", [{"decimal": {"implied": 2}}], "-0.05"),
    ("decimal", "1.5", [{"decimal": {"implied": 2}}], "!number-invalid"),
    ("decimal", "9" * 40, [{"decimal": {"implied": 4}}], "9" * 36 + "." + "9" * 4),
    ("decimal", "￥1,234,567.50 元", [{"decimal": {"grouping": ","}}], "1234567.50"),
    ("decimal", "12,34.50", [{"decimal": {"grouping": ","}}], "!number-invalid"),
    ("decimal", "1.234,50", [{"decimal": {"grouping": ".", "point": ","}}], "1234.50"),
    ("decimal", "12.50-", [{"decimal": {"sign": "trailing"}}], "-12.50"),
    ("decimal", "(12.50)", [{"decimal": {"sign": "parentheses"}}], "-12.50"),
    ("decimal", "(12.50", [{"decimal": {"sign": "parentheses"}}], "!number-invalid"),
    ("integer", "1,234", [{"integer": {"grouping": ","}}], 1234),
    ("integer", "1.5", ["integer"], "!number-invalid"),
    ("number", "2,5", [{"number": {"point": ","}}], 2.5),
    ("boolean", "是", ["boolean"], True),
    ("boolean", "N", ["boolean"], False),
    ("boolean", b"\x01", ["boolean"], True),
    ("boolean", "?", ["boolean"], "!boolean-unknown"),
    ("boolean", 2, [{"boolean": {"true": [1], "false": [2]}}], False),
    ("string", "A-B-C", [{"split": {"separator": "-", "index": 1}}], "B"),
    ("string", "A-B-C", [{"split": {"separator": "-", "index": -1}}], "C"),
    ("string", "A", [{"split": {"separator": "-", "index": 1}}], None),
    ("string", "A", [{"split": {"separator": "-", "index": 1, "missing": "faulty"}}], "!part-missing"),
    ("string", "330106199001011234", [{"substring": {"length": 6}}], "330106"),
    ("date", "330106199001011234", [{"substring": {"offset": 6, "length": 8}}, {"date": "%Y%m%d"}], "1990-01-01"),
    ("string", "33", [{"substring": {"offset": 6}}], None),
    ("string", 5, [{"pad": 3}], "005"),
    ("string", Decimal("5.0"), [{"pad": 3}], "005"),
    ("string", "1234", [{"pad": 3}], "1234"),
    ("string", "A", [{"pad": {"length": 3, "fill": "x", "side": "right"}}], "Axx"),
    ("string", GBK.decode("latin-1"), [{"charset": {"encoding": "gbk", "misread": "latin-1"}}], "张三"),
    ("string", GBK, [{"charset": "gbk"}], "张三"),
    ("string", "张三", [{"charset": {"encoding": "gbk", "misread": "latin-1"}}], "!charset"),
    ("string", "张三", [{"charset": {"encoding": "gbk", "misread": "latin-1", "mixed": True}}], "张三"),
    ("string", b"\xff", [{"charset": "gbk"}], "!charset"),
    ("string", "𠮷㐂䶮".encode("gb18030"), [{"charset": "gbk"}], "𠮷㐂䶮"),
    ("string", b"\xfe\x59\xa6\xd9", [{"charset": "gb18030"}], "\u9fb4\ufe10"),
    ("string", "13812345678", [{"mask": "phone"}], "138****5678"),
    ("string", "11010519491231002X", [{"strict": "residentId"}], "11010519491231002X"),
    ("string", "110105194912310021", [{"strict": "residentId"}], "!format-invalid"),
    ("string", "110105491231002", [{"strict": "residentId"}], "110105491231002"),
    ("string", "6222020200112233", [{"strict": "bankCard"}], "!format-invalid"),
    ("string", "4111111111111111", [{"strict": "bankCard"}], "4111111111111111"),
    ("string", "a@b.cn", [{"strict": "email"}], "a@b.cn"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "legacy", "transforms", "wire"), EXAMPLES)
def test_what_a_chain_of_transforms_makes(kind: str, legacy: Any, transforms: list[Any], wire: Any) -> None:
    """The declared transforms, one after the other, give the wire value or the code of the fault."""
    assert convert(legacy, kind, transforms=transforms) == wire


@pytest.mark.parametrize(("kind", "legacy", "transforms", "wire"), EXAMPLES)
def test_null_passes_every_transform_but_the_default(kind: str, legacy: Any, transforms: list[Any], wire: Any) -> None:
    """Null stays null; only `default` gives it a value."""
    filled = any("default" in each for each in transforms if isinstance(each, dict))
    assert (convert(None, kind, transforms=transforms) is None) is not filled


def test_every_transform_has_an_example() -> None:
    """The examples leave out no transform, save those that have tests of their own."""
    shown = {each if isinstance(each, str) else next(iter(each)) for _, _, chain, _ in EXAMPLES for each in chain}
    assert shown | {"join", "python", "value", "digest"} == set(TRANSFORMS)


@pytest.mark.parametrize(
    ("options", "row", "wire"),
    [
        ("-", ("A", "B"), "A-B"),
        ("-", ("A", None), "A"),
        ({"separator": "-", "nulls": "empty"}, (None, "B"), "-B"),
        ({"separator": "-", "nulls": "null"}, (None, "B"), None),
        ("-", (None, None), None),
        ("", (date(2020, 1, 2), 5), "2020-01-025"),
        ("", ("A", b"\xff"), "!charset"),
    ],
)
def test_several_columns_become_one_text(options: Any, row: tuple[Any, ...], wire: Any) -> None:
    """Columns are joined in the order of `from`, nulls as declared."""
    plan = build.plan({"id": field("integer", "ID"), "x": field(column=["A", "B"], transforms=[{"join": options}])})
    mapped = plan.view(["x"]).page([(*row, 1)])
    assert (mapped.items[0]["x"] if mapped.items else f"!{mapped.faulty[0].code}") == wire


def test_a_constant_needs_no_column() -> None:
    """A field without `from` holds its constant in every record."""
    plan = build.plan({"id": field("integer", "ID"), "x": field(column=None, transforms=[{"value": "CN"}])})
    assert plan.view(["x"]).page([(1,), (2,)]).items == [{"recordId": "1", "x": "CN"}, {"recordId": "2", "x": "CN"}]


@pytest.fixture
def own_module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("adapter_functions")
    module.age = lambda row: row["YEAR"] + row["MORE"]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "adapter_functions", module)
    return module


def test_a_function_of_the_adapter_gets_the_columns_by_name(own_module: ModuleType) -> None:
    """A python transform reads its columns, its result is converted, and what it raises is a faulty row."""
    declared = field("integer", column=["YEAR", "MORE"], transforms=[{"python": "adapter_functions:age"}])
    view = build.plan({"id": field("integer", "ID"), "x": declared}).view(["x"])
    mapped = view.page([(1990, 5, 1), (1990, None, 2), ("7", "0", 3)])
    assert [item["x"] for item in mapped.items] == [1995, 70]
    assert [(entry.row_ref, entry.code) for entry in mapped.faulty] == [("2", "transform-failed")]


def test_pseudonyms_join_only_where_a_context_is_shared() -> None:
    """A digest is stable, does not hold the value, and equals another one's only in a common context."""
    plan = build.plan(
        {
            "id": field("integer", "ID"),
            "a": field(transforms=["digest"]),
            "b": field(transforms=["digest"]),
            "c": field(transforms=[{"digest": "person"}]),
            "d": field(transforms=[{"digest": "person"}]),
        }
    )
    item = plan.view(["a", "b", "c", "d"], record_id=False).page([("11010519491231002X", 1)]).items[0]
    assert item["a"] != item["b"]
    assert item["c"] == item["d"] != item["a"]
    assert all(len(value) == 32 and "1101" not in value for value in {item["a"], item["b"]})


DEFAULTS: list[tuple[str, Any, Any]] = [
    ("string", 1.0, "1.0"),
    ("string", timedelta(days=1, seconds=1), "P1DT0H0M1S"),
    ("string", b"\xd5\xc5", "!charset"),
    ("string", "坏\ufffd", "!charset"),
    ("string", "\ud842", "!charset"),
    ("string", "𠮷㐂䶮ＡＢ\u3000", "𠮷㐂䶮ＡＢ\u3000"),
    ("integer", "007", 7),
    ("integer", 1.0, 1),
    ("integer", 2**53, "!integer-wide"),
    ("integer", b"\x05", 5),
    ("decimal", Decimal("1E+3"), "1000"),
    ("decimal", Decimal("0E-10"), "0.0000000000"),
    ("decimal", Decimal("NaN"), "!number-not-finite"),
    ("decimal", 0.1, "0.1"),
    ("decimal", "12.50", "12.50"),
    ("number", float("nan"), "!number-not-finite"),
    ("number", 2**53 + 1, "!number-invalid"),
    ("boolean", b"\x00", False),
    ("boolean", 2, "!boolean-unknown"),
    ("date", "0000-00-00", "!date-invalid"),
    ("date", "infinity", "!date-invalid"),
    ("date", datetime(2020, 1, 1), "2020-01-01"),
    ("date", datetime(2020, 1, 1, 1), "!time-lost"),
    ("dateTime", "infinity", "!time-invalid"),
    ("dateTime", "1900-01-01 00:00:00", "1900-01-01T00:00:00+08:00"),
    ("dateTime", "1988-07-01 00:00:00", "1988-07-01T00:00:00+09:00"),
    ("dateTime", "2020-01-01 03:04:05.12", "2020-01-01T03:04:05.120000+08:00"),
    ("dateTime", "2020-01-01 03:04:05+08", "2020-01-01T03:04:05+08:00"),
    ("dateTime", "2020-01-01 03:04:05.5-05:30", "2020-01-01T16:34:05.500000+08:00"),
    ("dateTime", "2020-01-01 24:00:00", "!time-invalid"),
    ("dateTime", "2020-W01-1 00:00:00", "!time-invalid"),
    ("dateTime", date(2020, 1, 1), "2020-01-01T00:00:00+08:00"),
    ("time", timedelta(hours=3), "03:00:00"),
    ("time", timedelta(hours=838), "!time-invalid"),
    ("time", timedelta(hours=-1), "!time-invalid"),
    ("binary", memoryview(b"ab"), "YWI="),
    ("binary", "ab", "!type"),
    ("json", '{"a": 123456789012345678901}', {"a": "123456789012345678901"}),
    ("json", "[0.1234567890123456789]", "!json-invalid"),
    ("json", {"a": float("inf")}, "!number-not-finite"),
]


@pytest.mark.parametrize(("kind", "legacy", "wire"), DEFAULTS)
def test_what_drivers_hand_over_becomes(kind: str, legacy: Any, wire: Any) -> None:
    """Without a transform the item's type decides, and what it cannot hold without loss is faulty."""
    assert convert(legacy, kind) == wire


def test_a_declared_scale_is_given_back_to_numbers_that_lost_it() -> None:
    """A float or integer of a decimal column shows the declared digits, and never fewer than it has."""
    assert convert(1.5, "decimal", scale=2) == "1.50"
    assert convert(3, "decimal", scale=2) == "3.00"
    assert convert(1.125, "decimal", scale=2) == "1.125"
    assert convert(Decimal("1.5"), "decimal", scale=2) == "1.5"


def test_wide_integers_are_strings_beyond_what_json_readers_keep() -> None:
    """An item declared wide is a number up to 2^53-1 and a string beyond."""
    assert convert(2**53 - 1, "integer", wide=True) == 2**53 - 1
    assert convert(2**53, "integer", wide=True) == "9007199254740992"


@given(value=build.dirty)
@settings(deadline=None)
def test_null_is_refused_where_it_is_not_declared(value: Any) -> None:
    """An item that is not nullable never shows null."""
    assert convert(value, nullable=False) is not None
    assert convert(None, nullable=False) == "!null"


@given(moment=st.datetimes(datetime(1890, 1, 1), datetime(2060, 1, 1)), name=st.sampled_from([
    "Asia/Shanghai", "Asia/Urumqi", "America/New_York", "Europe/London", "UTC", "Asia/Kathmandu",
]))  # fmt: skip
@settings(deadline=None)
def test_instants_of_every_zone_are_rfc_3339(moment: datetime, name: str) -> None:
    """The digits of a timestamp survive in every zone, with an offset that RFC 3339 can write."""
    view = build.plan({"id": field("integer", "ID"), "x": field("dateTime")}, zone=name).view(["x"])
    for value in (moment, str(moment)):
        wire = view.record((value, 1))["x"]
        found = datetime.fromisoformat(wire)
        assert found.replace(tzinfo=None) == moment
        assert len(wire) in {25, 32}
