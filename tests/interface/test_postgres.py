from __future__ import annotations

import re
from collections.abc import Iterator

import databases
import pytest
from interface_sources import COLUMNS
from interface_world import FAULTY, SCRIPT, Caller, World, code, identity, person, rows, write

GOOD = [number for number in range(1, 61) if number not in FAULTY]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The same register on PostgreSQL, read natively asynchronously."""
    with databases.postgres() as url:
        names = "|".join(COLUMNS)
        databases.run_postgres(url, re.sub(rf"\b(CBRY|{names})\b", r'"\1"', SCRIPT))
        with databases.connect_postgres(url) as db, db.cursor() as cursor:
            cursor.executemany(f'INSERT INTO "CBRY" VALUES ({",".join(["%s"] * 11)})', rows(60))
        made = World(write(tmp_path_factory.mktemp("postgres"), url))
        yield made
        made.close()


@pytest.fixture(scope="module")
def caller(world: World) -> Caller:
    return world.grant()


@pytest.mark.parametrize("limit", [1, 7, 50])
@pytest.mark.parametrize("sort", ["", "unit", "-unit", "status,-birthDate", "-sex", "name"])
def test_paging_is_complete(caller: Caller, limit: int, sort: str) -> None:
    """Each row comes once, whatever the order, on PostgreSQL too."""
    pages = list(caller.walk(f"?limit={limit}" + (f"&sort={sort}" if sort else "")))
    assert sorted(item["personId"] for page in pages for item in page["items"]) == GOOD
    assert sum(len(page.get("faulty", [])) for page in pages) == len(FAULTY)
    assert {page["numberMatched"] for page in pages} == {60}


def test_filters(caller: Caller) -> None:
    """Filters, ranges and searches give what the rows hold."""
    found = [item["personId"] for item in caller.records("?status=2&personId.lt=20").json()["items"]]
    assert found == [number for number in GOOD if person(number)[6] == "2" and number < 20]
    assert caller.search({"filter": {"name": person(5)[2]}}).json()["items"][0]["personId"] == 5


@pytest.mark.parametrize("record_id", ["99999", "x", "99999999999999999999", "1.5", "1'--", "~", "%00", "-1"])
def test_unknown_records(caller: Caller, record_id: str) -> None:
    """No id makes the database fail, whatever it holds."""
    assert code(caller.get(f"/records/{record_id}")) == "record-unknown"


@pytest.mark.parametrize(
    "query", ["personId=99999999999", "unit=%F0%A0%AE%B7", "name=a%27b%22%25_", "personId.gt=2147483648"]
)
def test_odd_values(caller: Caller, query: str) -> None:
    """Values that no row can hold match nothing."""
    assert caller.records(f"?{query}").json()["items"] == []


def test_verify(caller: Caller) -> None:
    """Claims are answered, several in one call."""
    claims = [{"idNumber": identity(number), "name": person(number)[2]} for number in (3, 4, 2000)]
    answer = caller.verify(*claims, {"idNumber": identity(3), "name": "x"})
    assert [result["outcome"] for result in answer.json()["results"]] == ["match", "match", "noMatch", "noMatch"]


def test_scope(world: World) -> None:
    """A region scope narrows in the database."""
    narrow = world.grant(scope={"region": "330100"})
    found = [item["personId"] for page in narrow.walk("?limit=7") for item in page["items"]]
    assert found == [number for number in GOOD if person(number)[10].startswith("3301")]
    assert narrow.records("?limit=1").json()["numberMatched"] == sum(
        person(number)[10].startswith("3301") for number in range(1, 61)
    )
