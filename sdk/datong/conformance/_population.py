"""A part of an entry that is small enough to be walked record by record, and known to be whole."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from datong.conformance._context import Access, Context
from datong.conformance._values import usable

FEWEST = 5
"""Records that a part should have at least."""


@dataclass(slots=True)
class Population:
    """`params` select it. `closed` says that every record they select is in `records`; `whole` that all are."""

    entry: str
    params: dict[str, Any]
    records: list[dict[str, Any]] = field(default_factory=list)
    faulty: int = 0
    closed: bool = True

    @property
    def whole(self) -> bool:
        return self.closed and not self.params

    def free(self, name: str) -> bool:
        """Whether a condition on this item may be added."""
        return all(name != each.partition(".")[0] for each in self.params)


def population(context: Context, entry: str) -> Population:
    """The population of an entry, found once a run. Raises Blocked where no record may be read."""
    kept: Population | None = context.memory.get(("population", entry))
    if kept is None:
        probe, context.probe = context.probe, "population"
        kept = context.memory["population", entry] = _found(context, entry)
        context.probe = probe
        facts = {"params": kept.params, "closed": kept.closed}
        context.facts.setdefault("populations", {})[entry] = facts | {"walk": _walk(kept.params)}
    return kept


def _found(context: Context, entry: str) -> Population:
    access = context.access(entry)
    everything = _read(context, access, {})
    if everything.closed:
        return everything
    for params in _narrowings(context, access, everything):
        part = _read(context, access, params)
        if part.closed and len(part.records) >= FEWEST:
            return part
    return everything


def _read(context: Context, access: Access, params: dict[str, Any]) -> Population:
    found = Population(access.catalog_id, params)
    size = min(context.limits(access.catalog_id)[1], context.settings.population)
    pages = math.ceil(context.settings.population / size) + 1
    first = context.ask(access, {**params, "limit": size}, "population", walk=_walk(params))
    for page in context.pages(access, first, "population", pages, {"walk": _walk(params)}):
        found.records += page.items
        found.faulty += len(page.document.get("faulty") or ())
        found.closed = page.ok and page.link("next") is None
    return found


def _narrowings(context: Context, access: Access, sample: Population) -> list[dict[str, Any]]:
    """Conditions that probably select few records: below a value of an ordered item, or a rare value."""
    found: list[dict[str, Any]] = []
    items = context.items(access.catalog_id)
    for name, item in items.items():
        if usable(item, "rangeable", "sortable"):
            size = min(context.limits(access.catalog_id)[1], context.settings.population // 2)
            first = context.ask(access, {"sort": name, "limit": size}, "population", walk=f"first by {name}")
            values = [each.get(name) for each in first.items if each.get(name) is not None]
            found += [{f"{name}.lte": values[-1]}] if values else []
    for name, item in items.items():
        if usable(item, "filterable"):
            counts = Counter(str(each[name]) for each in sample.records if isinstance(each.get(name), str))
            often = [value for value, count in counts.most_common() if count >= FEWEST]
            found += [{name: value} for value in [*often[-1:], *[each for each, _ in counts.most_common()[-1:]]]]
    return found[:8]


def _walk(params: dict[str, Any]) -> str:
    return "&".join(f"{name}={value}" for name, value in sorted(params.items())) or "all"
