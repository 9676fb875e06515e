"""Check digits and shapes of the semantic types, written for use on every value of every row.

None of these looks a number up anywhere: they tell what cannot be right, not what exists.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from datong.standard._regions import PROVINCES

_RESIDENT = re.compile(r"[1-8][0-9]{16}[0-9X]", re.ASCII)
_RESIDENT_OLD = re.compile(r"[1-8][0-9]{14}", re.ASCII)
_RESIDENT_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS: Final = "10X98765432"

_CREDIT_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_VALUES: Final = {character: value for value, character in enumerate(_CREDIT_ALPHABET)}
_CREDIT_WEIGHTS: Final = tuple(pow(3, index, 31) for index in range(17))
_CREDIT_LENGTH: Final = 18

_REGION = re.compile(r"[1-8][0-9]{5}", re.ASCII)
_PHONE = re.compile(
    r"(?:\+86[ -]?|0086[ -]?)?1[3-9][0-9]{9}"
    r"|(?:010|02[0-9])[ -]?[1-9][0-9]{7}(?:-[0-9]{1,6})?"
    r"|0[3-9][0-9]{2}[ -]?[1-9][0-9]{6,7}(?:-[0-9]{1,6})?"
    r"|(?:400|800)-?[0-9]{3}-?[0-9]{4}",
    re.ASCII,
)


def resident_id_ok(value: str) -> bool:
    """Whether an 18-character citizen number is possible (GB 11643-1999).

    Province, birth date and the MOD 11-2 check character, which is an upper-case X where it is 10.
    Counties are not looked up: numbers keep the codes of counties abolished long ago.
    """
    return (
        _RESIDENT.fullmatch(value) is not None
        and value[:2] in PROVINCES
        and _is_date(value[6:14])
        and _resident_check(value) == value[17]
    )


def resident_id_upgrade(old: str) -> str | None:
    """The 18-character form of a 15-digit number of the first generation; None where impossible."""
    if _RESIDENT_OLD.fullmatch(old) is None:
        return None
    body = f"{old[:6]}19{old[6:]}"
    if old[:2] not in PROVINCES or not _is_date(body[6:14]):
        return None
    return body + _resident_check(body)


def credit_code_ok(value: str) -> bool:
    """Whether a unified social credit code has the right length, alphabet and MOD 31 check (GB 32100)."""
    if len(value) != _CREDIT_LENGTH:
        return False
    try:
        total = sum(_CREDIT_VALUES[char] * weight for char, weight in zip(value, _CREDIT_WEIGHTS, strict=False))
        return _CREDIT_VALUES[value[17]] == -total % 31
    except KeyError:
        return False


def region_code_ok(value: str) -> bool:
    """Whether a 6-digit code has a province of GB/T 2260 and no county without a prefecture."""
    return _REGION.fullmatch(value) is not None and value[:2] in PROVINCES and (value[2:4] != "00" or value[4:] == "00")


def phone_ok(value: str) -> bool:
    """Whether this is a mainland mobile number, a landline with its area code, or a 400 or 800 number."""
    return _PHONE.fullmatch(value) is not None


def _resident_check(body: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(body, _RESIDENT_WEIGHTS, strict=False))
    return _RESIDENT_CHECKS[total % 11]


def _is_date(digits: str) -> bool:
    try:
        year = date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year
    except ValueError:
        return False
    return 1800 <= year < 2100  # noqa: PLR2004 - nobody whose number is on file was born outside
