"""A small legacy register and its adapter: the world in which the interface is tested."""

from __future__ import annotations

import asyncio
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from interface_contract import Contract

from datong.config import load
from datong.guard import DevelopmentIssuer
from datong.interface import Application, create_app

PROVIDER = "11000000000000000U"
CONSUMER = "91330100MA2AXXXXX0"
AUDIENCE = "urn:gds:adapter:test"
PURPOSE = "pension-eligibility"

SCRIPT = """
CREATE TABLE CBRY (
  RYBH INTEGER PRIMARY KEY, SFZH VARCHAR(20), XM VARCHAR(40), XB VARCHAR(1), CSRQ VARCHAR(10), DWDM VARCHAR(12),
  ZT VARCHAR(2), YJE VARCHAR(20), GXSJ VARCHAR(19), BZ VARCHAR(80), XZQH VARCHAR(6)
);
"""
REGIONS = ("330102", "330106", "330200", "440300")
SURNAMES = "赵钱孙李周吴郑王冯陈"


def identity(number: int) -> str:
    """A valid resident identity number of a person born in 1930 to 2005."""
    body = f"330106{1930 + number % 76}{number % 12 + 1:02d}{number % 28 + 1:02d}{number % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def person(number: int) -> tuple[Any, ...]:
    sfzh = identity(number)
    born = f"{sfzh[6:10]}{sfzh[10:12]}{sfzh[12:14]}"
    return (
        number,
        sfzh,
        SURNAMES[number % 10] + "测试" + str(number),
        "12"[number % 2],
        born,
        f"DW{number % 5:04d}" if number % 7 else None,
        str(number % 3 + 1),
        f"{number * 10}.50" if number % 4 else "0.00",
        f"2026-0{number % 9 + 1}-15 08:30:00",
        f"备注{number}",
        REGIONS[number % 4],
    )


FAULTY = (13, 27)
"""Persons whose date of birth cannot be read."""


def rows(count: int) -> list[tuple[Any, ...]]:
    made = [list(person(number)) for number in range(1, count + 1)]
    for number in FAULTY:
        if number <= count:
            made[number - 1][4] = "19991399"
    return [tuple(row) for row in made]


def fill(path: Path, count: int) -> None:
    with sqlite3.connect(path) as db:
        db.executescript(SCRIPT)
        db.executemany(f"INSERT INTO CBRY VALUES ({','.join('?' * 11)})", rows(count))
    db.close()


CATALOG = """\
      catalog:
        name: {name}
        catalogCode: {code}
        summary: 用于测试的参保人员信息
        format: 数据库表
        updateCycle: realtime
        sharingType: {sharing}
        sharingMethods: [{methods}]
        classification: {{level: {level}}}
        publishedAt: "2026-01-01T00:00:00+08:00"
        updatedAt: "2026-02-01T00:00:00+08:00"
"""

FIELDS = """\
      fields:
        personId:
          {from: RYBH, name: 人员编号, type: integer, nullable: false, filterable: true, range: true, sortable: true}
        idNumber:
          {from: SFZH, name: 身份证号, type: string, format: residentId, length: 18, filterable: true,
           sensitive: true, mask: residentId, unmaskFor: [identity-check]}
        name:
          {from: XM, name: 姓名, type: string, format: personName, length: 40, filterable: true, sortable: true,
           mask: personName, unmaskFor: [identity-check, pension-eligibility]}
        sex:
          {from: XB, name: 性别, type: string, filterable: true, sortable: true,
           transforms: [{codes: {"1": male, "2": female}}]}
        birthDate:
          {from: CSRQ, name: 出生日期, type: date, filterable: true, range: true, sortable: true,
           transforms: [{date: "%Y%m%d"}]}
        unit: {from: DWDM, name: 单位代码, type: string, length: 12, filterable: true, sortable: true}
        status:
          {from: ZT, name: 参保状态, type: string, length: 2, filterable: true, range: true, sortable: true,
           dictionary: {"1": 正常, "2": 暂停, "3": 终止}}
        amount: {from: YJE, name: 月缴额, type: decimal, scale: 2}
        updatedAt: {from: GXSJ, name: 更新时间, type: dateTime, range: true, sortable: true, filterable: true}
        note: {from: BZ, name: 备注, type: string, length: 80, sharingType: notShared}
        region: {from: XZQH, name: 行政区划, type: string, format: regionCode, length: 6, filterable: true}
"""

VERIFY = """\
      verify:
        keys: [idNumber, name]
        fields: [status, sex]
        predicates:
          - {field: birthDate, operators: [lte, gte]}
          - {field: status, operators: [in]}
        batch: 5
        attempts: {count: 6, per: 60}
"""

HEAD = """\
datong: "1"
adapter: {{id: register, title: {{zh: 参保登记, en: Insurance register}}, version: 1.2.0}}
provider:
  name: 开发测试单位
  code: {provider}
  office: {{name: 数据共享科, phone: 0571-00000000, email: share@example.gov.cn}}
source:
  kind: database
  url: {url}
  zone: Asia/Shanghai
trust: {{audience: "{audience}"}}
limits: {{deadline: {deadline}, rows: {budget}, rate: {{requests: {rate}, per: 60}}}}
datasets:
"""


