"""Checks of the class verify."""

from __future__ import annotations

from statistics import median
from typing import Any

from datong.conformance._checks._shared import ABSENT, DENIED, ENOUGH, FAILURE, OK, REFUSED, short
from datong.conformance._exchange import Exchange
from datong.conformance._look import Look, shown
from datong.conformance._redact import MARKER
from datong.conformance._registry import check
from datong.model import Text

FEWEST: int = 50
CHANGING = frozenset(
    {"date", "gds-request-id", "ratelimit", "x-request-id", "age", "server-timing", "etag", "content-length"}
)
"""Headers that differ from call to call, or follow from the body."""
_NO_CLAIM = Text("No claim is known that could be verified.", "没有可用于核验的已知数据。")


def outcomes(exchange: Exchange) -> list[Any]:
    results = exchange.document.get("results")
    return [row.get("outcome") for row in results if isinstance(row, dict)] if isinstance(results, list) else []


def claims(look: Look) -> list[Exchange]:
    found = look.at("verify.claim")
    if not found:
        look.inconclusive(_NO_CLAIM)
    return found


@check(
    "REQ-VER-01",
    "Answer each claim with match, noMatch or indeterminate, in order, and nothing else.",
    "对每项核验请求依序只返回 match、noMatch 或 indeterminate。",
)
def outcome(look: Look) -> None:
    for each in claims(look):
        if each.tags.get("kind") in ("width", "trim", "case") or not look.status(each, OK):
            continue
        look.schema(each, "verifyResponse")
        told = f"{each.tags.get('kind')}: {short(outcomes(each))}"
        look.expect(outcomes(each) == [each.tags.get("outcome")], str(each.tags.get("outcome")), told, each)
    for each in look.at("verify.several"):
        if look.status(each, OK):
            wanted = str(each.tags.get("outcomes")).split(",")
            look.expect(outcomes(each) == wanted, ", ".join(wanted), short(outcomes(each), 9), each)
    for each in look.at("verify.malformed"):
        look.status(each, REFUSED)


@check(
    "REQ-VER-02",
    "Put nothing but outcomes into a verify answer: no stored value, id, count or item name, nor into its headers.",
    "核验应答除结果外不得包含任何内容：存储值、标识、数量、数据项名称均不得出现在正文、响应头或错误中。",
)
def disclosure(look: Look) -> None:
    look.need("verify.")
    for each in look.answered("verify.claim") + look.answered("verify.several") + look.answered("verify.sample"):
        more = [f"/{name}" for name in each.document if name != "results"]
        listed = each.document.get("results")
        rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
        more += [f"/results/{name}" for row in rows for name in row if name != "outcome"]
        look.expect(not more, "results[].outcome", short(more), each)
    for each in look.cite(each for each in look.obs.at("verify.") if each.path.endswith("/_verify")):
        _leaks(look, each)


def _leaks(look: Look, each: Exchange) -> None:
    """No marked value, and no value of the claimed records that the claim itself does not name."""
    if each.response is None:
        return
    text = f"{each.body} {each.response.headers}"
    leak = MARKER.search(text)
    look.expect(leak is None, Text("no stored value", "不含存储值"), leak[0] if leak else "", each)
    asked = str(each.request.body)
    given = look.obs.fixtures.entry(str(each.tags.get("entry")))
    for value in [value for record in given.records for value in record.values.values() if value and len(value) > 5]:  # noqa: PLR2004
        look.expect(value not in text or value in asked, Text("no stored value", "不含存储值"), value, each)


@check(
    "REQ-VER-03",
    "Answer an absent subject and a wrong value alike: status, outcome, headers and length.",
    "主体不存在与取值不符时，状态码、结果、响应头与长度均应相同。",
)
def alike(look: Look) -> None:
    pairs = look.at("verify.sample") + look.at("verify.claim")
    by_kind = {kind: [each for each in pairs if each.tags.get("kind") == kind] for kind in ("wrong", "absent")}
    if not all(by_kind.values()):
        look.inconclusive(_NO_CLAIM)
    wrong = by_kind["wrong"][0]
    varying = CHANGING | frozenset.intersection(*map(_varying, by_kind.values()))
    for each in [*by_kind["wrong"], *by_kind["absent"]]:
        same = Text("as for a wrong value", "与取值不符时相同")
        face = _face(each, varying)
        look.expect(face == _face(wrong, varying), same, f"{each.tags.get('kind')}: {face}"[:160], each, wrong)


def _varying(alike: list[Exchange]) -> frozenset[str]:
    """Headers that differ between answers of one kind: a trace id tells nothing of the kind."""
    seen: dict[str, set[str]] = {}
    for each in alike:
        for name, value in each.response.headers if each.response else ():
            seen.setdefault(name.lower(), set()).add(value)
    return frozenset(name for name, values in seen.items() if len(values) > 1)


