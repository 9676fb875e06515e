"""`new → check → serve`, with no edits, on real databases and on hostile ones, each record equal to what they hold."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from corpus import compare, truth
from corpus.journey import MAX, made, served, settled, spread
from openapi_spec_validator import validate

CORPORA = ("chinook_sqlite", "northwind", "chinook_postgres", "chinook_mariadb", "sakila_postgres")
HOSTILE = ("hostile_sqlite", "hostile_postgres", "hostile_mariadb")
STEPS = 40
"""Most pages that a walk by single records takes."""
SMALL = 1000
"""Records up to which a dataset is walked in sevens to its end."""
LOOKED_UP = 100


@pytest.fixture(scope="module", params=CORPORA + HOSTILE)
def corpus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[compare.Held]:
    """The adapter of one database under way, with no edit."""
    url = request.getfixturevalue(request.param)
    done = made(url, tmp_path_factory.mktemp("corpus"))
    assert done.new.code == 0, done.new.all
    with served(done) as running:
        yield compare.Held(url, running)


def test_checked(corpus: compare.Held) -> None:
    """What was generated passes the check, which warns of rows that cannot be converted and of the provider alone."""
    check = corpus.served.made.check
    assert check.code == 0, check.all
    assert check.all.count("passed") == 7
    told = set(re.findall(r"(?m)^adapter.yaml.*\[([a-z-]+)\]$", check.all))
    assert told <= {"provider-development", "rows-none", "rows-faulty", "filter-residual"}
    faulty = any(corpus.expected(name)[1] for name in corpus.datasets)
    assert faulty == ("rows-faulty" in told)


def test_nothing_forgotten(corpus: compare.Held) -> None:
    """Every table and view is a dataset or is named with a reason, and every column of a dataset is an item."""
    told = json.loads(corpus.served.made.new.out)
    known = {each["table"] for each in told["datasets"]} | {each["name"] for each in told["leftOut"]}
    assert truth.tables(corpus.url) == known
    assert all(each["reason"] for each in told["leftOut"])
    for name, dataset in corpus.datasets.items():
        assert [field["from"] for field in dataset["fields"].values()] == corpus.columns(name), name


def test_every_record(corpus: compare.Held) -> None:
    """The records of each dataset are its rows, field by field: none lost, doubled or altered.

    A row with a value that no record can hold is reported as faulty, for the item that it is in.
    """
    for name in corpus.datasets:
        found = corpus.walk(name)
        expected, faulty = corpus.expected(name)
        assert compare.difference(settled(expected), found.items) == ([], []), name
        assert Counter(each["field"] for each in found.faulty) == faulty, name
        assert len(found.items) + len(found.faulty) == len(corpus.rows(name)), name
        assert found.matched == {len(corpus.rows(name))}, name
        references = [*found.ids, *(each["rowRef"] for each in found.faulty)]
        assert len(set(references)) == len(references), name


def test_pages_of_any_size(corpus: compare.Held) -> None:
    """Pages of one, of seven and of the most give the same records in the same order."""
    for name in corpus.datasets:
        whole, rows = corpus.walk(name), len(corpus.rows(name))
        for limit, steps in ((1, STEPS), (7, STEPS if rows > SMALL else None)):
            found = corpus.served.walk(name, limit=limit, most=steps)
            assert found.items == whole.items[: len(found.items)], name
            read = rows if steps is None else min(rows, limit * steps)
            assert len(found.items) + len(found.faulty) == read, name
            assert found.ended == (read == rows), name


def test_single_records(corpus: compare.Held) -> None:
    """Each record is found by its id, the same as in the list; an id of another record is never taken for it."""
    for name in corpus.datasets:
        for item in spread(corpus.walk(name).items, LOOKED_UP):
            answer = corpus.served.record(name, item["recordId"])
            assert settled([answer.json()]) == [item], name
        absent = corpus.served.record(name, "no-such-record")
        assert (absent.status_code, absent.json()["code"]) == (404, "record-unknown")


def test_filters_and_ranges(corpus: compare.Held) -> None:
    """A filter finds the records that a full walk has for the value, a range those between its ends."""
    asked = 0
    for name, dataset in corpus.datasets.items():
        for item, field in dataset["fields"].items():
            if field.get("filterable") and field.get("mask") is None:
                asked += compare.filters_agree(corpus, name, item, field)
    assert asked > 50


def test_sorts(corpus: compare.Held) -> None:
    """A sort gives every record once, in order, null being the smallest value, and the same pages at any size."""
    sorted_by = 0
    for name, dataset in corpus.datasets.items():
        for item, field in dataset["fields"].items():
            if field.get("sortable"):
                compare.sort_agrees(corpus, name, item, field)
                sorted_by += 1
    assert sorted_by >= 10


def test_masked_values_stay_hidden(corpus: compare.Held) -> None:
    """No answer of a dataset holds the value of a masked item, and nobody may filter or sort by it."""
    for name, dataset in corpus.datasets.items():
        for item, field in dataset["fields"].items():
            if field.get("mask") is None:
                continue
            shown = Counter(record[item] for record in corpus.walk(name).items)
            for row in corpus.rows(name):
                value = row[field["from"]]
                assert value is None or str(value) not in shown, (name, item)
            answer = corpus.search(name, {"filter": {item: "x"}})
            assert answer.status_code in {400, 403}, (name, item)
            assert {each["code"] for each in answer.json()["errors"]} <= {"item-masked", "not-filterable"}


def test_withheld_items_are_nowhere(corpus: compare.Held) -> None:
    """An item that is not shared is listed in the catalog and in no record."""
    for name, dataset in corpus.datasets.items():
        for item, field in dataset["fields"].items():
            if field.get("sharingType") == "notShared":
                assert all(item not in record for record in corpus.walk(name).items), (name, item)


def test_documents(corpus: compare.Held) -> None:
    """The OpenAPI document is valid, and each record meets the schema of its entry."""
    validate(corpus.served.client.get("/v1/openapi.json").json())
    for name in corpus.datasets:
        validator = compare.schema_of(corpus, name)
        for item in spread(corpus.walk(name).items, MAX // 50):
            validator.validate(item)
