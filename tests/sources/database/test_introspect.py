from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from secrets import token_hex

import databases
import pytest
import sqlalchemy as sa

from datong.model import Call, Column, Structure
from datong.sources.database._introspect import describe


def look(url: str, *, schema: str | None = None, seconds: float = 30.0) -> dict[str, Structure]:
    engine = sa.create_engine(url)
    try:
        found = describe(engine, schema=schema, call=Call.within(seconds))
    finally:
        engine.dispose()
    return {structure.name: structure for structure in found}


def columns(structure: Structure) -> dict[str, Column]:
    return {column.name: column for column in structure.columns}


def kinds(structure: Structure) -> dict[str, str]:
    return {column.name: column.kind for column in structure.columns}


@pytest.fixture
def sqlite(tmp_path: Path) -> Callable[[str], dict[str, Structure]]:
    def made(script: str) -> dict[str, Structure]:
        path = tmp_path / "made.db"
        with closing(sqlite3.connect(path)) as database:
            database.executescript(script)
        return look(f"sqlite:///{path}")

    return made


@pytest.mark.parametrize(
    "corpus", ["chinook_sqlite", "northwind", "chinook_postgres", "chinook_mariadb", "sakila_postgres"]
)
def test_corpus(corpus: str, request: pytest.FixtureRequest) -> None:
    """Each table and view of the real databases has a key whose values are unique, or a reason."""
    url = request.getfixturevalue(corpus)
    found = look(url)
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        for structure in found.values():
            assert bool(structure.problem) != bool(structure.key.columns)
            if structure.problem:
                continue
            table = sa.table(structure.name, *(sa.column(name) for name in structure.key.columns))
            counted = connection.scalar(sa.select(sa.func.count()).select_from(table))
            distinct = sa.select(*(table.c[name] for name in structure.key.columns)).distinct().subquery()
            assert structure.rows == counted == connection.scalar(sa.select(sa.func.count()).select_from(distinct))
            assert len(structure.samples) == min(50, counted)
    engine.dispose()


def test_views_have_measured_keys(northwind: str) -> None:
    """A view declares no key, so its key is counted, and the counts are told."""
    view = look(northwind)["Invoices"]
    assert view.view
    assert (view.key.columns, view.key.basis) == (("OrderID", "ProductID"), "measured")
    assert "2155 distinct values in 2155 rows" in view.key.evidence


def test_inherited_rows(sakila_postgres: str) -> None:
    """A parent's primary key does not cover its children's rows, which are served once, by the parent."""
    found = look(sakila_postgres)
    assert found["payment"].key.basis == "measured"
    assert found["payment"].rows == 16049
    assert found["payment_p2007_01"].problem.endswith("its rows are served by payment")


def test_sqlite_types_are_those_of_the_values(sqlite: Callable[[str], dict[str, Structure]]) -> None:
    """Declared types bind nobody in SQLite: what is stored decides."""
    found = sqlite("""
        CREATE TABLE t (
          id INTEGER PRIMARY KEY, n INTEGER, big INTEGER, huge BIGINT, b BOOLEAN, b2 BOOLEAN, price DECIMAL(10,2),
          r REAL, blob_as_text TEXT, text_as_int INTEGER, d DATE, bare, v VARCHAR(3), w VARCHAR(3));
        INSERT INTO t VALUES
          (1, 5, 9007199254740993, 1, 1, 2, 9.9, 1, x'00ff', 'abc', '2024-01-31', 'x', 'abcdef', 'abc'),
          (2, 1.5, NULL, 1, 0, 0, 10, 1, x'01', 'def', '2024-02-01', 'y', 'a', 'a');
    """)["t"]
    assert kinds(found) == {
        "id": "integer", "n": "number", "big": "integer", "huge": "integer", "b": "boolean", "b2": "integer",
        "price": "decimal", "r": "number", "blob_as_text": "binary", "text_as_int": "string", "d": "date",
        "bare": "string", "v": "string", "w": "string",
    }  # fmt: skip
    held = columns(found)
    assert [name for name, column in held.items() if column.wide] == ["big", "huge"]
    assert (held["v"].length, held["w"].length, held["price"].scale) == (None, 3, 2)


def test_empty_table_keeps_declared_types(sqlite: Callable[[str], dict[str, Structure]]) -> None:
    """A table with no rows is served with its declared types and key."""
    found = sqlite("CREATE TABLE t (id INTEGER PRIMARY KEY, d DATE, price DECIMAL(8,3), flag BOOLEAN)")["t"]
    assert kinds(found) == {"id": "integer", "d": "date", "price": "decimal", "flag": "boolean"}
    assert (found.rows, found.exact, found.key.basis, found.problem) == (0, True, "declared", "")