def _face(each: Exchange, varying: frozenset[str]) -> tuple[Any, ...]:
    headers = each.response.headers if each.response else ()
    names = tuple(sorted(name.lower() for name, _ in headers))
    values = tuple(sorted((name.lower(), value) for name, value in headers if name.lower() not in varying))
    return each.status, outcomes(each), each.response.size if each.response else None, names, values


@check(
    "REQ-VER-04",
    "Take the same steps for absent subjects and wrong values, so that their times do not differ.",
    "主体不存在与取值不符应经过相同的处理步骤，使响应时间无可辨差异。",
)
def timing(look: Look) -> None:
    samples = look.answered("verify.sample")
    times = {
        kind: [each.duration_ms for each in samples if each.tags.get("kind") == kind] for kind in ("wrong", "absent")
    }
    if min(map(len, times.values())) < FEWEST:
        look.inconclusive(Text(f"Fewer than {FEWEST} samples of each kind.", f"每类样本少于 {FEWEST} 个。"))
    middles = {kind: median(values) for kind, values in times.items()}
    difference = abs(middles["wrong"] - middles["absent"])
    look.figures.update({f"{kind}MedianMs": round(value, 3) for kind, value in middles.items()})
    look.figures |= {"differenceMs": round(difference, 3), "samples": float(len(samples))}
    limit = look.obs.settings.timing_tolerance_ms
    look.expect(difference <= limit, f"≤ {limit:g} ms", f"{difference:.2f} ms", *samples[:2])


@check(
    "REQ-VER-05",
    "Refuse a claim that does not name every key with 400.",
    "未包含全部主键项的核验请求应返回 400。",
)
def few_keys(look: Look) -> None:
    for each in look.need("verify.fewKeys"):
        look.expect(each.status == REFUSED, "HTTP 400", f"−{each.tags.get('missing')}: {shown(each)}", each)


@check(
    "REQ-VER-06",
    "Declare and enforce the most claims of one request, and throttle repeated questions about one subject with 429.",
    "应声明并限制单次核验条数；对同一主体的重复试探应以 429 限制。",
)
def probing(look: Look) -> None:
    for each in look.at("verify.batch"):
        over = int(each.tags.get("claims") or 0) > int(each.tags.get("most") or 0)
        look.status(each, *((REFUSED, 413) if over else (OK,)))
    for entry, declared in look.obs.entries.items():
        part = declared.get("verify")
        stated = not isinstance(part, dict) or isinstance(part.get("maxClaims"), int)
        look.expect(stated, "verify.maxClaims", entry, *look.at("catalog.entry", entry=entry))
    asked = look.need("verify.probing")
    throttled = [each for each in asked if each.status == ENOUGH]
    look.expect(throttled, "HTTP 429", f"{len(asked)} × {shown(asked[-1])}", asked[-1])
    for each in throttled:
        look.expect(each.header("retry-after"), "Retry-After", "-", each)


@check(
    "REQ-VER-07",
    "Declare how values are compared (trim, width, case), and compare them that way.",
    "应在目录条目中声明比对规则（去空格、全半角、大小写），并按声明执行。",
)
def comparison(look: Look) -> None:
    for entry, declared in look.obs.entries.items():
        part = declared.get("verify")
        if isinstance(part, dict):
            rules = part.get("compare")
            ruled = isinstance(rules, dict) and set(part.get("keys") or ()) <= set(rules)
            look.expect(ruled, "verify.compare", entry, *look.at("catalog.entry", entry=entry))
    found = [each for each in look.at("verify.claim") if each.tags.get("kind") in ("width", "trim", "case")]
    if not found and not look.findings:
        look.inconclusive(_NO_CLAIM)
    for each in found:
        told = f"{each.tags.get('kind')}: {shown(each)} {short(outcomes(each))}"
        look.expect(outcomes(each) == [each.tags.get("outcome")], str(each.tags.get("outcome")), told, each)


@check(
    "REQ-VER-08",
    "Give a grant for verification alone no access to records, exports or changes.",
    "仅授权核验的授权不得访问记录、导出或变更数据。",
)
def verify_only(look: Look) -> None:
    for each in look.need("verify.only"):
        unserved = each.status == ABSENT and each.tags.get("cls") not in look.obs.claimed
        if not unserved:
            look.expect(each.status == DENIED, "HTTP 403", f"{each.tags.get('path')}: {shown(each)}", each)
    for each in look.at("verify.onlyVerify"):
        look.expect((each.status or FAILURE) < FAILURE, "HTTP 200", shown(each), each)
