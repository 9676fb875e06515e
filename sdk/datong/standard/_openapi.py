"""The OpenAPI 3.1 document of one adapter, made from the adapter as it runs (REQ-CORE-04, 05)."""

from __future__ import annotations

from typing import Any, Final

from datong.model import Adapter, Dataset, Text
from datong.standard._catalog import offers_records, offers_verify
from datong.standard._openapi_datasets import dataset_parameters, dataset_schemas, refined
from datong.standard._openapi_parts import (
    PARAMETERS,
    component_schemas,
    embedded,
    header_components,
    problem_responses,
    reference,
    response_headers,
)
from datong.standard._routes import HTML, JSON, ROUTES, Route
from datong.standard._version import BASE_PATH, INTERFACE_VERSION, conformance_urn

_TAGS: Final = {
    "core": Text("About this adapter", "接口说明"),
    "ops": Text("Health and statistics", "运行状态与统计"),
    "catalog": Text("Catalog", "数据目录"),
    "query": Text("Records", "数据查询"),
    "verify": Text("Verification", "数据核验"),
    "security": Text("Grants", "授权"),
    "audit": Text("Audit", "审计"),
}
_BODILESS: Final = (304,)
_REFUSED: Final = (400, 401, 403, 406, 429, 500, 503)


def openapi(adapter: Adapter, *, base: str) -> dict[str, Any]:
    """Everything a caller can meet: paths, methods, statuses, media types, headers, records.

    `base` is the address or path that ends with `/v1`. Datasets have paths of their own, so that
    each answer can be checked against its own record schema. An entry that is not shared has the
    paths that refuse it; one that is not published has none.
    """
    place = base.rstrip("/")
    published = {name: each for name, each in adapter.datasets.items() if each.catalog.status == "published"}
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": _info(adapter),
        "servers": [{"url": place}],
        "security": [{"bearer": []}],
        "tags": [{"name": name, "description": _both(text)} for name, text in _TAGS.items()],
        "paths": _paths(published, place),
        "components": {
            "schemas": component_schemas() | _own_schemas(published),
            "responses": problem_responses(),
            "parameters": PARAMETERS,
            "headers": header_components(),
            "securitySchemes": {"bearer": _security(adapter)},
        },
    }


def _info(adapter: Adapter) -> dict[str, Any]:
    office = adapter.provider.office
    contact = {"name": f"{adapter.provider.name} {office.name}"} | ({"email": office.email} if office.email else {})
    return {
        "title": _both(adapter.adapter.title.text),
        "version": INTERFACE_VERSION,
        "contact": contact,
        "x-gds-adapter": {"id": adapter.adapter.id, "version": adapter.adapter.version},
    }


def _security(adapter: Adapter) -> dict[str, str]:
    text = Text(
        f"A JWT of the exchange, meant for `{adapter.trust.audience}`, for one entry, grant and purpose.",
        f"共享交换平台签发的 JWT，受众为 `{adapter.trust.audience}`，限定目录条目、授权与使用目的。",
    )
    return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": _both(text)}


def _own_schemas(published: dict[str, Dataset]) -> dict[str, Any]:
    shared = ((name, each) for name, each in published.items() if each.sharing != "notShared")
    return {key: embedded(value) for name, each in shared for key, value in dataset_schemas(name, each).items()}


def _paths(published: dict[str, Dataset], place: str) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for route in ROUTES:
        if not route.dataset:
            _add(paths, route.path, route, _operation(route))
            continue
        for name, dataset in published.items():
            if _offered(route, dataset):
                path = route.path.replace("{catalogId}", name)
                _add(paths, path, route, _dataset_operation(route, name, dataset))
    root = place.removesuffix(BASE_PATH) or "/"
    # RFC 8615 puts well-known addresses at the root; the specification lists it under the base too.
    paths["/.well-known/gds-adapter"]["servers"] = [{"url": root}, {"url": place}]
    return paths


def _offered(route: Route, dataset: Dataset) -> bool:
    if dataset.sharing == "notShared":
        return True
    return offers_verify(dataset) if route.name == "verify" else offers_records(dataset)


