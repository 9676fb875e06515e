from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from interface_world import FAULTY, Caller, World, code, identity, person, points

ALL = 60
GOOD = [number for number in range(1, ALL + 1) if number not in FAULTY]


@pytest.fixture(scope="module")
def caller(world: World) -> Caller:
    return world.grant()


@pytest.fixture(scope="module")
def checker(world: World) -> Caller:
    """Sees identity numbers unmasked."""
    return world.grant(purposeId="identity-check")


def ids(pages: Any) -> list[int]:
    return [item["personId"] for page in pages for item in page["items"]]


def test_one_record_as_the_database_holds_it(checker: Caller) -> None:
    """Every granted item of a row, in its wire form, and nothing else."""
    row = person(2)
    assert checker.get("/records/2").json() == {
        "recordId": "2",
        "personId": 2,
        "idNumber": row[1],
        "name": row[2],
        "sex": "male",
        "birthDate": dt.date.fromisoformat(row[4]).isoformat(),
        "unit": "DW0002",
        "status": row[6],
        "amount": row[7],
        "updatedAt": "2026-03-15T08:30:00+08:00",
        "region": row[10],
    }


@pytest.mark.parametrize("limit", [1, 7, 50])
@pytest.mark.parametrize("sort", ["", "unit", "-unit", "status,-birthDate", "-sex", "-updatedAt,name", "-personId"])
def test_paging_is_complete(caller: Caller, limit: int, sort: str) -> None:
    """Whatever the size and order, each row comes exactly once: as an item or as faulty."""
    query = f"?limit={limit}" + (f"&sort={sort}" if sort else "")
    pages = list(caller.walk(query))
    found = ids(pages)
    faulty = [report["recordId"] for page in pages for report in page.get("faulty", [])]
    assert sorted(found) == GOOD
    assert sorted(faulty) == sorted(map(str, FAULTY))
    assert all(len(page["items"]) + len(page.get("faulty", [])) == limit for page in pages[:-1])
    assert all(page["numberReturned"] == len(page["items"]) for page in pages)
    assert {page["numberMatched"] for page in pages} == {ALL}


@pytest.mark.parametrize(
    ("sort", "key", "backwards"),
    [
        ("unit", lambda item: (item["unit"] is not None, item["unit"] or "", item["personId"]), False),
        ("-amountless", None, False),
        ("birthDate", lambda item: (item["birthDate"], item["personId"]), False),
        ("-personId", lambda item: item["personId"], True),
        ("sex", lambda item: (item["sex"], item["personId"]), False),
    ],
)
def test_order(caller: Caller, sort: str, key: Callable[[Any], Any] | None, backwards: bool) -> None:  # noqa: FBT001
    """Pages follow the sort asked for: null first, strings by code point, ties by key."""
    if key is None:
        assert code(caller.records(f"?sort={sort}")) == "parameter-invalid"
        return
    items = [item for page in caller.walk(f"?limit=7&sort={sort}") for item in page["items"]]
    assert items == sorted(items, key=key, reverse=backwards)


def test_first_page_by_default(caller: Caller) -> None:
    """Without parameters a page has the declared size, and its links are addresses of this adapter."""
    page = caller.records().json()
    assert page["numberReturned"] == 10
    assert [link["rel"] for link in page["links"]] == ["self", "next"]
    assert all(link["href"].startswith("/v1/datasets/persons/records") for link in page["links"])


@pytest.mark.parametrize("limit", [51, 10**9])
def test_limit_is_reduced(caller: Caller, limit: int) -> None:
    """More than the maximum gives the maximum (REQ-QRY-03)."""
    page = caller.records(f"?limit={limit}").json()
    assert page["numberReturned"] + len(page.get("faulty", [])) == 50


@pytest.mark.parametrize("limit", ["0", "-1", "abc", "", "1.5", "1e3", " 7", "٣", "9" * 60])
def test_bad_limits(caller: Caller, limit: str) -> None:
    """A limit that is no positive integer is named as invalid."""
    assert points(caller.get("/records", params={"limit": limit})) == {("limit", "parameter-invalid")}


