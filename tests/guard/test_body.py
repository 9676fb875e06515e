from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from callers import adapter_document, grant_body, signer
from hypothesis import given
from hypothesis import strategies as st

from datong.guard import Grant, Guard, Principal
from datong.guard._body import grant_from_body
from datong.model import Adapter, Problem
from datong.standard import PROBLEMS, problem_document
from datong.standard._schemas import validator

ADAPTER = Adapter.model_validate(adapter_document())


def violations(body: Any, adapter: Adapter, grant_id: str = "grant-1") -> dict[str, str]:
    with pytest.raises(Problem) as caught:
        grant_from_body(body, grant_id, adapter)
    assert caught.value.code == "body-invalid"
    return {violation.pointer: violation.code for violation in caught.value.errors}


def test_round_trip(adapter: Adapter) -> None:
    """A grant keeps everything the exchange said, and its wire form fits the published schema."""
    scope = {"items": ["name", "status"], "region": "350100", "filter": {"status": ["1"], "birthDate.lt": "1966-01-01"}}
    body = grant_body(scope=scope, method=["serviceInterface", "verify"], externalIds={"upApplyId": "N-7"})
    grant = grant_from_body(body, "grant-1", adapter)
    assert grant.to_wire() == body | {"grantId": "grant-1"}
    assert Grant.from_wire(grant.to_wire()).same_as(grant)
    validator("grant").validate(grant.to_wire())


def test_defaults(adapter: Adapter) -> None:
    """Without scope every shared item is granted, and without status the grant is active."""
    grant = grant_from_body(grant_body(scope=None, status=None), "grant-1", adapter)
    assert (grant.scope.items, grant.scope.region, dict(grant.scope.filter), grant.status) == (None, None, {}, "active")


def test_all_at_once(adapter: Adapter) -> None:
    """Everything wrong with the shape is told in one answer, by pointer (Art. 21(2) by analogy)."""
    body = {
        "method": ["fax"],
        "validFrom": "2020-01-01",
        "status": "on",
        "zz": 1,
        "scope": {"items": [], "region": "A"},
    }
    found = violations(body, adapter)
    assert set(found) == {
        *("/consumerId", "/providerId", "/catalogId", "/purposeId", "/basis", "/scenario", "/validUntil"),
        *("/method/0", "/validFrom", "/status", "/zz", "/scope/items", "/scope/region"),
    }
    assert set(found.values()) == {"body-invalid"}


def test_all_meanings_at_once(adapter: Adapter) -> None:
    """Everything that does not fit this adapter is told in one answer too."""
    scope = {
        "items": ["name", "photo", "zz"],
        "filter": {"zz": 1, "name.like": "x", "status.in": "1", "name.gt": ["1"]},
    }
    body = grant_body(grantId="other", providerId="x", method=["fileDownload"], scope=scope) | {
        "validUntil": "2019-01-01T00:00:00Z"
    }
    assert violations(body, adapter) == {
        "/grantId": "body-invalid",
        "/providerId": "wrong-provider",
        "/method/0": "body-invalid",
        "/validUntil": "body-invalid",
        "/scope/items/1": "body-invalid",
        "/scope/items/2": "body-invalid",
        "/scope/filter/zz": "body-invalid",
        "/scope/filter/name.like": "body-invalid",
        "/scope/filter/status.in": "body-invalid",
        "/scope/filter/name.gt": "body-invalid",
    }


@pytest.mark.parametrize(("entry", "code"), [("nowhere", "entry-unknown"), ("accused", "not-shared")])
def test_entry(adapter: Adapter, entry: str, code: str) -> None:
    """A grant is for an entry that exists and is shared."""
    assert violations(grant_body(catalogId=entry), adapter) == {"/catalogId": code}


def test_region_needs_a_region_item(adapter: Adapter) -> None:
    """A region cannot be granted of an entry whose rows have none."""
    body = grant_body(catalogId="offices", scope={"region": "35"})
    assert violations(body, adapter) == {"/scope/region": "body-invalid"}


