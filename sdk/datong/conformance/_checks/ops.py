"""Checks of the class ops."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Final

from datong.conformance._checks._shared import ENOUGH, FAILURE, OK, items, short
from datong.conformance._exchange import Exchange, retry_after
from datong.conformance._look import Look, shown
from datong.conformance._registry import check
from datong.model import Text

CHECKS: Final = ("source", "audit", "keys", "clock")
_FAR: Final = Text("The declared quota is beyond reach of this run.", "声明的配额超出本次测试可达范围。")


@check(
    "REQ-OPS-01",
    "Answer GET /health/live with status pass and nothing else, without a token.",
    "GET /health/live 应免令牌返回 status，不得包含其他内容。",
)
def live(look: Look) -> None:
    for each in look.need("ops.live") + look.at("ops.liveDown"):
        if look.status(each, OK):
            look.schema(each, "healthLive")


@check(
    "REQ-OPS-02",
    "Report source, audit, keys and clock at /health/ready, details to the operator alone, and 503 when one fails.",
    "GET /health/ready 应报告 source、audit、keys、clock；详情仅对运维角色可见；检查失败时返回 503。",
)
def ready(look: Look) -> None:
    for each in look.need("ops.ready"):
        if not look.status(each, OK, 503) or not each.document:
            continue
        if each.status == OK:
            look.schema(each, "healthReady")
            failed = [name for name, part in _parts(each).items() if part.get("status") == "fail"]
            look.expect(not failed, "HTTP 503", f"HTTP 200: {short(failed)}", each)
        told = [name for name, part in _parts(each).items() if "detail" in part]
        closed = each.tags.get("role") == "operator" or not told
        look.expect(closed, Text("details for the operator alone", "详情仅对运维角色可见"), short(told), each)
    for each in look.at("ops.readyDown")[-1:]:
        look.status(each, 503)


def _parts(each: Exchange) -> dict[str, dict[str, Any]]:
    checks = each.document.get("checks")
    listed = checks.items() if isinstance(checks, dict) else ()
    return {name: part for name, part in listed if isinstance(part, dict)}


@check(
    "REQ-OPS-03",
    "Answer over-use with 429 and Retry-After, and send RateLimit-Policy and RateLimit where a limit exists.",
    "超出配额时应返回 429 并带 Retry-After；设有限额时应返回 RateLimit-Policy 与 RateLimit。",
)
def quota(look: Look) -> None:
    over = [each for each in look.obs.exchanges if each.status == ENOUGH]
    for each in look.cite(over):
        after = each.header("retry-after")
        look.expect(retry_after(after, 0.0) is not None, "Retry-After", str(after), each)
    burst = look.at("ops.burst")
    if burst:
        met = any(each.status == ENOUGH for each in burst)
        declared = look.obs.discovery.get("rateLimit")
        look.expect(met, f"HTTP 429, {declared}", f"{len(burst)} × {shown(burst[-1])}", burst[-1])
    limited = look.answered("ops.limited")
    if look.obs.discovery.get("rateLimit") and not look.findings:
        bare = [each for each in limited if not each.header("ratelimit") or not each.header("ratelimit-policy")]
        look.figures["withoutRateLimitHeaders"] = float(len(bare))
    if not burst and not look.findings:
        look.inconclusive(
            _FAR if look.obs.discovery.get("rateLimit") else Text("No quota is declared.", "未声明配额。")
        )


@check(
    "REQ-OPS-04",
    "Announce changes by changeNotice, Deprecation and Sunset; keep items of a published major version as they are.",
    "变更应通过 changeNotice、Deprecation、Sunset 预告；已发布的主版本不得删除、改类型或新增必填数据项。",
)
def stability(look: Look) -> None:
    announced = look.answered("ops.announced")
    for each in announced:
        for name in ("deprecation", "sunset"):
            look.expect(each.header(name), name.title(), f"{each.tags.get('kind')}: -", each)
        notice = look.obs.entries.get(str(each.tags.get("entry")), {}).get("changeNotice")
        stated = isinstance(notice, dict) and notice.get("effectiveAt") and notice.get("announcedAt")
        look.expect(stated and _ahead(notice), Text("announced ahead", "提前公告"), f"{notice}"[:120], each)
    previous = look.obs.settings.previous
    for each in look.answered("ops.schema"):
        if previous is not None:
            _kept(look, previous.get(str(each.tags.get("entry"))), each)
    if not announced and previous is None:
        reason = Text(
            "No change is announced, and no earlier run is given.", "没有已公告的变更，也未提供以往的测试结果。"
        )
        look.not_applicable(reason)


def _ahead(notice: Any) -> bool:
    try:
        moments = [datetime.fromisoformat(str(notice[name])) for name in ("announcedAt", "effectiveAt")]
    except (ValueError, KeyError):
        return False
    first, second = (each if each.tzinfo else each.replace(tzinfo=UTC) for each in moments)
    return first < second


def _kept(look: Look, before: Any, each: Exchange) -> None:
    """Nothing removed, retyped or newly required since the earlier run, within one major version."""
    entry = look.obs.entries.get(str(each.tags.get("entry")), {})
    if (
        not isinstance(before, dict)
        or str(before.get("version")).split(".")[0] != str(entry.get("version")).split(".")[0]
    ):
        return
    old, new = before.get("schema"), each.document
    olds = old.get("properties") if isinstance(old, dict) else None
    news = new.get("properties")
    if not isinstance(olds, dict) or not isinstance(news, dict) or not isinstance(old, dict):
        return
    look.expect(set(olds) <= set(news), short(olds, 9), f"−{short(sorted(set(olds) - set(news)))}", each)
    retyped = sorted(name for name in set(olds) & set(news) if _type(olds[name]) != _type(news[name]))
    look.expect(not retyped, Text("types as before", "类型不变"), short(retyped), each)
    added = set(new.get("required") or ()) - set(old.get("required") or ())
    look.expect(not added, Text("nothing newly required", "无新增必填项"), short(sorted(added)), each)


def _type(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    return {name: schema.get(name) for name in ("type", "anyOf", "format", "pattern", "contentEncoding")}


@check(
    "REQ-OPS-05",
    "Reach no host but source, exchange and time source.",
    "除数据源、共享交换平台与时间源外，不得访问其他主机。",
)
def isolation(look: Look) -> None:
    reached = look.obs.settings.network_log
    if reached is None:
        reason = Text(
            "Only a network namespace with a deny log can show it: none was given.",
            "需在带拒绝日志的网络命名空间中运行才能判断，本次未提供日志。",
        )
        look.inconclusive(reason)
    look.cite(look.obs.at("ops.live"))
    look.expect(not reached, Text("no other host", "不访问其他主机"), short(reached))


@check(
    "REQ-OPS-06",
    "Count calls, failures, durations and records by entry at /stats, as they happened.",
    "GET /stats 应按条目统计调用数、失败数、时长与记录数，并与实际一致。",
)
def statistics(look: Look) -> None:
    for each in look.need("ops.statsAll"):
        if look.status(each, OK):
            look.schema(each, "stats")
    for each in look.at("ops.stats"):
        if not look.status(each, OK) or not look.schema(each, "stats"):
            continue
        own = [row for row in items([each]) if row.get("catalogId") == each.tags.get("entry")]
        before = [row for page in look.answered("ops.statsBefore") for row in items([page])]
        calls = look.at("ops.counted")
        wanted = {
            "calls": len(calls),
            "failures": sum((call.status or FAILURE) >= FAILURE for call in calls),
            "records": sum(len(items([call])) for call in calls),
        }
        for name, number in wanted.items():
            counted = sum(_count(row, name) for row in own) - sum(_count(row, name) for row in before)
            look.expect(counted == number, f"{name}: {number}", f"{name}: {counted}", each)


def _count(row: dict[str, Any], name: str) -> int:
    value = row.get(name)
    return value if isinstance(value, int) and re.fullmatch(r"\d+", str(value)) else 0
