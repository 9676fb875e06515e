from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import databases
import pytest
from databases import run_mariadb, run_postgres, run_sqlite
from reading import all_rows, opened, select

from datong.model import Call, Condition, SourceProblem

RUN = {"sqlite": run_sqlite, "postgresql": run_postgres, "mysql": run_mariadb}
TEXTS = [
    "abc",
    "ABC",
    "Abc",
    "abc ",
    "ａｂｃ",
    "äbc",
    "1",
    "01",
    "1.0",
    "张三",
    "张三 ",
    "",
    "%",
    "a%",
    "a_c",
    "\\",
    "'",
    '"',
]
CASES = {
    "sqlite": "COLLATE NOCASE",
    "postgresql": "",
    "mysql": "COLLATE utf8mb4_general_ci",
}


def name_of(url):
    return url.partition("+")[0].partition(":")[0]


def quoted(text, url):
    text = text.replace("'", "''")
    return f"'{text.replace(chr(92), chr(92) * 2) if 'mysql' in url else text}'"


@pytest.fixture(scope="module", params=["sqlite", "postgresql", "mysql"])
def source(request, tmp_path_factory):
    """One row a text; and one row of each other kind."""
    with databases.fresh(request.param, tmp_path_factory.mktemp("filters")) as url:
        yield from made(url)


def made(url):
    name = name_of(url)
    moment = {"sqlite": "datetime", "postgresql": "timestamp", "mysql": "datetime"}[name]
    zoned = {"sqlite": "text", "postgresql": "timestamptz", "mysql": "timestamp NULL"}[name]
    script = f"""
        CREATE TABLE texts (id integer PRIMARY KEY, t varchar(20) {CASES[name]});
        CREATE INDEX texts_t ON texts (t);
        CREATE TABLE t (id integer PRIMARY KEY, n integer, big bigint, d decimal(10,2), f double precision,
          b {"tinyint(1)" if name == "mysql" else "boolean"}, day date, at {moment}, seen {zoned}, clock time);
    """
    script += "".join(f"INSERT INTO texts VALUES ({n}, {quoted(t, url)});" for n, t in enumerate(TEXTS))
    yes, no = ("1", "0") if name == "sqlite" else ("true", "false")
    for row in (
        f"1, 5, 9007199254740993, 1.50, 0.1, {yes}, '2024-02-29', '2024-01-02 03:04:05', {_seen(name, 5)}, '12:00:00'",
        f"2, -7, 9007199254740992, 1.05, 2.5, {no}, '1949-10-01', '1999-12-31 23:59:59', {_seen(name, 6)}, '00:00:00'",
        "3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL",
    ):
        script += f"INSERT INTO t VALUES ({row});"
    if name == "mysql":
        script = "SET time_zone = '+08:00';" + script
    RUN[name](url, script.rstrip("; \n"))
    with opened(url) as source:
        yield source


def _seen(name, second):
    return f"'2024-01-02 03:04:0{second}{'' if name == 'mysql' else '+08:00'}'"


def found(source, column, operator, value, table="t"):
    return [row[0] for row in all_rows(source, select(table, "id", where=(Condition(column, operator, value),)))]


@pytest.mark.parametrize("text", TEXTS)
def test_texts_are_equal_to_themselves_alone(source, text):
    """Equality folds no case, no width, no accent and no trailing blank, whatever the collation."""
    assert found(source, "t", "eq", text, "texts") == [TEXTS.index(text)]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(
    ("operator", "test"), [("gt", str.__gt__), ("gte", str.__ge__), ("lt", str.__lt__), ("lte", str.__le__)]
)
def test_texts_are_ranged_by_code_point(source, text, operator, test):
    """A range of texts is a range of code points."""
    expected = [n for n, held in enumerate(TEXTS) if test(held, text)]
    assert found(source, "t", operator, text, "texts") == expected


def test_lists(source):
    """`in` is any of its values, and what no row can equal spoils nothing."""
    assert found(source, "t", "in", ("abc", "张三", "nobody"), "texts") == [0, 9]
    assert found(source, "n", "in", (5, "x", Decimal("2.5"))) == [1]
    assert found(source, "n", "in", ()) == []
    assert found(source, "n", "in", tuple(range(-100, 100))) == [1, 2]


