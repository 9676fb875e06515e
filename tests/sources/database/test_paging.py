from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from dataclasses import replace

import databases
import pytest
from databases import connect_postgres, run_mariadb, run_postgres, run_sqlite
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading import all_rows, opened, order_of, select, walked
from sqlalchemy import make_url

from datong.model import Call, Problem, Sort
from datong.sources.database._statement import flat

DATABASES = ["sqlite_database", "postgres_database", "mariadb_database"]
RUN = {"sqlite": run_sqlite, "postgresql": run_postgres, "mysql": run_mariadb}


def run(url, script):
    RUN[url.partition("+")[0].partition(":")[0]](url, script)


def inserted(table, rows):
    def literal(value):
        if value is None:
            return "NULL"
        return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"

    return f"INSERT INTO {table} VALUES " + ", ".join("(" + ", ".join(map(literal, row)) + ")" for row in rows) + ";"


def ordered(rows, selection):
    """The order that the contract promises, worked out here."""

    def rank(value):
        return (value is not None, value.encode() if isinstance(value, str) else value if value is not None else 0)

    expected = list(rows)
    for column in reversed(order_of(selection)):
        place = selection.columns.index(column)
        descending = any(sort.column == column and sort.descending for sort in selection.sort)
        expected.sort(key=lambda row: rank(row[place]), reverse=descending)
    return expected


@pytest.fixture(params=DATABASES)
def database(request):
    return request.getfixturevalue(request.param)


NAMES = ["a", "A", "b", "B", "é", "e", "张三", "李四", "𠮷", "ä", "Z", "z", " x", "", None, None, "ab", "Ab"]


@pytest.fixture(scope="module", params=["sqlite", "postgresql", "mysql"])
def people(request, tmp_path_factory):
    """Ties, nulls, letters that collations fold, and characters beyond the basic plane."""
    chance = random.Random(5)  # noqa: S311  a repeatable choice
    rows = [(n, chance.choice(NAMES), chance.choice([None, 1, 2, 2, 3])) for n in range(1, 301)]
    with databases.fresh(request.param, tmp_path_factory.mktemp("people")) as url:
        run(url, "CREATE TABLE people (id integer PRIMARY KEY, name varchar(20), age integer);")
        run(url, inserted("people", rows))
        with opened(url) as source:
            yield source, rows


SORTS = [
    (),
    (Sort("name"),),
    (Sort("name", descending=True),),
    (Sort("age"), Sort("name", descending=True)),
    (Sort("age", descending=True), Sort("name")),
    (Sort("age", descending=True), Sort("name", descending=True)),
    (Sort("id", descending=True),),
]


@pytest.mark.parametrize("sort", SORTS, ids=str)
@pytest.mark.parametrize("limit", [1, 7, 299, 1000])
def test_walk_by_pages_is_the_whole_in_order(people, sort, limit):
    """Pages of any size give each row once, in the promised order: ties and nulls included."""
    source, rows = people
    selection = select("people", "id name age", sort=sort)
    assert walked(source, selection, limit) == ordered(rows, selection)


@pytest.mark.parametrize("sort", SORTS, ids=str)
def test_unlimited_reading_has_the_same_order(people, sort):
    """A reading without limit comes in the order of the pages."""
    source, rows = people
    selection = select("people", "id name age", sort=sort)
    assert all_rows(source, selection) == ordered(rows, selection)


def test_composite_key(database):
    """A key of several columns pages through ties of its first ones."""
    rows = [(a, b, c) for a in ("x", "y", "中") for b in range(5) for c in ("p", "q")]
    run(database, "CREATE TABLE t (a varchar(5), b integer, c char(3), n integer, PRIMARY KEY (a, b, c));")
    run(database, inserted("t", [(*row, 1) for row in rows]))
    with opened(database) as source:
        selection = select("t", "a b c n", key="a b c")
        for limit in (1, 4, 100):
            found = walked(source, selection, limit)
            assert sorted((a, b, c.rstrip()) for a, b, c, _ in found) == sorted(rows)
        key = found[7][:3]
        assert source.get(selection, key, Call.within(10)) == found[7]


def test_padded_key(database):
    """A CHAR key is found with and without its padding, and pages without loss."""
    rows = [(f"k{n}", n) for n in range(30)]
    run(database, "CREATE TABLE t (id char(8) PRIMARY KEY, n integer);" + inserted("t", rows))
    with opened(database) as source:
        selection = select("t", "id n")
        found = walked(source, selection, 4)
        assert {(k.rstrip(), n) for k, n in found} == set(rows)
        assert len(found) == 30
        assert source.get(selection, ("k7",), Call.within(10))[1] == 7
        assert source.get(selection, ("K7",), Call.within(10)) is None
        padded = source.get(selection, ("k7      ",), Call.within(10))
        assert padded is None if "sqlite" in database else padded[1] == 7


FOLDING = {
    "sqlite": "CREATE TABLE base (id text COLLATE NOCASE, n integer);",
    "postgresql": "CREATE COLLATION folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false);"
    "CREATE TABLE base (id text COLLATE folding, n integer);",
    "mysql": "CREATE TABLE base (id varchar(20) COLLATE utf8mb4_general_ci, n integer);",
}


def test_folding_collation_behind_a_view(database):
    """Keys that the collation holds equal are paged apart where the database does not keep them unique."""
    rows = [(key, n) for n, key in enumerate(["a", "A", "ä", "Ä", "b", "B", "aa", "AA", "Aa", "c"])]
    run(database, FOLDING[database.partition("+")[0].partition(":")[0]] + inserted("base", rows))
    run(database, "CREATE VIEW seen AS SELECT id, n FROM base;")
    with opened(database) as source:
        for table in ("seen", "base"):
            selection = select(table, "id n")
            for limit in (1, 2, 3):
                assert sorted(walked(source, selection, limit)) == sorted(rows)
            assert source.get(selection, ("A",), Call.within(10)) == ("A", 1)