def test_all_points_together(caller: Caller) -> None:
    """Everything wrong with a query is told at once, by the name of the parameter."""
    response = caller.records("?zz=1&limit=abc&birthDate=x&amount=1&status.gt=&fields=,&sort=nope&unit=1&unit=2")
    assert response.status_code == 400
    assert code(response) == "parameter-invalid"
    assert points(response) == {
        ("zz", "parameter-unknown"),
        ("limit", "parameter-invalid"),
        ("birthDate", "parameter-invalid"),
        ("amount", "not-filterable"),
        ("fields", "parameter-invalid"),
        ("sort", "parameter-invalid"),
        ("unit", "parameter-duplicated"),
    }


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("status=1", lambda row: row[6] == "1"),
        ("status=1&region=330106", lambda row: row[6] == "1" and row[10] == "330106"),
        ("sex=female", lambda row: row[3] == "2"),
        ("personId=5", lambda row: row[0] == 5),
        ("personId.gte=10&personId.lt=20", lambda row: 10 <= row[0] < 20),
        ("birthDate.lte=1950-01-01", lambda row: row[4] <= "19500101"),
        ("birthDate=1931-02-02", lambda row: row[4] == "19310202"),
        ("updatedAt.gt=2026-05-15T08:30:00%2B08:00", lambda row: row[8] > "2026-05-15 08:30:00"),
        ("updatedAt=2026-05-15T00:30:00Z", lambda row: row[8] == "2026-05-15 08:30:00"),
        ("name=%E9%92%B1%E6%B5%8B%E8%AF%951", lambda row: row[2] == "钱测试1"),
        ("unit=dw0001", lambda _: False),
        ("unit=DW000", lambda _: False),
        ("unit=", lambda _: False),
        ("status.gt=1", lambda row: row[6] > "1"),
        ("name=%27%20OR%201%3D1--", lambda _: False),
    ],
)
def test_filters_are_exact(caller: Caller, query: str, wanted: Callable[[Any], bool]) -> None:
    """A filter gives exactly the rows that meet it, with no prefix, folding or injection (REQ-QRY-04, 05)."""
    pages = list(caller.walk(f"?{query}&limit=50"))
    expected = [number for number in GOOD if wanted(person(number))]
    assert ids(pages) == expected


def test_fields(caller: Caller) -> None:
    """`fields` gives just these items, in the entry's order; recordId only where it is named."""
    assert caller.records("?fields=unit,personId&limit=1").json()["items"] == [{"personId": 1, "unit": "DW0001"}]
    assert caller.get("/records/1?fields=recordId,sex").json() == {"recordId": "1", "sex": "female"}


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("fields=nope", "parameter-invalid"),
        ("fields=personId,personId", "parameter-invalid"),
        ("fields=", "parameter-invalid"),
        ("fields=note", "item-not-granted"),
        ("note=x", "item-not-granted"),
        ("sort=note", "item-not-granted"),
        ("sort=amount", "not-sortable"),
        ("sort=personId,-personId", "parameter-invalid"),
        ("name.gt=x", "not-rangeable"),
        ("personId.in=1,2", "parameter-unknown"),
        ("personId=1.5", "parameter-invalid"),
        ("personId=%FF", "parameter-invalid"),
        ("name=%00", "parameter-invalid"),
        ("idNumber=330106193101010015", "sensitive-in-uri"),
        ("idNumber.gte=1", "sensitive-in-uri"),
        ("idNumber=1&note=1&limit=x", "sensitive-in-uri"),
        ("cursor=", "cursor-invalid"),
        ("cursor=abc", "cursor-invalid"),
        ("cursor=%E4%B8%AD", "cursor-invalid"),
    ],
)
def test_refused_queries(caller: Caller, query: str, refusal: str) -> None:
    """Each kind of wrong query has its own code, and its values are not repeated."""
    response = caller.records(f"?{query}")
    assert code(response) == refusal
    assert "330106193101010015" not in response.text


def test_search(checker: Caller) -> None:
    """Sensitive values travel in a body, and never come back in an address (REQ-QRY-09)."""
    response = checker.search({"filter": {"idNumber": identity(4)}, "fields": ["personId", "idNumber"]})
    assert response.json()["items"] == [{"personId": 4, "idNumber": identity(4)}]
    listed = checker.search(
        {"filter": {"idNumber.in": [identity(n) for n in (4, 5, 6)]}, "limit": 2, "sort": ["-personId"]}
    )
    href = next(link["href"] for link in listed.json()["links"] if link["rel"] == "next")
    assert identity(4) not in href
    assert ids(checker.walk(first=listed)) == [6, 5, 4]
    assert ids([checker.search({"cursor": href.partition("cursor=")[2]}).json()]) == [4]


@pytest.mark.parametrize(
    ("body", "pointer", "refusal"),
    [
        ([], "", "body-invalid"),
        ({"where": {}}, "/where", "parameter-unknown"),
        ({"filter": []}, "/filter", "value-invalid"),
        ({"filter": {"zz": 1}}, "/filter/zz", "parameter-unknown"),
        ({"filter": {"personId": "x"}}, "/filter/personId", "value-invalid"),
        ({"filter": {"personId": {"gt": 1}}}, "/filter/personId", "value-invalid"),
        ({"filter": {"status": ["1"]}}, "/filter/status", "value-invalid"),
        ({"filter": {"status.in": "1"}}, "/filter/status.in", "value-invalid"),
        ({"filter": {"cql2-json": {}}}, "/filter/cql2-json", "parameter-unknown"),
        ({"limit": "5"}, "/limit", "value-invalid"),
        ({"limit": True}, "/limit", "value-invalid"),
        ({"fields": "personId"}, "/fields", "value-invalid"),
        ({"fields": []}, "/fields", "value-invalid"),
        ({"sort": [1]}, "/sort", "value-invalid"),
        ({"cursor": 5}, "/cursor", "value-invalid"),
    ],
)
def test_refused_searches(caller: Caller, body: Any, pointer: str, refusal: str) -> None:
    """A wrong body is refused with a pointer to each wrong place."""
    response = caller.search(body)
    assert response.status_code == 400
    assert points(response) == {(pointer, refusal)}


