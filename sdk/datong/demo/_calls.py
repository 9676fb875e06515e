"""The calls of the walk, in order: each shows its request and answer and says what was expected."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import uuid4

import httpx

from datong.demo import _words
from datong.demo._caller import CONSUMER, ENTRY, GRANT, PURPOSE, Caller
from datong.demo._damage import KINDS
from datong.demo._register import Register, Witness
from datong.model import Text
from datong.standard import BASE_PATH

RECORDS: Final = f"{BASE_PATH}/datasets/{ENTRY}/records"
ITEMS: Final = ["personNumber", "name", "idNumber", "birthDate", "status", "region"]
FACTS: Final = (
    *("name", "items", "provider", "format", "updateCycle", "sharingType"),
    *("sharingMethods", "useConditions", "classification"),
)
_DATASETS: Final = f"{BASE_PATH}/datasets"
SIXTY: Final = "1966-06-30"
"""Born on this day or before: 60 on the register's last day."""
_SHOWN: Final = 2


def everything(caller: Caller, register: Register) -> None:
    grant(caller)
    catalog(caller)
    search(caller)
    verify(caller, register)
    refused = refusals(caller, register)
    suspension(caller)
    balance(caller, register)
    audit(caller, refused)


def serve(caller: Caller, base: str, seconds: float) -> None:
    why = Text(
        f"`datong serve pension` answered {seconds:.1f} s after its start, at {base}",
        f"`datong serve pension` 启动后 {seconds:.1f} 秒开始应答，地址 {base}",
    )
    caller.screen.step(Text("Serving", "启动服务"), why)
    answer = caller.call("GET", f"{BASE_PATH}/health/ready", token=caller.token("operator"))
    caller.expect(
        Text("source, audit, keys and clock are ready", "数据源、审计、密钥与时钟均就绪"), good=answer.is_success
    )


def grant(caller: Caller) -> None:
    caller.screen.step(*_words.GRANT)
    answer = caller.call(
        "PUT", f"{BASE_PATH}/grants/{GRANT}", token=caller.token("exchange"), body=_grant(caller), keep=6
    )
    caller.expect(Text("the grant is stored", "授权已保存"), good=answer.is_success)


def _grant(caller: Caller, **other: Any) -> dict[str, Any]:
    now = datetime.now(UTC).replace(microsecond=0)
    return {
        "grantId": GRANT,
        "consumerId": CONSUMER,
        "providerId": caller.provider,
        "catalogId": ENTRY,
        "purposeId": PURPOSE,
        "basis": "Regulations on senior allowances, Art. 6",
        "scenario": "Deciding on an application for the senior allowance",
        "scope": {"items": ITEMS},
        "method": ["serviceInterface", "verify"],
        "validFrom": (now - timedelta(minutes=1)).isoformat(),
        "validUntil": (now + timedelta(days=30)).isoformat(),
        "status": "active",
    } | other


def catalog(caller: Caller) -> None:
    caller.screen.step(*_words.CATALOG)
    path = f"{BASE_PATH}/catalog/{ENTRY}"
    answer = caller.quietly("GET", path, token=caller.token())
    entry = answer.json()
    items = entry.get("items", [])
    caller.screen.request("GET", path)
    caller.screen.answer(answer.status_code, {**entry, "items": items[:1]}, keep=80)
    left = len(items) - 1
    caller.screen.say(Text(f"{left} more items, left out here", f"另有 {left} 个数据项，此处从略"), style="dim italic")
    good = answer.is_success and all(entry.get(fact) for fact in FACTS)
    caller.expect(Text("all nine facts are stated", "九项目录事项齐全"), good=good)


