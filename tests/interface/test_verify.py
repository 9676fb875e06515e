from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
from interface_world import Caller, World, code, identity, person, points


@pytest.fixture
def caller(world: World) -> Caller:
    return world.grant(method=["verify"], consumerId=f"consumer-{time.monotonic_ns()}")


def claim(number: int, **more: Any) -> dict[str, Any]:
    return {"idNumber": identity(number), "name": person(number)[2], **more}


def outcomes(caller: Caller, *claims: dict[str, Any]) -> list[str]:
    response = caller.verify(*claims)
    assert response.status_code == 200, response.text
    assert set(response.json()) == {"results"}
    assert all(set(result) == {"outcome"} for result in response.json()["results"])
    return [result["outcome"] for result in response.json()["results"]]


@pytest.mark.parametrize(
    ("claims", "wanted"),
    [
        ([claim(1)], ["match"]),
        ([claim(1, status="2")], ["match"]),
        ([claim(1, status="3")], ["noMatch"]),
        ([claim(1) | {"name": "钱测试2"}], ["noMatch"]),
        ([claim(999)], ["noMatch"]),
        ([claim(1, **{"birthDate.lte": "1966-01-01"})], ["match"]),
        ([claim(1, **{"birthDate.gte": "1966-01-01"})], ["noMatch"]),
        ([claim(1, **{"status.in": ["1", "2"]})], ["match"]),
        ([claim(1, **{"status.in": ["1", "3"]})], ["noMatch"]),
        ([claim(1, sex="female")], ["match"]),
        ([claim(4), claim(999), claim(5, status="1"), claim(4)], ["match", "noMatch", "noMatch", "match"]),
        ([claim(13, **{"birthDate.lte": "1966-01-01"})], ["indeterminate"]),
        ([claim(13, status="2")], ["match"]),
    ],
)
def test_outcomes(caller: Caller, claims: list[Any], wanted: list[str]) -> None:
    """True claims match, false ones and absent subjects do not, faulty values leave it open (REQ-VER-01)."""
    assert outcomes(caller, *claims) == wanted


def test_masked_items_are_verified_by_their_stored_value(caller: Caller) -> None:
    """Verification works on what is stored, though the caller would see it masked."""
    assert outcomes(caller, claim(7)) == ["match"]


def test_declared_comparison(caller: Caller) -> None:
    """Blanks, full-width forms and case do not matter unless declared (REQ-VER-07)."""
    wide = identity(8).translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789X"})
    with_x = next(number for number in range(1, 60) if identity(number).endswith("X"))
    assert outcomes(caller, claim(8) | {"idNumber": wide}, claim(8) | {"name": f"  {person(8)[2]}　"}) == ["match"] * 2
    lower = claim(with_x) | {"idNumber": identity(with_x).lower()}
    assert outcomes(caller, lower) == ["match"]


def test_several_rows_are_ambiguous(make_world: Callable[..., World]) -> None:
    """A subject that is stored twice is neither matched nor denied."""
    world = make_world()
    with sqlite3.connect(world.folder.parent / "legacy.db") as db:
        row = list(person(2))
        row[0] = 1002
        db.execute(f"INSERT INTO CBRY VALUES ({','.join('?' * 11)})", row)
    db.close()
    assert outcomes(world.grant(), claim(2), claim(3)) == ["indeterminate", "match"]


def test_row_scope(world: World) -> None:
    """A subject outside the grant's rows is as absent."""
    caller = world.grant(scope={"region": "330106"})
    assert outcomes(caller, claim(1), claim(2)) == ["match", "noMatch"]


