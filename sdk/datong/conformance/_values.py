"""Values for generated cases: altered, made up, out of order."""

from __future__ import annotations

import string
from random import Random
from typing import Any, Final

from datong.standard import resident_id_ok

Item = dict[str, Any]
Record = dict[str, Any]

_BODY: Final = 17
_TRIES: Final = 20


def scalar(value: Any) -> bool:
    return isinstance(value, str | int | float) and value != ""


def usable(item: Item, *flags: str) -> bool:
    """Whether an item has all of these flags, and its values may stand in an address in the clear."""
    return all(item.get(flag) for flag in flags) and not item.get("sensitive") and not item.get("masked")


def some(random: Random, records: list[Record], name: str, count: int) -> list[Any]:
    """Some of the values that an item takes, each once."""
    values = list({repr(r[name]): r[name] for r in records if scalar(r.get(name))}.values())
    return random.sample(values, min(count, len(values)))


def altered(value: str) -> dict[str, str]:
    """Texts that are not this value, and that a lenient comparison takes for it."""
    others = {"prefix": value[:-1], "case": value.swapcase(), "blank": f"{value} ", "pattern": f"{value[:-1]}%"}
    return {kind: text for kind, text in others.items() if text and text != value}


def another(random: Random, value: Any) -> Any:
    """A value of the same form that is very likely nowhere stored."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return value + random.randrange(1_000_000, 9_000_000)
    text = str(value)
    if resident_id_ok(text):
        return resident_id(random, text[:6])
    if len(text) == 10 and text[4:5] == text[7:8] == "-":  # noqa: PLR2004 - a date
        return f"18{random.randrange(10, 99)}{text[4:]}"
    for _ in range(_TRIES):
        made = "".join(_another(random, each) for each in text)
        if made != text:
            return made
    return f"{text}0"


def _another(random: Random, character: str) -> str:
    if character in string.digits:
        return random.choice(string.digits)
    if character in string.ascii_letters:
        return random.choice(string.ascii_uppercase)
    return random.choice("龘靐齉爩麤灪") if "\u4e00" <= character <= "\u9fff" else character


def resident_id(random: Random, region: str) -> str:
    """A number with a right check character, of somebody born before any register was kept."""
    while True:
        body = f"{region}18{random.randrange(50, 99)}{random.randrange(1, 13):02d}{random.randrange(1, 29):02d}"
        body += f"{random.randrange(1000):03d}"
        found = next((body + last for last in "0123456789X" if resident_id_ok(body + last)), None)
        if found is not None and len(body) == _BODY:
            return found


BAD_VALUES: Final = {
    "integer": ("abc", "1.5", "1e", "0x10", ""),
    "decimal": ("abc", "1,5", "--1", "NaN"),
    "number": ("abc", "1,5", "NaN", "Infinity"),
    "boolean": ("maybe", "2", "ja"),
    "date": ("2026-13-01", "20260101", "2026-02-30", "today"),
    "dateTime": ("2026-01-01T25:00:00Z", "yesterday", "2026-01-01T00:00:00"),
    "time": ("25:00:00", "noon"),
}
"""Texts that are no value of a wire type."""


def parts(document: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Request and response schema: members of the document, of its `$defs`, or its `properties`."""
    for place in (document, document.get("$defs"), document.get("properties")):
        if (
            isinstance(place, dict)
            and isinstance(place.get("request"), dict)
            and isinstance(place.get("response"), dict)
        ):
            return place["request"], place["response"]
    return {}, {}
