from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource

from datong.model import Adapter
from datong.standard import CLASSES, INTERFACE_VERSION, ROUTES, openapi

GUARDED_ERRORS = {"400", "401", "403", "406", "429", "500", "503"}


@pytest.fixture(scope="module")
def document(adapter: Adapter, base: str) -> dict[str, Any]:
    return openapi(adapter, base=base)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "servers":
                yield path, method, operation


def resolved(document: dict[str, Any], part: dict[str, Any]) -> Any:
    if "$ref" not in part:
        return part
    place: Any = document
    for step in part["$ref"].removeprefix("#/").split("/"):
        place = place[step.replace("~1", "/")]
    return place


def takes(document: dict[str, Any], schema: dict[str, Any], value: object) -> bool:
    registry: Registry[Any] = Registry().with_resource(
        "urn:doc", Resource.from_contents({"$schema": document["jsonSchemaDialect"], **document})
    )
    target = {"$ref": f"urn:doc{schema['$ref']}"} if "$ref" in schema else schema
    checker = Draft202012Validator.FORMAT_CHECKER
    return Draft202012Validator(target, registry=registry, format_checker=checker).is_valid(value)


def body(document: dict[str, Any], path: str, method: str = "post") -> dict[str, Any]:
    schema: dict[str, Any] = document["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
    return schema


def answer(document: dict[str, Any], path: str, method: str = "get", media: str = "application/json") -> dict[str, Any]:
    schema: dict[str, Any] = document["paths"][path][method]["responses"]["200"]["content"][media]["schema"]
    return schema


def parameters(document: dict[str, Any], path: str, method: str = "get") -> dict[tuple[str, str], dict[str, Any]]:
    found = (resolved(document, part) for part in document["paths"][path][method]["parameters"])
    return {(part["in"], part["name"]): part for part in found}


def test_document_is_valid(document: dict[str, Any]) -> None:
    """REQ-CORE-04: an independent validator takes it as OpenAPI 3.1, references included."""
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_references_resolve(document: dict[str, Any]) -> None:
    """Every reference leads into the document itself: networks are closed."""
    found = re.findall(r"'\$ref': '([^']+)'", repr(document))
    assert found
    for target in set(found):
        assert resolved(document, {"$ref": target}) is not None


def test_schemas_are_valid(document: dict[str, Any]) -> None:
    """Every component is a JSON Schema of the dialect that the document names."""
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_route_is_described(document: dict[str, Any]) -> None:
    """REQ-CORE-05: routes and document describe the same operations, neither more nor fewer."""
    described = {(path, method) for path, method, _ in operations(document) if not path.startswith("/datasets/")}
    routed = {(route.path, route.method.lower()) for route in ROUTES if not route.dataset}
    routed |= {(path, "head") for path, method in routed if method == "get"}
    assert described == routed


def test_dataset_paths(document: dict[str, Any]) -> None:
    """Each published dataset has the paths that it offers; what it does not offer is not there."""
    described = {path for path, _, _ in operations(document) if path.startswith("/datasets/")}
    rows = {"records", "records/{recordId}", "records/_search"}
    assert described == {
        *(f"/datasets/insured/{tail}" for tail in (*rows, "_verify")),
        *(f"/datasets/offices/{tail}" for tail in rows),
        *(f"/datasets/accused/{tail}" for tail in (*rows, "_verify")),
    }


def test_only_claimed_classes(document: dict[str, Any]) -> None:
    """REQ-CORE-03: no path of a class that the adapter does not claim."""
    assert {operation["x-gds-class"].rpartition(":")[2] for _, _, operation in operations(document)} <= set(CLASSES)


def test_operation_ids_are_unique(adapter: Adapter, base: str) -> None:
    """Names for generated clients never collide, even for slugs that differ by a hyphen only."""
    raw = adapter.model_dump(by_alias=True)
    raw["datasets"] = dict.fromkeys(("a-1", "a1", "a--1"), raw["datasets"]["offices"])
    found = [each["operationId"] for _, _, each in operations(openapi(Adapter.model_validate(raw), base=base))]
    assert len(found) == len(set(found))


def test_version(document: dict[str, Any]) -> None:
    """REQ-CORE-06: `info.version` is what every answer's API-Version says."""
    assert document["info"]["version"] == INTERFACE_VERSION
    for _, _, operation in operations(document):
        for response in operation["responses"].values():
            assert {"API-Version", "Gds-Request-Id"} <= set(resolved(document, response)["headers"])


def test_public_paths(document: dict[str, Any]) -> None:
    """Exactly the five public paths go without a token; all others need one and can refuse it."""
    public = {path for path, _, operation in operations(document) if operation.get("security") == []}
    assert public == {"/", "/conformance", "/openapi.json", "/health/live", "/.well-known/gds-adapter"}
    for path, _, operation in operations(document):
        if path not in public:
            assert set(operation["responses"]) >= GUARDED_ERRORS
    assert document["security"] == [{"bearer": []}]


def test_failures_are_problems(document: dict[str, Any]) -> None:
    """REQ-CORE-07: every failure has a problem document as its body, and a HEAD has none."""
    for _, method, operation in operations(document):
        for status, response in operation["responses"].items():
            content = resolved(document, response).get("content", {})
            if method == "head" or status == "304":
                assert content == {}
            elif int(status) >= 400:
                assert list(content) == ["application/problem+json"]


def test_headers_of_refusals(document: dict[str, Any]) -> None:
    """401 says how to authenticate; 429, 503 and 504 when to come back."""
    for _, _, operation in operations(document):
        for status, header in {"401": "WWW-Authenticate", "429": "Retry-After", "504": "Retry-After"}.items():
            if status in operation["responses"]:
                assert header in resolved(document, operation["responses"][status])["headers"]


def test_not_shared_entry_is_refused(document: dict[str, Any]) -> None:
    """REQ-CAT-05: the paths of a not-shared entry have no success."""
    for path, _, operation in operations(document):
        if path.startswith("/datasets/accused/"):
            assert "403" in operation["responses"]
            assert not [status for status in operation["responses"] if status < "400"]
    assert not [name for name in document["components"]["schemas"] if name.startswith("accused.")]


def test_unpublished_entry_is_not_there(adapter: Adapter, base: str) -> None:
    """REQ-CAT-14: a draft has no data path."""
    raw = adapter.model_dump(by_alias=True)
    raw["datasets"]["offices"]["catalog"]["status"] = "draft"
    assert "/datasets/offices/records" not in openapi(Adapter.model_validate(raw), base=base)["paths"]


def test_filters_in_an_address(document: dict[str, Any]) -> None:
    """Filters are those declared, ranges where declared, and nothing sensitive or unshared."""
    common = {"limit", "cursor", "fields", "sort"}
    query = {name for place, name in parameters(document, "/datasets/insured/records") if place == "query"} - common
    ranges = {f"{name}.{end}" for name in ("birthDate", "months", "changedAt") for end in ("gte", "gt", "lte", "lt")}
    plain = {"personNumber", "name", "birthDate", "months", "ledger", "retired", "changedAt", "status"}
    assert query == plain | ranges


def test_fields_and_sort(document: dict[str, Any]) -> None:
    """`fields` lists shared items and recordId, `sort` the sortable items both ways, comma-separated."""
    found = parameters(document, "/datasets/insured/records")
    fields, sort = found["query", "fields"], found["query", "sort"]
    assert set(fields["schema"]["items"]["enum"]) >= {"recordId", "idNumber"}
    assert "photo" not in fields["schema"]["items"]["enum"]
    assert sort["schema"]["items"]["enum"] == ["personNumber", "-personNumber", "birthDate", "-birthDate"]
    assert (sort["style"], sort["explode"]) == ("form", False)
    assert ("query", "sort") not in parameters(document, "/datasets/offices/records")


def test_search_body(document: dict[str, Any]) -> None:
    """A sensitive item is filtered in the body; an undeclared filter, sort or member is refused."""
    schema = body(document, "/datasets/insured/records/_search")
    assert takes(document, schema, {"filter": {"idNumber": "11010519491231002X", "birthDate.gte": "1949-10-01"}})
    assert takes(document, schema, {"fields": ["name"], "sort": ["-birthDate"], "limit": 3})
    assert not takes(document, schema, {"filter": {"region": "330100"}})
    assert not takes(document, schema, {"filter": {"name.gte": "a"}})
    assert not takes(document, schema, {"filter": {"birthDate": "1949"}})
    assert not takes(document, schema, {"sort": ["name"]})
    assert not takes(document, schema, {"filters": {}})


def test_verify_body(document: dict[str, Any]) -> None:
    """REQ-VER-05 and 06: the keys are required, only declared predicates are taken, the batch is bounded."""
    schema = body(document, "/datasets/insured/_verify")
    claim = {"idNumber": "11010519491231002X", "birthDate.lte": "1966-03-01", "status.in": ["1", "2"]}
    assert takes(document, schema, {"claims": [claim]})
    assert not takes(document, schema, {"claims": [{"name": "张三"}]})
    assert not takes(document, schema, {"claims": [claim | {"birthDate.gt": "1966-03-01"}]})
    assert not takes(document, schema, {"claims": [claim | {"balance": "1.00"}]})
    assert not takes(document, schema, {"claims": [claim] * 51})


def test_record_page_is_checked_precisely(document: dict[str, Any]) -> None:
    """A page's records are held to their own dataset's schema."""
    page: dict[str, Any] = {"numberReturned": 1, "timeStamp": "2026-03-01T08:30:00+08:00", "links": []}
    schema = answer(document, "/datasets/insured/records")
    assert takes(document, schema, page | {"items": [{"recordId": "1", "name": None, "months": 3}]})
    assert not takes(document, schema, page | {"items": [{"recordId": "1", "code": "x"}]})
    assert not takes(document, schema, page | {"items": [{"months": "3"}]})
    assert not takes(document, schema, page | {"items": [], "secret": 1})
    faulty = {"rowRef": "k~1", "field": "birthDate", "code": "value-invalid"}
    assert takes(document, schema, page | {"items": [], "faulty": [faulty]})
    assert not takes(document, schema, page | {"items": [], "faulty": [faulty | {"value": "x"}]})
    record = answer(document, "/datasets/offices/records/{recordId}")
    assert takes(document, record, {"recordId": "1", "code": "x"})
    assert not takes(document, record, {"recordId": "1", "name": "x"})


def test_media_types(document: dict[str, Any]) -> None:
    """People read the landing page, linked-data tools the catalog entry."""
    assert list(document["paths"]["/"]["get"]["responses"]["200"]["content"]) == ["application/json", "text/html"]
    entry = document["paths"]["/catalog/{catalogId}"]["get"]["responses"]["200"]["content"]
    assert list(entry) == ["application/json", "application/ld+json"]
    schema = document["paths"]["/catalog/{catalogId}/schema"]["get"]["responses"]["200"]["content"]
    assert list(schema) == ["application/schema+json", "application/json"]


def test_announced_change(document: dict[str, Any]) -> None:
    """REQ-OPS-04: where a change is announced, the answers carry Deprecation and Sunset."""
    success = document["paths"]["/datasets/offices/records"]["get"]["responses"]["200"]
    assert {"Deprecation", "Sunset"} <= set(success["headers"])
    assert "Sunset" not in document["paths"]["/datasets/insured/records"]["get"]["responses"]["200"]["headers"]


def test_single_record(document: dict[str, Any]) -> None:
    """REQ-QRY-11: a record has an ETag, and 304 answers who holds it."""
    operation = document["paths"]["/datasets/insured/records/{recordId}"]["get"]
    assert "ETag" in operation["responses"]["200"]["headers"]
    assert {"304", "404"} <= set(operation["responses"])
    assert ("header", "If-None-Match") in parameters(document, "/datasets/insured/records/{recordId}")


def test_not_ready_is_a_problem_with_checks(document: dict[str, Any]) -> None:
    """REQ-OPS-02 within REQ-CORE-07: 503 is a problem document that also names the checks."""
    response = resolved(document, document["paths"]["/health/ready"]["get"]["responses"]["503"])
    schema = response["content"]["application/problem+json"]["schema"]
    problem = {"type": "urn:gds:problem:source-unavailable", "title": "t", "status": 503, "detail": "d"} | {
        "code": "source-unavailable",
        "origin": "source",
        "requestId": "6f1d3f7e-3a60-4a0e-9d53-0d3b2f3a7c11",
    }
    checks = {name: {"status": "fail"} for name in ("source", "audit", "keys", "clock")}
    whole = {"components": document["components"], **schema}
    assert Draft202012Validator(whole).is_valid(problem | {"checks": checks})
    assert not Draft202012Validator(whole).is_valid(problem | {"checks": {"source": {"status": "down"}}})


@pytest.mark.parametrize("place", ["/v1", "https://h/v1", "https://h/ctx/v1/"])
def test_base(adapter: Adapter, place: str) -> None:
    """A relative and an absolute base both work; the well-known address is also at the root."""
    document = openapi(adapter, base=place)
    assert document["servers"] == [{"url": place.rstrip("/")}]
    root = document["paths"]["/.well-known/gds-adapter"]["servers"][0]["url"]
    assert root == (place.rstrip("/").removesuffix("/v1") or "/")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_import_is_quick() -> None:
    """Commands and servers start without reading a data file of this package."""
    program = (
        "import sys; sys.addaudithook(lambda e, a: e == 'open' and str(a[0]).endswith('.json') and print(a[0]));"
        "import datong.standard"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == ""


def test_parameters_are_declared(document: dict[str, Any]) -> None:
    """Every query parameter that a route names is in the document, and no component lies unused."""
    used = set(re.findall(r"#/components/parameters/(\w+)", repr(document["paths"])))
    assert used == set(document["components"]["parameters"])
    for route in ROUTES:
        assert set(route.parameters) <= used