def search(caller: Caller) -> None:
    caller.screen.step(*_words.SEARCH)
    where = {"region": "339521", "birthDate.lte": SIXTY, "status": "4"}
    body = {"filter": where, "sort": ["-birthDate"], "limit": _SHOWN}
    answer = caller.call("POST", f"{RECORDS}/_search", token=caller.token(), body=body, keep=40)
    items = answer.json().get("items") or [{}]
    good = len(items) == _SHOWN and all(set(item) - {"recordId"} == set(ITEMS) for item in items)
    caller.expect(Text("two people, with the granted items and no other", "返回两人，且只含授权的数据项"), good=good)
    masked = all("*" in item.get("idNumber", "") for item in items)
    caller.expect(Text("identity numbers are masked", "身份证号已脱敏"), good=masked)
    _record(caller, items[0])


def _record(caller: Caller, item: dict[str, Any]) -> None:
    path = f"{RECORDS}/{item.get('recordId')}"
    record = caller.call("GET", path, token=caller.token())
    caller.expect(Text("the record is the one that was found", "单条读取与查询结果一致"), good=record.json() == item)
    tag = {"If-None-Match": record.headers.get("etag", "")}
    again = caller.call("GET", path, token=caller.token(), headers=tag, note="If-None-Match")
    unchanged = again.status_code == httpx.codes.NOT_MODIFIED
    caller.expect(Text("unchanged, so it is not sent again", "数据未变，不再重复发送"), good=unchanged)


def verify(caller: Caller, register: Register) -> None:
    caller.screen.step(*_words.VERIFY)
    mixed = Witness("", register.pensioner.name, register.worker.resident_id)
    body = {"claims": [_entitled(who) for who in (register.pensioner, register.worker, mixed)]}
    answer = caller.call("POST", f"{BASE_PATH}/datasets/{ENTRY}/_verify", token=caller.token(), body=body, keep=30)
    told = answer.json() if answer.is_success else {}
    right = {"results": [{"outcome": outcome} for outcome in ("match", "noMatch", "noMatch")]}
    text = Text(
        "the pensioner matches, the worker and the mixed-up person do not; nothing else is told",
        "领取待遇者符合，在职者与信息不一致者不符合；除此之外未透露任何内容",
    )
    caller.expect(text, good=told == right)


def _entitled(who: Witness) -> dict[str, Any]:
    return {"idNumber": who.resident_id, "name": who.name, "birthDate.lte": SIXTY, "status.in": ["4"]}


def refusals(caller: Caller, register: Register) -> str:
    """Calls that must be refused; the request id of the last one."""
    caller.screen.step(*_words.REFUSALS)
    last = str(uuid4())
    calls = (
        ("token-missing", f"{RECORDS}?limit=1", None),
        ("item-not-granted", f"{RECORDS}?fields=name,accountNumber", caller.token()),
        ("sensitive-in-uri", f"{RECORDS}?idNumber={register.pensioner.resident_id}", caller.token()),
        ("wrong-entry", f"{BASE_PATH}/datasets/benefit-payments/records", caller.token()),
        ("wrong-purpose", f"{RECORDS}?limit=1", caller.token(purposeId="marketing")),
    )
    rows = []
    for code, path, token in calls:
        headers = {"Gds-Request-Id": last if code == "wrong-purpose" else str(uuid4())}
        answer = caller.quietly("GET", path, token=token, headers=headers)
        problem = answer.json()
        rows.append(
            (
                f"GET …{path.removeprefix(_DATASETS)}",
                str(answer.status_code),
                problem.get("code", ""),
                problem.get("title", ""),
            )
        )
    caller.screen.table(_words.CALLS, rows)
    caller.screen.say(
        Text("The last one in full, a token for another purpose:", "最后一次（令牌用途不符）的完整应答：")
    )
    caller.screen.answer(answer.status_code, problem)
    expected = [row[2] for row in rows] == [code for code, *_ in calls]
    caller.expect(Text("each was refused, by a code of its own", "各次调用均被拒绝，代码各不相同"), good=expected)
    return last