@pytest.mark.parametrize(
    ("column", "operator", "value", "expected"),
    [
        ("n", "eq", 5, [1]),
        ("n", "eq", "5", [1]),
        ("n", "eq", "05", []),
        ("n", "eq", "5 ", []),
        ("n", "eq", "five", []),
        ("n", "eq", "5; DROP TABLE t", []),
        ("n", "eq", Decimal("5.0"), [1]),
        ("n", "eq", Decimal("5.1"), []),
        ("n", "gt", Decimal("4.9"), [1]),
        ("n", "lt", 10**30, [1, 2]),
        ("n", "eq", 10**30, []),
        ("n", "eq", b"5", []),
        ("n", "eq", None, []),
        ("n", "isNull", True, [3]),
        ("n", "isNull", False, [1, 2]),
        ("big", "eq", 9007199254740993, [1]),
        ("big", "eq", "9007199254740993", [1]),
        ("d", "eq", Decimal("1.5"), [1]),
        ("d", "gte", Decimal("1.05"), [1, 2]),
        ("d", "lt", Decimal("1.5"), [2]),
        ("d", "eq", "x", []),
        ("f", "eq", 0.1, [1]),
        ("f", "gt", 0.1, [2]),
        ("b", "eq", True, [1]),
        ("b", "eq", False, [2]),
        ("day", "eq", date(2024, 2, 29), [1]),
        ("day", "lt", date(2000, 1, 1), [2]),
        ("day", "eq", "2024-02-29", [1]),
        ("day", "eq", "2023-02-29", []),
        ("day", "eq", "yesterday", []),
        ("at", "eq", datetime(2024, 1, 2, 3, 4, 5), [1]),
        ("at", "eq", datetime(2024, 1, 1, 19, 4, 5, tzinfo=UTC), [1]),
        ("at", "eq", datetime(2024, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=8))), [1]),
        ("at", "gte", datetime(1999, 12, 31, 23, 59, 59), [1, 2]),
        ("at", "eq", "no moment", []),
        ("seen", "eq", datetime(2024, 1, 1, 19, 4, 5, tzinfo=UTC), [1]),
        ("seen", "eq", datetime(2024, 1, 2, 3, 4, 5), [1]),
        ("seen", "gt", datetime(2024, 1, 1, 19, 4, 5, tzinfo=UTC), [2]),
        ("clock", "eq", "12:00:00", [1]),
        ("clock", "eq", time(12), [1]),
        ("clock", "eq", "noon", []),
    ],
    ids=str,
)
def test_typed_values(source, column, operator, value, expected):
    """Values compare in the column's own type, exactly; one that fits no row finds none and is no failure."""
    assert found(source, column, operator, value) == expected
    assert source.count(select("t", "id", where=(Condition(column, operator, value),)), Call.within(5)) == len(expected)


def test_conditions_are_a_conjunction(source):
    """All conditions hold at once, in a page, a count and a single reading."""
    where = (Condition("n", "gt", -10), Condition("d", "lt", Decimal("1.2")))
    assert all_rows(source, select("t", "id", where=where)) == [(2,)]
    assert source.get(select("t", "id", where=where), (2,), Call.within(5)) == (2,)
    assert source.get(select("t", "id", where=where), (1,), Call.within(5)) is None


@pytest.mark.parametrize("key", ["1", 1, "x", None, b"1", 10**40, "1' OR '1'='1", 1.5, True, "1 "])
def test_single_reading_by_any_key(source, key):
    """A key that cannot be one of the table finds nothing; it never fails."""
    row = source.get(select("t", "id"), (key,), Call.within(5))
    assert row == ((1,) if key in ("1", 1) else None)


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_text_that_no_database_can_hold(source, text):
    """A text with a zero character or half a pair finds nothing; it never fails."""
    assert found(source, "t", "eq", text, "texts") == []


def test_postgres_names_of_its_own(postgres_database):
    """Enumerations, identifiers and addresses are found by their text, and by nothing near it."""
    run_postgres(
        postgres_database,
        "CREATE TYPE mood AS ENUM ('ok', 'no'); CREATE TABLE t (id int PRIMARY KEY, m mood, u uuid, a inet, c bit(1));"
        "INSERT INTO t VALUES (1, 'ok', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '10.0.0.1', B'1')",
    )
    held = UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")
    cases = [("m", "ok", [1]), ("m", "OK", []), ("u", held, [1]), ("u", str(held), [1]), ("u", str(held).upper(), [])]
    cases += [("u", "no", []), ("a", "10.0.0.1", [1]), ("a", "10.0.0.1/32", []), ("c", True, [1]), ("c", False, [])]
    with opened(postgres_database) as source:
        for column, value, expected in cases:
            assert found(source, column, "eq", value) == expected, (column, value)


def test_filter_uses_the_index_of_a_folding_column(mariadb_database):
    """Exactness does not cost the index."""
    run_mariadb(
        mariadb_database,
        "CREATE TABLE t (id int PRIMARY KEY, t varchar(20), KEY (t)); INSERT INTO t SELECT seq, seq FROM seq_1_to_5000;"
        "ANALYZE TABLE t",
    )
    with opened(mariadb_database) as source:
        selection = select("t", "id", where=(Condition("t", "eq", "77"),))
        statement = source._statement(selection, "rows", None, Call.within(5))
        pooled = source.backend.engine.raw_connection()
        plan = source.backend.rows(pooled.dbapi_connection, f"EXPLAIN {statement.text}", statement.arguments(["77"]))
        pooled.close()
    assert "ref" in plan[0]


def test_unknown_column_and_table(source):
    """What is not there is told with the nearest name, to people and not to the caller."""
    for selection, near in ((select("t", "idd"), "'id'"), (select("text", "id"), "'texts'")):
        with pytest.raises(SourceProblem) as raised:
            all_rows(source, selection)
        problem = raised.value
        assert problem.code == "source-failed"
        assert near in problem.hint.en
        assert problem.params == {}
