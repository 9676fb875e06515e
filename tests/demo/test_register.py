from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from datong.demo import Register, build_register
from datong.standard import credit_code_ok, phone_ok, region_code_ok, resident_id_ok

PERSONS = 3000


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Register:
    return build_register(tmp_path_factory.mktemp("register") / "register.db", persons=PERSONS)


@pytest.fixture
def database(register: Register) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(register.path)) as connection:
        connection.text_factory = bytes
        yield connection


def column(database: sqlite3.Connection, query: str) -> list[bytes]:
    return [row[0] for row in database.execute(query)]


def test_same_seed_same_register(register: Register, tmp_path: Path) -> None:
    """Two builds of one size and seed hold the same rows, byte for byte."""
    again = build_register(tmp_path / "again.db", persons=PERSONS)
    assert again.path.read_bytes() == register.path.read_bytes()


def test_another_seed(register: Register, tmp_path: Path) -> None:
    """Another seed makes other people."""
    other = build_register(tmp_path / "other.db", persons=PERSONS, seed=1)
    assert other.path.read_bytes() != register.path.read_bytes()


def test_rows_as_told(register: Register, database: sqlite3.Connection) -> None:
    """The counts that the builder tells are those in the file, and every person is there."""
    counted = {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in register.rows}
    assert register.rows == counted
    assert counted["CBRY"] == PERSONS


def test_numbers_are_possible_and_unassigned(register: Register, database: sqlite3.Connection) -> None:
    """Check digits are right but for the damage, and all numbers are of a place that does not exist."""
    numbers = [value.decode() for value in column(database, "SELECT SFZH FROM CBRY")]
    spoilt = sum(register.damage[kind] for kind in ("old-id", "lower-x", "full-width", "wrong-check"))
    assert sum(map(resident_id_ok, numbers)) == PERSONS - spoilt
    assert len(set(numbers)) == PERSONS
    assert {number[:4] for number in numbers if number.isascii()} == {"3395"}
    regions = {value.decode() for value in column(database, "SELECT XZQH FROM CBRY")}
    assert all(map(region_code_ok, regions))


def test_employers(database: sqlite3.Connection) -> None:
    """Every person's employer is in the register, with a possible credit code and phone."""
    assert column(database, "SELECT DWBH FROM CBRY EXCEPT SELECT DWBH FROM DWXX") == []
    assert all(credit_code_ok(value.decode()) for value in column(database, "SELECT TYDM FROM DWXX"))
    assert all(phone_ok(value.decode()) for value in column(database, "SELECT LXDH FROM DWXX"))


@pytest.mark.parametrize(
    ("kind", "query"),
    [
        ("zero-date", "SELECT count(*) FROM CBRY WHERE CSRQ = '00000000'"),
        ("impossible-date", "SELECT count(*) FROM CBRY WHERE CSRQ = '20230230'"),
        ("old-id", "SELECT count(*) FROM CBRY WHERE length(SFZH) = 15"),
        ("lower-x", "SELECT count(*) FROM CBRY WHERE SFZH LIKE '%x' AND SFZH NOT GLOB '*X'"),
        ("full-width", "SELECT count(*) FROM CBRY WHERE substr(SFZH, 1, 1) = '３'"),
        ("null-token", "SELECT count(*) FROM CBRY WHERE LXDH = '无'"),
        ("padded", "SELECT count(*) FROM CBRY WHERE XM LIKE '% '"),
        ("amount", "SELECT count(*) FROM CBRY WHERE ZHYE GLOB '*O*'"),
    ],
)
def test_damage_is_counted(kind: str, query: str, register: Register, database: sqlite3.Connection) -> None:
    """As many rows are damaged in each way as the builder tells."""
    assert database.execute(query).fetchone()[0] == register.damage[kind] == PERSONS // 1000


def test_names(register: Register, database: sqlite3.Connection) -> None:
    """Names are UTF-8 but for the GBK ones, some with characters beyond the basic plane."""
    names = column(database, "SELECT XM FROM CBRY")
    readable = []
    for name in names:
        try:
            readable.append(name.decode())
        except UnicodeDecodeError:
            assert name.decode("gb18030")
    assert len(names) - len(readable) == register.damage["gbk"]
    assert any(ord(character) > 0xFFFF for name in readable for character in name)


def test_witnesses(register: Register, database: sqlite3.Connection) -> None:
    """Those whom the demonstration looks up are intact: one receives a pension, one still pays."""
    for witness, status in ((register.pensioner, b"4"), (register.worker, b"1")):
        row = database.execute("SELECT XM, SFZH, CBZT FROM CBRY WHERE RYBH = ?", (witness.number,)).fetchone()
        assert row == (witness.name.encode(), witness.resident_id.encode(), status)


def test_progress(tmp_path: Path) -> None:
    """The builder tells how far it is, up to the last person."""
    told: list[int] = []
    build_register(tmp_path / "told.db", persons=1000, tell=told.append)
    assert told[-1] == 1000
