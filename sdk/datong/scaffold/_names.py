"""Names on the wire from names in a legacy system: any characters in, the standard's alphabet out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from slugify import slugify

RESERVED: Final = frozenset({"recordId", "fields", "sort", "limit", "cursor", "filter"})
"""Members and parameters of the interface itself, which an item of that name would hide."""

_LONGEST: Final = 60
"""Of the 63 characters allowed: room for the number that tells two equal names apart."""

_EDGES = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")


def has_chinese(text: str) -> bool:
    return _HAN.search(text) is not None


@cache
def words(name: str) -> tuple[str, ...]:
    """Lower-case ASCII words: `UnitPrice`, `unit_price` and `unit price` alike; Chinese as pinyin."""
    spaced = _EDGES.sub(" ", name) if name.isascii() else name
    return tuple(slugify(spaced, separator=" ").split())


def slug(name: str, fallback: str) -> str:
    """A dataset's name in addresses; `fallback` where nothing of the name can be kept."""
    made = _cut("-".join(words(name)))
    return made or fallback


def field_name(name: str, fallback: str) -> str:
    """An item's lowerCamelCase name; one of the interface's own names gets `Value` behind it."""
    first, *rest = words(name) or (fallback,)
    made = first + "".join(word[0].upper() + word[1:] for word in rest)
    if not made[0].isalpha():
        made = f"field{made}"
    made = _cut(made)
    return f"{made}Value" if made in RESERVED else made


def distinct(names: Iterable[str], separator: str = "") -> list[str]:
    """The same names, the second of two equal ones with a 2: stable as long as the order is."""
    wanted = list(names)
    taken: set[str] = set()
    out = []
    for name in wanted:
        made, number = name, 1
        while made in taken or (number > 1 and made in wanted):
            number += 1
            made = f"{name}{separator}{number}"
        taken.add(made)
        out.append(made)
    return out


def _cut(name: str) -> str:
    return name[:_LONGEST].rstrip("-")
