"""From a Python value, as a driver or a transform gives it, to the value on the wire, by item type.

This is the whole conversion of a field that declares no transform. It is strict: what cannot be
written without loss raises Fault.
"""

import base64
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from datong.mapping._faults import Fault
from datong.mapping._zone import Zone
from datong.model import Field, WireType

SAFE = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly."""

Convert = Callable[[Any], Any]

_INTEGER = re.compile(r"[+-]?[0-9]+").fullmatch
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?").fullmatch
_PLAIN_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?").fullmatch
_ISO_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T]00:00:00(?:\.0+)?)?").fullmatch
_ISO_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(\.[0-9]+)?"
    r" ?(Z|z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
).fullmatch
_ISO_TIME = re.compile(r"([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(\.[0-9]+)?").fullmatch
_DAY = timedelta(days=1)
_MIDNIGHT = datetime(2000, 1, 1)  # noqa: DTZ001 - any day, for its clock


def sound(text: str) -> str:
    """The text itself, as an exact str; Fault `charset` for U+FFFD and lone surrogates."""
    if "\ufffd" in text:
        raise Fault("charset")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise Fault("charset") from error
    return text if type(text) is str else str.__str__(text)


def plain_text(value: Any) -> str:
    """Any scalar as text: how codes, tokens and digits of a legacy value are compared.

    Numbers that are equal give the same text (1, 1.0, Decimal("1.00") and True are all `1`).
    """
    if isinstance(value, str):
        return sound(value)
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float | Decimal):
        return _number_text(value)
    if isinstance(value, datetime | date | time | UUID):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        raise Fault("charset")
    raise Fault("type")


def _number_text(value: float | Decimal) -> str:
    exact = decimal_of(value)
    # No arithmetic: Decimal's context would round to 28 digits.
    return str(int(exact)) if exact == exact.to_integral_value() else f"{exact:f}".rstrip("0")


def decimal_of(value: Any) -> Decimal:
    """The exact decimal of a number or of numeric text; a float is taken as it is written."""
    if isinstance(value, bool):
        raise Fault("type")
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        value = Decimal(repr(float(value)))
    if isinstance(value, str):
        if not _DECIMAL(value):
            raise Fault("number-not-finite" if value.lower().strip("+-") in _ENDLESS else "number-invalid")
        value = Decimal(value)
    if not isinstance(value, Decimal):
        raise Fault("type")
    if not value.is_finite():
        raise Fault("number-not-finite")
    return value


_ENDLESS = frozenset({"nan", "snan", "inf", "infinity"})


# --- string


def _duration(value: timedelta) -> str:
    sign, span = ("-", -value) if value < timedelta(0) else ("", value)
    minutes, seconds = divmod(span.seconds, 60)
    fraction = f".{span.microseconds:06d}".rstrip("0") if span.microseconds else ""
    return f"{sign}P{span.days}DT{minutes // 60}H{minutes % 60}M{seconds}{fraction}S"


def _float_text(value: float) -> str:
    decimal_of(value)
    return repr(float(value))


def _decimal_text(value: Decimal) -> str:
    return f"{decimal_of(value):f}"


def _undecodable(_: Any) -> Any:
    raise Fault("charset")


def _nested_text(value: Any) -> str:
    return orjson.dumps(_clean_json(value)).decode()


# --- integer


def _integer(value: int) -> int | str:
    return value if -SAFE <= value <= SAFE else str(value)


def _within(convert: Convert) -> Convert:
    """Only an item declared `wide` may show an integer as a string: its schema says so."""

    def within(value: Any) -> int:
        found = convert(value)
        if isinstance(found, str):
            raise Fault("integer-wide")
        return int(found)

    return within


def _integral(value: Any) -> int | str:
    exact = decimal_of(value)
    if exact != exact.to_integral_value() or exact.adjusted() > 1000:  # noqa: PLR2004 - a bound, so that no text makes a huge integer
        raise Fault("number-invalid")
    return _integer(int(exact))


def _integer_text(value: str) -> int | str:
    if not _INTEGER(value) or len(value) > 1000:  # noqa: PLR2004 - the same bound
        raise Fault("number-invalid")
    return _integer(int(value))


def _bits(value: Any) -> int | str:
    """BIT columns arrive as big-endian bytes; text that does not decode is never numeric."""
    return _integer(int.from_bytes(bytes(value), "big"))


# --- decimal and number


def _scaled(scale: int | None) -> Convert:
    """Numbers that lost their scale on the way (int, float) get the declared one back."""

    form = f"%.{scale or 0}f"
    # Below, no two numbers of this scale share a double (15 digits), so that the text is the number's own.
    least = 10.0 ** (15 - scale) if scale else 0.0

    def convert(value: Any) -> str:
        if type(value) is float and -least < value < least:
            text = form % value
            if float(text) == value:
                return text
        exact = decimal_of(value)
        exponent = exact.as_tuple().exponent
        if scale is not None and isinstance(exponent, int) and -exponent < scale:
            return f"{exact:.{scale}f}"
        return f"{exact:f}"

    return convert


def _decimal_from_text(value: str) -> str:
    return value if _PLAIN_DECIMAL(value) else f"{decimal_of(value):f}"


def _number(value: Any) -> float | int:
    """A double; a number that a double would round is a fault, since the rounding would be silent."""
    if isinstance(value, int) and -SAFE <= value <= SAFE and not isinstance(value, bool):
        return int(value)
    exact = decimal_of(value)
    number = float(value)
    if number - number != 0.0 or decimal_of(number) != exact:
        raise Fault("number-invalid")
    return number


# --- boolean

_TRUE = frozenset({"1", "t", "true"})
_FALSE = frozenset({"0", "f", "false"})


def _boolean(value: Any) -> bool:
    text = plain_text(value).lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise Fault("boolean-unknown")


def _boolean_bits(value: Any) -> bool:
    number = int.from_bytes(bytes(value), "big")
    if number > 1:
        raise Fault("boolean-unknown")
    return bool(number)


# --- dates and times


def _day(value: datetime) -> str:
    if value.time() != time():
        raise Fault("time-lost")
    return value.date().isoformat()


def _day_text(value: str) -> str:
    found = _ISO_DATE(value)
    if found is None:
        raise Fault("date-invalid")
    try:
        date.fromisoformat(found[1])
    except ValueError as error:
        raise Fault("date-invalid") from error
    return found[1]


def _clock_digits(fraction: str | None) -> str:
    """At most microseconds are kept; more digits are a loss unless they are zeros."""
    digits = (fraction or "").rstrip("0")
    if len(digits) > 7:  # noqa: PLR2004 - the point and six digits
        raise Fault("time-invalid")
    return digits.ljust(7, "0") if len(digits) > 1 else ""


def instant_of(text: str) -> datetime:
    """ISO 8601 text, with or without offset, as databases write it; a date alone is midnight."""
    found = _ISO_INSTANT(text)
    if found is None:
        raise Fault("time-invalid")
    day, clock, fraction, offset = found.groups()
    offset = {None: "", "Z": "+00:00", "z": "+00:00"}.get(offset, offset)
    try:
        return datetime.fromisoformat(f"{day}T{clock or '00:00'}{_clock_digits(fraction)}{offset}")
    except ValueError as error:
        raise Fault("time-invalid") from error


def _clock(value: time) -> str:
    if value.tzinfo is not None:
        raise Fault("type")
    return value.isoformat()


def _clock_span(value: timedelta) -> str:
    """MySQL hands TIME over as a span; one outside of a day is no time of day."""
    if not timedelta(0) <= value < _DAY:
        raise Fault("time-invalid")
    return (_MIDNIGHT + value).time().isoformat()


def _clock_text(value: str) -> str:
    found = _ISO_TIME(value)
    if found is None:
        raise Fault("time-invalid")
    try:
        return time.fromisoformat(found[1] + _clock_digits(found[2])).isoformat()
    except ValueError as error:
        raise Fault("time-invalid") from error


# --- binary and json


def _base64(value: Any) -> str:
    return base64.b64encode(value).decode()


def _json_number(text: str) -> float:
    number = float(text)
    if number - number != 0.0 or Decimal(repr(number)) != Decimal(text):
        raise Fault("json-invalid")
    return number


def _json_constant(_: str) -> Any:
    raise Fault("json-invalid")


def _json_text(value: str) -> Any:
    try:
        parsed = json.loads(value, parse_float=_json_number, parse_constant=_json_constant)
    except (ValueError, RecursionError) as error:
        raise Fault("json-invalid") from error
    return _clean_json(parsed)


def _clean_json(value: Any, depth: int = 0) -> Any:
    if depth > 100:  # noqa: PLR2004 - orjson writes 254 levels, and readers break earlier
        raise Fault("json-invalid")
    if isinstance(value, Mapping):
        return {sound(str(key)): _clean_json(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean_json(item, depth + 1) for item in value]
    if value is None or isinstance(value, bool):
        return value
    for kinds, type_name in _NESTED:
        if isinstance(value, kinds):
            return CONVERT[type_name][kinds[0]](value)
    raise Fault("type")


_TEXTUAL: dict[type, Convert] = {
    str: sound,
    bool: lambda value: "true" if value else "false",
    int: lambda value: str(int(value)),
    Decimal: _decimal_text,
    float: _float_text,
    datetime: lambda value: value.isoformat(),
    date: date.isoformat,
    time: time.isoformat,
    timedelta: _duration,
    UUID: str,
    bytes: _undecodable,
    bytearray: _undecodable,
    memoryview: _undecodable,
    dict: _nested_text,
    list: _nested_text,
    tuple: _nested_text,
    ipaddress.IPv4Address: str,
    ipaddress.IPv6Address: str,
    ipaddress.IPv4Interface: str,
    ipaddress.IPv6Interface: str,
    ipaddress.IPv4Network: str,
    ipaddress.IPv6Network: str,
}
_NESTED: tuple[tuple[tuple[type, ...], WireType], ...] = (
    ((str,), "string"),
    ((int,), "integer"),
    ((Decimal,), "decimal"),
    ((float,), "number"),
    ((datetime,), "string"),
    ((date,), "date"),
    ((time,), "string"),
    ((UUID,), "string"),
)
_BYTES = (bytes, bytearray, memoryview)

CONVERT: Mapping[WireType, dict[type, Convert]] = {
    "string": _TEXTUAL,
    "integer": {
        int: _integer,
        str: _integer_text,
        Decimal: _integral,
        float: _integral,
        bool: int,
        **dict.fromkeys(_BYTES, _bits),
    },
    "decimal": {
        Decimal: _decimal_text,
        str: _decimal_from_text,
        **dict.fromkeys((int, float), _scaled(None)),
    },
    "number": dict.fromkeys((int, float, Decimal, str), _number),
    "boolean": {
        bool: bool,
        **dict.fromkeys((int, float, Decimal, str), _boolean),
        **dict.fromkeys(_BYTES, _boolean_bits),
    },
    "date": {datetime: _day, date: date.isoformat, str: _day_text},
    "dateTime": {},
    "time": {time: _clock, timedelta: _clock_span, str: _clock_text},
    "binary": dict.fromkeys(_BYTES, _base64),
    "json": {
        str: _json_text,
        **dict.fromkeys((dict, list, tuple, bool, int, float, Decimal, datetime, date, time, UUID), _clean_json),
    },
}
"""Wire type → Python type → conversion. `dateTime` needs a zone, `decimal` a scale: see `converter`."""


def converter(field: Field, zone: Zone) -> Convert:
    """The conversion of any Python value to the item's wire value; None where null is allowed.

    Raises Fault for what the type cannot hold without loss.
    """
    table = _table(field, zone)
    fallbacks = tuple(table.items())
    nullable = field.nullable

    def convert(value: Any) -> Any:
        if value is None:
            if nullable:
                return None
            raise Fault("null")
        found = table.get(type(value))
        if found is None:
            for kind, candidate in fallbacks:
                if isinstance(value, kind):
                    found = candidate
                    break
            else:
                raise Fault("charset" if isinstance(value, _BYTES) else "type")
        return found(value)

    return convert


def _table(field: Field, zone: Zone) -> dict[type, Convert]:
    if field.type == "integer" and not field.wide:
        return {kind: _within(convert) for kind, convert in CONVERT["integer"].items()}
    if field.type == "dateTime":
        return {
            datetime: zone.text,
            date: lambda value: zone.text(datetime(value.year, value.month, value.day)),  # noqa: DTZ001 - the zone is given there
            str: lambda value: zone.text(instant_of(value)),
        }
    table = dict(CONVERT[field.type])
    if field.type == "decimal" and field.scale is not None:
        table.update(dict.fromkeys((int, float), _scaled(field.scale)))
    return table
