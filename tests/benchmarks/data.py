"""The table every candidate serves: `enterprise`, 12 columns, deterministic."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg

DATABASE = "datong_bench"
COLUMNS = (
    "id",
    "tyshxydm",
    "qymc",
    "frdb",
    "lxdh",
    "zczb",
    "clrq",
    "hzrq",
    "xzqh",
    "qylx",
    "zt",
    "jydz",
)
DDL = """CREATE TABLE enterprise (
    id integer PRIMARY KEY, tyshxydm varchar(18) NOT NULL, qymc varchar(120) NOT NULL,
    frdb varchar(40), lxdh varchar(20), zczb numeric(18,2), clrq date, hzrq {timestamp},
    xzqh varchar(6), qylx smallint, zt varchar(2), jydz varchar(200))"""
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def rows(count: int) -> Iterator[tuple[object, ...]]:
    """`count` rows, the same at every run; money as text, dates as ISO text."""
    rng = random.Random(809)
    for number in range(1, count + 1):
        year, month, day = rng.randint(1985, 2025), rng.randint(1, 12), rng.randint(1, 28)
        yield (
            number,
            "91" + "".join(rng.choices(ALPHABET, k=16)),
            f"示例{rng.choice('东南西北中')}方{rng.choice('机电化建商贸')}业有限公司{number}号",
            rng.choice("赵钱孙李周吴郑王") + rng.choice("伟芳娜敏静丽强磊"),
            f"1{rng.randint(3000000000, 9999999999)}",
            f"{rng.randint(1, 10**9)}.{rng.randint(0, 99):02d}",
            f"{year}-{month:02d}-{day:02d}",
            f"2026-{month:02d}-{day:02d} {rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}:00",
            rng.choice(("440300", "440100", "330100", "110000")),
            rng.randint(1, 9),
            rng.choice(("1", "2", "3")),
            f"示例市示例区示例路{rng.randint(1, 999)}号" if rng.random() > 0.05 else None,
        )


def postgres(count: int) -> str:
    """Make the table in PostgreSQL unless it is there with `count` rows; answers its address."""
    with psycopg.connect("host=127.0.0.1 dbname=postgres user=postgres", autocommit=True) as admin:
        if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            admin.execute(f"CREATE DATABASE {DATABASE}")
    with psycopg.connect(f"host=127.0.0.1 dbname={DATABASE} user=postgres", autocommit=True) as db:
        present = db.execute("SELECT to_regclass('enterprise')").fetchone()
        if present and present[0] and db.execute("SELECT count(*) FROM enterprise").fetchone() == (count,):
            return f"postgresql://postgres@127.0.0.1:5432/{DATABASE}"
        db.execute("DROP TABLE IF EXISTS enterprise")
        db.execute(DDL.format(timestamp="timestamp"))
        with db.cursor().copy("COPY enterprise FROM STDIN") as copy:
            for row in rows(count):
                copy.write_row(row)
        db.execute("VACUUM ANALYZE enterprise")
    return f"postgresql://postgres@127.0.0.1:5432/{DATABASE}"


def sqlite(count: int, folder: Path) -> Path:
    """The same table as an SQLite file in `folder`."""
    path = folder / f"enterprise-{count}.db"
    if not path.exists():
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        with sqlite3.connect(part) as db:
            db.execute(DDL.format(timestamp="datetime"))
            places = ",".join("?" * len(COLUMNS))
            db.executemany(f"INSERT INTO enterprise VALUES ({places})", rows(count))
        db.close()
        part.rename(path)
    return path
