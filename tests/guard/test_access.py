from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from callers import adapter_document, grant_body, signer

from datong.guard import Access, Guard, Principal
from datong.guard._grant import region_prefix
from datong.model import Adapter, Problem

GOOD = signer("ES256")


def caller(guard: Guard, **claims: Any) -> Principal:
    return guard.authenticate(f"Bearer {GOOD.token(**claims)}")


def grant(guard: Guard, grant_id: str = "grant-1", **changes: Any) -> None:
    exchange = caller(guard, role="exchange")
    guard.put_grant(exchange, grant_id, grant_body(**changes))


def refusal(guard: Guard, entry: str = "insured", method: Any = "serviceInterface", **claims: Any) -> Problem:
    with pytest.raises(Problem) as caught:
        guard.access(caller(guard, **claims), entry, method)
    return caught.value


def allowed(guard: Guard, entry: str = "insured", method: Any = "serviceInterface", **claims: Any) -> Access:
    return guard.access(caller(guard, **claims), entry, method)


def test_allowed(guard: Guard) -> None:
    """A call that everything agrees on sees the shared items, in the entry's order, personal ones masked."""
    grant(guard)
    access = allowed(guard)
    assert access.fields == ("idNumber", "name", "status", "birthDate", "region")
    assert access.masked == {"idNumber"}
    assert (access.scope, access.once, access.grant.grant_id) == ((), False, "grant-1")


REFUSALS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("wrong-provider", {}, {"providerId": "91350100M000100Y44"}),
    ("wrong-entry", {}, {"catalogId": "offices"}),
    ("wrong-entry", {}, {"catalogId": "Insured"}),
    ("grant-unknown", {}, {"grantId": "grant-2"}),
    ("grant-unknown", {}, {"grantId": "GRANT-1"}),
    ("grant-consumer", {}, {"consumerId": "consumer-2"}),
    ("grant-entry", {"catalogId": "offices"}, {}),
    ("wrong-purpose", {}, {"purposeId": "other"}),
    ("wrong-purpose", {}, {"purposeId": "pension-check "}),
    ("grant-suspended", {"status": "suspended"}, {}),
    ("grant-terminated", {"status": "terminated"}, {}),
    ("grant-expired", {"status": "expired"}, {}),
    ("grant-expired", {"validUntil": "2021-01-01T00:00:00Z"}, {}),
    ("grant-not-yet-valid", {"validFrom": "2098-01-01T00:00:00Z"}, {}),
    ("method-not-granted", {"method": ["verify"]}, {}),
    ("role-required", {}, {"role": "provider"}),
    ("role-required", {}, {"role": "exchange"}),
]


@pytest.mark.parametrize(("code", "changes", "claims"), REFUSALS)
def test_refused(guard: Guard, code: str, changes: dict[str, Any], claims: dict[str, Any]) -> None:
    """Each thing that does not agree has a code of its own (REQ-SEC-06 to 13)."""
    grant(guard, **changes)
    assert refusal(guard, **claims).code == code


def test_order(guard: Guard) -> None:
    """With several things wrong the first of a fixed order is told, the grant's own state last."""
    grant(guard, status="suspended")
    wrong = {"providerId": "x", "catalogId": "offices", "consumerId": "c", "purposeId": "p"}
    told = []
    for name in wrong:
        told.append(refusal(guard, **wrong).code)
        wrong = wrong | {name: caller(guard).claims[name]}
    told.append(refusal(guard, **wrong).code)
    assert told == ["wrong-provider", "wrong-entry", "grant-consumer", "wrong-purpose", "grant-suspended"]


@pytest.mark.parametrize("entry", ["nowhere", "draft", "Insured", ""])
def test_entry_unknown(guard: Guard, entry: str) -> None:
    """An entry that is not published reads like one that does not exist (REQ-CAT-14)."""
    grant(guard)
    assert refusal(guard, entry, catalogId=entry or "x").code == "entry-unknown"


@pytest.mark.parametrize("method", ["serviceInterface", "batchExchange", "fileDownload", "verify"])
def test_not_shared(make_guard: Callable[..., Guard], method: str) -> None:
    """A not-shared entry refuses every method, even to a grant made when it was still shared (REQ-CAT-05)."""
    document = adapter_document()
    document["datasets"]["accused"]["catalog"] |= {"sharingType": "unconditional", "notShared": None}
    before = make_guard(adapter=Adapter.model_validate(document))
    grant(before, catalogId="accused")
    assert allowed(before, "accused", catalogId="accused").fields == ("code",)
    after = make_guard()
    assert refusal(after, "accused", method, catalogId="accused").code == "not-shared"
    assert refusal(after, "accused", method).code == "not-shared"


