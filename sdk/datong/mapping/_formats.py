"""The checks of semantic formats.

Legacy data is dirty and every row must be served or reported. A value that fails its check is
therefore served as it is and counted by `Plan.quality`; only a field with the transform `strict`
turns it into a faulty row.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from datong.standard import credit_code_ok, phone_ok, region_code_ok, resident_id_ok, resident_id_upgrade

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+").fullmatch
_CARD = re.compile(r"[0-9]{12,19}").fullmatch


def _resident_id(value: str) -> bool:
    """Numbers of the first generation have 15 digits and no check digit."""
    return resident_id_ok(value) or resident_id_upgrade(value) is not None


def _bank_card(value: str) -> bool:
    """ISO/IEC 7812: 12 to 19 digits with a Luhn check digit."""
    if not _CARD(value):
        return False
    digits = [int(digit) for digit in reversed(value)]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + doubled) % 10 == 0


CHECKS: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        "residentId": _resident_id,
        "creditCode": credit_code_ok,
        "regionCode": region_code_ok,
        "phone": phone_ok,
        "email": lambda value: _EMAIL(value) is not None,
        "bankCard": _bank_card,
    }
)
"""Format → whether a wire value passes; person names and addresses have no check."""
