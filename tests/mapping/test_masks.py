from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mapping import build
from mapping.build import field

from datong.mapping import MASKS, Plan

FULL = "******"


def plan(mask: str, kind: str = "string") -> Plan:
    return build.plan({"id": field("integer", "ID"), "x": field(kind, mask=mask)})


EXAMPLES = [
    ("residentId", "11010519491231002X", "1101**********002X"),
    ("residentId", "110105491231002", FULL),
    ("residentId", " 11010519491231002X", FULL),
    ("personName", "王小明", "王**"),
    ("personName", "王明", "王**"),
    ("personName", "欧阳娜娜", "欧阳**"),
    ("personName", "欧阳", "欧**"),
    ("personName", "𠮷野家", "𠮷**"),
    ("personName", "王", FULL),
    ("personName", "阿卜杜拉·买买提", "阿**"),
    ("phone", "13812345678", "138****5678"),
    ("phone", "+8613812345678", "138****5678"),
    ("phone", "0571-87654321", FULL),
    ("bankCard", "6222020200112233445", "************3445"),
    ("bankCard", "6222 0202 0011 2233 445", "************3445"),
    ("bankCard", "12345", FULL),
    ("email", "zhangsan@example.gov.cn", "z***@example.gov.cn"),
    ("email", "z@example.gov.cn", FULL),
    ("address", "浙江省杭州市西湖区文三路1号", f"浙江省杭州市{FULL}"),
    ("address", "新疆维吾尔自治区伊犁哈萨克自治州伊宁市解放路1号", f"新疆维吾尔自治区伊犁哈萨克自治州{FULL}"),
    ("address", "上海市浦东新区世纪大道1号", f"上海市{FULL}"),
    ("address", "四川省天回镇超市旁3号", f"四川省{FULL}"),
    ("address", "某某超市旁3号", FULL),
    ("address", "浙江省", FULL),
    ("full", "x", FULL),
    ("keep(2, 2)", "ABCDEFGH", "AB****GH"),
    ("keep(1,0)", "ABCDEFGHIJ", "A****"),
    ("keep(2,2)", "ABCDEFG", FULL),
    ("keep(0,0)", "", "****"),
]


@pytest.mark.parametrize(("mask", "value", "shown"), EXAMPLES)
def test_what_a_mask_shows(mask: str, value: str, shown: str) -> None:
    """Each mask keeps what it is declared to keep, and hides a value of another kind as a whole."""
    assert plan(mask).mask("x", value) == shown


@pytest.mark.parametrize("mask", [*MASKS, "keep(3,2)"])
@given(value=st.text(max_size=40))
@settings(deadline=None)
def test_a_mask_never_shows_the_value_nor_its_length(mask: str, value: str) -> None:
    """Whatever the value, it is not shown, and what is shown is stars around a short part."""
    shown = plan(mask).mask("x", value)
    assert "*" in shown
    assert value == "" or shown != value or "*" in value  # what is masked already stays so
    kept = shown.replace("*", "")
    assert len(kept) <= max(8, len(value) // 2) or mask in {"email", "address"}


@given(hidden=st.tuples(*[st.text("0123456789", min_size=10, max_size=10)] * 2))
@settings(deadline=None)
def test_what_is_hidden_changes_nothing(hidden: tuple[str, str]) -> None:
    """Two identity numbers that differ only in the hidden digits look the same."""
    shown = {plan("residentId").mask("x", f"1101{middle}1234") for middle in hidden}
    assert shown == {"1101**********1234"}


@given(name=st.text("王李张三四五", min_size=2, max_size=9))
@settings(deadline=None)
def test_a_name_of_any_length_is_as_long(name: str) -> None:
    """The stars of a name do not count its characters."""
    assert plan("personName").mask("x", name) == f"{name[0]}**"


@pytest.mark.parametrize(
    ("kind", "legacy", "mask", "shown"),
    [
        ("integer", 5, "full", FULL),
        ("integer", 123456789, "keep(1,1)", FULL),
        ("boolean", True, "full", FULL),
        ("date", "1990-05-06", "full", FULL),
        ("date", "1990-05-06", "year", "1990-01-01"),
        ("string", None, "full", None),
        ("integer", None, "full", None),
        ("string", "", "full", FULL),
    ],
)
def test_masked_values_of_every_type(kind: str, legacy: Any, mask: str, shown: Any) -> None:
    """Masked numbers are stars as the record's schema allows, dates may keep their year, null stays null."""
    made = plan(mask, kind)
    view = made.view(["x"], frozenset({"x"}))
    row = tuple({"C": legacy, "ID": 1}[column] for column in view.columns)
    assert view.record(row)["x"] == shown


def test_a_masked_view_holds_the_value_nowhere() -> None:
    """Neither items nor JSON of a masked page contain the value, in clean pages and in dirty ones."""
    made = plan("personName")
    view = made.view(["id", "x"], frozenset({"x"}))
    rows = [tuple({"C": f"王小明{n}", "ID": n}[column] for column in view.columns) for n in range(3)]
    dirty = [*rows, tuple({"C": "\ufffd", "ID": 9}[column] for column in view.columns)]
    for page in (rows, dirty):
        mapped = view.page(page)
        assert [item["x"] for item in mapped.items] == ["王**"] * 3
        assert "小明" not in mapped.json.decode()
        assert "小明" not in repr(mapped)


VALUES = st.one_of(
    build.dirty,
    st.from_regex(r"1[0-9]{10}", fullmatch=True),
    st.from_regex(r"[0-9]{17}[0-9Xx]", fullmatch=True),
    st.text("王李欧阳张 \u3000·A", max_size=5),
    st.sampled_from(["١٣٨١٢٣٤٥٦٧٨", "１３８１２３４５６７８", "1381234567", "11010519491231002Y"]),
)
CHAINS: list[list[str]] = [[], ["trim"], ["trim", "nulls", "upper"]]


@pytest.mark.parametrize("chain", CHAINS, ids=str)
@pytest.mark.parametrize("mask", [*MASKS, "keep(1,1)"])
@given(values=st.lists(VALUES, min_size=1, max_size=6))
@settings(max_examples=20, deadline=None)
def test_generated_masks_are_the_declared_ones(mask: str, chain: list[str], values: list[Any]) -> None:
    """Generated code shows what the mask says, and the same rows are faulty with the mask as without."""
    made = build.plan({"id": field("integer", "ID"), "x": field(mask=mask, transforms=chain)})
    rows = [(value, number) for number, value in enumerate(values)]
    clear = made.view(["x"]).page(rows)
    masked = made.view(["x"], frozenset({"x"})).page(rows)
    assert masked.faulty == clear.faulty
    assert masked.items == [{**item, "x": made.mask("x", item["x"])} for item in clear.items]


@pytest.mark.parametrize("kind", ["integer", "decimal", "boolean", "date", "dateTime", "json", "binary"])
@given(values=st.lists(build.dirty, min_size=1, max_size=4))
@settings(max_examples=30, deadline=None)
def test_a_mask_hides_no_fault_of_any_type(kind: str, values: list[Any]) -> None:
    """Rows that cannot be converted are faulty whether or not their item is masked."""
    made = build.plan({"id": field("integer", "ID"), "x": field(kind, mask="full")})
    rows = [(value, number) for number, value in enumerate(values)]
    assert made.view(["x"], frozenset({"x"})).page(rows).faulty == made.view(["x"]).page(rows).faulty
