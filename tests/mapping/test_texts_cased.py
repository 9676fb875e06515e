from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.mapping import compile_dataset
from datong.model import CatalogFacts, Classification, Condition, Dataset, Field


def plan(transform: str, length: int = 18):
    facts = CatalogFacts(
        name="n",
        catalog_code="301001/000001",
        format="数据库",
        update_cycle="daily",
        sharing_type="unconditional",
        sharing_methods=("serviceInterface",),
        classification=Classification(level="general"),
        published_at="2026-01-01",
        updated_at="2026-01-01",
    )
    code = Field(source="C", name="c", type="string", length=length, transforms=(transform,), filterable=True)
    dataset = Dataset(location={"table": "t"}, catalog=facts, key=("K",), fields={"code": code})
    return compile_dataset("d", dataset, zone="Asia/Shanghai", secret=b"s" * 32)


def test_few_letters_are_found_by_index() -> None:
    """A filter on an upper-cased code asks the source for each spelling of it, and for no other."""
    found = plan("upper").condition("code", "eq", "33950219911105658X")
    assert isinstance(found, Condition)
    assert (found.operator, set(found.value)) == ("in", {"33950219911105658X", "33950219911105658x"})


def test_wide_spellings_are_found_by_index() -> None:
    """Full-width digits and letters have as few spellings as plain ones: a list of both forms needs no scan."""
    found = plan("upper").condition("code", "in", ["12X", "１２Ｘ", "张三"])
    assert isinstance(found, Condition)
    assert set(found.value) == {"12X", "12x", "１２Ｘ", "１２ｘ", "张三"}


@pytest.mark.parametrize("transform", ["upper", "lower"])
def test_every_character_is_known(transform: str) -> None:
    """Of all characters there are, none becomes a text under which it would not be asked for."""
    made = plan(transform)
    missed = []
    for code in [*range(0xD800), *range(0xE000, 0x110000)]:
        becomes = getattr(chr(code), transform)()
        if becomes == chr(code):
            continue
        found = made.condition("code", "eq", becomes)
        if isinstance(found, Condition) and chr(code) not in (found.value if found.operator == "in" else [found.value]):
            missed.append(hex(code))
    assert missed == []


@pytest.mark.parametrize("value", ["S", "ABCDEFGH", "É1"])
def test_letters_with_many_spellings(value: str) -> None:
    """Where other characters become these letters, or there are too many spellings, the value itself is tested."""
    assert not isinstance(plan("upper").condition("code", "eq", value), Condition)


@given(st.text(alphabet="09AXaxkKſKıß３Ｘｘ张ŉ", max_size=4), st.sampled_from(["upper", "lower"]))
def test_spellings_are_complete(stored: str, transform: str) -> None:
    """A stored value that becomes the wanted one is always among those asked for."""
    wanted = getattr(stored, transform)()
    found = plan(transform).condition("code", "eq", wanted)
    if isinstance(found, Condition):
        asked = found.value if found.operator == "in" else (found.value,)
        assert stored in asked
        assert all(getattr(each, transform)() == wanted for each in asked)
    else:
        assert found.test(wanted)
