"""Parts of the OpenAPI document that one dataset has of its own: its items decide them."""

from __future__ import annotations

from typing import Any, Final

from datong.model import Dataset, Field, Verify
from datong.standard._catalog import item_sharing
from datong.standard._openapi_parts import reference
from datong.standard._records import record_schema, value_schema
from datong.standard._routes import Route

_RANGES: Final = {"gte": "≥", "gt": ">", "lte": "≤", "lt": "<"}


def dataset_schemas(name: str, dataset: Dataset) -> dict[str, Any]:
    """Component name → schema: `NAME.record`, `.recordPage`, `.searchRequest`, `.verifyRequest`."""
    schemas = {
        f"{name}.record": record_schema(dataset),
        f"{name}.recordPage": {
            "allOf": [reference("recordPage")],
            "properties": {"items": {"items": reference(f"{name}.record")}},
        },
        f"{name}.searchRequest": _search(dataset),
    }
    if dataset.verify:
        schemas[f"{name}.verifyRequest"] = _verify(dataset.verify, dataset)
    return schemas


def refined(route: Route, name: str) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The answer's and the body's own schema for this dataset."""
    answers = {"listRecords": f"{name}.recordPage", "searchRecords": f"{name}.recordPage"}
    answer = answers.get(route.name, f"{name}.record" if route.name == "getRecord" else route.answer or "")
    return reference(answer), reference(f"{name}.{route.request}") if route.request else None


def dataset_parameters(route: Route, dataset: Dataset) -> list[dict[str, Any]]:
    """What may stand in an address: never a sensitive item (REQ-QRY-09)."""
    if route.name not in ("listRecords", "getRecord"):
        return []
    fields = _listed("fields", "仅返回所列数据项 / Only these items", [*_shared(dataset), "recordId"])
    if route.name == "getRecord":
        return [fields]
    parameters = [_limit(dataset), {"$ref": "#/components/parameters/cursor"}, fields]
    if orders := _orders(dataset):
        parameters.append(_listed("sort", "排序，前缀 - 表示降序 / Order; - in front for descending", orders))
    return parameters + [
        {"name": name, "in": "query", "description": text, "schema": value}
        for name, (text, value) in _filters(dataset, sensitive=False).items()
    ]


def _limit(dataset: Dataset) -> dict[str, Any]:
    text = f"每页条数，最多 {dataset.page.max} / Items a page, at most {dataset.page.max}; more gives that many"
    value = {"type": "integer", "minimum": 1, "default": dataset.page.default}
    return {"name": "limit", "in": "query", "description": text, "schema": value}


def _listed(name: str, text: str, values: list[str]) -> dict[str, Any]:
    value = {"type": "array", "items": {"enum": values}, "minItems": 1, "uniqueItems": True}
    return {"name": name, "in": "query", "description": text, "style": "form", "explode": False, "schema": value}


def _shared(dataset: Dataset) -> dict[str, Field]:
    return {name: field for name, field in dataset.fields.items() if item_sharing(field, dataset) != "notShared"}


def _orders(dataset: Dataset) -> list[str]:
    return [order for name, field in _shared(dataset).items() if field.sortable for order in (name, f"-{name}")]


def _filters(dataset: Dataset, *, sensitive: bool) -> dict[str, tuple[str, dict[str, Any]]]:
    """Parameter name → what it means and takes; `sensitive` adds those that only a body may hold."""
    filters = {}
    for name, field in _shared(dataset).items():
        if field.sensitive and not sensitive:
            continue
        if field.filterable:
            filters[name] = (f"{field.name} =", value_schema(field))
        if field.range:
            filters |= {f"{name}.{end}": (f"{field.name} {sign}", value_schema(field)) for end, sign in _RANGES.items()}
    return filters


def _search(dataset: Dataset) -> dict[str, Any]:
    names = {"type": "array", "minItems": 1, "uniqueItems": True}
    properties = {
        "filter": _closed({name: value for name, (_, value) in _filters(dataset, sensitive=True).items()}),
        "fields": names | {"items": {"enum": [*_shared(dataset), "recordId"]}},
        "limit": {"type": "integer", "minimum": 1, "default": dataset.page.default},
        "cursor": {"type": "string", "minLength": 1},
    }
    if orders := _orders(dataset):
        properties["sort"] = names | {"items": {"enum": orders}}
    return _closed(properties)


def _verify(verify: Verify, dataset: Dataset) -> dict[str, Any]:
    claim = {name: value_schema(dataset.fields[name]) for name in (*verify.keys, *verify.fields)}
    for predicate in verify.predicates:
        value = value_schema(dataset.fields[predicate.field])
        for operator in predicate.operators:
            several = {"type": "array", "items": value, "minItems": 1}
            claim[f"{predicate.field}.{operator}"] = several if operator == "in" else value
    one = _closed(claim, *verify.keys)
    claims = {"type": "array", "items": one, "minItems": 1, "maxItems": verify.batch}
    return _closed({"claims": claims}, "claims")


def _closed(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | ({"required": list(required)} if required else {})
