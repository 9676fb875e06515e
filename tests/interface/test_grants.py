from __future__ import annotations

from typing import Any

import pytest
from interface_world import Caller, World, bearer, code, points


@pytest.fixture(scope="module")
def caller(world: World) -> Caller:
    return world.grant(grantId="mine", consumerId="reader")


def test_created_and_replaced(world: World, caller: Caller) -> None:
    """A new grant gives 201 and its place; the same again gives 200."""
    created = world.exchange("PUT", "/v1/grants/fresh", json=caller.body)
    assert (created.status_code, created.headers["location"]) == (201, "/v1/grants/fresh")
    assert world.exchange("PUT", "/v1/grants/fresh", json=caller.body).status_code == 200
    assert world.exchange("GET", "/v1/grants/fresh").json() == created.json()


def test_only_the_exchange_pushes(world: World, caller: Caller) -> None:
    """No other role creates or changes a grant."""
    for role in ("provider", "operator"):
        refused = world.request("PUT", "/v1/grants/x", headers=bearer(world.token(role=role)), json=caller.body)
        assert code(refused) == "role-required"
    assert code(caller.get("/v1/grants/mine", method="PUT", json=caller.body)) == "role-required"


def test_a_consumer_reads_its_own(world: World, caller: Caller) -> None:
    """Another consumer's grant is as one that does not exist."""
    world.grant(grantId="theirs", consumerId="somebody")
    assert caller.get("/v1/grants/mine").json()["grantId"] == "mine"
    assert code(caller.get("/v1/grants/theirs")) == "grant-not-found"
    assert code(caller.get("/v1/grants/none")) == "grant-not-found"
    assert {each["consumerId"] for each in caller.get("/v1/grants").json()["items"]} == {"reader"}
    everybody = world.provider("GET", "/v1/grants").json()["items"]
    assert {"reader", "somebody"} <= {each["consumerId"] for each in everybody}


def test_pages(world: World) -> None:
    """The list pages like every other, under one caller's cursor alone."""
    for number in range(5):
        world.grant(grantId=f"page-{number}", consumerId="pager")
    caller = world.grant(grantId="page-x", consumerId="pager")
    first = caller.get("/v1/grants?limit=2")
    found = [each["grantId"] for page in caller.walk(first=first) for each in page["items"]]
    assert found == [f"page-{number}" for number in range(5)] + ["page-x"]
    href = first.json()["links"][1]["href"]
    assert code(world.grant(consumerId="other").get(href)) == "cursor-invalid"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"method": []}, "/method"),
        ({"method": ["telepathy"]}, "/method/0"),
        ({"validUntil": "2001-01-01T00:00:00+08:00"}, "/validUntil"),
        ({"validFrom": "2020-01-01"}, "/validFrom"),
        ({"catalogId": "nowhere"}, "/catalogId"),
        ({"catalogId": "closed"}, "/catalogId"),
        ({"scope": {"items": ["nope"]}}, "/scope/items/0"),
        ({"scope": {"items": ["note"]}}, "/scope/items/0"),
        ({"scope": {"filter": {"zz": 1}}}, "/scope/filter/zz"),
        ({"fee": 5}, "/fee"),
    ],
)
def test_wrong_grants(world: World, caller: Caller, change: dict[str, Any], pointer: str) -> None:
    """What a grant cannot say is refused with its place."""
    response = world.exchange("PUT", "/v1/grants/wrong", json=caller.body | change)
    assert response.status_code == 400
    assert pointer in {found for found, _ in points(response)}
    assert code(world.exchange("GET", "/v1/grants/wrong")) == "grant-not-found"


def test_the_end_is_final(world: World, caller: Caller) -> None:
    """A terminated grant cannot come back."""
    world.exchange("PUT", "/v1/grants/final", json=caller.body | {"status": "terminated"})
    response = world.exchange("PUT", "/v1/grants/final", json=caller.body)
    assert (response.status_code, code(response)) == (409, "grant-terminated-final")
