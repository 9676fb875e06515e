from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from datong.model import Adapter, Problem, Violation
from datong.standard import PROBLEMS, SCHEMAS, catalog_entry, problem_document, schema, validator

REQUEST = "6f1d3f7e-3a60-4a0e-9d53-0d3b2f3a7c11"
WANTED = {
    "landing",
    "conformance",
    "problem",
    "catalogEntry",
    "catalogPage",
    "recordPage",
    "searchRequest",
    "verifyRequest",
    "verifyResponse",
    "grant",
    "tokenClaims",
    "auditRecord",
    "auditPage",
    "auditPolicy",
    "stats",
    "healthLive",
    "healthReady",
    "adapterDiscovery",
    "exportManifest",
    "job",
    "changeFeed",
    "correction",
    "fileList",
}
GRANT = {
    "grantId": "g-1",
    "consumerId": "c-1",
    "providerId": "91350100M000100Y43",
    "catalogId": "insured",
    "purposeId": "pension-check",
    "basis": "《社会保险法》第七十四条",
    "scenario": "跨省养老保险资格核验",
    "scope": {"items": ["name"], "region": "330100", "filter": {"status.in": ["1", "2"]}},
    "method": ["serviceInterface"],
    "validFrom": "2026-01-01T00:00:00+08:00",
    "validUntil": "2027-01-01T00:00:00+08:00",
    "status": "active",
}
CASE = {
    "correctionId": "k-1",
    "catalogId": "insured",
    "kind": "quality",
    "status": "resolved",
    "receivedAt": "2026-03-01T08:30:00+08:00",
    "dueAt": "2026-03-13T23:59:59+08:00",
    "overdue": False,
    "steps": [{"status": "submitted", "time": "2026-03-01T08:30:00+08:00", "office": "某市民政局"}],
    "result": "corrected",
    "explanation": "已更正",
    "dataVersion": "17",
}


@pytest.mark.parametrize("name", sorted(WANTED | set(SCHEMAS)))
def test_schema_is_one(name: str) -> None:
    """Each wire document has a schema that is valid itself and known by its URN."""
    document = SCHEMAS[name]
    Draft202012Validator.check_schema(document)
    assert document["$id"] == f"urn:gds:schema:{name}"
    assert document["title"]


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_references_lead_somewhere(name: str) -> None:
    """No schema refers to one that is not there."""
    for reference in _references(SCHEMAS[name]):
        if reference.startswith("#/$defs/"):
            assert reference.removeprefix("#/$defs/") in SCHEMAS[name]["$defs"]
        else:
            assert reference.removeprefix("urn:gds:schema:") in SCHEMAS


def _references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [found for part in value for found in _references(part)]
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [found for part in value.values() for found in _references(part)]
    return []


@pytest.mark.parametrize("name", ["../schema", "nothing", ""])
def test_unknown_schema(name: str) -> None:
    """A name that is no schema is a KeyError, whatever it looks like."""
    with pytest.raises(KeyError):
        schema(name)
    with pytest.raises(KeyError):
        SCHEMAS[name]


@pytest.fixture
def entries(adapter: Adapter, base: str, now: datetime) -> dict[str, dict[str, Any]]:
    return {name: catalog_entry(adapter, name, base=base, now=now) for name in adapter.datasets}


def test_entries_fit(entries: dict[str, dict[str, Any]]) -> None:
    """What the entry builder makes is what the entry's schema demands."""
    for entry in entries.values():
        validator("catalogEntry").validate(entry)


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("insured", lambda e: e.pop("name")),
        ("insured", lambda e: e.update(name="待定")),
        ("insured", lambda e: e.update(format=" N/A ")),
        ("insured", lambda e: e.update(format="-")),
        ("insured", lambda e: e.update(items=[])),
        ("insured", lambda e: e.update(sharingTypeCode="1")),
        ("insured", lambda e: e["useConditions"].pop("scope")),
        ("insured", lambda e: e["useConditions"].update(purposes=[])),
        ("insured", lambda e: e.update(sharingMethods=[])),
        ("insured", lambda e: e.update(sharingMethods=["ftp"])),
        ("insured", lambda e: e["items"][0].pop("length")),
        ("insured", lambda e: e["items"][0].update(name="")),
        ("insured", lambda e: e["classification"].update(level="secret")),
        ("insured", lambda e: e["provider"].update(code="91350100M000100Y4")),
        ("insured", lambda e: e.update(updateCycle="每日")),
        ("insured", lambda e: e.update(kind="service")),
        ("offices", lambda e: e["useConditions"].update(purposes=["tax"])),
        ("accused", lambda e: e.pop("notShared")),
        ("accused", lambda e: e["notShared"].update(legalBasis=[])),
        ("accused", lambda e: e["notShared"]["legalBasis"][0].update(article="")),
        ("accused", lambda e: e.update(distributions=[{"method": "serviceInterface", "href": "/x"}])),
    ],
)
def test_defects_of_an_entry_are_found(entries: dict[str, dict[str, Any]], name: str, change: Change) -> None:
    """Each rule of REQ-CAT-01 to 09 that a schema can hold refuses its violation."""
    entry = copy.deepcopy(entries[name])
    change(entry)
    assert not validator("catalogEntry").is_valid(entry)