@pytest.mark.parametrize(
    ("body", "refusal", "wanted"),
    [
        ({"claims": [{"name": "钱测试1"}]}, "claim-too-few-keys", {("/claims/0", "claim-too-few-keys")}),
        ({"claims": [claim(1, unit="x")]}, "claim-not-declared", {("/claims/0/unit", "claim-not-declared")}),
        ({"claims": [claim(1, nope="x")]}, "claim-not-declared", {("/claims/0/nope", "claim-not-declared")}),
        (
            {"claims": [claim(1, **{"birthDate.gt": "1950-01-01"})]},
            "claim-not-declared",
            {("/claims/0/birthDate.gt", "claim-not-declared")},
        ),
        (
            {"claims": [claim(1, **{"birthDate.lte": "x"})]},
            "value-invalid",
            {("/claims/0/birthDate.lte", "value-invalid")},
        ),
        ({"claims": [claim(1, **{"status.in": "1"})]}, "value-invalid", {("/claims/0/status.in", "value-invalid")}),
        ({"claims": [claim(1) | {"name": None}]}, "value-invalid", {("/claims/0/name", "value-invalid")}),
        ({"claims": [claim(1) | {"name": {"x": 1}}]}, "value-invalid", {("/claims/0/name", "value-invalid")}),
        ({"claims": []}, "body-invalid", {("/claims", "body-invalid")}),
        ({"claims": "x"}, "body-invalid", {("/claims", "body-invalid")}),
        ([], "body-invalid", {("/claims", "body-invalid")}),
        ({"claims": [claim(1)], "more": 1}, "body-invalid", {("/more", "body-invalid")}),
        ({"claims": ["x"]}, "body-invalid", {("/claims/0", "body-invalid")}),
    ],
)
def test_refused_claims(caller: Caller, body: Any, refusal: str, wanted: set[tuple[str, str]]) -> None:
    """Each wrong claim is refused with a pointer, and no value of it comes back (REQ-VER-05)."""
    response = caller.post("/_verify", body)
    assert code(response) == refusal
    assert points(response) == wanted
    assert identity(1) not in response.text


def test_all_faults_together(caller: Caller) -> None:
    """Several wrong claims are told at once."""
    response = caller.verify({"name": "x"}, claim(1, unit="x"))
    assert code(response) == "body-invalid"
    assert points(response) == {("/claims/0", "claim-too-few-keys"), ("/claims/1/unit", "claim-not-declared")}


def test_batch_limit(caller: Caller) -> None:
    """More claims than declared are refused (REQ-VER-06)."""
    response = caller.verify(*[claim(number) for number in range(1, 7)])
    assert code(response) == "batch-too-large"


def test_probing_one_subject(world: World) -> None:
    """Asking about one subject too often is throttled, for that consumer and subject alone (REQ-VER-06)."""
    caller = world.grant(consumerId="prober")
    answers = [caller.verify(claim(20, status=str(n % 4))) for n in range(8)]
    assert [answer.status_code for answer in answers] == [200] * 6 + [429] * 2
    assert code(answers[-1]) == "probing-limited"
    assert int(answers[-1].headers["retry-after"]) > 0
    assert caller.verify(claim(21)).status_code == 200
    assert world.grant(consumerId="somebody-else").verify(claim(20)).status_code == 200
    widened = claim(20) | {"idNumber": f" {identity(20)} "}
    assert caller.verify(widened).status_code == 429


def test_items_outside_the_grant(world: World) -> None:
    """An item outside the grant cannot be claimed either."""
    caller = world.grant(scope={"items": ["idNumber", "name"]})
    assert outcomes(caller, claim(1)) == ["match"]
    assert code(caller.verify(claim(1, status="2"))) == "item-not-granted"


def test_entries_without_verification(world: World) -> None:
    """An entry that declares none has no such path."""
    caller = world.grant(catalogId="changing")
    assert caller.post("/_verify", {"claims": [claim(1)]}).status_code in (403, 404)


def test_absent_and_wrong_cannot_be_told_apart(world: World) -> None:
    """Same status, same body, same headers, and much the same time (REQ-VER-03, 04)."""
    caller = world.grant(consumerId="timer")
    times: dict[str, list[float]] = {"absent": [], "wrong": []}
    answers = {}
    for number in range(100, 160):
        for kind, asked in (("absent", claim(1000 + number)), ("wrong", claim(number - 99) | {"name": f"假{number}"})):
            begun = time.perf_counter()
            answers[kind] = caller.verify(asked)
            times[kind].append(time.perf_counter() - begun)
    assert answers["absent"].content == answers["wrong"].content
    fixed = {"gds-request-id", "ratelimit"}
    heads = [{k: v for k, v in answer.headers.items() if k not in fixed} for answer in answers.values()]
    assert heads[0] == heads[1]
    # The quickest fifth: what a busy machine adds to the rest says nothing of the two ways.
    absent, wrong = (statistics.quantiles(times[kind], n=5)[0] for kind in ("absent", "wrong"))
    assert abs(absent - wrong) < 0.002
