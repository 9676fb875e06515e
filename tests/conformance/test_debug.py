from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from callers import AUDIENCE, ISSUER, PROVIDER, adapter_document, grant_body, signer, without_none
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datong.conformance import Diagnosis, debug_token
from datong.guard import AuditLog, Grant, Guard
from datong.model import Adapter, Problem, UsageError

NOW = 1_780_000_000
ISSUED = NOW - 10
SIGNER, STRANGER = signer("ES256"), signer("ES256", "k2")
DISCOVERY = {
    "providerId": PROVIDER,
    "audience": AUDIENCE,
    "algorithms": ["ES256", "ES384", "EdDSA", "RS256", "PS256"],
    "issuers": [ISSUER],
    "clockSkew": 60,
    "maxTokenLifetime": 600,
    "links": [],
}
JWKS = {"keys": [SIGNER.key.as_dict(private=False)]}
CLAIMS: dict[str, list[Any]] = {
    "iss": ["urn:other", "", 7, None],
    "sub": [None, "", "x" * 201, "a\nb"],
    "aud": [None, "urn:other", [AUDIENCE], [AUDIENCE, "urn:other"], AUDIENCE[:-1], f"{AUDIENCE}/", {}, 3],
    "iat": [None, "1", True, NOW + 59, NOW + 61, NOW - 700, -1, 2.5, 2**60],
    "exp": [None, NOW - 59, NOW - 61, NOW + 590, NOW + 591, NOW + 315_360_000, ISSUED, "soon"],
    "nbf": [NOW - 5, NOW + 59, NOW + 61, "soon", True],
    "jti": [None, "", 5],
    "role": ["consumer", "provider", "exchange", "operator", "owner", 3],
    "providerId": [None, "91110000000000000X", 5],
    "consumerId": [None, "consumer-2", ["consumer-1"]],
    "catalogId": [None, "offices", ""],
    "grantId": [None, "grant-2"],
    "purposeId": [None, "statistics"],
    "operatorId": ["operator-1", "", 5],
    "caseId": ["case-1", "\u202e", "x" * 300],
}
GRANT: dict[str, list[Any]] = {
    "status": ["active", "suspended", "terminated", "expired"],
    "validFrom": ["2099-01-01T00:00:00+08:00", "2026-05-29T04:26:40+08:00"],
    "validUntil": ["2021-01-01T00:00:00+08:00", "2026-05-28T20:26:39Z", "2026-05-28T20:26:40Z"],
    "method": [["serviceInterface"], ["verify"], ["serviceInterface", "verify"]],
    "purposeId": ["statistics"],
    "consumerId": ["consumer-2"],
    "catalogId": ["offices"],
    "providerId": ["91110000000000000X"],
    "grantId": ["grant-2"],
}
HEADER: dict[str, list[Any]] = {
    "alg": ["none", "None", "HS256", "ES384", 7, None],
    "kid": [None, "k9", 7],
    "typ": ["JWT", "at+jwt", "application/jwt", "JWE", None],
    "cty": ["JWT", "json"],
    "crit": [["exp"]],
    "enc": ["A128GCM"],
}