def test_entry_may_be_extended(entries: dict[str, dict[str, Any]]) -> None:
    """A further member and a registered sharing method are legal."""
    entry = entries["insured"] | {"region": "330000", "sharingMethods": ["urn:example:method:drop"]}
    validator("catalogEntry").validate(entry)


@pytest.mark.parametrize("code", PROBLEMS)
def test_problems_fit(code: str) -> None:
    """Every registered problem renders to a document that its schema takes."""
    problem = Problem(code, errors=[Violation("/filter/x", "not-filterable")])
    validator("problem").validate(
        problem_document(problem, language="zh", request_id=REQUEST, instance="/v1/datasets/a/records")
    )


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("verifyResponse", {"results": [{"outcome": "match"}, {"outcome": "indeterminate"}]}),
        ("verifyRequest", {"claims": [{"idNumber": "x", "birthDate.lte": "1966-01-01", "status.in": ["1"]}]}),
        ("searchRequest", {"filter": {"birthDate.gte": "1960-01-01"}, "sort": ["-birthDate"], "limit": 5}),
        ("searchRequest", {}),
        ("grant", GRANT),
        ("grant", GRANT | {"scope": {}}),
        ("grant", GRANT | {"scope": {"items": None}}),
        ("healthLive", {"status": "pass"}),
        ("correction", CASE),
    ],
)
def test_good_documents(name: str, document: dict[str, Any]) -> None:
    """Documents as the specification shows them are valid."""
    validator(name).validate(document)


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("verifyResponse", {"results": [{"outcome": "match", "field": "name"}]}),
        ("verifyResponse", {"results": [{"outcome": "true"}]}),
        ("verifyResponse", {"results": [{"outcome": "match"}], "count": 1}),
        ("verifyRequest", {"claims": []}),
        ("verifyRequest", {"claims": [{"birthDate.like": "1"}]}),
        ("searchRequest", {"filters": {}}),
        ("searchRequest", {"limit": 0}),
        ("grant", GRANT | {"method": []}),
        ("grant", GRANT | {"fee": 1}),
        ("grant", GRANT | {"validUntil": "2027-01-01T00:00:00"}),
        ("healthLive", {"status": "pass", "source": "up"}),
        ("healthReady", {"status": "pass", "checks": {"source": {"status": "pass"}}}),
        ("correction", {key: value for key, value in CASE.items() if key != "result"}),
        ("correction", {key: value for key, value in CASE.items() if key != "dataVersion"}),
        ("correction", CASE | {"status": "rejected"}),
        (
            "changeFeed",
            {
                "changes": [
                    {"id": "1", "type": "deleted", "time": "2026-03-01T08:30:00Z", "subject": "r"}
                    | {"dataVersion": "2", "data": {}}
                ],
                "nextCursor": "c",
                "hasMore": False,
            },
        ),
        ("tokenClaims", {"iss": "x", "sub": "s", "aud": "a", "iat": 1, "exp": 2, "jti": "j", "providerId": "p"}),
        ("conformance", {"conformsTo": []}),
    ],
)
def test_bad_documents(name: str, document: dict[str, Any]) -> None:
    """What the specification forbids is refused."""
    assert not validator(name).is_valid(document)


def test_nothing_is_read_at_import() -> None:
    """The program starts without reading a schema or loading a validator."""
    program = "import sys, datong.standard; print('jsonschema' in sys.modules, 'referencing' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["False", "False"]