def test_empty_table_without_key(sqlite: Callable[[str], dict[str, Structure]]) -> None:
    """Nothing can be counted in an empty table, so all comparable columns stand in, and it is said."""
    key = sqlite("CREATE TABLE t (a TEXT, b INTEGER, c BLOB)")["t"].key
    assert (key.columns, key.basis) == (("a", "b"), "none")
    assert "no rows to measure" in key.evidence


def test_primary_key_with_null(sqlite: Callable[[str], dict[str, Structure]]) -> None:
    """SQLite lets a primary key hold NULL; such a key identifies nothing, and another is measured."""
    found = sqlite(
        "CREATE TABLE t (a TEXT PRIMARY KEY, b INTEGER); INSERT INTO t VALUES (NULL, 1), (NULL, 2), ('x', 3)"
    )
    assert (found["t"].key.columns, found["t"].key.basis) == (("b",), "measured")


@pytest.mark.parametrize(
    ("script", "key", "basis"),
    [
        ("CREATE TABLE t (a INT, b INT NOT NULL UNIQUE)", ("b",), "unique"),
        ("CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, UNIQUE (a, b))", ("a", "b"), "unique"),
        ("CREATE TABLE t (a INT, name TEXT, code TEXT)", ("code",), "measured"),
        (
            "CREATE TABLE t (b INT NOT NULL, a INT NOT NULL); CREATE UNIQUE INDEX u ON t (b) WHERE a < 0",
            ("a",),
            "measured",
        ),
    ],
)
def test_best_key(script: str, key: tuple[str, ...], basis: str, sqlite: Callable[[str], dict[str, Structure]]) -> None:
    """A unique index without NULL is taken before anything is counted, and a telling name before others."""
    width = 3 if "code" in script else 2
    rows = ", ".join("(" + ", ".join([str(n % 2)] + [str(n)] * (width - 1)) + ")" for n in range(6))
    found = sqlite(f"{script}; INSERT INTO t VALUES {rows}")["t"]
    assert (found.key.columns, found.key.basis) == (key, basis)


def test_combination_is_measured(sqlite: Callable[[str], dict[str, Structure]]) -> None:
    """Where no column is unique alone, the smallest combination that is unique is found."""
    rows = ", ".join(f"('R{a}', '20260{m}', {a % 3})" for a in range(1, 40) for m in range(1, 4))
    found = sqlite(f"CREATE TABLE t (RYBH TEXT, JFNY TEXT, JE INT); INSERT INTO t VALUES {rows}")["t"]
    assert found.key.columns == ("RYBH", "JFNY")


def test_late_duplicate_is_found(sqlite: Callable[[str], dict[str, Structure]]) -> None:
    """A column that is unique in the first rows only is no key: all rows are counted."""
    rows = ", ".join(f"({n}, {n * 2})" for n in range(5000))
    found = sqlite(f"CREATE TABLE t (id INT, b INT); INSERT INTO t VALUES {rows}, (17, -1)")["t"]
    assert found.key.columns == ("b",)


def test_late_duplicate_of_a_combination(sqlite: Callable[[str], dict[str, Structure]]) -> None:
    """A combination that is unique in the first rows only is no key either, and NULL is never part of one."""
    rows = ", ".join(f"('R{n // 3}', {n % 3}, {n % 100})" for n in range(3000))
    found = sqlite(f"CREATE TABLE t (no TEXT, m INT, x INT); INSERT INTO t VALUES {rows}, ('R1', 0, -1)")["t"]
    assert found.key.columns == ("no", "x")
    rows = ", ".join(f"('R{n // 3}', {n % 3})" for n in range(3000))
    found = sqlite(f"CREATE TABLE u (no TEXT, m INT); INSERT INTO u VALUES {rows}, ('R1', NULL)")["u"]
    assert found.key.columns == ()


def test_repeated_rows_are_refused(sqlite: Callable[[str], dict[str, Structure]]) -> None:
    """A table in which whole rows repeat is left out with the reason, for it would lose rows."""
    found = sqlite("CREATE TABLE t (a INT, b INT); INSERT INTO t VALUES (1, 1), (1, 1)")["t"]
    assert found.key.columns == ()
    assert "no combination of columns without NULL is unique" in found.problem


