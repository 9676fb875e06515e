from __future__ import annotations

from typing import Any

import pytest
from interface_world import FAULTY, Caller, World, code, identity, person, points

ALL = [number for number in range(1, 61) if number not in FAULTY]


def ids(caller: Caller, query: str = "") -> list[int]:
    return [int(item["recordId"]) for page in caller.walk(query) for item in page["items"]]


@pytest.fixture(scope="module")
def narrow(world: World) -> Caller:
    return world.grant(scope={"items": ["personId", "sex", "name"]}, method=["serviceInterface"])


def test_only_granted_items(narrow: Caller) -> None:
    """Without `fields` the granted items come and no others (REQ-QRY-07)."""
    assert set(narrow.records("?limit=1").json()["items"][0]) == {"recordId", "personId", "sex", "name"}
    assert set(narrow.get("/records/1").json()) == {"recordId", "personId", "sex", "name"}


@pytest.mark.parametrize("query", ["fields=personId,unit", "unit=DW0001", "sort=-unit", "birthDate.lte=2000-01-01"])
def test_items_outside_the_grant(narrow: Caller, query: str) -> None:
    """An item outside the grant is refused by name for showing, filtering and sorting (REQ-QRY-06)."""
    assert code(narrow.records(f"?{query}")) == "item-not-granted"
    assert code(narrow.get("/records/1?fields=unit")) == "item-not-granted"


def test_search_outside_the_grant(narrow: Caller) -> None:
    """So in a body, with pointers to each place."""
    response = narrow.search({"filter": {"idNumber": "x", "unit": "y"}, "fields": ["region"]})
    assert code(response) == "item-not-granted"
    assert points(response) == {
        ("/filter/idNumber", "item-not-granted"),
        ("/filter/unit", "item-not-granted"),
        ("/fields", "item-not-granted"),
    }


def test_a_faulty_item_outside_the_grant_harms_nothing(narrow: Caller) -> None:
    """Whoever may not see an item cannot learn from faults of it either."""
    assert set(ids(narrow, "?limit=50")) == set(range(1, 61))


@pytest.mark.parametrize(
    ("scope", "wanted"),
    [
        ({"region": "330100"}, lambda row: row[10].startswith("3301")),
        ({"region": "330000"}, lambda row: row[10].startswith("33")),
        ({"region": "330106"}, lambda row: row[10] == "330106"),
        ({"region": "110000"}, lambda _: False),
        ({"filter": {"status": "1"}}, lambda row: row[6] == "1"),
        ({"filter": {"status": ["1", "2"]}}, lambda row: row[6] in "12"),
        ({"filter": {"birthDate.lt": "1960-01-01"}}, lambda row: row[4] < "19600101"),
        ({"filter": {"sex": "male"}, "region": "330200"}, lambda row: row[3] == "1" and row[10] == "330200"),
    ],
)
def test_rows_outside_the_grant(world: World, scope: Any, wanted: Any) -> None:
    """Only matching rows exist for the caller: in lists, counts, searches and by id (REQ-QRY-08)."""
    caller = world.grant(scope=scope)
    expected = [number for number in ALL if wanted(person(number))]
    assert ids(caller, "?limit=7") == expected
    assert [int(item["recordId"]) for item in caller.search({"limit": 50}).json()["items"]] == expected
    for number in (1, 2, 3, 4, 5, 6):
        response = caller.get(f"/records/{number}")
        assert response.status_code == (200 if number in expected else 404)
        assert response.status_code == 200 or code(response) == "record-unknown"
    faulty = sum(wanted(person(number)) for number in FAULTY)
    assert caller.records("?limit=1").json()["numberMatched"] >= len(expected)
    assert caller.records("?limit=1").json()["numberMatched"] <= len(expected) + faulty + len(FAULTY)