def entry(name: str, *, sharing: str = "conditional", level: str = "general", more: str = "", tail: str = "") -> str:
    facts = CATALOG.format(
        name=f"参保人员{name}",
        code=f"3064001/{sum(name.encode()):06d}",
        sharing=sharing,
        methods="" if sharing == "notShared" else "serviceInterface",
        level=level,
    )
    if sharing == "conditional":
        facts += "        useConditions: {scope: 政务部门, purposes: [pension-eligibility, identity-check]}\n"
    if sharing == "notShared":
        facts += (
            "        notShared: {reason: 涉及个人隐私, legalBasis: [{title: 个人信息保护法, article: 第二十八条}]}\n"
        )
    return f"    {name}:\n      from: {{table: CBRY}}\n      key: [RYBH]\n{facts}{more}{FIELDS}{tail}"


def write(folder: Path, url: str, *, deadline: float = 5, budget: int = 100_000, rate: int = 100_000) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    head = HEAD.format(provider=PROVIDER, url=url, audience=AUDIENCE, deadline=deadline, budget=budget, rate=rate)
    notice = (
        "        changeNotice: {announcedAt: '2026-03-01', effectiveAt: '2027-03-01', "
        "text: {zh: 字段调整, en: Items change}}\n"
    )
    region = "      region: region\n      count: true\n      page: {default: 10, max: 50}\n"
    datasets = [
        entry("persons", tail=region + VERIFY),
        entry("important", level="important"),
        entry("closed", sharing="notShared"),
        entry("changing", more=notice),
        entry("draft", more="        status: draft\n"),
    ]
    (folder / "adapter.yaml").write_text(head + "".join(datasets), encoding="utf-8")
    return folder


class World:
    """An adapter served in this process, its issuer, its exchange, and callers with grants."""

    def __init__(self, folder: Path, **parts: Any) -> None:
        self.folder = folder
        self.loaded = load(folder)
        self.app: Application = create_app(self.loaded, loopback=True, **parts)
        self.issuer = DevelopmentIssuer(folder)
        self._loop = asyncio.new_event_loop()
        self._transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=True)
        self._client = httpx.AsyncClient(transport=self._transport, base_url="http://adapter.test")
        self.contract = Contract(self._loop.run_until_complete(self._client.get("/v1/openapi.json")).json())

    def close(self) -> None:
        self._loop.run_until_complete(self._client.aclose())
        self._loop.run_until_complete(self.app.reader.close())
        self.app.guard.close()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def run(self, work: Any) -> Any:
        return self._loop.run_until_complete(work)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        response: httpx.Response = self._loop.run_until_complete(self._client.request(method, path, **options))
        self.contract.check(response)
        return response

    def token(self, **claims: Any) -> str:
        base = {"aud": AUDIENCE, "providerId": PROVIDER, "sub": "tester"}
        return self.issuer.token(**(base | claims))

    def grant(self, **changes: Any) -> Caller:
        """Push a grant and answer a caller that holds a token for it."""
        grant_id = changes.pop("grantId", f"grant-{uuid.uuid4().hex[:8]}")
        claims = changes.pop("claims", {})
        body = {
            "consumerId": CONSUMER,
            "providerId": PROVIDER,
            "catalogId": "persons",
            "purposeId": PURPOSE,
            "basis": "社会保险法",
            "scenario": "养老待遇资格认证",
            "method": ["serviceInterface"],
            "validFrom": "2020-01-01T00:00:00+08:00",
            "validUntil": "2099-01-01T00:00:00+08:00",
        } | changes
        answer = self.exchange("PUT", f"/v1/grants/{grant_id}", json=body)
        assert answer.status_code in (200, 201), answer.text
        named = ("consumerId", "catalogId", "purposeId")
        token = self.token(grantId=grant_id, **({name: body[name] for name in named} | claims))
        return Caller(self, token, body["catalogId"], grant_id, body)

    def exchange(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self.request(method, path, headers=bearer(self.token(role="exchange")), **options)

    def provider(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self.request(method, path, headers=bearer(self.token(role="provider")), **options)


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


class Caller:
    def __init__(self, world: World, token: str, catalog_id: str, grant_id: str, body: dict[str, Any]) -> None:
        self.world = world
        self.token = token
        self.base = f"/v1/datasets/{catalog_id}"
        self.grant_id = grant_id
        self.body = body

    def get(self, path: str, *, method: str = "GET", **options: Any) -> httpx.Response:
        headers = bearer(self.token) | options.pop("headers", {})
        return self.world.request(
            method, path if path.startswith("/v1") else self.base + path, headers=headers, **options
        )

    def post(self, path: str, body: Any, **options: Any) -> httpx.Response:
        return self.get(path, method="POST", json=body, **options)

    def records(self, query: str = "") -> httpx.Response:
        return self.get(f"/records{query}")

    def search(self, body: Any) -> httpx.Response:
        return self.post("/records/_search", body)

    def verify(self, *claims: dict[str, Any]) -> httpx.Response:
        return self.post("/_verify", {"claims": list(claims)})

    def walk(self, query: str = "", *, first: httpx.Response | None = None) -> Iterator[dict[str, Any]]:
        """Every page, by the `next` links."""
        response = first or self.records(query)
        while True:
            assert response.status_code == 200, response.text
            page = response.json()
            yield page
            following = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
            if following is None:
                return
            response = self.get(following)


def code(response: httpx.Response) -> str:
    """The problem code, after checking that the answer is a proper problem."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    document = response.json()
    assert document["status"] == response.status_code
    assert document["requestId"] == response.headers["gds-request-id"]
    return str(document["code"])


def points(response: httpx.Response) -> set[tuple[str, str]]:
    return {(point["pointer"], point["code"]) for point in response.json()["errors"]}