def test_methods(guard: Guard) -> None:
    """Records include verifying; verifying alone opens no records; what the entry lacks stays shut."""
    grant(guard)
    assert allowed(guard, method="verify").method == "verify"
    assert refusal(guard, method="batchExchange").params == {"method": "batchExchange"}
    grant(guard, "grant-2", method=["verify"])
    assert allowed(guard, method="verify", grantId="grant-2").fields
    assert refusal(guard, grantId="grant-2").code == "method-not-granted"
    grant(guard, "grant-3", catalogId="offices")
    offices = {"catalogId": "offices", "grantId": "grant-3"}
    assert refusal(guard, "offices", "verify", **offices).code == "method-not-granted"


def test_method_withdrawn(make_guard: Callable[..., Guard]) -> None:
    """A method that the entry no longer offers is closed to grants that still name it."""
    document = adapter_document()
    document["datasets"]["insured"]["catalog"]["sharingMethods"] = ["fileDownload"]
    grant(make_guard())
    assert refusal(make_guard(adapter=Adapter.model_validate(document))).code == "method-not-granted"


def test_items(guard: Guard) -> None:
    """Granted items come in the order of the entry, not of the grant."""
    grant(guard, scope={"items": ["region", "name"]})
    access = allowed(guard)
    assert (access.fields, access.masked) == (("name", "region"), frozenset())


def test_withdrawn_item(make_guard: Callable[..., Guard]) -> None:
    """An item that is no longer shared is not visible to a grant that names it."""
    grant(make_guard(), scope={"items": ["name", "status"]})
    document = adapter_document()
    document["datasets"]["insured"]["fields"]["status"]["sharingType"] = "notShared"
    assert allowed(make_guard(adapter=Adapter.model_validate(document))).fields == ("name",)


def test_unmasked(guard: Guard) -> None:
    """An item is clear to the purposes it is declared clear for, as the grant states them."""
    grant(guard, purposeId="audit")
    assert allowed(guard, purposeId="audit").masked == frozenset()
    assert refusal(guard).code == "wrong-purpose"


def test_scope(guard: Guard) -> None:
    """Region and filter become conditions that every row must meet."""
    condition = {"status": ["1", "2"], "name": "王", "birthDate.lte": "1966-01-01", "region.in": ["350100"]}
    grant(guard, scope={"region": "350000", "filter": condition})
    assert allowed(guard).scope == (
        ("status", "in", ("1", "2")),
        ("name", "eq", "王"),
        ("birthDate", "lte", "1966-01-01"),
        ("region", "in", ("350100",)),
        ("region", "prefix", "35"),
    )


@pytest.mark.parametrize("part", ["region", "filter"])
def test_scope_that_cannot_be_applied(make_guard: Callable[..., Guard], part: str) -> None:
    """A grant whose rows can no longer be told is refused, never served in full."""
    scope = {"region": "3501"} if part == "region" else {"filter": {"status": "1"}}
    grant(make_guard(), scope=scope)
    document = adapter_document()
    insured = document["datasets"]["insured"]
    if part == "region":
        insured["region"] = None
    else:
        del insured["fields"]["status"]
    assert refusal(make_guard(adapter=Adapter.model_validate(document))).code == "grant-scope"


@pytest.mark.parametrize(
    ("code", "prefix"),
    [
        ("350000", "35"),
        ("350100", "3501"),
        ("350102", "350102"),
        ("35", "35"),
        ("3501", "3501"),
        ("100000", "10"),
        ("350102001000", "350102001"),
        ("350102000000", "350102"),
        ("350100000000", "3501"),
        ("350000000000", "35"),
        ("350102001002", "350102001002"),
    ],
)
def test_region_prefix(code: str, prefix: str) -> None:
    """A region code stands for itself and every region below it (GB/T 2260)."""
    assert region_prefix(code) == prefix


def test_once(make_guard: Callable[..., Guard]) -> None:
    """A token for an entry above general level serves one call, whichever worker gets the second."""
    first, second = make_guard(), make_guard()
    grant(first, catalogId="secret")
    token = f"Bearer {GOOD.token(catalogId='secret')}"
    assert first.access(first.authenticate(token), "secret", "serviceInterface").once
    for guard in (first, second):
        with pytest.raises(Problem, match="token-replayed"):
            guard.access(guard.authenticate(token), "secret", "serviceInterface")
    assert first.access(caller(first, catalogId="secret"), "secret", "serviceInterface").once


