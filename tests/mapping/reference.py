"""The conversion once more, as plainly as it can be said: what generated code is compared with."""

from __future__ import annotations

import base64
import json
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Bad(Exception):
    """The value cannot be converted."""


def sound(text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Bad from error
    if "\ufffd" in text:
        raise Bad
    return "".join(text)


def number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise Bad
    if isinstance(value, str):
        body = value.lstrip("+-") if value[:1] in {"+", "-"} and value[1:2] not in {"+", "-"} else value
        mantissa, _, exponent = body.lower().partition("e")
        whole, _, rest = mantissa.partition(".")
        digits = whole + rest
        if not digits.isascii() or not digits.isdigit() or mantissa.count(".") > 1:
            raise Bad
        if "e" in body.lower():
            power = exponent[1:] if exponent[:1] in {"+", "-"} else exponent
            if not power.isascii() or not power.isdigit() or len(power) > 4:
                raise Bad
    try:
        found = Decimal(repr(float(value))) if isinstance(value, float) else Decimal(value)
    except InvalidOperation as error:
        raise Bad from error
    if not found.is_finite():
        raise Bad
    return found


def digits(value: Any) -> str:
    """A scalar as text, equal numbers alike."""
    if isinstance(value, str):
        return sound(value)
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float | Decimal):
        found = number(value)
        if found == int(found):
            return str(int(found))
        text = format(found, "f")
        return text.rstrip("0") if "." in text else text
    if isinstance(value, date | time | UUID):
        return str(value)
    raise Bad


def string(value: Any) -> str:  # noqa: PLR0911 - a case a type
    if isinstance(value, str):
        return sound(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        number(value)
        return repr(value)
    if isinstance(value, Decimal):
        return format(number(value), "f")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return span(value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list | dict):
        return orjson.dumps(nested(value)).decode()
    raise Bad


def span(value: timedelta) -> str:
    sign = "-" if value < timedelta(0) else ""
    value = abs(value)
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    micro = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
    return f"{sign}P{value.days}DT{hours}H{minutes}M{seconds}{micro}S"


def integer(value: Any, *, wide: bool) -> int | str:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, bytes | bytearray | memoryview):
        found = int.from_bytes(bytes(value), "big")
    else:
        if isinstance(value, str) and not value.lstrip("+-").isdigit():
            raise Bad
        exact = number(value)
        if exact.adjusted() > 1000 or exact != int(exact):
            raise Bad
        found = int(exact)
    if abs(found) <= 2**53 - 1:
        return found
    if not wide:
        raise Bad
    return str(found)


def decimal(value: Any) -> str:
    return format(number(value), "f")


def double(value: Any) -> float:
    exact = number(value)
    if isinstance(value, int) and abs(value) <= 2**53 - 1:
        return value
    try:
        found = float(value)
    except OverflowError as error:
        raise Bad from error
    if number(found) != exact:
        raise Bad
    return found


def boolean(value: Any) -> bool:
    if isinstance(value, bytes | bytearray | memoryview):
        text = str(int.from_bytes(bytes(value), "big"))
    else:
        text = digits(value).lower()
    for meaning, tokens in ((True, {"1", "true", "t"}), (False, {"0", "false", "f"})):
        if text in tokens:
            return meaning
    raise Bad


def day(value: Any) -> str:
    if isinstance(value, str):
        text = value
        if text[10:11] in {" ", "T"}:
            clock, _, fraction = text[11:].partition(".")
            if clock != "00:00:00" or ("." in text and (not fraction or set(fraction) != {"0"})):
                raise Bad
            text = text[:10]
        try:
            value = datetime.strptime(text, "%Y-%m-%d")
        except ValueError as error:
            raise Bad from error
        if len(text) != 10 or not text.replace("-", "").isascii():
            raise Bad
    if isinstance(value, datetime):
        if value.time() != time():
            raise Bad
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise Bad


def placed(value: datetime) -> datetime:
    """In Shanghai, with +08:00 where local mean time would have seconds."""
    if value.tzinfo is None:
        found = value.replace(tzinfo=SHANGHAI)
    else:
        try:
            found = value.astimezone(SHANGHAI)
        except OverflowError as error:
            raise Bad from error
    if found.utcoffset().seconds % 60 == 0:  # type: ignore[union-attr]
        return found
    fixed = datetime(2000, 1, 1, tzinfo=SHANGHAI).utcoffset()
    if value.tzinfo is None:
        return value.replace(tzinfo=timezone(fixed))  # type: ignore[arg-type]
    return value.astimezone(timezone(fixed))  # type: ignore[arg-type]


