"""A pension-insurance register as an agency of the 1990s left it: pinyin initials, codes, text for everything."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

from datong.demo import _damage, _people

TODAY: Final = date(2026, 6, 30)
"""The register's last day: fixed, so that the same seed gives the same register for ever."""
_PENSION_AGE: Final = 60
_NO_DATE: Final = "00000000"
_BATCH: Final = 10_000

_SCHEMA: Final = """
CREATE TABLE DWXX (                 -- 单位信息
  DWBH CHAR(10) NOT NULL PRIMARY KEY, DWMC VARCHAR(100), TYDM CHAR(18), DWLX CHAR(2), XZQH CHAR(6), LXDH VARCHAR(20)
);
CREATE TABLE CBRY (                 -- 参保人员
  RYBH CHAR(12) NOT NULL PRIMARY KEY, XM VARCHAR(50), SFZH CHAR(18), XB CHAR(1), CSRQ CHAR(8), DWBH CHAR(10),
  CBZT CHAR(1), CBRQ CHAR(8), LQRQ CHAR(8), XZQH CHAR(6), LXDH VARCHAR(20), KHZH VARCHAR(19), JFYS INTEGER,
  ZHYE CHAR(12), SFYX CHAR(2), GXSJ TIMESTAMP
);
CREATE INDEX IX_CBRY_SFZH ON CBRY (SFZH);
CREATE TABLE JFJL (                 -- 缴费记录: nobody ever declared a key
  RYBH CHAR(12) NOT NULL, JFNY CHAR(6) NOT NULL, JFJS CHAR(10), DWJF INTEGER, GRJF INTEGER, DZRQ CHAR(8)
);
CREATE TABLE DYFF (                 -- 待遇发放
  RYBH CHAR(12) NOT NULL, FFNY CHAR(6) NOT NULL, FFJE INTEGER, FFZT CHAR(1), FFRQ CHAR(8), PRIMARY KEY (RYBH, FFNY)
);
"""

