from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from interface_world import CONSUMER, PURPOSE, Caller, World, bearer, code, identity

from datong.model import Problem
from datong.standard import validator


def records(world: World, query: str) -> list[dict[str, Any]]:
    response = world.provider("GET", f"/v1/audit/records?{query}")
    assert response.status_code == 200, response.text
    items: list[dict[str, Any]] = response.json()["items"]
    for item in items:
        validator("auditRecord").validate(item)
    return items


def one(world: World, request_id: str) -> dict[str, Any]:
    found = records(world, f"requestId={request_id}")
    assert len(found) == 1
    return found[0]


def test_a_data_call_leaves_one_record(world: World) -> None:
    """Who asked for what under which grant, and what came back, without any value (REQ-AUD-01)."""
    caller = world.grant(claims={"operatorId": "op-7"})
    mine = str(uuid4())
    response = caller.get("/records?status=1&limit=5", headers={"gds-request-id": mine, "gds-case-id": "case-2026-1"})
    record = one(world, mine)
    wanted = {
        "consumerId": CONSUMER,
        "catalogId": "persons",
        "grantId": caller.grant_id,
        "purposeId": PURPOSE,
        "operatorId": "op-7",
        "caseId": "case-2026-1",
        "method": "GET",
        "path": "/v1/datasets/{catalogId}/records",
        "status": 200,
        "records": 5,
        "responseBytes": len(response.content),
        "role": "consumer",
    }
    assert {name: record.get(name) for name in wanted} == wanted
    assert record["durationMs"] > 0


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/v1/datasets/persons/records/1", "/v1/datasets/{catalogId}/records/{recordId}"),
        ("/v1/catalog/persons", "/v1/catalog/{catalogId}"),
        ("/v1/grants", "/v1/grants"),
        ("/v1/stats", "/v1/stats"),
    ],
)
def test_templates(world: World, path: str, template: str) -> None:
    """A record names the path's template, never the address as called."""
    mine = str(uuid4())
    assert world.grant().get(path, headers={"gds-request-id": mine}).status_code == 200
    assert one(world, mine)["path"] == template


def test_refused_calls_are_recorded(world: World) -> None:
    """With the problem code, also where nobody is known (REQ-AUD-02)."""
    mine, other = str(uuid4()), str(uuid4())
    caller = world.grant(claims={"purposeId": "other"})
    caller.get("/records", headers={"gds-request-id": mine})
    world.request("GET", "/v1/datasets/persons/records", headers={"gds-request-id": other})
    assert (one(world, mine)["code"], one(world, mine)["status"]) == ("wrong-purpose", 403)
    anonymous = one(world, other)
    assert (anonymous["code"], anonymous["status"]) == ("token-missing", 401)
    assert "consumerId" not in anonymous


def test_no_value_is_recorded(world: World) -> None:
    """Neither values, queries, identity numbers nor tokens are in the log: bodies are digests (REQ-AUD-03)."""
    caller = world.grant(purposeId="identity-check")
    mine = str(uuid4())
    body = {"filter": {"idNumber": identity(3), "name": "李测试3"}}
    sent = caller.get("/records/_search", method="POST", json=body, headers={"gds-request-id": mine})
    assert sent.json()["numberReturned"] == 1
    record = one(world, mine)
    assert record["requestDigest"].removeprefix("sha-256:") == sha256(sent.request.content).hexdigest()
    assert record["requestBytes"] == len(sent.request.content)
    caller.records("?unit=DW0001&name=李测试3")
    caller.get(f"/records/{identity(3)}", headers={"gds-case-id": identity(3)})
    text = json.dumps(records(world, "limit=1000"), ensure_ascii=False)
    for secret in (identity(3), "李测试3", "DW0001", caller.token):
        assert secret not in text
    written = "".join(path.read_text() for path in (world.folder / ".datong/audit").rglob("*.ndjson"))
    for secret in (identity(3), "李测试3", "DW0001", caller.token):
        assert secret not in written


