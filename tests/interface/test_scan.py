from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from interface_sources import TESTS, Memory
from interface_world import FAULTY, Caller, World, code, fill, identity, person, write

from datong.model import Capabilities

GOOD = [number for number in range(1, 61) if number not in FAULTY]
WEAK = {
    "nothing": Capabilities(),
    "keyset": Capabilities(keyset=True),
    "equality": Capabilities(filters=frozenset({"eq"}), keyset=True),
    "filters": Capabilities(filters=frozenset(TESTS), count=True),
}
QUERIES = [
    "",
    "status=1",
    "sex=female",
    "personId.gte=10&personId.lt=40",
    "birthDate.lte=1960-01-01&status=2",
    "sort=-personId",
    "sort=unit",
    "sort=-unit,name",
    "sort=sex,-birthDate",
    "status=1&sort=-updatedAt",
]


@pytest.fixture(scope="module", params=list(WEAK))
def caller(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    folder = tmp_path_factory.mktemp("weak")
    fill(folder / "legacy.db", 1)
    made = World(write(folder / "adapter", f"sqlite:///{folder}/legacy.db"), source=Memory(60, WEAK[request.param]))
    yield made.grant()
    made.close()


def walked(caller: Caller, query: str) -> tuple[list[Any], list[Any]]:
    pages = list(caller.walk(query))
    return [i for page in pages for i in page["items"]], [f for page in pages for f in page.get("faulty", [])]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("limit", [1, 7, 50])
def test_a_weak_source_answers_as_a_strong_one(caller: Caller, world: World, query: str, limit: int) -> None:
    """What a source cannot do is made up exactly: the same rows in the same order, faulty ones reported."""
    strong = world.grant()
    parameters = f"?limit={limit}" + (f"&{query}" if query else "")
    items, faulty = walked(caller, parameters)
    expected, expected_faulty = walked(strong, f"?limit=50&{query}")
    assert items == expected
    unread = [report["rowRef"] for report in faulty]
    assert len(unread) == len(set(unread))
    assert set(unread) >= {report["rowRef"] for report in expected_faulty}


@pytest.mark.parametrize(
    "scope",
    [{"region": "330100"}, {"filter": {"status": ["1", "3"]}}, {"filter": {"birthDate.lt": "1960-01-01"}}],
)
def test_scopes_hold_on_weak_sources(make_world: Callable[..., World], scope: Any) -> None:
    """Rows outside the grant stay out where the source cannot filter: in lists, by id and for claims."""
    for can in WEAK.values():
        world = make_world(source=Memory(60, can))
        caller = world.grant(scope=scope)
        inside = {
            number
            for number in GOOD
            if ("region" in scope and person(number)[10].startswith("3301"))
            or ("status" in str(scope) and person(number)[6] in "13")
            or ("birthDate" in str(scope) and person(number)[4] < "19600101")
        }
        items, _ = walked(caller, "?limit=7")
        assert {item["personId"] for item in items} == inside
        for number in (1, 2, 3, 4):
            assert caller.get(f"/records/{number}").status_code == (200 if number in inside else 404)
            wanted = "match" if number in inside else "noMatch"
            answer = caller.verify({"idNumber": identity(number), "name": person(number)[2]})
            assert answer.json()["results"] == [{"outcome": wanted}]


def test_a_row_of_unknown_scope_is_not_told_of(make_world: Callable[..., World]) -> None:
    """A row that cannot be shown to lie within the grant is neither served nor reported."""
    world = make_world(source=Memory(60, Capabilities(keyset=True)))
    caller = world.grant(scope={"filter": {"birthDate.lt": "2100-01-01"}})
    items, faulty = walked(caller, "?limit=50")
    assert [item["personId"] for item in items] == GOOD
    assert faulty == []


@pytest.mark.parametrize("query", ["status=9", "sort=-sex", "status=9&sort=name"])
def test_the_row_budget(make_world: Callable[..., World], query: str) -> None:
    """What would read more rows than allowed is refused, never cut short (budget-exceeded)."""
    source = Memory(60, Capabilities(keyset=True))
    caller = make_world(source=source, budget=40).grant()
    response = caller.records(f"?{query}")
    assert (response.status_code, code(response)) == (422, "budget-exceeded")
    assert source.read <= 41
    enough = make_world(source=Memory(60, Capabilities(keyset=True)), budget=60).grant()
    assert enough.records(f"?{query}").status_code == 200


def test_no_more_is_read_than_is_needed(make_world: Callable[..., World]) -> None:
    """A page that fills early does not read the table to its end."""
    source = Memory(3000, Capabilities(keyset=True))
    caller = make_world(source=source, budget=5000).grant()
    page = caller.records("?status=2&limit=10").json()
    assert page["numberReturned"] + len(page["faulty"]) == 10
    assert source.read <= 100


def test_counting(make_world: Callable[..., World]) -> None:
    """The number of matches is told where the source counts it, and left out where it cannot."""
    counting = make_world(source=Memory(60, Capabilities(filters=frozenset(TESTS), keyset=True, count=True))).grant()
    assert counting.records("?limit=5&status=1").json()["numberMatched"] == 20
    silent = make_world(source=Memory(60, Capabilities(keyset=True))).grant()
    assert "numberMatched" not in silent.records("?limit=5&status=1").json()
    assert silent.records("?limit=50&status=1").json()["numberMatched"] == 20
