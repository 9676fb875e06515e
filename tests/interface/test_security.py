from __future__ import annotations

import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest
from interface_world import AUDIENCE, CONSUMER, PROVIDER, PURPOSE, World, bearer, code

DATA = [
    ("GET", "/v1/datasets/persons/records"),
    ("GET", "/v1/datasets/persons/records/1"),
    ("GET", "/v1/datasets/persons/records/99999"),
    ("POST", "/v1/datasets/persons/records/_search"),
    ("POST", "/v1/datasets/persons/_verify"),
]


def part(value: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(token: str) -> str:
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{token.split('.')[1]}."


def altered(token: str) -> str:
    head, body, signature = token.split(".")
    claims = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return f"{head}.{part(claims | {'consumerId': 'somebody-else'})}.{signature}"


@pytest.fixture(scope="module")
def good(world: World) -> dict[str, Any]:
    """The claims of a token that works."""
    caller = world.grant(grantId="good", method=["serviceInterface", "verify"])
    assert caller.records().status_code == 200
    return {"grantId": "good", "consumerId": CONSUMER, "catalogId": "persons", "purposeId": PURPOSE}


@pytest.fixture(scope="module")
def matrix(world: World, good: dict[str, Any]) -> dict[str, Callable[[], str]]:
    """Problem code → a token that must earn it."""
    now = int(time.time())
    world.grant(grantId="theirs", consumerId="another-consumer")
    world.grant(grantId="later", validFrom="2090-01-01T00:00:00+08:00")
    world.grant(grantId="over", validUntil="2021-01-01T00:00:00+08:00")
    world.grant(grantId="paused", status="suspended")
    world.grant(grantId="ended", status="terminated")
    world.grant(grantId="elsewhere", catalogId="changing")
    world.grant(grantId="verifying", method=["verify"])

    def token(**changes: Any) -> Callable[[], str]:
        return lambda: world.token(**(good | changes))

    return {
        "token-unsigned": lambda: unsigned(world.token(**good)),
        "token-signature": lambda: altered(world.token(**good)),
        "token-expired": token(iat=now - 1000, exp=now - 500),
        "token-not-yet-valid": token(iat=now + 400, exp=now + 500),
        "token-lifetime": token(exp=now + 10 * 365 * 86400),
        "wrong-audience": token(aud=f"https://{AUDIENCE}"),
        "issuer-unknown": token(iss="https://elsewhere.example"),
        "claim-missing": token(purposeId=None),
        "wrong-provider": token(providerId="91350100M000100Y43"),
        "wrong-entry": token(catalogId="changing"),
        "grant-unknown": token(grantId="nowhere"),
        "grant-consumer": token(grantId="theirs"),
        "grant-entry": token(grantId="elsewhere"),
        "wrong-purpose": token(purposeId="curiosity"),
        "grant-not-yet-valid": token(grantId="later"),
        "grant-expired": token(grantId="over"),
        "grant-suspended": token(grantId="paused"),
        "grant-terminated": token(grantId="ended"),
    }


CODES = [
    "token-unsigned",
    "token-signature",
    "token-expired",
    "token-not-yet-valid",
    "token-lifetime",
    "wrong-audience",
    "issuer-unknown",
    "claim-missing",
    "wrong-provider",
    "wrong-entry",
    "grant-unknown",
    "grant-consumer",
    "grant-entry",
    "wrong-purpose",
    "grant-not-yet-valid",
    "grant-expired",
    "grant-suspended",
    "grant-terminated",
]


@pytest.mark.parametrize("refusal", CODES)
@pytest.mark.parametrize(("method", "path"), DATA)
def test_negative_matrix(world: World, matrix: Any, refusal: str, method: str, path: str) -> None:
    """Each failing binding has its own code on every data path, for present and absent records alike."""
    body = {"json": {"claims": []}} if method == "POST" else {}
    response = world.request(method, path, headers=bearer(matrix[refusal]()), **body)
    assert code(response) == refusal
    assert response.status_code == (401 if refusal.startswith(("token", "wrong-aud", "issuer", "claim")) else 403)
    assert ("www-authenticate" in response.headers) == (response.status_code == 401)


def test_every_code_is_tried(matrix: Any) -> None:
    """The list of codes and the tokens that earn them are the same."""
    assert list(matrix) == CODES


def test_audience_is_told(world: World, matrix: Any) -> None:
    """The refusal names the audience that discovery publishes (REQ-SEC-05)."""
    response = world.request("GET", "/v1/catalog", headers=bearer(matrix["wrong-audience"]()))
    published = world.request("GET", "/v1/.well-known/gds-adapter").json()["audience"]
    assert published == AUDIENCE
    assert AUDIENCE in response.json()["detail"]


def test_purpose_cannot_be_set_from_outside(world: World, good: dict[str, Any]) -> None:
    """Neither header nor parameter changes the purpose of a token (REQ-SEC-09)."""
    headers = bearer(world.token(**(good | {"purposeId": "curiosity"})))
    headers["gds-purpose"] = PURPOSE
    for query in ("", f"?purpose={PURPOSE}", f"?purposeId={PURPOSE}"):
        assert code(world.request("GET", f"/v1/datasets/persons/records{query}", headers=headers)) == "wrong-purpose"


def test_methods_of_a_grant(world: World) -> None:
    """A grant for verifying opens no record; one for records opens verifying too (REQ-SEC-12, REQ-VER-08)."""
    verifying = world.grant(method=["verify"])
    assert code(verifying.records()) == "method-not-granted"
    assert code(verifying.get("/records/1")) == "method-not-granted"
    assert code(verifying.search({})) == "method-not-granted"
    assert verifying.verify({"idNumber": "1", "name": "x"}).status_code == 200
    assert world.grant().verify({"idNumber": "1", "name": "x"}).status_code == 200


@pytest.mark.parametrize("path", ["records", "records/1", "exports", "changes"])
def test_entries_that_are_not_shared(world: World, path: str) -> None:
    """An entry that is not shared has no data endpoint for anybody (REQ-CAT-05)."""
    token = world.token(grantId="g", consumerId=CONSUMER, catalogId="closed", purposeId=PURPOSE)
    assert code(world.request("GET", f"/v1/datasets/closed/{path}", headers=bearer(token))) == "not-shared"
    for posted in ("records/_search", "_verify", "exports"):
        response = world.request("POST", f"/v1/datasets/closed/{posted}", headers=bearer(token), json={})
        assert code(response) == "not-shared"


@pytest.mark.parametrize("entry", ["draft", "nowhere", "330106193101010015"])
def test_entries_that_are_not_published(world: World, entry: str) -> None:
    """What is not published does not exist for callers, and its name is not kept in the log."""
    token = world.token(grantId="g", consumerId=CONSUMER, catalogId=entry, purposeId=PURPOSE)
    response = world.request("GET", f"/v1/datasets/{entry}/records", headers=bearer(token))
    assert code(response) == "entry-unknown"
    assert code(world.request("GET", f"/v1/catalog/{entry}", headers=bearer(token))) == "entry-unknown"
    assert "330106193101010015" not in response.text


def test_one_time_tokens(world: World) -> None:
    """For an entry of level `important` a token works once (REQ-SEC-04)."""
    caller = world.grant(catalogId="important")
    assert caller.records().status_code == 200
    assert code(caller.records()) == "token-replayed"
    assert code(caller.get("/records/1")) == "token-replayed"


def test_suspension_takes_effect(world: World) -> None:
    """A suspended grant stops working within the second that it may be remembered (REQ-SEC-11)."""
    caller = world.grant(grantId="short")
    assert caller.records().status_code == 200
    world.exchange("PUT", "/v1/grants/short", json=caller.body | {"status": "suspended"})
    assert code(caller.records()) == "grant-suspended"
    world.exchange("PUT", "/v1/grants/short", json=caller.body | {"status": "active"})
    assert caller.records().status_code == 200


def test_provider_of_the_world(world: World) -> None:
    """Discovery publishes what a token must be."""
    document = world.request("GET", "/.well-known/gds-adapter").json()
    assert document["providerId"] == PROVIDER
    assert document["clockSkew"] == 60
    assert document["maxTokenLifetime"] == 600
    assert document["tokenReuse"] == {"default": "withinLifetime", "important": "once"}
    assert document["algorithms"] == ["ES256"]
