from __future__ import annotations

import re
import time
from datetime import date
from typing import Any

import pytest

from datong.model import Column, KeyGuess, Structure, UsageError
from datong.scaffold import Facts, Proposal, propose
from datong.standard import credit_code_ok, phone_ok

KEY = KeyGuess(("id",), "declared", "why")
ID = Column("id", "integer", nullable=False)
PEOPLE = [(n, f"{n:02d}0105194912310{n:02d}X", "甲", "19600131") for n in range(3)]
VALID = ["11010519491231002X", "440524188001010014", "440524188001010022"]


def table(name: str, *columns: Column, **more: Any) -> Structure:
    given = {"key": KEY, "indexed": frozenset({"id"}), "rows": 3, "exact": True} | more
    return Structure({"table": name}, name, (ID, *columns), **given)


def proposed(*structures: Structure, **more: Any) -> Proposal:
    source = {"kind": "database", "url": "sqlite:///x.db"}
    return propose(structures, name="Old Register", source=source, today=date(2025, 8, 1), **more)


def test_whole_document() -> None:
    """Everything that the law makes an entry state is there, and loads."""
    adapter = proposed(table("DWXX", Column("DWMC", "string", length=20))).adapter()
    dataset = adapter.datasets["dwxx"]
    assert (adapter.adapter.id, adapter.source.zone) == ("old-register", "Asia/Shanghai")
    assert (dataset.key, dataset.count, dataset.verify) == (("id",), True, None)
    facts = dataset.catalog
    assert (facts.name, facts.catalog_code, facts.published_at) == ("单位信息", "301001/000001", "2025-08-01")
    assert facts.use_conditions.purposes
    assert dataset.fields["dwmc"].length == 20


def test_development_provider_is_valid_in_form() -> None:
    """The provider that stands in has a right check character and phone, and is no placeholder."""
    facts = Facts()
    assert credit_code_ok(facts.provider_code)
    assert phone_ok(facts.office_phone)
    assert "development only" in " ".join(proposed(table("t")).comments[("provider",)])


def test_facts_that_were_given() -> None:
    """Facts of the provider go into the file as they are, without the note for development."""
    facts = Facts(
        "某市人社局",
        "11110000MB0000001M",
        "信息科",
        "010-62345678",
        "x@example.org",
        "参保",
        "Insured",
        "unconditional",
    )
    made = proposed(table("t"), facts=facts)
    adapter = made.adapter()
    assert (adapter.provider.name, adapter.provider.office.email) == ("某市人社局", "x@example.org")
    assert adapter.adapter.title.zh == "参保"
    assert adapter.datasets["t"].catalog.use_conditions.purposes == ()
    assert made.comments[("provider",)] == []


def test_names_that_collide() -> None:
    """Tables and columns whose names become equal are told apart, in a stable order."""
    made = proposed(table("a b", Column("x_y", "string"), Column("xY", "string")), table("a-b")).adapter()
    assert list(made.datasets) == ["a-b", "a-b-2"]
    assert list(made.datasets["a-b"].fields) == ["id", "xY", "xY2"]
    codes = [dataset.catalog.catalog_code for dataset in made.datasets.values()]
    assert codes == ["301001/000001", "301001/000002"]


def test_other_schema() -> None:
    """A table of another schema carries its schema in name and place."""
    far = Structure({"table": "t", "schema": "s"}, "t", (ID,), KEY)
    made = proposed(far).adapter().datasets["s-t"]
    assert made.location == {"table": "t", "schema": "s"}


def test_left_out() -> None:
    """What has a problem, or no key, or no column that can be read, is left out with the reason."""
    structures = (
        table("good"), table("bad", problem="原因 / reason"), table("keyless", key=KeyGuess((), "none")),
        Structure({"table": "odd"}, "odd", (Column("x", "unsupported"),), KEY),
    )  # fmt: skip
    made = proposed(*structures)
    assert [one.name for one in made.left_out] == ["bad", "keyless", "odd"]
    assert "# bad" not in made.yaml()
    assert "#   bad: 原因 / reason" in made.yaml()


