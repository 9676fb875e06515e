"""What a caller compares with, in the form that a column can be compared with.

A value that no row of the column can equal becomes NEVER, so that the server is not asked a
question that it would answer with an error, or with a match that is not exact.
"""

from __future__ import annotations

import math
import re
import uuid
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo


class Never(Enum):
    NEVER = "never"


NEVER: Final = Never.NEVER
Binder = Callable[[Any], Any]

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,999})")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,1000}(?:\.[0-9]{0,1000})?|\.[0-9]{1,1000})")
_DATE = re.compile(r"([0-9]{4,6})-([0-9]{2})-([0-9]{2})( BC)?")
_INSTANT = re.compile(
    r"([0-9]{4,6}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?)"
    r"(Z|[+-][0-9]{2}(?::?[0-9]{2}(?::?[0-9]{2})?)?)?( BC)?"
)
_TIME = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]{1,9})?")
_MINUTE: Final = timedelta(minutes=1)
_LAST_YEAR: Final = 294_000
_FIRST_YEAR_BC: Final = 4713


def as_integer(value: Any) -> Any:
    """int, or Decimal where a range may be bounded by a fraction."""
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return int(value) if _INTEGER.fullmatch(value) and value != "-0" else NEVER
    number = as_decimal(value)
    return int(number) if number is not NEVER and number == number.to_integral_value() else number


def as_decimal(value: Any) -> Any:
    if isinstance(value, int):
        return Decimal(int(value))
    if isinstance(value, float):
        return Decimal(repr(value)) if math.isfinite(value) else NEVER
    if isinstance(value, Decimal):
        return value if value.is_finite() and abs(value.adjusted()) <= 1000 else NEVER  # noqa: PLR2004  of PostgreSQL
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Decimal(value)
    return NEVER


def as_float(value: Any) -> Any:
    if isinstance(value, float):
        return value
    number = as_decimal(value)
    return NEVER if number is NEVER else float(number)


def as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return NEVER
    if isinstance(value, int | Decimal | uuid.UUID | date | time):
        return str(value)
    if not isinstance(value, str):
        return NEVER
    try:
        value.encode()
    except UnicodeEncodeError:
        return NEVER
    return value


def as_boolean(value: Any) -> Any:
    known: dict[Any, bool] = {True: True, False: False, "true": True, "false": False}
    return known.get(value, NEVER) if isinstance(value, int | str) else NEVER


def as_bytes(value: Any) -> Any:
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else NEVER


def as_uuid(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return str(value)
    try:
        return value if isinstance(value, str) and str(uuid.UUID(value)) == value else NEVER
    except ValueError:
        return NEVER


def as_date(value: Any) -> Any:
    """A date as text, in every form that PostgreSQL writes: BC and infinity included."""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else NEVER
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str) and (_endless(value) or _real_day(value)) else NEVER


def as_time(value: Any) -> Any:
    if isinstance(value, time):
        return value.isoformat()
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    good = match and int(match[1]) <= 24 and int(match[2]) < 60 and int(match[3]) < 60  # noqa: PLR2004  of a clock
    return value if good else NEVER


def instants(zone: ZoneInfo, *, zoned: bool) -> Binder:
    """A binder for instants: text with an offset where the column is `zoned`, else local to `zone`."""

    def as_instant(value: Any) -> Any:
        if isinstance(value, datetime):
            return _told(value, zone, zoned=zoned)
        if isinstance(value, date):
            return as_instant(datetime(value.year, value.month, value.day))  # noqa: DTZ001  local to the zone
        if not isinstance(value, str):
            return NEVER
        if _endless(value):
            return value
        if _DATE.fullmatch(value):
            return as_instant(f"{value[:-3]} 00:00:00 BC" if value.endswith("BC") else f"{value} 00:00:00")
        return _instant_of_text(value, zone, zoned=zoned)

    return as_instant


def _instant_of_text(value: str, zone: ZoneInfo, *, zoned: bool) -> Any:
    match = _INSTANT.fullmatch(value)
    if match is None or not _real_day(match[1] + (match[4] or "")) or as_time(match[2]) is NEVER:
        return NEVER
    if bool(match[3]) == zoned:
        return value  # in the very form in which the server wrote it
    try:
        told = _told(datetime.fromisoformat(f"{match[1]} {match[2]}{match[3] or ''}"), zone, zoned=zoned)
    except ValueError:
        told = NEVER
    return value if told is NEVER else told  # what is beyond the years of Python is left to the server


def _told(value: datetime, zone: ZoneInfo, *, zoned: bool) -> Any:
    try:
        if zoned:
            return (value if value.tzinfo else _placed(value, zone)).astimezone(UTC).isoformat(" ")
        return (local(value, zone) if value.tzinfo else value).replace(tzinfo=None).isoformat(" ")
    except OverflowError:
        return NEVER  # in UTC, or by the zone's clock, of a year that Python has not


def _placed(value: datetime, zone: ZoneInfo) -> datetime:
    moment = value.replace(tzinfo=zone)
    offset = moment.utcoffset()
    return moment if offset is not None and not offset % _MINUTE else value.replace(tzinfo=standard_offset(zone))


def local(value: datetime, zone: ZoneInfo) -> datetime:
    """The instant by the zone's clock; where its history has seconds in the offset, by its standard offset."""
    standard = standard_offset(zone)
    if value.tzinfo == standard and value.year == 1:  # in UTC it may be a year that Python has not
        return value
    moment = value.astimezone(zone)
    offset = moment.utcoffset()
    return moment if offset is not None and not offset % _MINUTE else value.astimezone(standard)


def _endless(value: str) -> bool:
    return value in {"infinity", "-infinity"}


def _real_day(value: str) -> bool:
    match = _DATE.fullmatch(value)
    if match is None:
        return False
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    if match[4]:
        year, month, day = (1 - year, month, day) if year <= _FIRST_YEAR_BC else (0, 0, 0)
    elif year > _LAST_YEAR:
        return False
    return 1 <= month <= 12 and 1 <= day <= monthrange(2000 + year % 400, month)[1]  # noqa: PLR2004  of a calendar


@cache
def standard_offset(zone: ZoneInfo) -> timezone:
    """The zone's offset outside summer time: a fixed one, so that every instant has a plain offset."""
    moments = (datetime(2025, month, 1, tzinfo=zone) for month in (1, 7))
    return timezone(min(moment.utcoffset() or timedelta() for moment in moments))


def offset_text(offset: timezone) -> str:
    """As in +08:00."""
    minutes = int(offset.utcoffset(None).total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