def test_broken_view_stops_nobody(sqlite: Callable[[str], dict[str, Structure]]) -> None:
    """A view over a table that is gone is reported; the others are described all the same."""
    found = sqlite("""
        CREATE TABLE gone (a INT); CREATE VIEW broken AS SELECT a FROM gone; DROP TABLE gone;
        CREATE TABLE kept (id INTEGER PRIMARY KEY); INSERT INTO kept VALUES (1);
    """)
    assert "the database" in found["broken"].problem
    assert found["kept"].key.columns == ("id",)


def test_text_in_another_charset(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 in a text column do not spoil the samples, nor the look for a key."""
    path = tmp_path / "gbk.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE t (bh INT, xm TEXT)")
        database.execute("INSERT INTO t VALUES (1, CAST(? AS TEXT))", ["王".encode("gb18030")])
        database.commit()
    found = look(f"sqlite:///{path}")["t"]
    assert found.samples == ((1, "王".encode("gb18030")),)
    assert found.key.columns == ("bh",)


def test_nasty_names(sqlite: Callable[[str], dict[str, Structure]]) -> None:
    """Names may hold quotes, blanks, percent signs, colons, Chinese, or be reserved words."""
    names = ['a"b', "select", "50%", "a:b", "a b", "姓名", "x'y", "[z]", "%(q)s", "{{ x }}"]
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    script = f'CREATE TABLE "or\'der ""x%" ({", ".join(f"{name} INT" for name in quoted)}, PRIMARY KEY ({quoted[0]}));'
    found = sqlite(script + f'INSERT INTO "or\'der ""x%" VALUES ({", ".join("7" for _ in names)})')
    (table,) = found.values()
    assert [column.name for column in table.columns] == names
    assert table.samples == ((7,) * len(names),)


def test_time_is_bounded(sqlite_database: str) -> None:
    """A view that would run for ever takes no longer than the call allows, and is left out with the reason."""
    path = sa.make_url(sqlite_database).database or ""
    with closing(sqlite3.connect(path)) as database:
        database.executescript("""
            CREATE TABLE n (a INTEGER PRIMARY KEY); INSERT INTO n VALUES (1);
            CREATE VIEW endless AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x AS a FROM c;
        """)
    started = time.monotonic()
    found = look(sqlite_database, seconds=2.0)
    assert time.monotonic() - started < 4.0
    assert "could not be counted in the time allowed" in found["endless"].problem
    assert found["n"].key.columns == ("a",)


def test_progress(chinook_sqlite: str) -> None:
    """Progress counts up to the number of tables and names each."""
    seen: list[tuple[int, int, str]] = []
    engine = sa.create_engine(chinook_sqlite)
    describe(engine, schema=None, call=Call.within(30), progress=lambda *step: seen.append(step))
    engine.dispose()
    assert [step[0] for step in seen] == list(range(12))
    assert seen[0] == (0, 11, "Album")
    assert seen[-1] == (11, 11, "")


def test_one_connection_is_enough(chinook_sqlite: str) -> None:
    """A pool of a single connection, as fragile systems are given, does not block."""
    engine = sa.create_engine(chinook_sqlite, pool_size=1, max_overflow=0, pool_timeout=1)
    assert len(describe(engine, schema=None, call=Call.within(30))) == 11
    engine.dispose()


def test_database_in_memory_survives() -> None:
    """Looking at a database in memory does not end it."""
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    assert [one.name for one in describe(engine, schema=None, call=Call.within(5))] == ["t"]
    with engine.connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["t"]
    engine.dispose()


POSTGRES = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN money_amount AS numeric(12, 2);
CREATE DOMAIN code AS varchar(6);
CREATE DOMAIN inner_code AS code;
CREATE TYPE pair AS (a int, b text);
CREATE TABLE kinds (
  id bigint PRIMARY KEY, s smallint, whole numeric(9, 0), wide numeric(20, 0), endless numeric,
  fixed numeric(12, 2), dec money_amount,
  c inner_code, v varchar(6),
  r real, d double precision, m money, e mood, tags text[], t tsvector, raw bytea, b1 bit(1), b8 bit(8), vb varbit(8),
  i interval, u uuid, net inet, j jsonb, ch char(5), day date, at timestamp, atz timestamptz, clock time, flag boolean,
  p pair, pt point, rng int4range, x xml, odd "char"
);
COMMENT ON TABLE kinds IS '各种类型';
COMMENT ON COLUMN kinds.ch IS '定长代码';
INSERT INTO kinds (id, day, at, p, pt) VALUES (1, 'infinity', '-infinity', '(1,x)', '(1,2)');
CREATE TABLE parts (id int, y int, PRIMARY KEY (id, y)) PARTITION BY LIST (y);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
CREATE MATERIALIZED VIEW mat AS SELECT id, flag FROM kinds;
CREATE SCHEMA other;
CREATE TABLE other.far (id int PRIMARY KEY);
CREATE TABLE partly (a int, b int);
CREATE UNIQUE INDEX ON partly (a) WHERE b = 1;
CREATE INDEX ON partly USING gin ((ARRAY[a]));
CREATE INDEX ON partly (lower(b::text));
CREATE INDEX ON partly (b);
INSERT INTO partly VALUES (1, 1), (2, 2);
"""


def test_postgres_kinds(postgres_database: str) -> None:
    """Every type of PostgreSQL gets a neutral kind, domains that of what they stand for."""
    databases.run_postgres(postgres_database, POSTGRES)
    found = look(postgres_database)
    assert kinds(found["kinds"]) == {
        "id": "integer", "s": "integer", "whole": "integer", "wide": "integer", "endless": "decimal",
        "fixed": "decimal", "dec": "decimal", "c": "string", "v": "string", "r": "number", "d": "number",
        "m": "decimal", "e": "string",
        "tags": "json", "t": "string",
        "raw": "binary", "b1": "boolean", "b8": "string", "vb": "string", "i": "string", "u": "string", "net": "string",
        "j": "json", "ch": "string", "day": "date", "at": "dateTime", "atz": "dateTime", "clock": "time",
        "flag": "boolean", "p": "string", "pt": "string", "rng": "string", "x": "string", "odd": "string",
    }  # fmt: skip
    held = columns(found["kinds"])
    assert [name for name, column in held.items() if column.wide] == ["id", "wide"]
    assert [name for name, column in held.items() if column.padded] == ["ch"]
    assert [name for name, column in held.items() if column.zoned] == ["atz"]
    assert (held["fixed"].precision, held["fixed"].scale, held["v"].length) == (12, 2, 6)
    assert (held["p"].native, held["e"].values, held["ch"].comment) == ("pair", ("sad", "ok"), "定长代码")
    assert found["kinds"].comment == "各种类型"


def test_postgres_relations(postgres_database: str) -> None:
    """Partitions are served by their parent; materialized views and other schemas are seen."""
    databases.run_postgres(postgres_database, POSTGRES)
    found = look(postgres_database)
    assert sorted(found) == ["far", "kinds", "mat", "partly", "parts"]
    assert found["far"].location == {"table": "far", "schema": "other"}
    assert found["mat"].view
    assert found["parts"].key.columns == ("id", "y")
    assert found["partly"].key.basis == "measured"
    assert found["partly"].indexed == {"a", "b"}


def test_schema_that_was_asked_for(postgres_database: str) -> None:
    """A schema given as an option is the only one looked at, and its tables need not name it."""
    databases.run_postgres(postgres_database, POSTGRES)
    assert {name: one.location for name, one in look(postgres_database, schema="other").items()} == {
        "far": {"table": "far"}
    }


def test_unreadable_table(postgres_database: str) -> None:
    """A table that the user may not read is reported with the reason, and the next one described."""
    role = f"reader_{time.time_ns()}"
    databases.run_postgres(
        postgres_database,
        f"CREATE TABLE a_closed (id int PRIMARY KEY); CREATE TABLE b_open (id int PRIMARY KEY);"
        f"CREATE ROLE {role} LOGIN; GRANT SELECT ON b_open TO {role};",
    )
    try:
        found = look(sa.make_url(postgres_database).set(username=role).render_as_string(hide_password=False))
        assert found["a_closed"].problem.endswith("the database refused to read it")
        assert found["b_open"].problem == ""
    finally:
        databases.run_postgres(postgres_database, f"REVOKE ALL ON b_open FROM {role}; DROP ROLE {role};")


def test_key_that_can_be_no_record_id(postgres_database: str) -> None:
    """A declared key of arrays is passed over for another that is measured."""
    databases.run_postgres(
        postgres_database,
        "CREATE TABLE t (k integer[] PRIMARY KEY, v text); INSERT INTO t VALUES ('{1}', 'a'), ('{2}', 'b')",
    )
    table = look(postgres_database)["t"]
    assert (table.key.columns, table.key.basis) == (("v",), "measured")


def test_columns_that_may_not_be_read(postgres_database: str) -> None:
    """A column without the right to read is said to be so; the others have their samples and a key."""
    databases.run_postgres(
        postgres_database,
        "CREATE TABLE t (id integer PRIMARY KEY, secret text, v text); INSERT INTO t VALUES (1, 's', 'x')",
    )
    role = f"datong_guest_{token_hex(6)}"
    with closing(databases.connect_postgres(postgres_database)) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN")
        connection.execute(f"GRANT SELECT (id, v) ON t TO {role}")
        try:
            table = look(sa.make_url(postgres_database).set(username=role).render_as_string(hide_password=False))["t"]
        finally:
            connection.execute(f"DROP OWNED BY {role}")
            connection.execute(f"DROP ROLE {role}")
    assert kinds(table) == {"id": "integer", "secret": "unsupported", "v": "string"}
    assert "no right to read" in columns(table)["secret"].native
    assert (table.key.columns, table.samples, table.rows) == (("id",), ((1, None, "x"),), 1)


MARIADB = """
CREATE TABLE kinds (
  id bigint unsigned PRIMARY KEY COMMENT '编号', n int, tiny tinyint(1), tiny3 tinyint(1),
  t4 tinyint(4), y year, b1 bit(1), b8 bit(8), b64 bit(64),
  e enum('a','b'), s set('x','y'), dec1 decimal(10,2), f float, d double, c char(5), v varchar(20), t text, bl blob,
  vb varbinary(3), j json, dt date, ts timestamp NULL, dtm datetime, tm time, g point
) COMMENT '各种类型';
INSERT INTO kinds (id, tiny, tiny3) VALUES (1, 1, 1), (2, 0, 3), (3, NULL, 0);
"""


def test_mariadb_kinds(mariadb_database: str) -> None:
    """TINYINT(1) is a truth value unless a value says otherwise; unsigned BIGINT and BIT(64) are wide."""
    databases.run_mariadb(mariadb_database, MARIADB)
    table = look(mariadb_database)["kinds"]
    assert kinds(table) == {
        "id": "integer", "n": "integer", "tiny": "boolean", "tiny3": "integer", "t4": "integer", "y": "integer",
        "b1": "boolean", "b8": "integer", "b64": "integer", "e": "string", "s": "string", "dec1": "decimal",
        "f": "number", "d": "number", "c": "string", "v": "string", "t": "string", "bl": "binary", "vb": "binary",
        "j": "string", "dt": "date", "ts": "dateTime", "dtm": "dateTime", "tm": "time", "g": "binary",
    }  # fmt: skip
    held = columns(table)
    assert [name for name, column in held.items() if column.wide] == ["id", "b64"]
    assert (held["e"].values, held["s"].values, held["id"].comment) == (("a", "b"), ("x", "y"), "编号")
    assert table.comment == "各种类型"


def test_mariadb_zero_dates_are_among_the_samples(mariadb_database: str) -> None:
    """A zero date anywhere in the table is shown, so that the proposal can provide for it."""
    rows = ", ".join(f"({n}, '2020-01-01')" for n in range(1, 300))
    databases.run_mariadb(
        mariadb_database,
        f"SET sql_mode = ''; CREATE TABLE t (id int PRIMARY KEY, d date); INSERT INTO t VALUES {rows};"
        "INSERT INTO t VALUES (150000, '2021-01-01'); UPDATE t SET d = '0000-00-00' WHERE id = 150;",
    )
    table = look(mariadb_database)["t"]
    assert [str(row[1]) for row in table.samples].count("0000-00-00") == 1


def test_mariadb_broken_view(mariadb_database: str) -> None:
    """A view whose table is gone is reported, and the others are described."""
    databases.run_mariadb(
        mariadb_database,
        "CREATE TABLE gone (a int); CREATE VIEW broken AS SELECT a FROM gone; DROP TABLE gone;"
        "CREATE TABLE kept (id int PRIMARY KEY);",
    )
    found = look(mariadb_database)
    assert found["broken"].problem
    assert found["kept"].problem == ""


def test_mariadb_backticks_in_names(mariadb_database: str) -> None:
    """A backtick in a name is one, in columns, keys and indexes alike."""
    databases.run_mariadb(
        mariadb_database, "CREATE TABLE `t``t` (`a``b` int PRIMARY KEY, `c````d` int, UNIQUE KEY `k``k` (`c````d`))"
    )
    table = look(mariadb_database)["t`t"]
    assert [column.name for column in table.columns] == ["a`b", "c``d"]
    assert (table.key.columns, table.indexed) == (("a`b",), {"a`b", "c``d"})
