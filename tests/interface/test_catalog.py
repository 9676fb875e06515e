from __future__ import annotations

from typing import Any

import pytest
from interface_world import PROVIDER, Caller, World, code, points
from jsonschema import Draft202012Validator

from datong.standard import validator

PUBLISHED = ["changing", "closed", "important", "persons"]


@pytest.fixture(scope="module")
def caller(world: World) -> Caller:
    return world.grant()


def entries(caller: Caller, query: str = "") -> list[str]:
    return [
        item["catalogId"] for page in caller.walk(first=caller.get(f"/v1/catalog{query}")) for item in page["items"]
    ]


def test_every_published_entry_is_listed(caller: Caller) -> None:
    """Those that are not shared too, drafts not (REQ-CAT-15), and each as its own path gives it."""
    listed = caller.get("/v1/catalog").json()["items"]
    assert [item["catalogId"] for item in listed] == PUBLISHED
    for item in listed:
        validator("catalogEntry").validate(item)
        own = caller.get(f"/v1/catalog/{item['catalogId']}").json()
        assert {k: v for k, v in own.items() if k != "dataAsOf"} == {k: v for k, v in item.items() if k != "dataAsOf"}


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages(caller: Caller, limit: int) -> None:
    """The union of the pages is the list."""
    assert entries(caller, f"?limit={limit}") == PUBLISHED


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("sharingType=notShared", ["closed"]),
        ("sharingType=conditional&limit=1", ["changing", "important", "persons"]),
        ("sharingType=unconditional", []),
        (f"provider={PROVIDER}", PUBLISHED),
        ("provider=91350100M000100Y43", []),
        ("updatedSince=2026-02-01", PUBLISHED),
        ("updatedSince=2026-02-01T00:00:01%2B08:00", []),
        ("updatedSince=2026-01-31T16:00:00Z", PUBLISHED),
    ],
)
def test_filters(caller: Caller, query: str, wanted: list[str]) -> None:
    """Entries can be looked for by sharing type, provider and time of change, page after page."""
    assert entries(caller, f"?{query}") == wanted


@pytest.mark.parametrize("query", ["sharingType=1", "updatedSince=soon", "limit=0", "provider="])
def test_bad_filters(caller: Caller, query: str) -> None:
    """A value that a filter cannot take is named."""
    name = query.partition("=")[0]
    assert points(caller.get(f"/v1/catalog?{query}")) == {(name, "parameter-invalid")}


def test_cursor_of_the_catalog(caller: Caller) -> None:
    """A cursor keeps its filter, and one of records is none of the catalog."""
    href = caller.get("/v1/catalog?sharingType=conditional&limit=1").json()["links"][1]["href"]
    assert caller.get(f"{href}&sharingType=conditional").status_code == 200
    assert code(caller.get(f"{href}&sharingType=notShared")) == "cursor-mismatch"
    other = caller.records("?limit=1").json()["links"][1]["href"].partition("cursor=")[2]
    assert code(caller.get(f"/v1/catalog?cursor={other}")) == "cursor-invalid"


def test_linked_data(caller: Caller) -> None:
    """The same entry as DCAT where JSON-LD is asked for."""
    response = caller.get("/v1/catalog/persons", headers={"accept": "application/ld+json"})
    assert response.headers["content-type"] == "application/ld+json"
    assert response.json()["@type"] == "dcat:Dataset"


def test_schema_of_records(world: World, caller: Caller) -> None:
    """The schema's properties are the entry's items, and every record served fits it (REQ-CAT-10)."""
    response = caller.get("/v1/catalog/persons/schema")
    assert response.headers["content-type"] == "application/schema+json"
    schema: dict[str, Any] = response.json()
    Draft202012Validator.check_schema(schema)
    entry = caller.get("/v1/catalog/persons").json()
    assert list(schema["properties"]) == [item["field"] for item in entry["items"]]
    checker = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    for reader in (caller, world.grant(purposeId="identity-check")):
        for page in reader.walk("?limit=50"):
            for item in page["items"]:
                checker.validate(item)


def test_versions(caller: Caller) -> None:
    """The version served is named, under the code that never changes."""
    (version,) = caller.get("/v1/catalog/persons/versions").json()["items"]
    assert version["version"] == "1.2.0"
    assert version["current"] is True


def test_an_entry_that_is_not_shared(caller: Caller) -> None:
    """It says why, and links to no data."""
    entry = caller.get("/v1/catalog/closed").json()
    assert entry["notShared"]["legalBasis"][0]["article"] == "第二十八条"
    assert entry["distributions"] == []


def test_null_rules_are_published(caller: Caller) -> None:
    """What an empty text and the legacy words for nothing become is declared of every text (REQ-FID-03)."""
    items = {item["field"]: item for item in caller.get("/v1/catalog/persons").json()["items"]}
    texts = [item for item in items.values() if item["wireType"] == "string"]
    assert texts
    for item in texts:
        rules = item["nullRules"]
        assert rules["emptyString"] == ("null" if "" in rules["null"] else "value")