def test_chain_can_be_recomputed(world: World) -> None:
    """A third party recomputes every digest from what the interface gives out (REQ-AUD-04)."""
    caller = world.grant()
    for _ in range(5):
        caller.records("?limit=1")
    items: list[dict[str, Any]] = []
    response = world.provider("GET", "/v1/audit/records?limit=7")
    while True:
        page = response.json()
        items += page["items"]
        following = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
        if following is None:
            break
        response = world.provider("GET", following)
    assert len(items) > 10
    for before, after in pairwise(items):
        assert after["prevDigest"] == before["digest"]
    for item in items:
        body = {name: value for name, value in item.items() if name != "digest"}
        canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert sha256(canonical.encode()).hexdigest() == item["digest"]


def test_who_may_read(world: World) -> None:
    """A consumer reads its own calls, the provider all, nobody else any (REQ-AUD-06)."""
    mine, theirs = world.grant(consumerId="consumer-a"), world.grant(consumerId="consumer-b")
    mine.records()
    theirs.records()
    seen = mine.get("/v1/audit/records?limit=1000").json()["items"]
    assert {item["consumerId"] for item in seen} == {"consumer-a"}
    assert {"consumer-a", "consumer-b"} <= {item.get("consumerId") for item in records(world, "limit=1000")}
    assert code(mine.get("/v1/audit/records?consumerId=consumer-b")) == "role-required"
    for role in ("exchange", "operator"):
        refused = world.request("GET", "/v1/audit/records", headers=bearer(world.token(role=role)))
        assert code(refused) == "role-required"


def test_filters(world: World) -> None:
    """The log can be searched by entry, consumer, status, code and time."""
    caller = world.grant(catalogId="changing", consumerId="filterer")
    caller.records()
    caller.records("?zz=1")
    query = "catalogId=changing&consumerId=filterer"
    assert [item["status"] for item in records(world, query)] == [200, 400]
    assert [item["code"] for item in records(world, f"{query}&status=400")] == ["parameter-unknown"]
    assert len(records(world, f"{query}&code=parameter-unknown")) == 1
    assert records(world, f"{query}&until=2020-01-01T00:00:00Z") == []
    assert len(records(world, f"{query}&since=2020-01-01T00:00:00%2B08:00")) == 2
    for wrong in ("since=yesterday", "since=2020-01-01", "status=abc", "limit=0"):
        assert world.provider("GET", f"/v1/audit/records?{wrong}").status_code == 400
    foreign = world.provider("GET", "/v1/audit/records?limit=1").json()["links"][1]["href"]
    assert code(caller.get(foreign)) == "cursor-invalid"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
def test_audit_cannot_be_changed(world: World, method: str) -> None:
    """There is no way over the interface to change or delete a record (REQ-AUD-07)."""
    headers = bearer(world.token(role="provider"))
    assert code(world.request(method, "/v1/audit/records", headers=headers)) == "method-not-allowed"


def test_without_audit_no_data(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the log cannot be written no data is served, and no refusal is told either (REQ-AUD-08)."""
    caller = world.grant()

    def fail(_: Any) -> str:
        raise Problem("audit-unavailable")

    monkeypatch.setattr(world.app.guard.audit, "append", fail)
    for response in (caller.records(), caller.get("/records/1"), caller.verify({}), caller.get("/records?zz=1")):
        assert (response.status_code, code(response)) == (503, "audit-unavailable")
        assert response.headers["retry-after"]
        assert "items" not in response.text
    assert world.request("GET", "/v1/health/live").status_code == 200


def test_policy(world: World) -> None:
    """Retention of at least three years and the clock are declared (REQ-AUD-05)."""
    policy = world.grant().get("/v1/audit/policy").json()
    assert policy["retention"] == "P3Y"
    assert policy["clock"]


def test_statistics(make_world: Callable[..., World]) -> None:
    """Figures of an entry agree with the calls that were made (REQ-OPS-06)."""
    world = make_world()
    caller: Caller = world.grant(catalogId="changing")
    for query in ("?limit=3", "?limit=4", "?zz=1"):
        caller.records(query)
    (figures,) = caller.get("/v1/stats?catalogId=changing").json()["items"]
    assert (figures["calls"], figures["failures"], figures["records"]) == (3, 1, 7)
    assert figures["medianDurationMs"] <= figures["p95DurationMs"]
    hourly = caller.get("/v1/stats?catalogId=changing&period=hour").json()["items"]
    assert sum(each["calls"] for each in hourly) == 3
    assert world.grant(consumerId="other").get("/v1/stats?catalogId=changing").json()["items"] == []
    assert code(caller.get("/v1/stats?period=week")) == "parameter-invalid"