def test_once_is_not_used_up_by_a_refusal(guard: Guard) -> None:
    """A refused call tells its own reason each time, and leaves the token unused."""
    grant(guard, catalogId="secret", status="suspended")
    token = f"Bearer {GOOD.token(catalogId='secret')}"
    for _ in range(2):
        with pytest.raises(Problem, match="grant-suspended"):
            guard.access(guard.authenticate(token), "secret", "serviceInterface")
    grant(guard, catalogId="secret")
    assert guard.access(guard.authenticate(token), "secret", "serviceInterface").once


def test_same_jti_from_another_issuer(make_guard: Callable[..., Guard]) -> None:
    """Token ids are one issuer's own: another issuer may use the same."""
    other = signer("ES256", issuer="https://other.example.gov.cn")
    guard = make_guard(issuers=[GOOD.trusted(), other.trusted()])
    grant(guard, catalogId="secret")
    for issuer in (GOOD, other):
        principal = guard.authenticate(f"Bearer {issuer.token(catalogId='secret', jti='same')}")
        assert guard.access(principal, "secret", "serviceInterface").once


def test_reuse_on_general_entries(guard: Guard) -> None:
    """A token for a general entry serves any number of calls within its life."""
    grant(guard)
    principal = caller(guard)
    assert guard.access(principal, "insured", "serviceInterface") is guard.access(
        principal, "insured", "serviceInterface"
    )


def test_peek(guard: Guard) -> None:
    """`peek` knows the last decision for a second, and none before it was made."""
    grant(guard)
    principal = caller(guard)
    assert guard.peek(principal, "insured", "serviceInterface") is None
    access = guard.access(principal, "insured", "serviceInterface")
    assert guard.peek(principal, "insured", "serviceInterface") is access
    assert guard.peek(principal, "insured", "verify") is None


def test_suspension_here(guard: Guard) -> None:
    """A suspension holds from the next call on in the process that received it."""
    grant(guard)
    principal = caller(guard)
    guard.access(principal, "insured", "serviceInterface")
    grant(guard, status="suspended")
    assert guard.peek(principal, "insured", "serviceInterface") is None
    with pytest.raises(Problem, match="grant-suspended"):
        guard.access(principal, "insured", "serviceInterface")


def test_suspension_elsewhere(make_guard: Callable[..., Guard]) -> None:
    """A suspension reaches every other process within a second or so (REQ-SEC-11 allows 60)."""
    here, there = make_guard(), make_guard()
    grant(here)
    principal = caller(there)
    there.access(principal, "insured", "serviceInterface")
    grant(here, status="suspended")
    started = time.monotonic()
    while there.peek(principal, "insured", "serviceInterface") is not None:
        assert time.monotonic() - started < 1.5
        time.sleep(0.02)
    with pytest.raises(Problem, match="grant-suspended"):
        there.access(principal, "insured", "serviceInterface")


def test_end_of_validity(guard: Guard) -> None:
    """A remembered decision does not outlive the grant by even a moment."""
    ends = datetime.fromtimestamp(time.time() + 0.3, UTC)
    grant(guard, validUntil=ends.isoformat(timespec="milliseconds"))
    principal = caller(guard)
    guard.access(principal, "insured", "serviceInterface")
    time.sleep(0.31)
    assert guard.peek(principal, "insured", "serviceInterface") is None
    with pytest.raises(Problem, match="grant-expired"):
        guard.access(principal, "insured", "serviceInterface")


def test_same_decision_for_the_same_grant(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking at an unchanged grant again gives the decision made before, a changed one a new decision."""
    monkeypatch.setattr("datong.guard._guard.FRESH", 0.0)
    grant(guard)
    principal = caller(guard)
    first = guard.access(principal, "insured", "serviceInterface")
    assert guard.access(principal, "insured", "serviceInterface") is first
    grant(guard, scope={"items": ["name"]})
    assert guard.access(principal, "insured", "serviceInterface").fields == ("name",)


def test_quota(make_guard: Callable[..., Guard]) -> None:
    """All tokens of one grant draw on one quota, other grants on their own."""
    document = adapter_document() | {"limits": {"rate": {"requests": 2, "per": 60}}}
    guard = make_guard(adapter=Adapter.model_validate(document))
    grant(guard)
    grant(guard, "grant-2")
    for _ in range(2):
        allowed(guard).quota.take()
    with pytest.raises(Problem, match="rate-limited"):
        allowed(guard).quota.take()
    assert allowed(guard, grantId="grant-2").quota.take() == '"grant";r=1;t=60'
