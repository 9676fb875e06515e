"""Whether a principal may use an entry by a method, and how much of it (REQ-SEC-06 to 13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from datong.guard._grant import Grant, Method, Triple, region_prefix
from datong.guard._principal import Principal
from datong.guard._quota import Quota
from datong.model import Adapter, Dataset, Problem


@dataclass(frozen=True, eq=False)
class Access:
    """One decision. `fields` are the items the caller may see, in the order of the entry.

    `masked` are those of them shown masked. `scope` are conditions on wire values that every row
    must meet, ANDed to whatever is asked; `prefix` (of a text) occurs beside the query operators.
    """

    principal: Principal
    grant: Grant
    catalog_id: str
    dataset: Dataset
    method: Method
    fields: tuple[str, ...]
    masked: frozenset[str]
    scope: tuple[Triple, ...]
    quota: Quota
    once: bool
    """Whether the token is used up by this call: entries above level `general`."""


def entry_for(adapter: Adapter, principal: Principal, catalog_id: str) -> Dataset:
    """The published, shared entry of the path, which must be the token's own.

    Raises Problem: role-required, wrong-provider, entry-unknown, not-shared, wrong-entry.
    """
    if principal.provider_id != adapter.provider.code:
        raise Problem("wrong-provider", expected=adapter.provider.code)
    if principal.role != "consumer":
        raise Problem("role-required", role="consumer")
    dataset = adapter.datasets.get(catalog_id)
    if dataset is None or dataset.catalog.status != "published":
        raise Problem("entry-unknown")
    if dataset.sharing == "notShared":
        raise Problem("not-shared")
    if principal.catalog_id != catalog_id:
        raise Problem("wrong-entry")
    return dataset


def check_grant(grant: Grant | None, principal: Principal, dataset: Dataset, method: Method, now: float) -> Grant:
    """The grant, if it covers the call.

    Raises Problem: grant-unknown, grant-consumer, grant-entry, wrong-purpose, grant-terminated,
    grant-suspended, grant-not-yet-valid, grant-expired, method-not-granted.
    """
    if grant is None or grant.provider_id != principal.provider_id:
        raise Problem("grant-unknown")
    if grant.consumer_id != principal.consumer_id:
        raise Problem("grant-consumer")
    if grant.catalog_id != principal.catalog_id:
        raise Problem("grant-entry")
    if grant.purpose_id != principal.purpose_id:
        raise Problem("wrong-purpose")
    if grant.status != "active":
        raise Problem(f"grant-{grant.status}")
    start, end = grant.window
    if now < start:
        raise Problem("grant-not-yet-valid")
    if now > end:
        raise Problem("grant-expired")
    if method not in covered(grant, dataset):
        raise Problem("method-not-granted", method=method)
    return grant


def offered(dataset: Dataset) -> frozenset[str]:
    """The methods that a grant for this entry can name."""
    return frozenset(dataset.catalog.sharing_methods) | ({"verify"} if dataset.verify is not None else set())


def covered(grant: Grant, dataset: Dataset) -> frozenset[str]:
    """The methods a grant opens, as far as the entry still offers them; records include verifying."""
    named = set(grant.method)
    if "serviceInterface" in named and dataset.verify is not None:
        named.add("verify")
    return offered(dataset) & named


def decide(
    principal: Principal,
    grant: Grant,
    catalog_id: str,
    dataset: Dataset,
    method: Method,
    quota: Callable[[str], Quota],
) -> Access:
    """What the grant shows of the entry. Raises Problem `grant-scope` where it can no longer be applied."""
    fields = shown(dataset, grant.scope.items)
    return Access(
        principal=principal,
        grant=grant,
        catalog_id=catalog_id,
        dataset=dataset,
        method=method,
        fields=fields,
        masked=frozenset(
            name
            for name in fields
            if dataset.fields[name].mask is not None and grant.purpose_id not in dataset.fields[name].unmask_for
        ),
        scope=_scope(grant, dataset),
        quota=quota(grant.grant_id),
        once=dataset.catalog.classification.level != "general",
    )


def shown(dataset: Dataset, items: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """Shared items in the order of the entry, narrowed to `items` where they are given."""
    return tuple(
        name
        for name, field in dataset.fields.items()
        if field.sharing_type != "notShared" and (items is None or name in items)
    )


def _scope(grant: Grant, dataset: Dataset) -> tuple[Triple, ...]:
    conditions = grant.scope.conditions
    if grant.scope.region is not None:
        if dataset.region is None:
            raise Problem("grant-scope")
        conditions = (*conditions, (dataset.region, "prefix", region_prefix(grant.scope.region)))
    if any(field not in dataset.fields for field, _, _ in conditions):
        raise Problem("grant-scope")
    return conditions