def test_cursor_holds_the_query(caller: Caller) -> None:
    """With a cursor the rest of the query may be repeated but not changed; the size may."""
    first = caller.records("?status=1&sort=-personId&limit=3").json()
    href = next(link["href"] for link in first["links"] if link["rel"] == "next")
    same = caller.get(f"{href}&status=1&sort=-personId").json()
    assert ids([same]) == ids([caller.get(href).json()])
    assert caller.get(f"{href}&limit=5").json()["numberReturned"] == 5
    for change in ("status=2", "sort=personId", "fields=personId", "region=330106"):
        assert code(caller.get(f"{href}&{change}")) == "cursor-mismatch"


def test_cursor_is_nobody_elses(world: World, caller: Caller) -> None:
    """A cursor works for its entry, grant and consumer alone, and not after any change of a character."""
    first = caller.records("?limit=3").json()
    href = next(link["href"] for link in first["links"] if link["rel"] == "next")
    others = [
        world.grant(),
        world.grant(consumerId="91350100M000100Y43"),
        world.grant(catalogId="changing"),
    ]
    for other in others:
        moved = href.replace("/persons/", f"/{other.base.rpartition('/')[2]}/")
        assert code(other.get(moved)) == "cursor-invalid"
    text = href.partition("cursor=")[2]
    for place in range(0, len(text), 5):
        changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        assert code(caller.records(f"?cursor={changed}")) == "cursor-invalid"


def test_etag(caller: Caller) -> None:
    """A record's tag is stable, is the representation's own, and lets an unchanged one be left out."""
    first = caller.get("/records/3")
    tag = first.headers["etag"]
    assert caller.get("/records/3").headers["etag"] == tag
    assert caller.get("/records/3?fields=sex").headers["etag"] != tag
    for given in (tag, f'"x", {tag}', f"W/{tag}", "*"):
        unchanged = caller.get("/records/3", headers={"if-none-match": given})
        assert (unchanged.status_code, unchanged.content, unchanged.headers["etag"]) == (304, b"", tag)
    assert caller.get("/records/3", headers={"if-none-match": '"x"'}).status_code == 200


@pytest.mark.parametrize(
    "record_id", ["99999", "0", "x", "~", "~~AAAA", "1~2", "-", "%E4%B8%AD", "1%20", "01", "a" * 3000]
)
def test_unknown_records(caller: Caller, record_id: str) -> None:
    """An id that nobody has is not found, whatever its form."""
    assert code(caller.get(f"/records/{record_id}")) == "record-unknown"


def test_parameters_of_one_record(caller: Caller) -> None:
    """One record takes `fields` and nothing else."""
    assert points(caller.get("/records/1?status=1&limit=5&sort=name")) == {
        ("status", "parameter-unknown"),
        ("limit", "parameter-unknown"),
        ("sort", "parameter-unknown"),
    }


def test_faulty_rows_are_reported(caller: Caller) -> None:
    """A row that cannot be converted is named with its field and code, without a value."""
    page = caller.records("?personId.gte=13&personId.lte=13").json()
    assert page["items"] == []
    assert page["faulty"] == [{"recordId": "13", "rowRef": "13", "field": "birthDate", "code": "date-invalid"}]
    response = caller.get("/records/13")
    assert (response.status_code, code(response), response.json()["origin"]) == (502, "record-faulty", "source")
    assert caller.get("/records/13?fields=sex").json() == {"sex": "female"}


def test_quality_of_the_entry(world: World) -> None:
    """The entry publishes how many of the rows seen were faulty (REQ-FID-05)."""
    caller = world.grant(catalogId="changing")
    assert caller.get("/v1/catalog/changing").json()["quality"]["faultyRows"] is None
    list(caller.walk("?limit=100"))
    list(caller.walk("?limit=100"))
    quality = caller.get("/v1/catalog/changing").json()["quality"]
    assert quality["faultyRows"] == len(FAULTY)
    assert Decimal(str(quality["completeness"])) == round(1 - Decimal(len(FAULTY)) / ALL, 6)


def test_planned_changes_are_announced(world: World) -> None:
    """An entry with a change notice says so in headers of its data and its catalog entry (REQ-OPS-04)."""
    caller = world.grant(catalogId="changing")
    for response in (caller.records(), caller.get("/records/1"), caller.get("/v1/catalog/changing")):
        assert response.headers["deprecation"] == "@1772294400"
        assert response.headers["sunset"] == "Sun, 28 Feb 2027 16:00:00 GMT"


def test_rate_limit(make_world: Callable[..., World]) -> None:
    """A grant's quota is told in headers and enforced with Retry-After (REQ-OPS-03)."""
    caller = make_world(rate=3).grant()
    assert caller.records().headers["ratelimit"] == '"grant";r=2;t=60'
    assert caller.records().headers["ratelimit-policy"] == '"grant";q=3;w=60'
    caller.records()
    refused = caller.records()
    assert code(refused) == "rate-limited"
    assert 0 < int(refused.headers["retry-after"]) <= 60
