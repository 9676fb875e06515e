from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from mapping import build
from mapping.build import field

from datong.mapping import Faulty, FaultyRow, Quality, Step, ValueInvalid
from datong.model import Compare, Problem

PEOPLE = {
    "id": field("integer", "ID"),
    "name": field(column="XM", transforms=[{"trim": "right"}], mask="personName"),
    "idNumber": field(column="SFZH", format="residentId", sensitive=True),
    "born": field("date", "CSRQ", transforms=[{"nulls": ["00000000"]}, {"date": "%Y%m%d"}]),
    "pension": field("decimal", "JE", scale=2),
}
ROW = ("张三  ", "11010519491231002X", "19491231", "1234.50", 7)
ORDER = ("XM", "SFZH", "CSRQ", "JE", "ID")


def rows(view: Any, *legacy: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    return [tuple(row[ORDER.index(column)] for column in view.columns) for row in legacy]


def test_a_view_asks_for_its_columns_and_the_key() -> None:
    """Only the columns of the fields are read, and those of the key, each once."""
    plan = build.plan(PEOPLE)
    assert plan.view(["born", "name"]).columns == ("XM", "CSRQ", "ID")
    assert plan.view(["id"]).columns == ("ID",)
    assert plan.view([], record_id=False).columns == ("ID",)
    assert plan.columns == ("ID", "XM", "SFZH", "CSRQ", "JE")


def test_a_record_has_the_asked_fields_in_the_declared_order() -> None:
    """The record id comes first, then the fields as the dataset lists them, whatever order was asked."""
    view = build.plan(PEOPLE).view(("pension", "born", "name", "id"))
    record = view.record(rows(view, ROW)[0])
    assert list(record.items()) == [
        ("recordId", "7"),
        ("id", 7),
        ("name", "张三"),
        ("born", "1949-12-31"),
        ("pension", "1234.50"),
    ]


def test_views_are_made_once_and_not_without_bound() -> None:
    """The same fields in any order share a view; callers cannot fill the memory with combinations."""
    plan = build.plan({f"f{number}": field("integer", f"C{number}") for number in range(12)}, ("C0",))
    assert plan.view(["f1", "f2"]) is plan.view(("f2", "f1"), frozenset({"f9"}))
    for number in range(2**9):
        plan.view([f"f{bit}" for bit in range(12) if number >> bit & 1])
    assert len(plan._views) <= 128


def test_an_unknown_field_is_the_callers_error() -> None:
    """A view of a field that does not exist is refused."""
    with pytest.raises(KeyError, match="nobody"):
        build.plan(PEOPLE).view(["nobody"])


def test_a_dirty_row_is_reported_and_the_others_are_served() -> None:
    """The faulty row is named with its id, field and code, and with no value."""
    view = build.plan(PEOPLE).view(tuple(PEOPLE))
    dirty = ("李四\ufffd", "x", "19500101", "1.00", 8)
    late = ("王五", "y", "19500230", "1.00", 9)
    mapped = view.page(rows(view, ROW, dirty, late))
    assert [item["id"] for item in mapped.items] == [7]
    assert mapped.faulty == [Faulty("8", "name", "charset", "8"), Faulty("9", "born", "date-invalid", "9")]
    assert mapped.faulty[0].wire() == {"recordId": "8", "rowRef": "8", "field": "name", "code": "charset"}
    assert json.loads(mapped.json) == mapped.items
    with pytest.raises(FaultyRow) as caught:
        view.record(rows(view, late)[0])
    assert caught.value.faulty == mapped.faulty[1]
    assert "王五" not in str(caught.value)


def test_a_row_is_faulty_for_every_caller_alike() -> None:
    """Masking a damaged value does not make its row served, whether the page is clean or not."""
    plan = build.plan(PEOPLE)
    for value in ("李\ufffd四五", "\ud842四"):
        for masked in (frozenset[str](), frozenset({"name"})):
            view = plan.view(["name"], masked)
            assert [entry.code for entry in view.page(rows(view, (value, "x", None, None, 8))).faulty] == ["charset"]


def test_an_unbalanced_page_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page whose items and faulty rows are not the rows read is a problem, not an answer."""
    view = build.plan(PEOPLE).view(["id"])
    mapping = view._map
    monkeypatch.setattr(view, "_map", lambda page: mapping(page)[1:])
    with pytest.raises(Problem) as caught:
        view.page([(1,), (2,)])
    assert caught.value.code == "loss-unbalanced"
    assert caught.value.params == {"read": 2, "mapped": 1, "faulty": 0}


def test_an_empty_page_is_a_page() -> None:
    """No rows make no items."""
    mapped = build.plan(PEOPLE).view(["id"]).page([])
    assert (mapped.read, mapped.items, mapped.faulty, mapped.json) == (0, [], [], b"[]")


def test_the_key_of_a_row() -> None:
    """The key comes as the source gave it, in the order of the dataset's key."""
    plan = build.plan({"a": field(column="A"), "b": field(column="B"), "c": field(column="C")}, ("B", "A"))
    assert plan.view(["c", "a"]).columns == ("A", "C", "B")
    assert plan.view(["c", "a"]).key_of_row((1, 2, 3)) == (3, 1)
    assert build.plan(PEOPLE).view(["born"]).key_of_row(("x", 7)) == (7,)


@pytest.mark.parametrize("width", [1, 15, 16, 17, 33, 300])
def test_wide_records(width: int) -> None:
    """Any number of columns is mapped."""
    names = [f"f{number}" for number in range(width)]
    view = build.plan({name: field("integer", name) for name in names}, ("f0",)).view(names, record_id=False)
    assert view.page([tuple(range(width))] * 3).items == [dict(zip(names, range(width), strict=True))] * 3


def test_threads_share_a_plan() -> None:
    """Views and what they remember are used from many threads at once."""
    plan = build.plan(PEOPLE)

    def work(start: int) -> list[dict[str, Any]]:
        view = plan.view(["born", "pension", "id"][: 1 + start % 3])
        legacy = [("a", "b", f"19{50 + n % 50}0101", "1.00", n) for n in range(200)]
        return view.page(rows(view, *legacy)).items

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(60)))
    assert all(result == results[place % 3] for place, result in enumerate(results))