_PERSON: Final = (
    "RYBH", "XM", "SFZH", "XB", "CSRQ", "DWBH", "CBZT", "CBRQ",
    "LQRQ", "XZQH", "LXDH", "KHZH", "JFYS", "ZHYE", "SFYX", "GXSJ",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Witness:
    """Somebody the demonstration looks up, as the register holds them."""

    number: str
    name: str
    resident_id: str


@dataclass(frozen=True, slots=True)
class Register:
    """What was built. `rows` is by table; `damage` by kind, all of it in CBRY."""

    path: Path
    rows: dict[str, int]
    damage: dict[str, int]
    pensioner: Witness
    worker: Witness

    @property
    def faulty(self) -> int:
        """Rows of CBRY that no mapping can read right."""
        return sum(self.damage[kind.name] for kind in _damage.KINDS if kind.faulty)


def build(
    path: Path, *, persons: int = 100_000, seed: int = 809, tell: Callable[[int], None] | None = None
) -> Register:
    """Write the register into a new SQLite file; the same seed and size give the same rows.

    `tell` is called with the persons written so far. At least 1000 persons.
    """
    random = Random(seed)  # noqa: S311 - invented people, not keys
    employers = max(10, persons // 60)
    maker = _People(random, employers)
    people = [maker.person(number) for number in range(1, persons + 1)]
    people[0] |= {"XM": "王𬭎", **maker.aged(people[0], date(1957, 3, 14))}
    people[1] |= {"XM": "李晓梅", **maker.aged(people[1], date(1991, 11, 5))}
    witnesses = [Witness(row["RYBH"], row["XM"], row["SFZH"]) for row in people[:2]]
    damage = _damage.plant(people[2:], random, each=persons // 1000)
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path)
    try:
        rows = _write(database, people, employers, random, tell or (lambda _: None))
    finally:
        database.close()
    return Register(path, rows, damage, *witnesses)


def _write(
    database: sqlite3.Connection,
    people: list[dict[str, Any]],
    employers: int,
    random: Random,
    tell: Callable[[int], None],
) -> dict[str, int]:
    database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCHEMA)
    database.executemany("INSERT INTO DWXX VALUES (?,?,?,?,?,?)", _employers(random, employers))
    for start in range(0, len(people), _BATCH):
        batch = people[start : start + _BATCH]
        # CAST lets bytes of another charset into a text column, as a bulk loader would have.
        places = ",".join("CAST(? AS TEXT)" if name == "XM" else "?" for name in _PERSON)
        database.executemany(f"INSERT INTO CBRY VALUES ({places})", ([*row.values()] for row in batch))  # noqa: S608
        database.executemany("INSERT INTO JFJL VALUES (?,?,?,?,?,?)", _contributions(random, batch))
        database.executemany("INSERT INTO DYFF VALUES (?,?,?,?,?)", _benefits(random, batch))
        tell(start + len(batch))
    database.commit()
    tables = ("DWXX", "CBRY", "JFJL", "DYFF")
    return {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}  # noqa: S608


class _People:
    """Makes one person after the other; no identity number twice."""

    def __init__(self, random: Random, employers: int) -> None:
        self._random = random
        self._employers = employers
        self._counties = tuple(_people.COUNTIES)
        self._taken: set[str] = set()

    def person(self, number: int) -> dict[str, Any]:
        random = self._random
        male = random.random() < 0.5  # noqa: PLR2004 - half of a population
        county = random.choice(self._counties)
        changed = TODAY - timedelta(days=random.randint(0, 900))
        row: dict[str, Any] = dict.fromkeys(_PERSON)
        row |= {
            "RYBH": f"3395{number:08d}",
            "XM": _people.name(random, male=male),
            "XB": "1" if male else "2",
            "XZQH": county,
            "DWBH": f"DW{random.randint(1, self._employers):08d}",
            "LXDH": _people.mobile(random),
            "KHZH": _people.bank_card(number),
            "SFYX": "是" if random.random() < 0.97 else "否",  # noqa: PLR2004
            "GXSJ": f"{changed} {random.randint(8, 17):02d}:{random.randint(0, 59):02d}:00",
        }
        return row | self.aged(row, _people.birth_date(random, TODAY))

    def aged(self, row: dict[str, Any], born: date) -> dict[str, Any]:
        """Everything that follows from the birth date: number, status, months paid, account."""
        random = self._random
        age = (TODAY - born).days / 365.2425
        retired = age >= _PENSION_AGE
        joined = born + timedelta(days=int(365.2425 * 20))
        months = max(0, int((min(age, _PENSION_AGE) - 20) * 12 * random.uniform(0.6, 0.98)))
        return {
            "SFZH": self._resident_id(row, born),
            "CSRQ": f"{born:%Y%m%d}",
            "CBZT": "4" if retired else random.choices("123", (90, 9, 1))[0],
            "CBRQ": f"{min(joined, TODAY):%Y%m%d}",
            "LQRQ": f"{born + timedelta(days=int(365.2425 * _PENSION_AGE) + 1):%Y%m%d}" if retired else _NO_DATE,
            "JFYS": months,
            "ZHYE": f"{months * random.randint(30_000, 90_000):012d}",
        }

    def _resident_id(self, row: dict[str, Any], born: date) -> str:
        while True:
            # Odd for men, even for women.
            sequence = self._random.randrange(1 if row["XB"] == "1" else 2, 1000, 2)
            made = _people.resident_id(row["XZQH"], born, sequence)
            if made not in self._taken:
                self._taken.add(made)
                return made


def _employers(random: Random, count: int) -> Iterator[tuple[Any, ...]]:
    kinds = ("机械制造", "纺织", "食品", "电子", "建筑安装", "商贸", "物流", "茶业")
    for number in range(1, count + 1):
        county = random.choice(list(_people.COUNTIES))
        name = f"{_people.COUNTIES[county]}{random.choice('恒新瑞华永嘉盛东')}{random.choice('源达泰和丰隆通安')}"
        name += f"{random.choice(kinds)}有限公司"
        code = _people.credit_code(county, number)
        yield f"DW{number:08d}", name, code, random.choice(("10", "20", "30")), county, _people.mobile(random)


def _contributions(random: Random, people: Iterable[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    """The last two months of everybody who pays; amounts in fen."""
    for row in people:
        if row["CBZT"] == "1":
            base = random.randint(4_000, 24_000) * 100
            for month in ("202605", "202606"):
                yield row["RYBH"], month, f"{base:010d}", base * 16 // 100, base * 8 // 100, f"{month}15"


def _benefits(random: Random, people: Iterable[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    """The last two months of everybody who receives; amounts in fen."""
    for row in people:
        if row["CBZT"] == "4":
            amount = random.randint(150_000, 620_000)
            for month in ("202605", "202606"):
                yield row["RYBH"], month, amount, "1" if random.random() < 0.995 else "2", f"{month}10"  # noqa: PLR2004
