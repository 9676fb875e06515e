"""A grant as the exchange pushes it (Order 809, Art. 20) and as the adapter keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

from datong.model import Operator

Status = Literal["active", "suspended", "terminated", "expired"]
Method = Literal["serviceInterface", "batchExchange", "fileDownload", "verify"]
Triple = tuple[str, Operator | Literal["prefix"], Any]

SUFFIXES: Mapping[str, Operator] = MappingProxyType({"gt": "gt", "gte": "gte", "lt": "lt", "lte": "lte", "in": "in"})


@dataclass(frozen=True)
class Scope:
    """What part of the entry is granted. `items` None means every shared item.

    `region` is a region code (GB/T 2260) whose records, and those of regions below it, are granted.
    `filter` holds wire conditions as they are written in a query: `field` or `field.suffix` → value.
    """

    items: tuple[str, ...] | None = None
    region: str | None = None
    filter: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def from_wire(cls, body: Mapping[str, Any]) -> Scope:
        items = body.get("items")
        return cls(
            tuple(items) if items is not None else None,
            body.get("region"),
            MappingProxyType(dict(body.get("filter") or {})),
        )

    def to_wire(self) -> dict[str, Any]:
        wire: dict[str, Any] = {}
        if self.items is not None:
            wire["items"] = list(self.items)
        if self.region is not None:
            wire["region"] = self.region
        if self.filter:
            wire["filter"] = dict(self.filter)
        return wire

    @cached_property
    def conditions(self) -> tuple[Triple, ...]:
        """`filter` as (field, operator, wire value); a list of values without suffix means `in`."""
        return tuple(_condition(name, value) for name, value in self.filter.items())


def _condition(name: str, value: Any) -> Triple:
    item, _, suffix = name.partition(".")
    if isinstance(value, list | tuple):
        return item, "in", tuple(value)
    return item, SUFFIXES[suffix] if suffix else "eq", value


def region_prefix(code: str) -> str:
    """The digits that every region at or below `code` begins with: 330100 → 3301, 330000 → 33."""
    code = _cut(_cut(code, 12, 9, "000"), 9, 6, "000")
    return _cut(_cut(code, 6, 4, "00"), 4, 2, "00")


def _cut(code: str, length: int, to: int, zeros: str) -> str:
    return code[:to] if len(code) == length and code.endswith(zeros) else code


@dataclass(frozen=True)
class Grant:
    """One grant. `version` counts its changes from 1; instants are aware."""

    grant_id: str
    consumer_id: str
    provider_id: str
    catalog_id: str
    purpose_id: str
    basis: str
    scenario: str
    method: tuple[Method, ...]
    valid_from: datetime
    valid_until: datetime
    scope: Scope = Scope()
    status: Status = "active"
    external_ids: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    version: int = 0

    @classmethod
    def from_wire(cls, body: Mapping[str, Any], *, version: int = 0) -> Grant:
        """A grant from its wire form, which must be valid; see `grant_from_body` for foreign input."""
        return cls(
            grant_id=body["grantId"],
            consumer_id=body["consumerId"],
            provider_id=body["providerId"],
            catalog_id=body["catalogId"],
            purpose_id=body["purposeId"],
            basis=body["basis"],
            scenario=body["scenario"],
            method=tuple(body["method"]),
            valid_from=datetime.fromisoformat(body["validFrom"]),
            valid_until=datetime.fromisoformat(body["validUntil"]),
            scope=Scope.from_wire(body.get("scope") or {}),
            status=body.get("status", "active"),
            external_ids=MappingProxyType(dict(body.get("externalIds") or {})),
            version=version,
        )

    def to_wire(self, now: datetime | None = None) -> dict[str, Any]:
        """The wire form; with `now`, an active grant past `validUntil` reads as expired."""
        wire = {
            "grantId": self.grant_id,
            "consumerId": self.consumer_id,
            "providerId": self.provider_id,
            "catalogId": self.catalog_id,
            "purposeId": self.purpose_id,
            "basis": self.basis,
            "scenario": self.scenario,
            "scope": self.scope.to_wire(),
            "method": list(self.method),
            "validFrom": self.valid_from.isoformat(),
            "validUntil": self.valid_until.isoformat(),
            "status": self.status if now is None else self.status_at(now),
        }
        return wire | ({"externalIds": dict(self.external_ids)} if self.external_ids else {})

    def status_at(self, now: datetime) -> Status:
        return "expired" if self.status == "active" and now > self.valid_until else self.status

    def same_as(self, other: Grant) -> bool:
        """Whether both say the same, whatever their versions."""
        return replace(self, version=0) == replace(other, version=0)

    @cached_property
    def window(self) -> tuple[float, float]:
        """validFrom and validUntil as seconds of the epoch."""
        return self.valid_from.astimezone(UTC).timestamp(), self.valid_until.astimezone(UTC).timestamp()
