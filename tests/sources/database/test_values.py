from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from decimal import Decimal

import databases
import pytest
from databases import connect_mariadb, connect_postgres, run_mariadb, run_postgres, run_sqlite
from reading import all_rows, opened, select
from sqlalchemy import make_url

from datong.model import Call, Condition, Sort, SourceProblem


def only(source, table, column, **more):
    """The values of one column in key order."""
    return [row[0] for row in all_rows(source, select(table, column, **more))]


POSTGRES_VALUES = [
    ("smallint", "'-32768'", -32768),
    ("bigint", "'9223372036854775807'", 9223372036854775807),
    ("numeric(38,10)", "'1234567890123456789012345678.0123456789'", "1234567890123456789012345678.0123456789"),
    ("numeric", "'NaN'", "NaN"),
    ("numeric(10,2)", "'0.10'", "0.10"),
    ("real", "'0.1'", 0.1),
    ("double precision", "'0.1'", 0.1),
    ("boolean", "true", True),
    ("date", "'infinity'", "infinity"),
    ("date", "'0044-03-15 BC'", "0044-03-15 BC"),
    ("date", "'12024-01-01'", "12024-01-01"),
    ("date", "'1949-10-01'", "1949-10-01"),
    ("timestamp", "'-infinity'", "-infinity"),
    ("timestamp", "'2024-01-02 03:04:05.6'", "2024-01-02 03:04:05.6"),
    ("timestamptz", "'2024-01-02 03:04:05Z'", "2024-01-02 11:04:05+08"),
    ("timestamptz", "'1900-01-01 00:00:00Z'", "1900-01-01 08:00:00+08"),
    ("time", "'24:00:00'", "24:00:00"),
    ("timetz", "'12:00:00+03'", "12:00:00+03"),
    ("interval", "'1 year 2 days 3 hours'", "P1Y2DT3H"),
    ("bit(3)", "'101'", "101"),
    ("money", "'1234.5'", "1234.50"),
    ("mood", "'晴'", "晴"),
    ("postcode", "'00123'", "00123"),
    ("int[]", "'{1,NULL,3}'", [1, None, 3]),
    ("text[]", """'{"a,b",c}'""", ["a,b", "c"]),
    ("numeric(5,2)[]", "'{1.50}'", ["1.50"]),
    ("date[]", "'{infinity}'", ["infinity"]),
    ("int4range", "'[1,5)'", "[1,5)"),
    ("tsvector", "'b a'", "'a' 'b'"),
    ("uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    ("inet", "'10.0.0.1'", "10.0.0.1"),
    ("bytea", r"'\x00ff'", b"\x00\xff"),
    ("json", """'{"a": 1.10}'""", '{"a": 1.10}'),
    ("jsonb", """'{"a": 12345678901234567890}'""", '{"a": 12345678901234567890}'),
    ("xml", "'<a/>'", "<a/>"),
    ("char(4)", "'ab'", "ab  "),
    ("varchar(9)", "'𠮷野家 '", "𠮷野家 "),
    ("point", "'(1,2)'", "(1,2)"),
]


@pytest.fixture(scope="module")
def postgres_values():
    columns = ", ".join(f"c{n} {kind}" for n, (kind, _, _) in enumerate(POSTGRES_VALUES))
    values = ", ".join(literal for _, literal, _ in POSTGRES_VALUES)
    with databases.postgres() as url:
        run_postgres(url, "CREATE TYPE mood AS ENUM ('雨', '晴'); CREATE DOMAIN postcode AS varchar(6);")
        run_postgres(url, f"CREATE TABLE t (id int PRIMARY KEY, {columns})")
        run_postgres(url, f"INSERT INTO t VALUES (1, {values}); INSERT INTO t VALUES (2)")
        with opened(url, pool=2) as source:
            yield source


@pytest.mark.parametrize("place", range(len(POSTGRES_VALUES)), ids=lambda n: POSTGRES_VALUES[n][0] + str(n))
def test_postgres_value(postgres_values, place):
    """Each type of PostgreSQL arrives whole, and null as null."""
    found = only(postgres_values, "t", f"c{place}")
    assert found == [POSTGRES_VALUES[place][2], None]
    assert type(found[0]) is type(POSTGRES_VALUES[place][2])


SCALARS = [place for place, (_, _, value) in enumerate(POSTGRES_VALUES) if not isinstance(value, list)]


@pytest.mark.parametrize("place", SCALARS, ids=lambda n: POSTGRES_VALUES[n][0] + str(n))
def test_postgres_value_is_found_and_sorted(postgres_values, place):
    """A value, as it arrived, is found by a filter, and a page goes on after it."""
    value = POSTGRES_VALUES[place][2]
    column = f"c{place}"
    assert only(postgres_values, "t", "id", where=(Condition(column, "eq", value),)) == [1]
    for descending, after, expected in ((False, None, [1]), (False, value, []), (True, value, [2]), (True, None, [])):
        sort = (Sort(column, descending=descending),)
        key = 2 if after is None else 1
        assert only(postgres_values, "t", "id", sort=sort, after=(after, key)) == expected


def test_postgres_database_without_encoding():
    """In a database that knows no encoding, texts are read in the declared one, others arrive as bytes."""
    with databases.postgres("ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0") as url:
        with closing(connect_postgres(url)) as connection:
            connection.execute("CREATE TABLE t (id int PRIMARY KEY, name text)")
            for number, text in enumerate(["张三".encode("gbk"), b"\xff\xff", b"plain"], 1):
                connection.execute(f"INSERT INTO t VALUES ({number}, convert_from(%s, 'SQL_ASCII'))", (text,))
        with opened(url, charset="gbk") as source:
            assert only(source, "t", "name") == ["张三", b"\xff\xff", "plain"]
            for value, number in (("张三", 1), (b"\xff\xff", 2), ("plain", 3)):
                assert only(source, "t", "id", where=(Condition("name", "eq", value),)) == [number]
            assert only(source, "t", "id", where=(Condition("name", "eq", "𠮷"),)) == []
        with opened(url) as source:
            assert only(source, "t", "name") == ["张三".encode("gbk"), b"\xff\xff", "plain"]


MARIADB_VALUES = [
    ("tinyint(1)", "1", 1),
    ("bigint unsigned", "18446744073709551615", 18446744073709551615),
    ("decimal(38,10)", "1234567890123456789012345678.0123456789", "1234567890123456789012345678.0123456789"),
    ("float", "0.1", 0.1),
    ("float", "123456.79", 123456.79),
    ("double", "0.1", 0.1),
    ("date", "'0000-00-00'", "0000-00-00"),
    ("date", "'2024-00-00'", "2024-00-00"),
    ("datetime", "'0000-00-00 00:00:00'", "0000-00-00 00:00:00"),
    ("datetime(6)", "'2024-01-02 03:04:05.000001'", "2024-01-02 03:04:05.000001"),
    ("timestamp NULL", "'2024-01-02 03:04:05'", "2024-01-02 11:04:05+08:00"),
    ("timestamp NULL", "'0000-00-00 00:00:00'", "0000-00-00 00:00:00"),
    ("timestamp(3) NULL", "'0000-00-00 00:00:00'", "0000-00-00 00:00:00.000"),
    ("time", "'838:59:59'", "838:59:59"),
    ("time", "'-01:02:03'", "-01:02:03"),
    ("year", "2024", 2024),
    ("bit(1)", "b'1'", 1),
    ("bit(12)", "b'100000000001'", b"\x08\x01"),
    ("enum('雨','晴')", "'晴'", "晴"),
    ("set('a','b')", "'a,b'", "a,b"),
    ("blob", "x'00ff'", b"\x00\xff"),
    ("binary(3)", "x'00'", b"\x00\x00\x00"),
    ("json", """'{"a": 1.10}'""", '{"a": 1.10}'),
    ("char(4)", "'ab'", "ab"),
    ("varchar(9)", "'𠮷野家 '", "𠮷野家 "),
    ("varchar(9) CHARACTER SET gbk", "'张三'", "张三"),
    ("text", "'长文'", "长文"),
]


@pytest.fixture(scope="module")
def mariadb_values():
    columns = ", ".join(f"c{n} {kind}" for n, (kind, _, _) in enumerate(MARIADB_VALUES))
    values = ", ".join(literal for _, literal, _ in MARIADB_VALUES)
    nothing = ", ".join("NULL" for _ in MARIADB_VALUES)
    with databases.mariadb() as url:
        script = (
            "SET sql_mode = ''; SET time_zone = '+00:00';"
            f"CREATE TABLE t (id int PRIMARY KEY, {columns}); INSERT INTO t VALUES (1, {values}), (2, {nothing})"
        )
        run_mariadb(url, script)
        with opened(url, pool=2) as source:
            yield source


@pytest.mark.parametrize("place", range(len(MARIADB_VALUES)), ids=lambda n: MARIADB_VALUES[n][0] + str(n))
def test_mariadb_value(mariadb_values, place):
    """Each type of MariaDB arrives whole, and null as null."""
    found = only(mariadb_values, "t", f"c{place}")
    assert found == [MARIADB_VALUES[place][2], None]
    assert type(found[0]) is type(MARIADB_VALUES[place][2])


@pytest.mark.parametrize("place", range(len(MARIADB_VALUES)), ids=lambda n: MARIADB_VALUES[n][0] + str(n))
def test_mariadb_value_is_found_and_sorted(mariadb_values, place):
    """A value, as it arrived, is found by a filter, and a page goes on after it."""
    column, value = f"c{place}", MARIADB_VALUES[place][2]
    assert only(mariadb_values, "t", "id", where=(Condition(column, "eq", value),)) == [1]
    for descending, after, expected in ((False, None, [1]), (False, value, []), (True, value, [2]), (True, None, [])):
        sort = (Sort(column, descending=descending),)
        key = 2 if after is None else 1
        assert only(mariadb_values, "t", "id", sort=sort, after=(after, key)) == expected


def test_mariadb_column_with_a_wrong_charset(mariadb_database):
    """GBK bytes in a column declared latin1 are read in the declared charset; others arrive as bytes."""
    run_mariadb(
        mariadb_database,
        "CREATE TABLE t (id int PRIMARY KEY, name varchar(20) CHARACTER SET latin1, k varchar(9) CHARACTER SET latin1,"
        " true_name varchar(20), KEY (name)); INSERT INTO t VALUES"
        " (1, CONVERT(x'D5C5C8FD' USING latin1), 'a', '张三'), (2, CONVERT(x'FFFF' USING latin1), 'b', '李四')",
    )
    with opened(mariadb_database, charset="gbk") as source:
        assert all_rows(source, select("t", "name true_name")) == [("张三", "张三"), (b"\xff\xff", "李四")]
        assert only(source, "t", "id", where=(Condition("name", "eq", "张三"),)) == [1]
        assert only(source, "t", "id", where=(Condition("name", "eq", b"\xff\xff"),)) == [2]
        assert only(source, "t", "id", where=(Condition("k", "eq", "b"),)) == [2]
        assert only(source, "t", "id", sort=(Sort("name"),), after=("张三", 1)) == [2]
    with opened(mariadb_database) as source:
        assert only(source, "t", "name") == ["ÕÅÈý", "ÿÿ"]


def test_one_undecodable_text_does_not_stop_a_page(sqlite_database):
    """SQLite texts that are no UTF-8 arrive as bytes, beside the others as they are."""
    with closing(sqlite3.connect(make_url(sqlite_database).database)) as connection, connection:
        connection.execute("CREATE TABLE t (id integer PRIMARY KEY, name text)")
        gbk = "张三".encode("gbk")
        connection.execute("INSERT INTO t VALUES (1, '李四'), (2, CAST(? AS text)), (3, 'x')", (gbk,))
    with opened(sqlite_database) as source:
        assert only(source, "t", "name") == ["李四", gbk, "x"]
        assert only(source, "t", "name", limit=3) == ["李四", gbk, "x"]
        assert only(source, "t", "id", limit=9, sort=(Sort("name"),)) == [3, 2, 1]
        assert only(source, "t", "id", limit=9, sort=(Sort("name"),), after=(gbk, 2)) == [1]
        assert only(source, "t", "id", where=(Condition("name", "eq", gbk),)) == [2]
        assert source.get(select("t", "name"), (2,), Call.within(5)) == (gbk,)
    with opened(sqlite_database, charset="gbk") as source:
        assert only(source, "t", "name", limit=3)[1] == "张三"
        assert only(source, "t", "id", where=(Condition("name", "eq", "张三"),)) == [2]


def test_sqlite_holds_anything_anywhere(sqlite_database):
    """Values that do not fit their column's declared type arrive, are found and page as SQLite holds them."""
    held = [None, -5, 2.5, 9007199254740993, "", "text", b"\x00\xff"]
    with closing(sqlite3.connect(make_url(sqlite_database).database)) as connection, connection:
        connection.execute("CREATE TABLE t (id integer PRIMARY KEY, n integer)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", list(enumerate(held)))
    with opened(sqlite_database) as source:
        assert only(source, "t", "n", sort=(Sort("n"),)) == held
        for key, value in enumerate(held):
            assert only(source, "t", "n", sort=(Sort("n"),), after=(value, key)) == held[key + 1 :]
            condition = Condition("n", "isNull", value=True) if value is None else Condition("n", "eq", value)
            assert only(source, "t", "id", where=(condition,)) == [key]


NAMES = [
    "select",
    "two words",
    'quo"te',
    "per%cent %s %(x)s",
    "co:lon :x",
    "列名",
    "back`tick",
    "it's",
    "$1",
    "?",
    "Ünïcode",
]


@pytest.mark.parametrize("fixture", ["sqlite_database", "postgres_database", "mariadb_database"])
@pytest.mark.parametrize("name", NAMES)
def test_hard_names(request, fixture, name):
    """Reserved, spaced, quoted, percent-signed, colon-bearing and Chinese names of tables and columns work."""
    url = request.getfixturevalue(fixture)
    marks = "`" if "mysql" in url else '"'
    quoted = marks + name.replace(marks, marks * 2) + marks
    script = f"CREATE TABLE {quoted} ({quoted} integer PRIMARY KEY, v varchar(9));"
    script += f" INSERT INTO {quoted} VALUES (7, 'a'), (8, 'b')"
    if "mysql" in url:
        with closing(connect_mariadb(url)) as connection, connection.cursor() as cursor:
            for statement in script.split("; "):
                cursor.execute(statement)
    else:
        (run_sqlite if "sqlite" in url else run_postgres)(url, script)
    with opened(url) as source:
        selection = select("x", "v")
        selection = replace(selection, location={"table": name}, columns=(name, "v"), key=(name,))
        call = Call.within(10)
        assert all_rows(source, replace(selection, limit=5)) == [(7, "a"), (8, "b")]
        assert all_rows(source, replace(selection, limit=5, after=(7,))) == [(8, "b")]
        assert all_rows(source, selection) == [(7, "a"), (8, "b")]
        assert source.get(selection, (8,), call) == (8, "b")
        assert source.count(replace(selection, where=(Condition(name, "gte", 8),)), call) == 1
        assert source.count(selection, call) == 2


def test_another_schema(postgres_database):
    """A table is found in the schema of its dataset, else in that of the source."""
    run_postgres(
        postgres_database,
        'CREATE SCHEMA "业务"; CREATE TABLE "业务".t (id int); INSERT INTO "业务".t VALUES (1);'
        "CREATE TABLE t (id int); INSERT INTO t VALUES (2)",
    )
    with opened(postgres_database) as source:
        assert all_rows(source, select("t", "id", schema="业务")) == [(1,)]
        assert all_rows(source, select("t", "id")) == [(2,)]
    with opened(postgres_database, schema="业务") as source:
        assert all_rows(source, select("t", "id")) == [(1,)]


def test_decimals_of_filters(mariadb_values, postgres_values):
    """A decimal is compared by its value, to its last digit."""
    held = Decimal("1234567890123456789012345678.0123456789")
    other = Decimal("1234567890123456789012345678.0123456788")
    for source in (mariadb_values, postgres_values):
        for value, expected in ((held, [1]), (other, [])):
            assert only(source, "t", "id", where=(Condition("c2", "eq", value),)) == expected
        for value, expected in ((Decimal("0.1"), [1]), (Decimal("0.100"), [1]), (Decimal("0.101"), [])):
            column = "c4" if source is postgres_values else "c5"
            assert only(source, "t", "id", where=(Condition(column, "eq", value),)) == expected


def test_mariadb_bits_are_numbers(mariadb_database):
    """A BIT column is found, ranged over and paged by the number that it holds."""
    run_mariadb(
        mariadb_database,
        "CREATE TABLE t (k bit(12) PRIMARY KEY, b bit(64));"
        "INSERT INTO t VALUES (b'0', b'0'), (b'1', x'FFFFFFFFFFFFFFFF'), (b'111111111111', NULL)",
    )
    zero, one, most = b"\0\0", b"\0\1", b"\x0f\xff"
    with opened(mariadb_database) as source:
        key = {"key": "k"}
        assert only(source, "t", "k", **key) == [zero, one, most]
        assert only(source, "t", "k", after=(one,), limit=2, **key) == [most]
        for value in (1, one, "1"):
            assert only(source, "t", "k", where=(Condition("k", "eq", value),), **key) == [one]
        assert only(source, "t", "k", where=(Condition("k", "lt", 5000),), **key) == [zero, one, most]
        assert only(source, "t", "k", where=(Condition("b", "gte", 2**64 - 1),), **key) == [one]
        assert source.get(select("t", "b", key="k"), (one,), Call.within(5)) == (b"\xff" * 8,)


def test_sqlite_columns_of_mixed_values(sqlite_database):
    """In a column without a type, a text finds the text and the number that it writes; a number finds numbers alone."""
    with closing(sqlite3.connect(make_url(sqlite_database).database)) as connection, connection:
        connection.execute("CREATE TABLE t (id integer PRIMARY KEY, v)")
        held = ["5", 5, 1.5, "1.5", "05", b"5", 1000, "1e3", "x"]
        connection.executemany("INSERT INTO t VALUES (?, ?)", list(enumerate(held)))
    with opened(sqlite_database) as source:
        wanted = {"5": [0, 1], 5: [1], "1.5": [2, 3], "05": [4], b"5": [5], "1e3": [7], 1000: [6], "x": [8]}
        for value, ids in wanted.items():
            assert only(source, "t", "id", where=(Condition("v", "eq", value),)) == ids
        assert only(source, "t", "id", where=(Condition("v", "in", ("5", "x")),)) == [0, 1, 8]


def test_sqlite_column_that_is_gone(sqlite_database):
    """A column that was renamed is missed, and never read as the text of its name."""
    with closing(sqlite3.connect(make_url(sqlite_database).database)) as connection, connection:
        connection.execute("CREATE TABLE t (id integer PRIMARY KEY, v text)")
        connection.execute("INSERT INTO t VALUES (1, 'x')")
        connection.commit()
        with opened(sqlite_database) as source:
            assert only(source, "t", "v") == ["x"]
            connection.execute("ALTER TABLE t RENAME COLUMN v TO w")
            connection.commit()
            with pytest.raises(SourceProblem) as failed:
                only(source, "t", "v")
    assert failed.value.code == "source-failed"