def suspension(caller: Caller) -> None:
    caller.screen.step(*_words.SUSPENSION)
    token = caller.token()
    caller.quietly(
        "PUT", f"{BASE_PATH}/grants/{GRANT}", token=caller.token("exchange"), body=_grant(caller, status="suspended")
    )
    answer = caller.call("GET", f"{RECORDS}?limit=1", token=token, keep=12)
    suspended = answer.json().get("code") == "grant-suspended"
    caller.expect(Text("refused, because the grant is suspended", "因授权已暂停而被拒绝"), good=suspended)
    caller.quietly("PUT", f"{BASE_PATH}/grants/{GRANT}", token=caller.token("exchange"), body=_grant(caller))
    works = caller.quietly("GET", f"{RECORDS}?limit=1", token=token).is_success
    caller.expect(Text("and it works again once the grant is active", "授权恢复后即可再次使用"), good=works)


def balance(caller: Caller, register: Register) -> None:
    caller.screen.step(*_words.BALANCE)
    whole = _grant(caller, grantId="g-2026-0002", scope={})
    caller.quietly("PUT", f"{BASE_PATH}/grants/g-2026-0002", token=caller.token("exchange"), body=whole)
    pages = list(_pages(caller, f"{RECORDS}?limit=1000", caller.token(grantId="g-2026-0002")))
    rows, served = register.rows["CBRY"], sum(len(page.get("items", ())) for page in pages)
    faulty = Counter((each["field"], each["code"]) for page in pages for each in page.get("faulty", ()))
    sums = (f"{rows:,}", f"{served:,}", f"{faulty.total():,}", f"{len(pages):,}")
    caller.screen.table(_words.SUMS, [sums])
    caller.screen.table(_words.FAULTS, [(*why, f"{count:,}") for why, count in sorted(faulty.items())])
    repaired = caller.screen.joined(kind.text for kind in KINDS if not kind.faulty)
    caller.screen.say(Text(f"Read right all the same: {repaired}", f"其余损坏均已正确读出：{repaired}"), style="dim")
    equal = rows == served + faulty.total()
    caller.expect(Text("rows in the register = served + reported", "登记库行数 = 已提供 + 已报告"), good=equal)
    exactly = faulty.total() == register.faulty
    caller.expect(Text("the rows reported are those beyond repair", "所报告的行恰为无法修复的行"), good=exactly)


def audit(caller: Caller, request_id: str) -> None:
    caller.screen.step(*_words.AUDIT)
    provider = caller.token("provider")
    answer = caller.call("GET", f"{BASE_PATH}/audit/records?requestId={request_id}", token=provider, keep=40)
    codes = [record.get("code") for record in answer.json().get("items", [])]
    caller.expect(Text("the refused call is on record", "被拒绝的调用已有记录"), good=codes == ["wrong-purpose"])
    pages = _pages(caller, f"{BASE_PATH}/audit/records?limit=1000", provider)
    records = sorted((each for page in pages for each in page.get("items", ())), key=lambda record: record["seq"])
    held, digest = _chained(records)
    text = Text(
        f"{len(records)} records, each holding the digest of the one before; the last is {digest[:16]}…",
        f"共 {len(records)} 条记录，每条含前一条的摘要；最后一条为 {digest[:16]}…",
    )
    caller.expect(text, good=held and len(records) > 0)


def _pages(caller: Caller, path: str | None, token: str) -> Iterator[dict[str, Any]]:
    while path is not None:
        page = caller.quietly("GET", path, token=token).json()
        yield page
        path = next((link["href"] for link in page.get("links", ()) if link["rel"] == "next"), None)


def _chained(records: list[dict[str, Any]]) -> tuple[bool, str]:
    """Whether each digest is that of its record's canonical JSON (RFC 8785) and the next one holds it."""
    previous = "0" * 64
    for record in records:
        body = {name: value for name, value in record.items() if name != "digest"}
        canonical = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        if body["prevDigest"] != previous or sha256(canonical).hexdigest() != record["digest"]:
            return False, previous
        previous = record["digest"]
    return True, previous
