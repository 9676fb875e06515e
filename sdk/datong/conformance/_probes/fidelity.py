"""Requests of the class fidelity: known records by every way to them, and the balance of rows."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from datong.conformance._context import Context
from datong.conformance._population import population
from datong.conformance._registry import probe

PAGES: Final = 25
"""Pages that are read to balance one entry."""


@probe("fidelity")
def known(context: Context) -> None:
    """Each known record by search, and by its id."""
    for entry, given in context.fixtures.entries.items():
        if entry not in context.entries or "query" not in context.claimed:
            continue
        access = context.access(entry)
        for number, record in enumerate(given.records):
            identity: Any = record.id
            if record.where:
                seen = context.search(access, {"filter": record.where, "limit": 2}, "fidelity.found", number=number)
                identity = seen.items[0].get("recordId") if len(seen.items) == 1 else identity
            if isinstance(identity, str):
                context.record(access, identity, "fidelity.record", number=number)


@probe("fidelity")
def balance(context: Context) -> None:
    """Every record of an entry, where that is within reach, and the entry after it."""
    for entry in context.tested:
        people = population(context, entry)
        access = context.access(entry)
        most = context.limits(entry)[1]
        expected = context.given(entry).count
        if not people.whole and (expected is None or expected > most * PAGES):
            continue
        context.walk(access, {"limit": most}, "fidelity.walk", most=PAGES)
        place = f"/catalog/{quote(entry, safe='')}"
        context.get(place, "fidelity.entry", context.role("provider"), entry=entry)
