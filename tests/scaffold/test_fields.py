from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from datong.model import Column
from datong.scaffold._fields import Item, item

IDS = ["11010519491231002X", "440524188001010014", "11010519491231002x"]
PHONES = ["13800138000", "010-62345678", "无"]


def of(
    name: str, values: list[Any], kind: str = "string", *, key: bool = False, indexed: bool = False, **more: Any
) -> Item:
    return item(Column(name, kind, **more), values, key=key, indexed=indexed)


def test_identity_number() -> None:
    """An identity number is told by name and check digits, masked, and found by request body only."""
    made = of("SFZH", IDS).settings
    assert made == {
        "from": "SFZH", "name": "身份证号", "type": "string", "filterable": True, "format": "residentId",
        "sensitive": True, "mask": "residentId",
    }  # fmt: skip


def test_name_that_samples_refute() -> None:
    """A telling name whose values fail gets no format, and is masked all the same."""
    made = of("Phone", ["+55 (12) 3923-5555", "+1 (403) 262-3443"])
    assert "format" not in made.settings
    assert (made.settings["sensitive"], made.settings["mask"]) == (True, "phone")
    assert "only 0 of 2 samples pass" in made.reasons[0]


def test_samples_without_a_telling_name() -> None:
    """Values that chance cannot make are recognised under any name; a few of them are not enough."""
    numbers = [f"1380013{n:04d}" for n in range(12)]
    assert of("F7", numbers).settings["format"] == "phone"
    assert "format" not in of("F7", numbers[:5]).settings
    assert "format" not in of("F7", [f"2380013{n:04d}" for n in range(12)]).settings


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("XM", "personName"), ("last_name", "personName"), ("FRDB", "personName"), ("ShipAddress", "address"),
        ("LXDZ", "address"), ("email", "email"), ("YHZH", "bankCard"), ("TYSHXYDM", "creditCode"),
        ("XZQH", "regionCode"),
    ],
)  # fmt: skip
def test_formats_by_name(name: str, form: str) -> None:
    """Where there is no sample to ask, the name decides."""
    assert of(name, []).settings["format"] == form


@pytest.mark.parametrize("name", ["Name", "QYMC", "address_id", "AddressType", "phone_count", "CompanyName", "title"])
def test_no_person(name: str) -> None:
    """Names of things, and codes about personal items, are not personal."""
    made = of(name, ["a", "b"]).settings
    assert not {"format", "mask", "sensitive"} & set(made)


def test_public_code_is_not_masked() -> None:
    """A unified social credit code is public: it can be filtered by, and is not masked."""
    made = of("TYSHXYDM", ["11000000000000000U"]).settings
    assert made["filterable"]
    assert not {"mask", "sensitive"} & set(made)


def test_number_that_is_a_code() -> None:
    """A phone number kept as a number becomes text, for nobody adds phone numbers."""
    assert of("SJH", [13800138000], "integer").settings["type"] == "string"


@pytest.mark.parametrize(
    ("name", "values", "transforms"),
    [
        ("CSRQ", ["19600131", "00000000", None], [{"nulls": ["00000000"]}, {"date": {"formats": ["%Y%m%d"]}}]),
        ("CSRQ", ["1960/1/31", ""], [{"nulls": [""]}, {"date": {"formats": ["%Y/%m/%d"]}}]),
        ("CSRQ", ["19600131 ", "20000101 "], ["trim", {"nulls": ["00000000"]}, {"date": {"formats": ["%Y%m%d"]}}]),
        ("CSRQ", ["1960-01-31"], None),
    ],
)
def test_dates_as_text(name: str, values: list[Any], transforms: Any) -> None:
    """Dates written as text are read by the forms that the samples show; ISO forms need no transform."""
    made = of(name, values).settings
    assert (made["type"], made.get("transforms")) == ("date", transforms)


@pytest.mark.parametrize(
    "values", [["19600131", "19601331"], ["12345678"], ["05000101"], ["abc"], [], ["19600131", b"\xcd\xf5"]]
)
def test_text_that_is_no_date(values: list[Any]) -> None:
    """A name alone makes no date, and neither do values that are no real days."""
    assert of("CSRQ", values).settings["type"] == "string"


def test_eight_digits_by_chance() -> None:
    """Numbers of eight digits are dates without a telling name only if there are many and all are."""
    days = [f"{date(2000, 1, 1) + timedelta(days=7 * n):%Y%m%d}" for n in range(30)]
    assert of("F1", days).settings["type"] == "date"
    assert of("F1", [*days, "20001301"]).settings["type"] == "string"
    assert of("F1", days[:5]).settings["type"] == "string"


