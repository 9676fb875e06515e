"""Small reports made by hand: one with every verdict, one whose target is hostile in every place."""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path
from typing import Any

from datong.conformance import (
    EntryFixtures,
    Exchange,
    Failure,
    Finding,
    Fixtures,
    Kit,
    Observations,
    Report,
    Request,
    Response,
    Settings,
    Target,
    Verdict,
    Wait,
    Waiver,
)
from datong.conformance._report import summarise
from datong.model import Text
from datong.standard import REQUIREMENTS

SNAPSHOTS = Path(__file__).parent / "snapshots"
KIT = Kit(version="0.1.0", interface="1.0.0", register_digest="5" * 64)
STARTED = "2026-11-23T08:00:00.000+00:00"
HINT = Text("Sort by `key`, a total order.", "请按全序 `key` 排列。")
PROBLEM = {
    "type": "urn:gds:problem:internal",
    "title": "内部错误",
    "status": 500,
    "detail": "The adapter failed.",
    "code": "internal",
}
EVIL = (
    "</script></style></title><script>alert(1)</script><img src=//evil.test/x onerror=alert(2)>"
    "\"'><a href=javascript:alert(3)>x</a>`$(touch pwned)`; touch pwned; \\' \\$'\\n'\n&amp;{{7*7}}]]>"
    "\x1b[31m\x00\u202e\u2066\ud800\ufffe\r\x07\x9b"
)


def verdict(requirement: str, status: Any, **more: Any) -> Verdict:
    about = REQUIREMENTS[requirement]
    return Verdict(requirement=requirement, conformance=about.conformance, level=about.level, status=status, **more)


def exchanges() -> list[Exchange]:
    token = ("Authorization", "Bearer <token:good>")
    search = Request(
        method="POST",
        url="/datasets/persons/records/_search",
        headers=(token, ("Content-Type", "application/json")),
        body={"filter": {"idNumber": "<id:0a1b2c3d4e5f>", "name": "O'Brien"}},
    )
    page = Request(method="GET", url="/datasets/persons/records?limit=7", headers=(token, ("Accept", "*/*")))
    problem = Response(
        status=500,
        headers=(("content-type", "application/problem+json"), ("api-version", "1.0.0")),
        body=PROBLEM,
        size=99,
    )
    timing = {"started_at": STARTED, "duration_ms": 12.5}
    silent = Failure(kind="timeout", detail="no whole answer within 10 s")
    empty = Response(status=200, body={"items": []})
    return [
        Exchange(id="x00001", label="query.walk", request=page, response=empty, **timing),
        Exchange(id="x00002", label="query.search", request=search, response=problem, **timing),
        Exchange(id="x00003", label="core.head", request=page, failure=silent, **timing),
    ]


def every_verdict() -> Report:
    """One of each status, in classes that fail, are not fully tested, and pass."""
    lost = Finding(
        expected=Text("38 records", "38 条记录"), found=Text("31 records", "31 条记录"), exchanges=("x00001", "x00002")
    )
    late = Finding(expected=Text("an answer", "有应答"), found=Text("timeout", "超时"), exchanges=("x00003",))
    waiver = Waiver(requirement="REQ-CORE-02", reason="corrections follow in March", until=date(2027, 3, 31))
    broken = Text("A probe of the kit failed (core.paths).", "检测工具的探测程序出错（core.paths）。")
    unhooked = Text("No hook of the fixtures can bring this about.", "测试数据未提供可触发该情形的钩子。")
    unclaimed = Text("The target does not claim this class.", "被测系统未声明符合该一致性类。")
    slow: dict[str, Any] = {"findings": (late,), "exchanges": ("x00003",), "hint": HINT}
    verdicts = [
        verdict("REQ-CORE-01", "pass", exchanges=("x00001",)),
        verdict("REQ-CORE-02", "waived", waiver=waiver, **slow),
        verdict("REQ-CORE-03", "error", reason=broken),
        verdict("REQ-QRY-02", "fail", findings=(lost,), hint=HINT, exchanges=("x00001", "x00002")),
        verdict("REQ-QRY-12", "inconclusive", reason=unhooked),
        verdict("REQ-VER-04", "warning", figures={"medianDifferenceMs": 7.25}, **slow),
        verdict("REQ-AUD-05", "pass", exchanges=("x00001",)),
        verdict("REQ-AUD-08", "inconclusive", reason=unhooked),
        verdict("REQ-FIL-01", "notApplicable", reason=unclaimed),
    ]
    return report(verdicts, title="参保登记", version="1.2.0", adapter_id="kit", provider="91350100M000100Y43")


def report(verdicts: list[Verdict], *, base: str = "https://adapter.example/v1", **target: Any) -> Report:
    claimed = ("core", "query", "verify", "audit")
    observations = Observations(
        base=base,
        nonce="0" * 32,
        exchanges=tuple(exchanges()),
        fixtures=Fixtures(entries={"persons": EntryFixtures(derived=("claims",))}),
        settings=Settings(),
        started_at=STARTED,
        waits=(Wait(why="Retry-After of query.walk", seconds=2.0),),
    )
    return Report(
        kit=KIT,
        target=Target(base=base, openapi_digest="a" * 64, **target),
        started_at=STARTED,
        seconds=12.0,
        claimed=claimed,
        verdicts=tuple(verdicts),
        classes=summarise(verdicts, claimed),
        observations=observations,
    )


def hostile() -> Report:
    """Whatever comes from the target, or from those who describe it, tries to break out."""
    text = Text(EVIL, EVIL)
    request = Request(
        method=EVIL, url="/" + EVIL, headers=((EVIL, EVIL), ("Authorization", f"Bearer <token:{EVIL}>")), body=EVIL
    )
    answer = Response(status=200, headers=((EVIL, EVIL),), http_version=EVIL, body={EVIL: [EVIL]})
    timing = {"label": EVIL, "started_at": EVIL, "duration_ms": 1.0}
    held = (
        Exchange(id="x1", request=request, response=answer, **timing),
        Exchange(id="x2", request=request, failure=Failure(kind="protocol", detail=EVIL), **timing),
    )
    finding = Finding(expected=text, found=text, exchanges=("x1", "x2"))
    waiver = Waiver(requirement="REQ-CORE-02", reason=EVIL, until=date(2027, 3, 31))
    verdicts = [
        verdict(
            "REQ-CORE-01", "fail", findings=(finding,), reason=text, hint=text, exchanges=("x1",), figures={EVIL: 1.0}
        ),
        verdict("REQ-CORE-02", "waived", findings=(finding,), waiver=waiver),
        verdict("REQ-CORE-03", "error", reason=text),
        verdict("REQ-VER-04", "warning", findings=(finding,)),
        verdict("REQ-QRY-12", "inconclusive", reason=text),
    ]
    made = report(verdicts, title=EVIL, version=EVIL, adapter_id=EVIL, provider=EVIL)
    observed = made.observations.model_copy(
        update={
            "exchanges": held,
            "fixtures": Fixtures(entries={EVIL: EntryFixtures(derived=("claims",))}),
            "waits": (Wait(why=EVIL, seconds=1.0),),
        }
    )
    target = made.target.model_copy(update={"base": f"http://127.0.0.1/{EVIL}"})
    return made.model_copy(update={"observations": observed, "target": target, "started_at": EVIL, "stopped": text})


def same(name: str, text: str) -> None:
    """Compare a whole output with its snapshot; DATONG_UPDATE=1 writes it anew, for review."""
    path = SNAPSHOTS / name
    text = re.sub(r"(?m)[ \t]+$", "", text)
    if os.environ.get("DATONG_UPDATE"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
