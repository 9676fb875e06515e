"""What several checks need: what was asked, what came, and how two values compare."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import parse_qsl

from datong.conformance._exchange import Exchange, plain_number
from datong.conformance._look import Look
from datong.conformance._observations import Observations

RESERVED: Final = frozenset({"limit", "cursor", "fields", "sort"})
DATE_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
OK: Final = 200
FAILURE: Final = 400
BROKEN: Final = 500
ABSENT: Final = 404
DENIED: Final = 403
REFUSED: Final = 400
UNKNOWN: Final = 401
ENOUGH: Final = 429
SAFE: Final = 2**53 - 1
Record = Mapping[str, Any]


def entries(look: Look) -> list[tuple[Exchange, dict[str, Any]]]:
    """Every catalog entry with the exchange that shows it; the check ends where there is none."""
    found = [(each, dict(each.document)) for each in look.answered("catalog.entry")]
    if not found:
        look.inconclusive()
    return found


def parameters(exchange: Exchange) -> dict[str, str]:
    return dict(parse_qsl(exchange.request.url.partition("?")[2], keep_blank_values=True))


def asked(exchange: Exchange) -> dict[str, Any]:
    """The conditions of a list, from address or body."""
    body = exchange.request.body
    if exchange.request.method == "POST" and isinstance(body, dict):
        return dict(body.get("filter") or {})
    return {name: value for name, value in parameters(exchange).items() if name not in RESERVED}


def items(exchanges: Iterable[Exchange]) -> list[dict[str, Any]]:
    """Records of several pages."""
    found = []
    for each in exchanges:
        listed = each.document.get("items")
        found += [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    return found


def identities(records: Iterable[Record]) -> list[str]:
    return [str(record.get("recordId")) for record in records]


def grouped(exchanges: Iterable[Exchange], *names: str) -> dict[tuple[Any, ...], list[Exchange]]:
    found: dict[tuple[Any, ...], list[Exchange]] = {}
    for each in exchanges:
        found.setdefault(tuple(each.tags.get(name) for name in names), []).append(each)
    return found


def ended(pages: list[Exchange]) -> bool:
    """Whether the last page is a success without a further one."""
    return bool(pages) and all(page.status == OK for page in pages) and not pages[-1].links("next")


def population(obs: Observations, entry: str) -> tuple[list[dict[str, Any]], bool]:
    """The part of an entry that was walked record by record, and whether it is known to be complete."""
    facts = obs.facts.get("populations", {}).get(entry)
    if not isinstance(facts, dict):
        return [], False
    pages = list(obs.at("population", entry=entry, walk=facts.get("walk")))
    return items(pages), bool(facts.get("closed")) and ended(pages)


def population_pages(look: Look, entry: str) -> list[Exchange]:
    facts = look.obs.facts.get("populations", {}).get(entry)
    walk = facts.get("walk") if isinstance(facts, dict) else None
    return look.at("population", entry=entry, walk=walk)


def parsed(kind: str, value: Any) -> Any:
    """A wire value as something that has an order; None where it has none."""
    value = plain_number(value)
    try:
        if kind == "date":
            return date.fromisoformat(str(value)) if DATE.fullmatch(str(value)) else None
        if kind == "dateTime":
            return datetime.fromisoformat(str(value)) if DATE_TIME.fullmatch(str(value)) else None
        if kind in ("integer", "decimal", "number"):
            return Decimal(str(value))
        if kind == "time":
            return time.fromisoformat(str(value))
    except (ValueError, InvalidOperation):
        return None
    text = str(value)
    return text if kind == "string" and text.isascii() and text.isdecimal() else None


COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "gte": lambda one, other: one >= other,
    "gt": lambda one, other: one > other,
    "lte": lambda one, other: one <= other,
    "lt": lambda one, other: one < other,
}


def equal(kind: str, one: Any, other: Any) -> bool:
    """Whether two wire values are the same value of their type."""
    if one is None or other is None:
        return one is other
    if kind in ("integer", "decimal", "number", "dateTime"):
        first, second = parsed(kind, one), parsed(kind, other)
        if first is not None and second is not None:
            return bool(first == second)
    if isinstance(one, bool) or isinstance(other, bool):
        return str(one).lower() == str(other).lower()
    return str(plain_number(one)) == str(plain_number(other))


def text_of(value: Any) -> str | None:
    """A value as the text that fixtures give of it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(plain_number(value))


def short(values: Iterable[Any], most: int = 3) -> str:
    listed = [str(each) for each in values]
    return ", ".join(listed[:most]) + (f" … ({len(listed)})" if len(listed) > most else "")