def _add(paths: dict[str, Any], path: str, route: Route, operation: dict[str, Any]) -> None:
    item = paths.setdefault(path, {})
    item[route.method.lower()] = operation
    if route.method == "GET":
        item["head"] = _head(operation)


def _head(operation: dict[str, Any]) -> dict[str, Any]:
    """GET without a body (REQ-CORE-11)."""
    responses = {
        status: {key: part for key, part in response.items() if key != "content"}
        if "$ref" not in response
        else {"$ref": f"{response['$ref']}Head"}
        for status, response in operation["responses"].items()
    }
    return {**operation, "operationId": f"{operation['operationId']}_head", "responses": responses}


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": _both(route.summary),
        "tags": [route.conformance],
        "parameters": [*_common_parameters(route), *(_parameter(name) for name in route.parameters)],
        "responses": {str(status): _response(route, status) for status in sorted(route.statuses)},
        "x-gds-class": conformance_urn(route.conformance),
    }
    if route.public:
        operation["security"] = []
    if route.roles:
        operation["x-gds-roles"] = list(route.roles)
    if route.request:
        operation["requestBody"] = _body(reference(route.request))
    return operation


def _dataset_operation(route: Route, name: str, dataset: Dataset) -> dict[str, Any]:
    operation = _operation(route)
    operation["operationId"] = f"{route.name}_{name.replace('-', '_')}"
    operation["summary"] = f"{dataset.catalog.name}：{_both(route.summary)}"
    if dataset.sharing == "notShared":
        operation["responses"] = {str(status): _response(route, status) for status in _REFUSED}
        operation.pop("requestBody", None)
        return operation
    operation["parameters"] += dataset_parameters(route, dataset)
    answer, request = refined(route, name)
    success = operation["responses"]["200"]
    success["content"] = {JSON: {"schema": answer}}
    if dataset.catalog.change_notice:
        success["headers"] |= response_headers("Deprecation", "Sunset")
    if request:
        operation["requestBody"] = _body(request)
    return operation


def _common_parameters(route: Route) -> list[dict[str, str]]:
    placed = [name for name in ("catalogId", "recordId", "grantId") if f"{{{name}}}" in route.path]
    if route.dataset and "catalogId" in placed:
        placed.remove("catalogId")
    names = [f"{name}InPath" for name in placed] + ["requestIdHeader", "acceptLanguage"]
    if route.data:
        names.append("caseIdHeader")
    if 304 in route.statuses:  # noqa: PLR2004 - the status is its own name
        names.append("ifNoneMatch")
    return [_parameter(name) for name in names]


def _parameter(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/parameters/{name}"}


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {JSON: {"schema": schema}}}


def _response(route: Route, status: int) -> dict[str, Any]:
    if status >= 400:  # noqa: PLR2004 - the first status of failure
        special = "notReady" if route.name == "ready" and status == 503 else f"problem{status}"  # noqa: PLR2004
        return {"$ref": f"#/components/responses/{special}"}
    names = ["API-Version", "Gds-Request-Id"]
    names += ["RateLimit", "RateLimit-Policy"] if route.data else []
    names += ["Location"] if status == 201 else []  # noqa: PLR2004 - the status is its own name
    names += ["Deprecation", "Sunset"] if route.name == "getEntry" else []
    names += ["ETag"] if 304 in route.statuses else []  # noqa: PLR2004
    response: dict[str, Any] = {
        "description": _both(_DESCRIPTIONS[status]),
        "headers": response_headers(*names),
    }
    if status not in _BODILESS:
        response["content"] = {media: {"schema": _answer(route, media)} for media in route.media}
    return response


def _answer(route: Route, media: str) -> dict[str, Any]:
    if media == JSON and route.answer:
        return reference(route.answer)
    return {"type": "string" if media == HTML else "object"}


_DESCRIPTIONS: Final = {
    200: Text("Answered", "成功"),
    201: Text("Created", "已创建"),
    304: Text("Unchanged", "未变化"),
}


def _both(text: Text) -> str:
    return f"{text.zh} / {text.en}"