def moment(value: Any) -> str:
    if isinstance(value, str):
        value = iso(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if not isinstance(value, datetime):
        raise Bad
    return placed(value).isoformat()


def iso(text: str) -> datetime:
    forms = ["%Y-%m-%d"] + [
        f"%Y-%m-%d{mark}{clock}{zone}"
        for mark in " T"
        for clock in ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f")
        for zone in ("", "%z", " %z")
    ]
    if not text.isascii() or len(text) < 10:
        raise Bad
    for form in forms:
        try:
            return datetime.strptime(text.replace("z", "Z"), form)
        except ValueError:
            continue
    raise Bad


def clock(value: Any) -> str:
    if isinstance(value, timedelta):
        if not timedelta(0) <= value < timedelta(days=1):
            raise Bad
        value = (datetime(2000, 1, 1) + value).time()
    if isinstance(value, str):
        for form in ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f"):
            try:
                found = datetime.strptime(value, form).time()
            except ValueError:
                continue
            if len(value.split(":")[0]) == 2:
                value = found
                break
    if not isinstance(value, time):
        raise Bad
    return value.isoformat()


def binary(value: Any) -> str:
    if not isinstance(value, bytes | bytearray | memoryview):
        raise Bad
    return base64.standard_b64encode(bytes(value)).decode()


def nested(value: Any) -> Any:  # noqa: PLR0911 - a case a type
    if isinstance(value, dict):
        return {sound(key): nested(item) for key, item in value.items()}
    if isinstance(value, list):
        return [nested(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) <= 2**53 - 1 else str(value)
    if isinstance(value, float):
        number(value)
        return value
    if isinstance(value, Decimal):
        return decimal(value)
    if isinstance(value, date | time | UUID):
        return value.isoformat() if hasattr(value, "isoformat") else str(value)
    if isinstance(value, str):
        return sound(value)
    raise Bad


def document(value: Any) -> Any:
    if not isinstance(value, str):
        return nested(value) if not isinstance(value, bytes | bytearray | memoryview | timedelta) else _bad()

    def exact(text: str) -> float:
        if Decimal(repr(float(text))) != Decimal(text):
            raise Bad
        return float(text)

    try:
        return nested(json.loads(value, parse_float=exact, parse_constant=lambda _: _bad()))
    except (ValueError, InvalidOperation) as error:
        raise Bad from error


def _bad() -> Any:
    raise Bad


WIRE = {
    "string": string,
    "integer": lambda value: integer(value, wide=False),
    "wide": lambda value: integer(value, wide=True),
    "decimal": decimal,
    "number": double,
    "boolean": boolean,
    "date": day,
    "dateTime": moment,
    "time": clock,
    "binary": binary,
    "json": document,
}


def trimmed(value: Any) -> Any:
    return value.strip(" ") if isinstance(value, str) else value


def nulled(*tokens: str) -> Any:
    def apply(value: Any) -> Any:
        try:
            return None if digits(value) in tokens else value
        except Bad:
            return None if isinstance(value, str) and value in tokens else value

    return apply


def upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


def coded(table: dict[str, str]) -> Any:
    def apply(value: Any) -> str:
        code = digits(value)
        if code not in table:
            raise Bad
        return table[code]

    return apply


def compact_date(value: Any) -> Any:
    if isinstance(value, date):
        return value
    text = digits(value)
    if len(text) != 8 or not text.isascii() or not text.isdigit():
        raise Bad
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError as error:
        raise Bad from error


def padded(value: Any) -> str:
    return ("0" * 6 + digits(value))[-max(6, len(digits(value))) :]


def implied(value: Any) -> Decimal:
    if isinstance(value, str):
        body = value.strip()
        sign, body = (body[0], body[1:]) if body[:1] in {"+", "-"} else ("", body)
        body = body.removeprefix(" ")
        whole, point, rest = body.partition(".")
        if not whole.isascii() or not whole.isdigit() or (rest and not (rest.isascii() and rest.isdigit())):
            raise Bad
        value = Decimal(("-" if sign == "-" else "") + whole + (point + rest if rest else ""))
    exact = number(value)
    if exact != int(exact):
        raise Bad
    return Decimal(f"{int(exact)}E-2")


def priced(value: Any) -> str:
    """A decimal of scale 2: what lost its zeros, being no decimal, gets them back."""
    text = decimal(value)
    if isinstance(value, int | float):
        whole, _, rest = text.partition(".")
        text = f"{whole}.{rest.ljust(2, '0')}"
    return text
