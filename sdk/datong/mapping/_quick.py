"""Short ways for the values that nearly all rows hold; whatever else comes goes the long way.

Drivers hand dates, decimals and timestamps over as text, since parsing what is only written again
is work for nothing. Text must be checked all the same, and the check must cost little: values that
repeat are looked up, a timestamp in two parts of which each repeats.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import NoneType
from typing import Any

from datong.mapping._faults import Fault
from datong.mapping._wire import Convert
from datong.mapping._zone import Zone

_REMEMBERED = frozenset({str, int, bool, bytes, date, time, NoneType})
_MOST = 65_536
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
_CLOCK = re.compile(r"[ T]([0-9]{2}:[0-9]{2}:[0-9]{2})").fullmatch
DAYS, SECONDS = 10, 19
"""How many characters of a timestamp's text are the day, and the day and time to the second."""
_FRACTION = re.compile(r"\.[0-9]{1,6}").fullmatch

plain_decimal = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?").fullmatch
"""A decimal as it stands on the wire."""


class Memo(dict[Any, Any]):
    """Legacy value → wire value, for fields of few different values.

    Only values of types whose equal values convert alike are remembered, and so many at most.
    """

    def __init__(self, convert: Convert) -> None:
        super().__init__()
        self.convert = convert

    def __missing__(self, key: Any) -> Any:
        value = self.convert(key)
        if type(key) in _REMEMBERED:
            if len(self) >= _MOST:
                self.clear()
            self[key] = value
        return value


def decimals(convert: Convert, scale: int | None) -> Convert:
    """Decimals whose text is plain, and numbers, to which zeros up to the scale are added; the others by `convert`."""
    places = scale or 0
    zeros = "0" * places

    def decimal(value: Any) -> Any:
        kind = type(value)
        if kind is Decimal:
            text = str(value)
            if "E" not in text and value.is_finite():
                return text
        elif kind is float and value - value == 0.0:
            text = repr(value)
            if "e" not in text:
                missing = places - len(text) + text.index(".") + 1
                return text + "0" * missing if missing > 0 else text
        elif kind is int:
            return f"{value}.{zeros}" if zeros else str(value)
        return convert(value)

    return decimal


def settled_day(zone: Zone, offset: str) -> Callable[[str], str]:
    """A day's text if all of that day has the offset; empty text for others and for no day."""

    def look(text: str) -> str:
        if not _DAY(text):
            return ""
        try:
            start = datetime.fromisoformat(text)
        except ValueError:
            return ""
        ends = start, start + timedelta(hours=23, minutes=59)
        return text if all(zone.text(end).endswith(offset) for end in ends) else ""

    return look


def clock_with(offset: str) -> Callable[[str], str]:
    """The second part of a timestamp's text as it stands on the wire; Fault for no time of day."""

    def look(text: str) -> str:
        found = _CLOCK(text)
        if found is None:
            raise Fault("time-invalid")
        try:
            time.fromisoformat(found[1])
        except ValueError as error:
            raise Fault("time-invalid") from error
        return f"T{found[1]}{offset}"

    return look


def tail_with(offset: str) -> Callable[[str], str]:
    """What follows the second in a timestamp's text, as it stands on the wire; empty if it is anything else."""
    short = offset[:3] if offset.endswith(":00") else offset

    def look(text: str) -> str:
        fraction = text.removesuffix(offset).removesuffix(short)
        if fraction and not _FRACTION(fraction):
            return ""
        digits = fraction.rstrip("0")
        return f"{digits:0<7}{offset}" if len(digits) > 1 else offset

    return look


def instants(convert: Convert, days: Memo, clocks: Memo, settled: tuple[datetime, str]) -> Convert:
    """Timestamps without offset since the zone settled, and text with fraction or that offset."""
    since, offset = settled
    tails = Memo(tail_with(offset))

    def instant(value: Any) -> Any:
        kind = type(value)
        if kind is str and len(value) > SECONDS:
            tail = tails[value[SECONDS:]]
            day = days[value[:DAYS]]
            if tail and day:
                return day + clocks[value[DAYS:SECONDS]][:9] + tail
        elif kind is datetime and value.tzinfo is None and value >= since:
            return value.isoformat() + offset
        return convert(value)

    return instant
