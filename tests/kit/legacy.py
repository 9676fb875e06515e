"""A legacy register with every difficulty the kit looks for, the real adapter over it, and its fixtures."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from datong.config import load
from datong.conformance import Fixtures, Issuer
from datong.interface import Application, create_app

PROVIDER = "91350100M000100Y43"
PURPOSES = ["benefit-check", "statistics"]
REGIONS = ("330102", "330106", "330203", "440305")
PERSONS = 90
FAULTY = 3

SCRIPT = """
CREATE TABLE PERSON (
  NO VARCHAR(8) PRIMARY KEY, IDNO VARCHAR(18), NAME VARCHAR(40), SEX VARCHAR(1), BORN VARCHAR(8), UNIT VARCHAR(8),
  STATUS VARCHAR(2), AMOUNT VARCHAR(40), SERIAL VARCHAR(24), CHANGED VARCHAR(19), REGION VARCHAR(6), NOTE VARCHAR(40),
  MONTHS INTEGER, SECRET VARCHAR(20)
);
CREATE TABLE OFFICE (CODE VARCHAR(8) PRIMARY KEY, TITLE VARCHAR(40), REGION VARCHAR(6));
"""


def identity(number: int) -> str:
    body = f"330106{1930 + number % 70}{number % 12 + 1:02d}{number % 28 + 1:02d}{number % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def person(number: int) -> list[Any]:
    idno = identity(number)
    return [
        f"{number:05d}",
        idno,
        f"{'赵钱孙李周吴郑王'[number % 8]}测试{number}",
        "12"[number % 2],
        idno[6:14],
        f"U{number % 5:03d}" if number % 7 else None,
        str(number % 3 + 1),
        f"{number * 10}.50" if number % 4 else "0.10",
        str(9_007_199_254_740_000_000 + number),
        f"2026-0{number % 9 + 1}-15 00:30:00",
        REGIONS[number % 4],
        "" if number % 11 == 0 else ("Note" if number % 2 else "note"),
        number % 6 or None,
        f"S-{number:04d}",
    ]


def people() -> list[list[Any]]:
    rows = [person(number) for number in range(1, PERSONS + 1)]
    rows[0][2], rows[0][11] = "\U00020bb7野㐂ＡＢＣ", "全角空格\u3000"
    rows[1][4], rows[2][4], rows[3][4] = "19491001", "19000228", "20000229"
    rows[4][7] = "12345678901234567890.123456"
    for index, value in zip((20, 40, 60), ("19991399", "18x00101", "20010230"), strict=True):
        rows[index][4] = value
    return rows


def fill(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.executescript(SCRIPT)
        db.executemany(f"INSERT INTO PERSON VALUES ({','.join('?' * 14)})", people())
        offices = [(f"O{number:03d}", f"窗口{number}", REGIONS[number % 4]) for number in range(15)]
        db.executemany("INSERT INTO OFFICE VALUES (?,?,?)", offices)
    db.close()


def facts(number: int, **more: Any) -> dict[str, Any]:
    return {
        "name": f"参保登记信息{number}",
        "catalogCode": f"301001/{number:06d}",
        "format": "数据库",
        "updateCycle": "daily",
        "sharingType": "conditional",
        "sharingMethods": ["serviceInterface"],
        "useConditions": {"scope": "社会保险业务", "purposes": PURPOSES},
        "classification": {"level": "general"},
        "publishedAt": "2025-09-01",
        "updatedAt": f"2026-01-{number + 10}T09:00:00+08:00",
    } | more


def item(column: str, name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"from": column, "name": name, "type": kind} | more


def everything(*flags: str) -> dict[str, bool]:
    return dict.fromkeys(flags or ("filterable", "range", "sortable"), True)


def fields() -> dict[str, Any]:
    day = {"transforms": [{"date": {"formats": ["%Y%m%d"]}}]}
    unmasked = {"unmaskFor": PURPOSES[:1]}
    return {
        "personNumber": item("NO", "人员编号", length=8, nullable=False, **everything()),
        "idNumber": item("IDNO", "身份证号", format="residentId", length=18, filterable=True, sensitive=True)
        | {"mask": "residentId"}
        | unmasked,
        "name": item("NAME", "姓名", length=40, filterable=True, mask="personName") | unmasked,
        "sex": item("SEX", "性别", length=1, filterable=True, sortable=True),
        "birthDate": item("BORN", "出生日期", "date", **day, **everything()),
        "unit": item("UNIT", "单位", length=8, filterable=True, sortable=True),
        "status": item("STATUS", "状态", length=2, filterable=True, sortable=True),
        "amount": item("AMOUNT", "金额", "decimal", scale=6) | {"transforms": ["decimal"]},
        "serial": item("SERIAL", "流水号", "string", length=24),
        "changedAt": item("CHANGED", "变更时间", "dateTime", **everything()),
        "region": item("REGION", "行政区划", format="regionCode", length=6, filterable=True),
        "note": item("NOTE", "备注", length=40, filterable=True),
        "months": item("MONTHS", "月数", "integer", **everything()),
        "secret": item("SECRET", "内部编号", length=20, sharingType="notShared"),
    }


def datasets() -> dict[str, Any]:
    source = {"from": {"table": "PERSON"}, "key": ["NO"], "fields": fields()}
    page = {"region": "region", "count": True, "page": {"default": 10, "max": 40}}
    verify = {
        "keys": ["idNumber", "name"],
        "fields": ["status"],
        "predicates": [{"field": "birthDate", "operators": ["lte", "gte"]}],
        "batch": 5,
        "attempts": {"count": 6, "per": 60},
    }
    offices = {"code": item("CODE", "窗口编码", length=8, **everything()), "title": item("TITLE", "名称", length=40)}
    offices["region"] = item("REGION", "行政区划", length=6, filterable=True)
    hidden = facts(4, sharingType="notShared", sharingMethods=[], useConditions={})
    hidden["notShared"] = {
        "reason": "涉及个人隐私",
        "legalBasis": [{"title": "个人信息保护法", "article": "第二十八条"}],
    }
    few = {"code": offices["code"], "title": offices["title"]}
    return {
        "persons": source | page | {"catalog": facts(1), "verify": verify},
        "offices": {"from": {"table": "OFFICE"}, "key": ["CODE"], "fields": offices, "count": True}
        | {"catalog": facts(2, sharingType="unconditional", useConditions={}), "page": {"default": 5, "max": 10}},
        "sealed": {"from": {"table": "OFFICE"}, "key": ["CODE"], "fields": few}
        | {"catalog": facts(3, classification={"level": "important"})},
        "hidden": source | {"catalog": hidden},
        "draft": source | {"catalog": facts(5, status="draft")},
    }


def write(folder: Path, issuer: Issuer, **more: Any) -> Path:
    trust = {"audience": f"urn:gds:adapter:{PROVIDER}:kit", "algorithms": ["ES256", "EdDSA"]}
    named = {"issuer": issuer.issuer, "jwks": issuer.jwks()}
    document = {
        "datong": "1",
        "adapter": {"id": "kit", "title": {"zh": "参保登记", "en": "Register"}, "version": "1.2.0"},
        "provider": {"name": "某市社会保险中心", "code": PROVIDER}
        | {"office": {"name": "数据共享办公室", "phone": "010-12345678", "email": "share@example.gov.cn"}},
        "source": {"kind": "database", "url": f"sqlite:///{folder / 'legacy.db'}", "zone": "Asia/Shanghai"},
        "trust": trust | {"issuers": [named | {"roles": ["consumer", "exchange", "provider", "operator"]}]},
        "limits": {"rate": {"requests": 320, "per": 60}},
        "datasets": datasets(),
    } | more
    fill(folder / "legacy.db")
    (folder / "adapter.yaml").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return folder


def known() -> Fixtures:
    """What the register's keeper knows of it."""
    first = {"name": "\U00020bb7野㐂ＡＢＣ", "note": "全角空格\u3000", "personNumber": "00001"}
    records = [
        {"where": {"personNumber": "00001"}, "values": first, "about": ["hardCharacters", "leadingZeros"]},
        {"where": {"personNumber": "00002"}, "values": {"birthDate": "1949-10-01"}, "about": ["beforeEpoch"]},
        {"where": {"personNumber": "00003"}, "values": {"birthDate": "1900-02-28"}, "about": ["calendar"]},
        {"where": {"personNumber": "00004"}, "values": {"birthDate": "2000-02-29", "amount": "0.10"}}
        | {"about": ["calendar"]},
        {"where": {"personNumber": "00005"}, "values": {"amount": "12345678901234567890.123456"}}
        | {"about": ["wideDecimal"]},
        {"where": {"personNumber": "00007"}, "values": {"unit": None, "serial": "9007199254740000007"}}
        | {"about": ["null"]},
        {"where": {"personNumber": "00011"}, "values": {"note": ""}, "about": ["empty"]},
        {"where": {"personNumber": "00008"}, "values": {"changedAt": "2026-09-15T00:30:00+08:00"}}
        | {"about": ["midnight"]},
    ]
    entry = {"count": PERSONS, "faulty": FAULTY, "records": records, "region": "3301", "purpose": PURPOSES[0]}
    return Fixtures.model_validate({"entries": {"persons": entry}, "unpublished": "draft"})


@dataclass
class Served:
    """The real adapter in this process, and the issuer that it trusts."""

    app: Application
    issuer: Issuer
    folder: Path

    @property
    def transport(self) -> httpx.ASGITransport:
        return httpx.ASGITransport(app=self.app, raise_app_exceptions=False)

    def close(self) -> None:
        asyncio.run(self.app.reader.close())
        self.app.guard.close()


def serve(folder: Path, **more: Any) -> Served:
    issuer = Issuer.generate()
    write(folder, issuer, **more)
    return Served(create_app(load(folder)), issuer, folder)