def test_scope_on_items_not_shown(world: World) -> None:
    """A row scope may speak of items that the caller does not see."""
    caller = world.grant(scope={"items": ["personId"], "filter": {"unit": "DW0001"}})
    assert ids(caller) == [number for number in range(1, 61) if person(number)[5] == "DW0001"]


def test_present_and_absent_records_read_alike(world: World) -> None:
    """Refusals before the record are equal for one that exists and one that does not (REQ-SEC-13)."""
    caller = world.grant(claims={"purposeId": "other"})
    answers = [caller.get(f"/records/{record}") for record in ("1", "99999", "~~AA")]
    assert {code(answer) for answer in answers} == {"wrong-purpose"}
    texts = [{k: v for k, v in a.json().items() if k not in ("requestId", "instance")} for a in answers]
    assert texts[0] == texts[1] == texts[2]


@pytest.fixture(scope="module")
def masked(world: World) -> Caller:
    """Sees identity numbers masked."""
    return world.grant()


def test_masked_items_are_shown_masked(masked: Caller) -> None:
    """In lists, searches and single records."""
    shown = [
        masked.records("?limit=1").json()["items"][0]["idNumber"],
        masked.search({"limit": 1}).json()["items"][0]["idNumber"],
        masked.get("/records/1").json()["idNumber"],
    ]
    assert len(set(shown)) == 1
    assert "*" in shown[0]
    assert shown[0] != identity(1)


@pytest.mark.parametrize("filters", [{"idNumber": identity(1)}, {"idNumber.in": [identity(1)]}, {"idNumber": "x"}])
def test_masked_filter(masked: Caller, filters: Any) -> None:
    """A filter on it is refused alike for a true and a false value."""
    response = masked.search({"filter": filters})
    assert code(response) == "item-masked"
    assert identity(1) not in response.text


def test_masked_sort(world: World) -> None:
    """A sort by it would order the rows by what may not be seen."""
    caller = world.grant(purposeId="other-purpose")
    assert code(caller.records("?sort=name")) == "item-masked"
    assert code(caller.records("?name=x")) == "item-masked"
    assert code(caller.search({"sort": ["-name"]})) == "item-masked"


def test_masked_etag(world: World, masked: Caller) -> None:
    """The tag is that of what is shown: it tells nothing of the value behind the mask."""
    clear = world.grant(purposeId="identity-check")
    hidden, shown = masked.get("/records/1"), clear.get("/records/1")
    assert hidden.headers["etag"] != shown.headers["etag"]
    assert clear.get("/records/1", headers={"if-none-match": hidden.headers["etag"]}).status_code == 200


def test_masked_cursor_of_another_purpose(world: World, masked: Caller) -> None:
    """A cursor over an unmasked filter does not open under a grant that masks."""
    clear = world.grant(purposeId="identity-check")
    body = {"filter": {"idNumber.in": [identity(n) for n in range(1, 6)]}, "limit": 1}
    href = clear.search(body).json()["links"][0]["href"]
    assert clear.get(href).status_code == 200
    assert code(masked.get(href)) == "cursor-invalid"


def test_masked_narrowed_while_walking(world: World) -> None:
    """A cursor follows the grant as it is now, not as it was when the walk began."""
    caller = world.grant(grantId="shrinking")
    href = caller.records("?limit=1&sort=unit").json()["links"][1]["href"]
    world.grant(**caller.body, grantId="shrinking", scope={"items": ["personId"]})
    assert code(caller.get(href)) == "item-not-granted"


def test_unconvertible_scope_is_refused(world: World) -> None:
    """A grant whose row filter does not fit the entry's types is refused when it is pushed."""
    caller = world.grant()
    body = caller.body | {"scope": {"filter": {"birthDate.lt": "soon", "personId": "x"}}}
    response = world.exchange("PUT", "/v1/grants/bad-scope", json=body)
    assert code(response) == "body-invalid"
    assert {pointer for pointer, _ in points(response)} == {"/scope/filter/birthDate.lt", "/scope/filter/personId"}