@pytest.mark.parametrize("body", [None, [], "x", 7, True])
def test_no_object(adapter: Adapter, body: object) -> None:
    """A body that is no object has one violation, of the whole document."""
    assert violations(body, adapter) == {"": "body-invalid"}


@pytest.mark.parametrize(
    "instant",
    [
        "2020-01-01",
        "2020-01-01T00:00:00",
        "2020-13-01T00:00:00Z",
        "20200101T000000Z",
        "2020-01-01 00:00:00Z",
        "2020-01-01T00:00:00+25:00",
        "2020-01-01T00:00Z",
        "",
        1577836800,
        None,
    ],
)
def test_instants(adapter: Adapter, instant: object) -> None:
    """An instant is RFC 3339 with an offset; nothing is guessed."""
    assert violations(grant_body() | {"validFrom": instant}, adapter) == {"/validFrom": "body-invalid"}


@pytest.mark.parametrize("value", ["", "x" * 201, "a\nb", "\x00", 7, None, ["a"]])
@pytest.mark.parametrize("name", ["consumerId", "purposeId", "catalogId"])
def test_names(adapter: Adapter, name: str, value: object) -> None:
    """Ids are short printable texts, since they are compared with claims and written to the log."""
    assert f"/{name}" in violations(grant_body() | {name: value}, adapter)


def test_id_of_the_path(adapter: Adapter) -> None:
    """The id in the path obeys the rule for ids too."""
    assert violations(grant_body(), adapter, "x" * 201) == {"/grantId": "body-invalid"}


@pytest.mark.parametrize("value", [None, {"a": 1}, [], [None], [[1]], float("nan"), "x" * 257])
def test_filter_values(adapter: Adapter, value: object) -> None:
    """A filter compares with texts, numbers and booleans, or lists of them."""
    assert violations(grant_body(scope={"filter": {"name": value}}), adapter)


def test_violations_read_well(adapter: Adapter) -> None:
    """Each violation becomes a point of `errors[]` with a sentence in the caller's language."""
    with pytest.raises(Problem) as caught:
        grant_from_body(grant_body(validFrom="x", consumerId=None), "grant-1", adapter)
    document = problem_document(caught.value, language="zh", request_id="r", instance="/v1/grants/grant-1")
    assert [point["pointer"] for point in document["errors"]] == ["/consumerId", "/validFrom"]
    assert "时区偏移" in document["errors"][1]["detail"]
    assert "…" not in str(document["errors"])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(name=st.sampled_from([*grant_body(), "externalIds", "zz"]), value=JSON)
def test_any_json(name: str, value: object) -> None:
    """Whatever stands in a member, the answer is a grant or a list of violations."""
    found: Any = None
    try:
        found = grant_from_body(grant_body() | {name: value}, "grant-1", ADAPTER)
    except Problem as problem:
        found = problem.code, {violation.code for violation in problem.errors} - set(PROBLEMS), bool(problem.errors)
    assert isinstance(found, Grant) or found == ("body-invalid", set(), True)


def test_roles(guard: Guard, exchange: Principal) -> None:
    """Only the exchange may push a grant."""
    consumer = guard.authenticate(f"Bearer {signer('ES256').token()}")
    with pytest.raises(Problem, match="role-required"):
        guard.put_grant(consumer, "grant-1", grant_body())
    stored, new = guard.put_grant(exchange, "grant-1", grant_body())
    assert (new, stored.version) == (True, 1)


def test_status_at() -> None:
    """An active grant past its end reads as expired; other statuses stay."""
    body = grant_body(validUntil="2021-01-01T00:00:00+08:00") | {"grantId": "g"}
    late = datetime(2020, 12, 31, 16, 0, 1, tzinfo=UTC)
    assert Grant.from_wire(body).to_wire(late)["status"] == "expired"
    assert Grant.from_wire(body | {"status": "suspended"}).to_wire(late)["status"] == "suspended"
    assert Grant.from_wire(body).to_wire(late.replace(second=0))["status"] == "active"
