"""The catalog entry of Art. 13(2), made from the adapter as declared."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from datong.model import (
    Adapter,
    CatalogFacts,
    Compare,
    Dataset,
    Field,
    Level,
    Part,
    Provider,
    SharingType,
    Verify,
    WireType,
)
from datong.standard._codes import LEVELS, METHOD_CLASSES, SHARING_TYPES, WIRE_LETTERS
from datong.standard._version import CLASSES

_LEVEL_ORDER: Final = tuple(LEVELS)
_SHARING_ORDER: Final = tuple(reversed(tuple(SHARING_TYPES)))

_LENGTHS: Final[Mapping[WireType, int]] = {
    "integer": 16,
    "number": 24,
    "boolean": 5,
    "date": 10,
    "dateTime": 32,
    "time": 15,
}
"""Characters that the widest value of a type takes on the wire, where the adapter declares none."""

_JSON_TYPES: Final[Mapping[WireType, str]] = {"integer": "integer", "number": "number", "boolean": "boolean"}


def catalog_entry(
    adapter: Adapter,
    catalog_id: str,
    *,
    base: str,
    now: datetime,
    quality: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The entry as JSON. KeyError where the adapter has no dataset `catalog_id`.

    `base` is the address or path that ends with `/v1`. `now` carries a zone; it dates sources
    that are read live. `quality` holds `completeness` (0 to 1), `faultyRows` and
    `lastProfiledAt`; without it they are null, which says that nobody has counted yet.
    """
    dataset = adapter.datasets[catalog_id]
    facts = dataset.catalog
    place = base.rstrip("/")
    entry = {
        "catalogId": catalog_id,
        "catalogCode": facts.catalog_code,
        "kind": "dataset",
        "name": facts.name,
        "summary": facts.summary,
        "provider": provider_document(adapter.provider),
        "sourceDepartment": facts.source_department,
        "format": facts.format,
        "items": [_item(name, field, dataset) for name, field in dataset.fields.items()],
        **_sharing(facts),
        "classification": _classification(dataset),
        "updateCycle": facts.update_cycle,
        "dataAsOf": facts.data_as_of or now.isoformat(timespec="seconds"),
        "delayedReason": facts.delayed_reason,
        "version": adapter.adapter.version,
        "status": facts.status,
        "publishedAt": facts.published_at,
        "updatedAt": facts.updated_at,
        "changeNotice": _plain(facts.change_notice) if facts.change_notice else None,
        "query": _query(dataset),
        "verify": _verify(dataset.verify) if offers_verify(dataset) and dataset.verify else None,
        "quality": {"completeness": None, "faultyRows": None, "lastProfiledAt": None} | dict(quality or {}),
        "extensions": facts.extensions,
        "externalIds": facts.external_ids,
        "distributions": _distributions(f"{place}/datasets/{catalog_id}", dataset),
        "links": _links(f"{place}/catalog", catalog_id),
    }
    return {name: value for name, value in entry.items() if value is not None}


def provider_document(provider: Provider) -> dict[str, Any]:
    """Unit, code and the sharing office to turn to (REQ-CAT-08, REQ-CAT-16)."""
    return _plain(provider)


def entry_level(dataset: Dataset) -> Level:
    """The highest level of its items, which never lie below the entry's own (REQ-CAT-11)."""
    return max((item_level(field, dataset) for field in dataset.fields.values()), key=_LEVEL_ORDER.index)


def item_level(field: Field, dataset: Dataset) -> Level:
    own = dataset.catalog.classification.level
    return max(field.level or own, own, key=_LEVEL_ORDER.index)


def item_sharing(field: Field, dataset: Dataset) -> SharingType:
    """The item's sharing type, never wider than the entry's (REQ-CAT-09)."""
    own = dataset.sharing
    return min(field.sharing_type or own, own, key=_SHARING_ORDER.index)


def offers_records(dataset: Dataset) -> bool:
    """Whether records can be asked for at all, whoever asks."""
    return dataset.sharing != "notShared" and "serviceInterface" in dataset.catalog.sharing_methods


def offers_verify(dataset: Dataset) -> bool:
    return dataset.sharing != "notShared" and dataset.verify is not None


