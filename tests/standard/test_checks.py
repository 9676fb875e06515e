from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from datong.standard import credit_code_ok, phone_ok, region_code_ok, resident_id_ok, resident_id_upgrade

RESIDENT_ALPHABET = "0123456789X"
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
RESIDENTS = ["11010519491231002X", "440524188001010014", "34052419800101001X"]
CREDIT_CODES = ["91350100M000100Y43", "91110000600037341L", "914403001922038216", "91440300708461136T"]


@st.composite
def residents(draw: st.DrawFn) -> str:
    region = draw(st.sampled_from(["110105", "440524", "340524", "659004"]))
    born = draw(st.dates(date(1880, 1, 1), date(2020, 12, 31)))
    body = f"{region}{born:%Y%m%d}{draw(st.integers(0, 999)):03}"
    return body + ric.calc_check_digit(body + "0")


@st.composite
def credit_codes(draw: st.DrawFn) -> str:
    body = draw(st.text(CREDIT_ALPHABET, min_size=17, max_size=17))
    return body + uscc.calc_check_digit(body + "0")


@pytest.mark.parametrize("value", RESIDENTS)
def test_published_resident_numbers(value: str) -> None:
    """The examples printed with GB 11643 and in common use are accepted."""
    assert resident_id_ok(value)


@given(residents())
def test_resident_numbers_agree_with_stdnum(value: str) -> None:
    """Any number whose check character an independent library computed is accepted."""
    assert resident_id_ok(value)


@given(residents(), st.integers(0, 17), st.sampled_from(RESIDENT_ALPHABET))
def test_changed_character_of_a_resident_number(value: str, place: int, other: str) -> None:
    """One changed character is always found: MOD 11-2 detects every single error."""
    changed = value[:place] + other + value[place + 1 :]
    assert resident_id_ok(changed) == (changed == value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "11010519491231002x",
        "1101051949123100 2X",
        "11010519491331002X",
        "990105194912310021",
        "１1010519491231002X",
        "110105491231002",
        "11010519491231002X\n",
    ],
)
def test_impossible_resident_numbers(value: str) -> None:
    """Wrong case, spaces, months, provinces, full-width digits, old length and line ends are refused."""
    assert not resident_id_ok(value)


def test_old_resident_number() -> None:
    """A 15-digit number becomes the 18-character number of the same person."""
    assert resident_id_upgrade("110105491231002") == "11010519491231002X"


@pytest.mark.parametrize("value", ["110105491331002", "990105491231002", "11010549123100", "11010519491231002X"])
def test_impossible_old_resident_number(value: str) -> None:
    """What is no 15-digit number with a date and a province is not upgraded."""
    assert resident_id_upgrade(value) is None


@pytest.mark.parametrize("value", CREDIT_CODES)
def test_published_credit_codes(value: str) -> None:
    """The example of GB 32100 and codes of well-known companies are accepted."""
    assert credit_code_ok(value)


@given(credit_codes())
def test_credit_codes_agree_with_stdnum(value: str) -> None:
    """Any code whose check character an independent library computed is accepted."""
    assert credit_code_ok(value)


@given(credit_codes(), st.integers(0, 17), st.sampled_from(CREDIT_ALPHABET))
def test_changed_character_of_a_credit_code(value: str, place: int, other: str) -> None:
    """One changed character is always found: 31 is prime and no weight is a multiple of it."""
    changed = value[:place] + other + value[place + 1 :]
    assert credit_code_ok(changed) == (changed == value)


@pytest.mark.parametrize("value", ["", "91350100M000100Y4", "91350100m000100y43", "91350100I000100Y43"])
def test_impossible_credit_codes(value: str) -> None:
    """Wrong length, small letters and the letters that the alphabet leaves out are refused."""
    assert not credit_code_ok(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("110000", True),
        ("429004", True),
        ("659001", True),
        ("990000", False),
        ("110001", False),
        ("11000", False),
        ("1101051", False),
        ("11010a", False),
        ("", False),
    ],
)
def test_region_codes(value: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """Six digits, a known province, and no county outside a prefecture."""
    assert region_code_ok(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("13800138000", True),
        ("+86 13800138000", True),
        ("008613800138000", True),
        ("010-62345678", True),
        ("0755-8234567", True),
        ("057187654321-801", True),
        ("400-810-8888", True),
        ("12800138000", False),
        ("1380013800", False),
        ("62345678", False),
        ("010-02345678", False),
        ("１3800138000", False),
        ("13800138000 ", False),
    ],
)
def test_phones(value: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """Mobile numbers, landlines with area code and service numbers of the mainland, nothing else."""
    assert phone_ok(value) is expected