def test_the_trace_of_a_row_tells_every_step() -> None:
    """`datong try` shows the legacy value, each transform, the wire value and the mask, or where it failed."""
    plan = build.plan(PEOPLE)
    legacy = dict(zip(ORDER, ROW, strict=True)) | {"CSRQ": "19490231"}
    steps = plan.trace(tuple(legacy[column] for column in plan.columns))
    assert [step for step in steps if step.field == "name"] == [
        Step("name", "from", "张三  "),
        Step("name", "trim", "张三"),
        Step("name", "wire", "张三"),
        Step("name", "mask", "张**"),
    ]
    assert [(step.name, step.fault) for step in steps if step.field == "born"] == [
        ("from", None),
        ("nulls", None),
        ("date", "date-invalid"),
    ]


def test_quality_counts_what_is_empty_and_what_fails_its_format() -> None:
    """A wrong check digit is served as it is and counted."""
    plan = build.plan(PEOPLE)
    view = plan.view(tuple(PEOPLE))
    wrong = ("李四", "110105194912310021", "00000000", None, 8)
    items = view.page(rows(view, ROW, wrong)).items
    assert items[1]["idNumber"] == "110105194912310021"
    found = plan.quality(items)
    assert found["idNumber"] == Quality(2, 0, 1)
    assert found["born"] == Quality(1, 1, 0)
    assert found["name"] == Quality(2, 0, 0)


SAME = [
    ("string", "１１０x ", "110X", Compare()),
    ("string", "\u3000张三 ", "张三", Compare()),
    ("date", "19600131", "1960-01-31", Compare()),
    ("date", "１９６０年1月31日", "1960-01-31", Compare()),
    ("decimal", "1.50", "1.5", Compare()),
    ("decimal", 1.5, "1.500", Compare()),
    ("integer", "７", 7, Compare()),
    ("dateTime", "2020-01-01T00:00:00Z", "2020-01-01T08:00:00+08:00", Compare()),
    ("boolean", "true", True, Compare()),
]
DIFFERENT = [
    ("string", "a", "A", Compare(case=True)),
    ("string", "Ａ", "A", Compare(width=False)),
    ("string", "A ", "A", Compare(trim=False)),
    ("string", "张三", "张三丰", Compare()),
    ("date", "1960-01-31", "1960-01-30", Compare()),
    ("decimal", "1.50", "1.51", Compare()),
]


@pytest.mark.parametrize(("kind", "claimed", "stored", "rules"), SAME)
def test_values_that_the_rules_make_equal(kind: str, claimed: Any, stored: Any, rules: Compare) -> None:
    """Width, blanks, case, scale, offset and form of a date do not matter where the rules say so."""
    plan = build.one(kind)[0]
    assert plan.comparable("x", claimed, rules) == plan.comparable("x", stored, rules)


@pytest.mark.parametrize(("kind", "claimed", "stored", "rules"), DIFFERENT)
def test_values_that_the_rules_keep_apart(kind: str, claimed: Any, stored: Any, rules: Compare) -> None:
    """What the rules do not name matters."""
    plan = build.one(kind)[0]
    assert plan.comparable("x", claimed, rules) != plan.comparable("x", stored, rules)


def test_a_claim_that_is_no_value_of_the_item_is_refused() -> None:
    """A claimed date that is none is the caller's error; null is null."""
    plan = build.one("date")[0]
    assert plan.comparable("x", None) is None
    for value in ("1960-02-30", "1960", 19600131, "1960/131"):
        with pytest.raises(ValueInvalid):
            plan.comparable("x", value)