@pytest.mark.parametrize(
    ("structures", "code"), [((), "source-empty"), ((table("t", problem="因 / why"),), "source-unserved")]
)
def test_nothing_to_serve(structures: tuple[Structure, ...], code: str) -> None:
    """Where nothing can be served the error says so, with the first reasons in both languages."""
    with pytest.raises(UsageError) as error:
        proposed(*structures)
    assert error.value.code == code
    if structures:
        assert "t (why)" in error.value.title.en
        assert "t（因）" in error.value.title.zh


@pytest.mark.parametrize(("rows", "count"), [(100_000, True), (100_001, False), (None, False)])
def test_counting_is_for_small_tables(rows: int | None, count: bool) -> None:  # noqa: FBT001
    """Pages say how many records match only where counting is cheap."""
    assert proposed(table("t", rows=rows)).adapter().datasets["t"].count is count


def test_verify_where_a_row_is_a_person() -> None:
    """Claims are proposed where an identity number names one row, with dates and states as predicates."""
    columns = [Column(name, "string") for name in ("SFZH", "XM", "CSRQ", "CBZT")]
    rows = [(n, number, "甲", "19600131", "1") for n, number in enumerate(VALID)]
    verify = proposed(table("t", *columns, samples=tuple(rows))).adapter().datasets["t"].verify
    assert verify is not None
    assert (verify.keys, verify.fields) == (("sfzh",), ("xm", "cbzt"))
    assert [(one.field, one.operators) for one in verify.predicates] == [("csrq", ("gte", "lte")), ("cbzt", ("in",))]


def test_no_verify_where_rows_repeat_a_person() -> None:
    """A claim about a person with several rows has no answer, so none is proposed."""
    rows = ((1, VALID[0]), (2, VALID[0]), (3, VALID[1]))
    assert proposed(table("t", Column("SFZH", "string"), samples=rows)).adapter().datasets["t"].verify is None


def test_region() -> None:
    """The item with region codes is the one that a grant's region is compared with."""
    made = proposed(table("t", Column("XZQH", "string"), samples=((1, "330102"),)))
    assert made.adapter().datasets["t"].region == "xzqh"


def test_no_value_in_comments() -> None:
    """The file holds evidence, and never a value of a row."""
    columns = [Column(name, "string") for name in ("SFZH", "XM", "CSRQ")]
    text = proposed(table("t", *columns, samples=tuple(PEOPLE))).yaml()
    assert not [value for row in PEOPLE for value in row[1:] if str(value) in text]


def test_columns_left_out_are_told() -> None:
    """A column that cannot be served is named with the reason, while its table is served without it."""
    columns = (Column("id", "integer"), Column("x", "unsupported", "GEO"), Column("y", "unsupported", "甲 / why"))
    made = proposed(Structure({"table": "t"}, "t", columns, KEY))
    assert list(made.adapter().datasets["t"].fields) == ["id"]
    assert [(one.name, one.reason) for one in made.left_out] == [
        ("t.x", "类型 GEO 无法读取 / its type GEO cannot be read"),
        ("t.y", "甲 / why"),
    ]


def test_large_database_is_quick() -> None:
    """A database of 300 tables with 20 columns each is proposed and written within a few seconds."""
    columns = [Column(f"LXDH{n}" if n % 3 else f"CSRQ_{n}", "string", length=20) for n in range(20)]
    rows = tuple((n, *(f"1380013{n:04d}" for _ in columns)) for n in range(50))
    started = time.perf_counter()
    text = proposed(*(table(f"t{n}", *columns, samples=rows) for n in range(300))).yaml()
    assert time.perf_counter() - started < 6.0
    assert len(re.findall(r"(?m)^  t\d+:$", text)) == 300