class State:
    """A state store that holds one grant."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.grant = Grant.from_wire(body)

    def get_grant(self, grant_id: str) -> Grant | None:
        return self.grant if grant_id == self.grant.grant_id else None

    def use_once(self, *_: Any, **__: Any) -> None:
        """Nothing here is used up."""


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> AuditLog:
    return AuditLog(tmp_path_factory.mktemp("audit"))


def claims(**changes: Any) -> dict[str, Any]:
    base = {"iss": ISSUER, "sub": "client-1", "aud": AUDIENCE, "iat": ISSUED, "exp": NOW + 200, "jti": "j1"}
    base |= {"consumerId": "consumer-1", "providerId": PROVIDER, "catalogId": "insured", "grantId": "grant-1"}
    return without_none(base | {"purposeId": "pension-check"} | changes)


def grant(**changes: Any) -> dict[str, Any]:
    return {**grant_body(grantId="grant-1"), **changes}


def decided(token: str, body: dict[str, Any], audit: AuditLog, entry: str, method: Any) -> str | None:
    """The code with which the real guard refuses."""
    adapter = Adapter.model_validate(adapter_document())
    state: Any = State(body)
    issuers = [SIGNER.trusted(*DISCOVERY["algorithms"])]
    guard = Guard(adapter, folder=Path(), issuers=issuers, state=state, audit=audit, clock=lambda: NOW)
    try:
        guard.access(guard.authenticate(f"Bearer {token}" if token else None), entry, method)
    except Problem as problem:
        return problem.code
    return None


def debugged(
    token: str, body: dict[str, Any], entry: str | None = "insured", method: Any = "serviceInterface"
) -> Diagnosis:
    at = datetime.fromtimestamp(NOW, UTC)
    return debug_token(token, DISCOVERY, body, jwks=JWKS, at=at, entry=entry, method=method)


def changes(values: dict[str, list[Any]], most: int) -> st.SearchStrategy[dict[str, Any]]:
    one = st.sampled_from(sorted(values)).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(values[name])))
    return st.lists(one, max_size=most).map(dict)


def damaged(token: str, how: str) -> str:
    head, body, signature = token.split(".")
    return {
        "": token,
        "unsigned": f"{head}.{body}.",
        "two parts": f"{head}.{body}",
        "four parts": f"{token}.x",
        "cut": token[:-2],
        "no header": f".{body}.{signature}",
        "odd header": f"{head}A.{body}.{signature}",
        "no body": f"{head}..{signature}",
        "odd body": f"{head}.bm8.{signature}",
        "repeated": f"{head}.eyJhIjoxLCJhIjoyfQ.{signature}",
        "missing": "",
        "long": f"{head}.{body}.{'A' * 8192}",
        "blank": f"{head} .{body}.{signature}",
    }[how]


HOW = ["unsigned", "two parts", "four parts", "cut", "no header", "odd header", "no body", "odd body"]
HOW += ["repeated", "missing", "long", "blank"]


@given(
    header=changes(HEADER, 1),
    claimed=changes(CLAIMS, 3),
    granted=changes(GRANT, 2),
    how=st.sampled_from([*[""] * 3 * len(HOW), *HOW]),
    stranger=st.integers(0, 19).map(lambda number: number == 0),
    entry=st.sampled_from(["insured", "insured", "offices"]),
    method=st.sampled_from(["serviceInterface", "serviceInterface", "verify", "batchExchange"]),
)
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_as_the_guard_decides(
    header: dict[str, Any],
    claimed: dict[str, Any],
    granted: dict[str, Any],
    how: str,
    stranger: bool,  # noqa: FBT001 - drawn
    entry: str,
    method: str,
    audit: AuditLog,
) -> None:
    """For every token and grant the first failing check is the one for which the real guard refuses."""
    if entry == "offices" and method == "verify":
        method = "serviceInterface"  # that this entry verifies nothing stands in neither document
    token = damaged(made(header, claimed, STRANGER if stranger else SIGNER), how)
    body = grant(**granted)
    assert debugged(token, body, entry, method).code == decided(token, body, audit, entry, method)


ALONE = [
    *[(HEADER, name, value) for name, values in HEADER.items() for value in values],
    *[(CLAIMS, name, value) for name, values in CLAIMS.items() for value in values],
    *[(GRANT, name, value) for name, values in GRANT.items() for value in values],
]


@pytest.mark.parametrize("method", ["serviceInterface", "verify", "batchExchange"])
@pytest.mark.parametrize(("where", "name", "value"), ALONE, ids=[f"{name}={value!r:.30}" for _, name, value in ALONE])
def test_one_change_as_the_guard_decides(where: Any, name: str, value: Any, method: str, audit: AuditLog) -> None:
    """The same for each single change, the edges of every limit among them."""
    change = {name: value}
    token = made(change if where is HEADER else {}, change if where is CLAIMS else {}, SIGNER)
    body = grant(**(change if where is GRANT else {}))
    assert debugged(token, body, "insured", method).code == decided(token, body, audit, "insured", method)


def made(header: dict[str, Any], claimed: dict[str, Any], key: Any) -> str:
    """A token with this header and these claims; signed where a signature over such a header can be made."""
    head = {"alg": "ES256", "kid": "k1"} | header
    signable = head["alg"] == "ES256" and "crit" not in head and not isinstance(head["kid"], int)
    token: str = key.sign(json.dumps(claims(**claimed)), head if signable else {"kid": "k1"})
    return token if signable else with_header(token, head)


def with_header(token: str, head: dict[str, Any]) -> str:
    from base64 import urlsafe_b64encode  # noqa: PLC0415 - used here alone

    raw = urlsafe_b64encode(json.dumps(without_none(head)).encode()).rstrip(b"=").decode()
    return f"{raw}.{token.partition('.')[2]}"


def test_passes(audit: AuditLog) -> None:
    """A good token passes all ten checks, and the guard lets it through."""
    token = SIGNER.sign(json.dumps(claims()))
    found = debugged(token, grant())
    assert [step.status for step in found.steps] == ["passed"] * 10
    assert (found.ok, decided(token, grant(), audit, "insured", "serviceInterface")) == (True, None)


def test_every_failure_is_told() -> None:
    """Each check that fails says so, with what was expected and what was found, whatever else fails."""
    token = SIGNER.sign(json.dumps(claims(aud="urn:other", purposeId="statistics", exp=NOW - 100)))
    found = debugged(token, grant(status="suspended"), method="fileDownload")
    told = {step.requirement: step.code for step in found.steps if step.code}
    assert told == {
        "REQ-SEC-03": "token-expired",
        "REQ-SEC-05": "wrong-audience",
        "REQ-SEC-09": "wrong-purpose",
        "REQ-SEC-11": "grant-suspended",
        "REQ-SEC-12": "method-not-granted",
    }
    assert found.code == "token-expired"
    audience = next(step for step in found.steps if step.requirement == "REQ-SEC-05")
    assert (audience.expected.en, audience.found.en) == (AUDIENCE, "urn:other")  # type: ignore[union-attr]
    assert all(step.title.zh and step.title.en for step in found.steps)


def test_not_checked() -> None:
    """Without keys, entry and method, what they decide is not called passed."""
    token = STRANGER.sign(json.dumps(claims()))
    found = debug_token(token, DISCOVERY, grant(), at=datetime.fromtimestamp(NOW, UTC))
    told = {step.requirement: step.note.en for step in found.steps if step.status == "notChecked" and step.note}
    assert set(told) == {"REQ-SEC-02", "REQ-SEC-07", "REQ-SEC-12"}
    assert "--jwks" in told["REQ-SEC-02"]
    assert "serviceInterface" in told["REQ-SEC-12"]


def test_form_of_the_file() -> None:
    """The token may stand in its file as it does in a header, with blanks around it."""
    token = SIGNER.sign(json.dumps(claims()))
    for text in (token, f" {token}\n", f"Bearer {token}\n", f"bearer {token}"):
        assert debugged(text, grant()).ok


@given(st.dictionaries(st.sampled_from(sorted(CLAIMS)), st.integers(0, 2), max_size=4), st.sampled_from(HOW))
@settings(max_examples=60, deadline=None)
def test_never_shows_the_token(embedded: dict[str, int], how: str) -> None:
    """No part of the token is in what is told, not even where a claim holds it."""
    secret = SIGNER.sign(json.dumps(claims()))
    held = {name: secret.split(".")[part] for name, part in embedded.items()}
    token = damaged(SIGNER.sign(json.dumps(claims(**held))), how)
    told = repr(debugged(token, grant()))
    for part in token.split("."):
        assert len(part) <= 8 or part not in told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("discovery", {}),
        ("discovery", []),
        ("grant", {"grantId": "x"}),
        ("grant", None),
        ("grant", grant(validFrom="2026-01-01T00:00:00")),
        ("grant", grant(status="sleeping")),
        ("jwks", {"keys": [{"kty": "?"}]}),
        ("jwks", []),
        ("jwks", {"keys": 3}),
    ],
)
def test_wrong_documents(name: str, value: Any) -> None:
    """A document that is not what it should be is named."""
    given: dict[str, Any] = {"discovery": DISCOVERY, "grant": grant(), name: value}
    with pytest.raises(UsageError) as caught:
        debug_token("x", **given)
    assert f"--{name}" in caught.value.title.en
    assert f"--{name}" in caught.value.title.zh


def test_now() -> None:
    """Without an instant the clock decides."""
    now = int(time.time())
    token = SIGNER.sign(json.dumps(claims(iat=now, exp=now + 100)))
    found = debug_token(token, DISCOVERY, grant(), jwks=JWKS, entry="insured", method="verify")
    assert found.ok
    assert abs(found.at - datetime.now(UTC)) < timedelta(minutes=1)
