"""What verify compares: a claimed and a stored value in one form (REQ-VER-07)."""

import re
from datetime import date
from typing import Any

from datong.mapping._conditions import parse
from datong.mapping._faults import ValueInvalid
from datong.mapping._texts import fold_width
from datong.mapping._zone import Zone
from datong.model import Compare, Field

_DATE_FORMS = re.compile(
    r"([0-9]{4})(?:([0-9]{2})([0-9]{2})|[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日)"
).fullmatch


def comparable(name: str, field: Field, value: Any, compare: Compare, zone: Zone) -> Any:
    """The wire value in the form in which two are equal, or ordered, by the declared rules.

    Text as text, numbers as numbers whatever their scale, instants as instants, dates in any of
    the forms 1960-01-31, 19600131, 1960/1/31, 1960.1.31 and 1960年1月31日. Null stays None.
    Raises ValueInvalid.
    """
    if isinstance(value, str):
        value = fold_width(value) if compare.width else value
        value = value.strip() if compare.trim else value
    if value is None:
        return None
    if field.type == "date":
        return _day(name, value)
    found = parse(name, field, value, zone)
    return found.casefold() if isinstance(found, str) and not compare.case else found


def _day(name: str, value: Any) -> date:
    found = _DATE_FORMS(value) if isinstance(value, str) else None
    if found is None:
        raise ValueInvalid(name, "date")
    year, month, day = (int(part) for part in found.groups() if part is not None)
    try:
        return date(year, month, day)
    except ValueError as error:
        raise ValueInvalid(name, "date") from error
