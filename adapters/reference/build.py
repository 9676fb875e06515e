"""Builds the small legacy database of this adapter: `python build.py [legacy.db]`.

Every value is the same in every run, and made to be hard: characters outside the basic plane in
GB18030 bytes, codes with leading zeros, decimals wider than a double, fields padded with blanks,
dates long ago, and two rows whose date is none.
"""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from typing import Any

PERSONS = 30
OFFICES = 12
REGIONS = ("330102", "330106", "330203", "440305")
BROKEN = {17: "19991399", 23: "18x00101"}
"""Row → a date of birth that is none."""
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

SCRIPT = """
CREATE TABLE PERSON (
  IDNO VARCHAR(18) PRIMARY KEY, NO VARCHAR(8), NAME BLOB, SEX VARCHAR(1), BORN VARCHAR(8), UNIT VARCHAR(8),
  STATUS VARCHAR(2), AMOUNT VARCHAR(40), SERIAL INTEGER, CHANGED VARCHAR(19), REGION VARCHAR(6), NOTE VARCHAR(40),
  MARK CHAR(8), MONTHS INTEGER, ACTIVE VARCHAR(4), MEMO VARCHAR(40), PHONE VARCHAR(11), FILENO VARCHAR(20)
);
CREATE TABLE OFFICE (CODE VARCHAR(8) PRIMARY KEY, TITLE VARCHAR(40), REGION VARCHAR(6));
"""


def identity(number: int) -> str:
    """A resident identity number with a right check character; every eleventh or so ends with X."""
    body = f"330106{1931 + number % 70}{number % 12 + 1:02d}{number % 28 + 1:02d}{number % 1000:03d}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]


def person(number: int) -> dict[str, Any]:
    idno = identity(number)
    return {
        "IDNO": idno,
        "NO": f"{number:05d}",
        "NAME": f"{'赵钱孙李周吴郑王'[number % 8]}测试{number}".encode("gb18030"),
        "SEX": "12"[number % 2],
        "BORN": BROKEN.get(number, idno[6:14]),
        "UNIT": f"U{number % 4:03d}" if number % 7 else None,
        "STATUS": str(number % 3 + 1),
        "AMOUNT": f"{number * 10}.50" if number % 4 else "0.10",
        "SERIAL": 9_007_199_254_740_000_000 + number,
        "CHANGED": f"2026-0{number % 9 + 1}-15 00:30:00",
        "REGION": REGIONS[number % 4],
        "NOTE": "" if number % 6 == 0 else ("Note" if number % 2 else "note"),
        "MARK": " " * 8 if number % 5 == 0 else f"M{number:02d}".ljust(8),
        "MONTHS": number % 6 or None,
        "ACTIVE": "是" if number % 2 else "否",
        "MEMO": f"memo {number}",
        "PHONE": f"1380571{number * 37 % 10000:04d}",
        "FILENO": f"S-{number:04d}",
    }


def people() -> list[dict[str, Any]]:
    rows = [person(number) for number in range(1, PERSONS + 1)]
    rows[0] |= {"NAME": "\U00020bb7野㐂ＡＢＣ".encode("gb18030"), "NOTE": "全角空格\u3000"}
    for place, born in ((1, "19491001"), (2, "19000228"), (3, "20000229"), (4, "19691231")):
        rows[place]["BORN"] = born
    rows[4]["AMOUNT"] = "12345678901234567890.123456"
    return rows


def build(path: Path) -> None:
    """Write the database; an existing one is replaced."""
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as db:
        db.executescript(SCRIPT)
        rows = people()
        named = ", ".join(f":{name}" for name in rows[0])
        db.executemany(f"INSERT INTO PERSON VALUES ({named})", rows)  # noqa: S608 - our own names
        offices = [(f"O{number:03d}", f"办事窗口{number}", REGIONS[number % 4]) for number in range(1, OFFICES + 1)]
        db.executemany("INSERT INTO OFFICE VALUES (?, ?, ?)", offices)
    db.close()


if __name__ == "__main__":
    build(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_name("legacy.db")))