def _item(name: str, field: Field, dataset: Dataset) -> dict[str, Any]:
    sharing = item_sharing(field, dataset)
    shared = sharing != "notShared"
    item = {
        "name": field.name,
        "field": name,
        "dataType": WIRE_LETTERS[field.type],
        "wireType": field.type,
        "jsonType": _JSON_TYPES.get(field.type, "string") if field.type != "json" else "any",
        "format": field.format,
        "length": field.length or _LENGTHS.get(field.type),
        "scale": field.scale,
        "nullable": field.nullable,
        "primaryKey": is_key(field, dataset),
        "filterable": shared and field.filterable,
        "rangeable": shared and field.range,
        "sortable": shared and field.sortable,
        "sensitive": field.sensitive,
        "masked": field.mask is not None,
        "unmaskedFor": list(field.unmask_for) if field.mask is not None else None,
        "level": item_level(field, dataset),
        "sharingType": sharing,
        "sharingTypeCode": SHARING_TYPES[sharing].code,
        "dictionary": field.dictionary,
    }
    return {key: value for key, value in item.items() if value is not None or key == "length"}


def is_key(field: Field, dataset: Dataset) -> bool:
    """Whether the item shows a column of the legacy key."""
    return bool(field.columns) and set(field.columns) <= set(dataset.key)


def _sharing(facts: CatalogFacts) -> dict[str, Any]:
    conditions = _plain(facts.use_conditions)
    if facts.sharing_type != "conditional":
        conditions.setdefault("scope", "all" if facts.sharing_type == "unconditional" else "none")
    sharing = {
        "sharingType": facts.sharing_type,
        "sharingTypeCode": SHARING_TYPES[facts.sharing_type].code,
        "sharingMethods": list(facts.sharing_methods),
        "useConditions": conditions,
    }
    return sharing | ({"notShared": _plain(facts.not_shared)} if facts.not_shared else {})


def _classification(dataset: Dataset) -> dict[str, Any]:
    document = _plain(dataset.catalog.classification) | {"level": entry_level(dataset)}
    if document["level"] != "general":
        document.pop("generalLevel", None)
    return document


def _query(dataset: Dataset) -> dict[str, Any] | None:
    if not offers_records(dataset):
        return None
    query = {"defaultLimit": dataset.page.default, "maxLimit": dataset.page.max, "count": dataset.count}
    return query | ({"region": dataset.region} if dataset.region else {})


def _verify(verify: Verify) -> dict[str, Any]:
    claimable = dict.fromkeys((*verify.keys, *verify.fields, *(part.field for part in verify.predicates)))
    return {
        "keys": list(verify.keys),
        "fields": list(verify.fields),
        "predicates": [_plain(predicate) for predicate in verify.predicates],
        "compare": {name: _plain(verify.compare.get(name, Compare())) for name in claimable},
        "maxClaims": verify.batch,
        "attempts": _plain(verify.attempts),
    }


def _distributions(place: str, dataset: Dataset) -> list[dict[str, str]]:
    """One link for each method that the served classes give an endpoint (REQ-CAT-07)."""
    served = [method for method in dataset.catalog.sharing_methods if METHOD_CLASSES[method] in CLASSES]
    if dataset.sharing == "notShared":
        return []
    json = "application/json"
    rows = []
    if "serviceInterface" in served:
        rows += [
            {"method": "serviceInterface", "rel": "items", "httpMethod": "GET", "href": f"{place}/records"},
            {"method": "serviceInterface", "rel": "search", "httpMethod": "POST", "href": f"{place}/records/_search"},
        ]
    if offers_verify(dataset):
        rows.append({"method": "verify", "rel": "verify", "httpMethod": "POST", "href": f"{place}/_verify"})
    return [{**row, "mediaType": json} for row in rows]


def _links(catalog: str, catalog_id: str) -> list[dict[str, str]]:
    own = f"{catalog}/{catalog_id}"
    return [
        {"rel": "self", "href": own, "type": "application/json"},
        {"rel": "alternate", "href": own, "type": "application/ld+json"},
        {"rel": "collection", "href": catalog, "type": "application/json"},
        {"rel": "describedby", "href": f"{own}/schema", "type": "application/schema+json"},
        {"rel": "version-history", "href": f"{own}/versions", "type": "application/json"},
    ]


def _plain(part: Part) -> dict[str, Any]:
    document = part.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {name: value for name, value in document.items() if value not in ([], {})}
