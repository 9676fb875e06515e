"""All that a run saw: exchanges, fixtures and declarations, as a document that goes into a bundle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Self

from pydantic import Field as Described

from datong.conformance._exchange import Exchange, Tag
from datong.conformance._fixtures import Fixtures
from datong.conformance._settings import Settings
from datong.model import Part
from datong.standard import CLASS_PREFIXES, conformance_urn

_CLASS_OF = {conformance_urn(name): name for name in CLASS_PREFIXES}


class Wait(Part):
    """A wait of the kit and why it was taken."""

    why: str
    seconds: float


class Observations(Part):
    """`base` ends with the major version. `facts` are what probes noted, such as which entry they chose.

    `fixtures` went through the same pseudonyms as the exchanges.
    """

    base: str
    nonce: str
    exchanges: tuple[Exchange, ...] = ()
    fixtures: Fixtures = Fixtures()
    settings: Settings = Settings()
    facts: dict[str, Any] = Described(default_factory=dict)
    started_at: str = ""
    waits: tuple[Wait, ...] = ()
    stopped: str | None = None
    """Code of what ended the run early."""

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy that finds its exchanges anew: indices belong to the exchanges they were made of."""
        fresh = super().model_copy(update=update, deep=deep)
        for name in set(fresh.__dict__) - set(type(self).model_fields):
            del fresh.__dict__[name]
        return fresh

    @cached_property
    def by_id(self) -> Mapping[str, Exchange]:
        return {each.id: each for each in self.exchanges}

    @cached_property
    def _by_label(self) -> Mapping[str, list[Exchange]]:
        found: dict[str, list[Exchange]] = {}
        for each in self.exchanges:
            found.setdefault(each.label, []).append(each)
        return found

    def at(self, label: str, **tags: Tag) -> Iterator[Exchange]:
        """Exchanges of this label, or of all labels below it where it ends with a dot, with these tags."""
        if label.endswith("."):
            chosen = [each for each in self.exchanges if each.label.startswith(label)]
        else:
            chosen = self._by_label.get(label, [])
        return (each for each in chosen if all(each.tags.get(name) == value for name, value in tags.items()))

    # -- what the target declares -------------------------------------------------------------------

    def declared(self, label: str) -> Mapping[str, Any]:
        """The document of the last successful exchange of this label."""
        found = [each for each in self._by_label.get(label, []) if each.status == 200]  # noqa: PLR2004
        return found[-1].document if found else {}

    @cached_property
    def claimed(self) -> tuple[str, ...]:
        """Conformance classes that `/conformance` names, in the order of the specification."""
        named = self.declared("declare.conformance").get("conformsTo")
        urns = {each for each in named if isinstance(each, str)} if isinstance(named, list) else set()
        return tuple(name for urn, name in _CLASS_OF.items() if urn in urns)

    @cached_property
    def discovery(self) -> Mapping[str, Any]:
        return self.declared("declare.discovery")

    @cached_property
    def openapi(self) -> Mapping[str, Any]:
        return self.declared("declare.openapi")

    @cached_property
    def entries(self) -> Mapping[str, Mapping[str, Any]]:
        """Catalog entries as each was read by itself, else as the list showed it."""
        listed = {
            str(entry.get("catalogId")): entry
            for page in self._by_label.get("catalog.list", [])
            for entry in page.document.get("items") or []
            if isinstance(entry, dict)
        }
        read = {
            str(each.tags.get("entry")): each.document
            for each in self._by_label.get("catalog.entry", [])
            if each.document
        }
        return {**listed, **{name: entry for name, entry in read.items() if "items" in entry}}

    def items(self, catalog_id: str) -> Mapping[str, Mapping[str, Any]]:
        """Declared items of an entry by their wire names."""
        listed = self.entries.get(catalog_id, {}).get("items")
        found = listed if isinstance(listed, list) else []
        return {str(item.get("field")): item for item in found if isinstance(item, dict)}