def test_date_with_a_time() -> None:
    """Text with a time of day becomes an instant, even where the database declares a date."""
    assert of("d", ["2024-01-31 10:00:00"], "date").settings["type"] == "dateTime"
    assert of("d", ["2024-01-31"], "dateTime").settings["type"] == "date"


def test_declared_date_that_is_none() -> None:
    """SQLite holds anything in a date column: what is no date is served as the text it is."""
    made = of("d", ["soon"], "date")
    assert made.settings["type"] == "string"
    assert "the samples are none" in made.reasons[0]


@pytest.mark.parametrize(
    "text", ["infinity", "2006-02-15 09:57:20+08", "0044-03-15 BC", "2006-02-15 09:57:20.123456+08:00"]
)
def test_dates_as_a_server_writes_them(text: str) -> None:
    """What a server writes for its own instants is left to the mapping."""
    assert of("at", [text], "dateTime").settings["type"] == "dateTime"


def test_zero_dates() -> None:
    """MySQL's zero dates become null where the samples show them."""
    made = of("d", [date(2020, 1, 1), "0000-00-00"], "date").settings
    assert (made["type"], made["transforms"]) == ("date", [{"nulls": ["0000-00-00"]}])
    assert "transforms" not in of("d", [date(2020, 1, 1)], "date").settings


def test_zero_dates_give_no_order() -> None:
    """A column whose zero dates become null has ranges, but is not sorted by."""
    made = of("d", [date(2020, 1, 1), "0000-00-00"], "date", indexed=True).settings
    assert (made["range"], "sortable" in made) == (True, False)


def test_times_with_an_offset() -> None:
    """PostgreSQL's TIME WITH TIME ZONE is no time of day of the interface; it is served as it is written."""
    assert of("t", [], "time", zoned=True).settings["type"] == "string"


def test_null_tokens_make_null() -> None:
    """An item that has null tokens may be null, whatever the column declares."""
    assert "nullable" not in of("CSRQ", ["00000000", "19600131"], nullable=False).settings
    assert of("x", ["a"], nullable=False).settings["nullable"] is False


def test_spans_of_more_than_a_day() -> None:
    """MySQL's TIME may hold 100 hours; such a column is no time of day."""
    assert of("t", [timedelta(hours=100)], "time").settings["type"] == "string"
    assert of("t", [timedelta(hours=10)], "time").settings["type"] == "time"


def test_padding() -> None:
    """CHAR columns lose the blanks that the database put behind the value."""
    assert of("x", ["a   "], padded=True).settings["transforms"] == [{"trim": "right"}]


def test_what_may_be_asked() -> None:
    """Keys and indexed columns can be filtered by; those with an order have ranges; nothing else."""
    flags = {"filterable", "range", "sortable"}
    assert flags & set(of("id", [1], "integer", key=True).settings) == flags
    assert flags & set(of("d", [], "date", indexed=True).settings) == flags
    assert flags & set(of("code", ["a"], indexed=True).settings) == {"filterable"}
    assert flags & set(of("raw", [b"a"], "binary", key=True).settings) == set()
    assert flags & set(of("n", [1], "integer").settings) == set()


def test_enum_has_a_dictionary() -> None:
    """The values of an enumeration are shown in the catalog."""
    made = item(Column("x", "string", values=("a", "b")), ["a"], key=False, indexed=False)
    assert made.settings["dictionary"] == {"a": "a", "b": "b"}


@pytest.mark.parametrize(
    ("name", "comment", "chinese"),
    [
        ("c1", "参保状态(1正常 2停保)", "参保状态"),
        ("c1", "参保状态：1正常", "参保状态"),
        ("XM", "the name", "姓名"),
        ("客户 编号", "", "客户 编号"),
        ("QQQ", "", "字段QQQ"),
        ("a\nb", "", "字段a b"),
    ],
)
def test_item_names(name: str, comment: str, chinese: str) -> None:
    """A Chinese comment names the item, then a Chinese name, then the glossary, then the column itself."""
    assert of(name, [], comment=comment).settings["name"] == chinese


def test_reasons_hold_no_value() -> None:
    """Evidence gives counts, never a value of a row."""
    values = [*IDS, *PHONES]
    for name in ("SFZH", "LXDH", "XM", "CSRQ", "F1"):
        told = " ".join(of(name, values).reasons)
        assert not [value for value in values if value in told]