def test_trailing_blanks_in_keys(database):
    """Keys that differ in trailing blanks alone are two rows."""
    rows = [("a", 1), ("a ", 2), ("a  ", 3), ("b", 4)]
    run(database, "CREATE TABLE base (id varchar(20), n integer);" + inserted("base", rows))
    with opened(database) as source:
        selection = select("base", "id n")
        assert sorted(walked(source, selection, 1)) == rows
        assert source.get(selection, ("a ",), Call.within(10)) == ("a ", 2)


def test_null_in_a_key_of_a_view(database):
    """A row of a view whose declared key is null is delivered once."""
    rows = [(n if n % 3 else None, f"r{n}") for n in range(1, 20)]
    run(database, "CREATE TABLE base (id integer, name varchar(9));" + inserted("base", rows))
    run(database, "CREATE VIEW seen AS SELECT id, name FROM base;")
    with opened(database) as source:
        selection = select("seen", "id name", key="id name")
        for limit in (1, 2, 50):
            assert walked(source, selection, limit) == ordered(rows, selection)


def test_rows_inserted_behind_do_not_disturb(postgres_database):
    """A row that appears before the cursor moves no page."""
    run(postgres_database, "CREATE TABLE t (id integer PRIMARY KEY);" + inserted("t", [(n,) for n in range(10, 20)]))
    with opened(postgres_database) as source:
        first = all_rows(source, select("t", "id", limit=5))
        run(postgres_database, inserted("t", [(1,), (2,)]))
        second = all_rows(source, select("t", "id", limit=5, after=first[-1]))
    assert [n for (n,) in first + second] == list(range(10, 20))


@pytest.mark.parametrize("fixture", ["postgres_database", "mariadb_database"])
def test_cursor_of_another_table(request, fixture):
    """A last row that cannot be one of the table is refused, and is no empty page."""
    url = request.getfixturevalue(fixture)
    run(url, "CREATE TABLE t (id integer PRIMARY KEY);" + inserted("t", [(1,)]))
    with opened(url) as source, pytest.raises(Problem) as raised:
        all_rows(source, select("t", "id", after=("no number",), limit=5))
    assert raised.value.code == "cursor-invalid"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(
        st.one_of(st.none(), st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=4)), max_size=25
    ),
    descending=st.booleans(),
    limit=st.integers(1, 9),
)
def test_any_text_pages(sqlite_database, texts, descending, limit):
    """Whatever texts a column holds, pages sorted by it give the whole."""
    with closing(sqlite3.connect(make_url(sqlite_database).database)) as connection, connection:
        connection.execute("DROP TABLE IF EXISTS t")
        connection.execute("CREATE TABLE t (id integer PRIMARY KEY, name text COLLATE NOCASE)")
        connection.executemany("INSERT INTO t (name) VALUES (?)", [(text,) for text in texts])
    with opened(sqlite_database) as source:
        selection = select("t", "id name", sort=(Sort("name", descending=descending),))
        expected = ordered([(n, text) for n, text in enumerate(texts, 1)], selection)
        assert walked(source, selection, limit) == expected


BIG = 200_000


def plan_of(source, selection, *last):
    """What the server says it would do for the page after this key."""
    page = replace(selection, after=last)
    statement = source._statement(page, "rows", last, Call.within(10))
    arguments = statement.arguments(flat(page, page.after))
    with closing(source.backend.engine.raw_connection()) as pooled:
        return str(source.backend.rows(pooled.dbapi_connection, f"EXPLAIN {statement.text}", arguments))


@pytest.mark.parametrize("kind", ["integer", "text"])
def test_deep_page_walks_the_index_on_postgresql(postgres_database, kind):
    """Page 500 of 200,000 rows starts in the index, and sorts nothing."""
    key = "n" if kind == "integer" else "'k' || lpad(n::text, 9, '0')"
    run(
        postgres_database,
        f"CREATE TABLE t (id {kind} PRIMARY KEY, name text);"
        f"INSERT INTO t SELECT {key}, 'name' FROM generate_series(1, {BIG}) n;",
    )
    with closing(connect_postgres(postgres_database)) as connection:
        connection.execute("ANALYZE t")
    with opened(postgres_database) as source:
        plan = plan_of(source, select("t", "id name", limit=100), 50_000 if kind == "integer" else "k000050000")
    assert "Index Scan using t_pkey" in plan
    assert "Index Cond" in plan
    assert "Sort" not in plan


def test_deep_page_walks_the_index_on_mariadb(mariadb_database):
    """Page 500 of 200,000 rows is a range of the index, for one key column and for two, and sorts nothing."""
    run(
        mariadb_database,
        "CREATE TABLE t (id integer PRIMARY KEY, name varchar(9));"
        f"INSERT INTO t SELECT seq, 'name' FROM seq_1_to_{BIG};"
        "CREATE TABLE u (a varchar(9), b integer, PRIMARY KEY (a, b)) CHARACTER SET gbk;"
        f"INSERT INTO u SELECT seq MOD 50, seq FROM seq_1_to_{BIG};"
        "ANALYZE TABLE t; ANALYZE TABLE u",
    )
    with opened(mariadb_database) as source:
        one = plan_of(source, select("t", "id name", limit=100), 50_000)
        two = plan_of(source, select("u", "a b", key="a b", limit=100), "20", 50_000)
    for plan in (one, two):
        assert "'range'" in plan
        assert "PRIMARY" in plan
        assert "filesort" not in plan
