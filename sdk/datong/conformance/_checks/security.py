"""Checks of the class security."""

from __future__ import annotations

from urllib.parse import urlsplit

from datong.conformance._checks._shared import DENIED, OK, UNKNOWN, grouped, short
from datong.conformance._exchange import Exchange
from datong.conformance._look import Look, shown
from datong.conformance._registry import check
from datong.conformance._session import loopback
from datong.model import Text

OLD = ("TLSv1", "TLSv1.1")
WITHIN = 60.0
"""Seconds for a suspension to take effect (REQ-SEC-11)."""
_CASES = {
    "REQ-SEC-06": ("wrong-provider",),
    "REQ-SEC-08": ("grant-unknown", "grant-consumer"),
    "REQ-SEC-09": ("wrong-purpose", "wrong-purpose-header", "wrong-purpose-parameter", "no-purpose"),
    "REQ-SEC-10": ("future", "past"),
}


@check(
    "REQ-SEC-01",
    "Serve TLS 1.2 or higher alone, with a certificate for the host, and no data over plain HTTP.",
    "只提供 TLS 1.2 及以上版本及与主机名相符的证书，明文 HTTP 不得返回数据。",
)
def transport(look: Look) -> None:
    base = look.obs.base
    for each in look.at("declare.landing"):
        if each.failure is not None and each.failure.kind == "tls":
            look.wrong(Text("a trusted certificate", "受信任的证书"), each.failure.detail, each)
            return
    if base.startswith("http:"):
        landing = look.need("declare.landing")
        look.expect(loopback(base), "https://", urlsplit(base).scheme, *landing)
        if not look.findings:
            look.not_applicable(Text("Test profile: HTTP on loopback.", "测试模式：本机回环地址上的 HTTP。"))
        return
    for each in look.need("security.tls"):
        old = each.tags.get("version") in OLD and each.response is not None
        look.expect(not old, "TLS ≥ 1.2", str(each.tags.get("version")), each)
    look.expect(any(each.response for each in look.at("security.tls")), "TLS ≥ 1.2", "-", *look.at("security.tls"))
    for each in look.at("security.plain"):
        moved = each.status is not None and 300 <= each.status < 400  # noqa: PLR2004 - a redirection
        refused = each.failure is not None or moved or each.status in (400, 403, 404, 421, 426)
        look.expect(refused, Text("closed, or a redirect", "关闭或重定向"), shown(each), each)


@check(
    "REQ-SEC-02",
    "Refuse missing, malformed, unsigned and wrongly signed tokens on every guarded path: 401 with WWW-Authenticate.",
    "所有受保护路径对缺失、格式错误、未签名或签名错误的令牌均应返回 401，并带 WWW-Authenticate。",
)
def unsigned(look: Look) -> None:
    for each in look.need("security.unsigned"):
        told = f"{each.request.method} {each.path}, {each.tags.get('kind')}: {shown(each)}"
        if look.expect(each.status == UNKNOWN, "HTTP 401", told, each):
            look.expect(each.header("www-authenticate"), "WWW-Authenticate", f"{told}, -", each)


@check(
    "REQ-SEC-03",
    "Refuse tokens outside exp, nbf and iat, and those that live longer than declared, with 401.",
    "超出 exp、nbf、iat 时限或有效期超过声明上限的令牌应返回 401。",
)
def untimely(look: Look) -> None:
    for each in look.need("security.untimely"):
        look.expect(each.status == UNKNOWN, "HTTP 401", f"{each.tags.get('kind')}: {shown(each)}", each)
    _works(look, look.at("security.timely"))


def _works(look: Look, found: list[Exchange]) -> None:
    """The same with a good token must not be refused, or nothing is shown by refusals."""
    if not look.findings and not any(each.status == OK for each in found):
        look.inconclusive(Text("Good tokens are refused too.", "合格的令牌同样被拒绝，无法判断。"))


@check(
    "REQ-SEC-04",
    "Accept a token again within its life for general entries, once for important ones (then 401 token-replayed).",
    "一般数据条目的令牌在有效期内可重复使用；重要数据条目的令牌只能使用一次，重放返回 401 token-replayed。",
)
def replays(look: Look) -> None:
    for each in look.need("security.replay"):
        again, level = each.tags.get("turn") != 1, each.tags.get("level")
        if again and level in ("important", "core"):
            look.refused(each, UNKNOWN, "token-replayed")
        else:
            look.expect(each.status == OK, "HTTP 200", f"{level}, {each.tags.get('turn')}: {shown(each)}", each)


@check(
    "REQ-SEC-05",
    "Publish the audience, accept tokens for it alone, character by character, and name it in the refusal.",
    "应公布受众标识，只接受与其逐字符一致的令牌，并在拒绝信息中给出期望值。",
)
def audiences(look: Look) -> None:
    discovery = look.at("declare.discovery")
    found = look.need("security.audience")
    for each in [each for each in discovery if each.status == OK]:
        look.schema(each, "adapterDiscovery")
    audience = str(look.obs.discovery.get("audience"))
    for each in found:
        if look.expect(each.status == UNKNOWN, "HTTP 401", f"{each.tags.get('kind')}: {shown(each)}", each):
            named = audience in str(each.body) or each.tags.get("kind") == "noAudience"
            look.expect(named, audience, str(each.document.get("detail")), each)
    _works(look, look.at("security.timely"))


def _bound(look: Look, requirement: str, code: str | None) -> None:
    """Every place of the cases of a requirement answers 403, with this code where one is laid down."""
    cases = _CASES[requirement]
    found = [each for each in look.obs.at("security.binding") if each.tags.get("case") in cases]
    if not found:
        look.inconclusive()
    for each in look.cite(found):
        unclaimed = each.tags.get("case") == "no-purpose" and each.status == UNKNOWN
        added = each.tags.get("case") == "wrong-purpose-parameter" and each.status == 400  # noqa: PLR2004
        holds = (each.status == DENIED and code in (None, each.code)) or unclaimed or added
        told = f"{each.tags.get('case')}, {each.tags.get('place')}: {shown(each)}"
        look.expect(holds, f"HTTP 403 {code or ''}".strip(), told, each)


@check(
    "REQ-SEC-06",
    "Refuse tokens for another provider with 403 wrong-provider.",
    "令牌的提供部门与本适配器不符时应返回 403 wrong-provider。",
)
def provider(look: Look) -> None:
    _bound(look, "REQ-SEC-06", "wrong-provider")


@check(
    "REQ-SEC-07",
    "Refuse a token for another entry than that of the path with 403 wrong-entry.",
    "令牌的目录条目与路径不符时应返回 403 wrong-entry。",
)
def entry(look: Look) -> None:
    found = [each for each in look.obs.at("security.binding") if each.tags.get("case") == "wrong-entry"]
    if not found:
        look.inconclusive()
    for each in look.cite(found):
        look.refused(each, DENIED, "wrong-entry")


@check(
    "REQ-SEC-08",
    "Refuse unknown grants and those of another consumer with 403, each by a code of its own.",
    "授权不存在或属于其他使用部门时应返回 403，且使用不同的代码。",
)
def grants(look: Look) -> None:
    _bound(look, "REQ-SEC-08", None)
    codes = {each.tags.get("case"): each.code for each in look.at("security.binding")}
    distinct = codes.get("grant-unknown") != codes.get("grant-consumer") or codes.get("grant-unknown") is None
    look.expect(distinct, Text("two codes", "两个不同代码"), str(codes.get("grant-unknown")))


@check(
    "REQ-SEC-09",
    "Take the purpose from the token alone, and refuse any but that of the grant with 403.",
    "使用目的只能取自令牌，与授权不一致时应返回 403。",
)
def purpose(look: Look) -> None:
    _bound(look, "REQ-SEC-09", None)


@check(
    "REQ-SEC-10",
    "Refuse calls before validFrom and after validUntil of the grant with 403.",
    "授权生效前及到期后的调用应返回 403。",
)
def period(look: Look) -> None:
    _bound(look, "REQ-SEC-10", None)


@check(
    "REQ-SEC-11",
    "Read grants again often enough: a suspension takes effect within 60 s, for jobs and files too.",
    "应及时重新读取授权：暂停或终止须在 60 秒内生效，包括运行中的任务与文件地址。",
)
def suspension(look: Look) -> None:
    look.need("security.revoking")
    for (status,), found in grouped(look.at("security.revoking", phase="after"), "status").items():
        last = found[-1]
        seconds = float(last.tags.get("seconds") or 0)
        if look.expect(last.status == DENIED, "HTTP 403", f"{status}, {seconds:g} s: {shown(last)}", last):
            look.expect(seconds <= WITHIN, f"≤ {WITHIN:g} s", f"{status}: {seconds:g} s", last)
            look.figures[f"{status}Seconds"] = seconds
    for each in look.at("security.revokedFile"):
        gone = each.status in (UNKNOWN, DENIED, 404, 410)
        look.expect(gone, "HTTP 403 / 404", f"{each.tags.get('kind')}: {shown(each)}", each)
    if not look.figures and not look.findings:
        look.inconclusive()


@check(
    "REQ-SEC-12",
    "Open only those methods that the grant lists; answer 403 method-not-granted to the others.",
    "只开放授权列明的共享方式，其他方式应返回 403 method-not-granted。",
)
def methods(look: Look) -> None:
    found = look.at("security.method")
    if not found:
        look.inconclusive(Text("No entry has two methods.", "没有提供两种以上共享方式的条目。"))
    for each in found:
        look.refused(each, DENIED, "method-not-granted")


@check(
    "REQ-SEC-13",
    "Give every refusal a code of its own, the same whether or not the record exists.",
    "每类拒绝须使用各自的代码，且不因记录是否存在而不同。",
)
def codes(look: Look) -> None:
    found = look.need("security.binding")
    by_case: dict[str, set[str | None]] = {}
    for each in found:
        case = str(each.tags.get("case"))
        if case in ("wrong-purpose-header", "wrong-purpose-parameter", "no-purpose"):
            continue
        if each.status in (UNKNOWN, DENIED):
            by_case.setdefault(case, set()).add(each.code)
    for each in look.at("security.unsigned", kind="wrongKey"):
        if each.status == UNKNOWN:
            by_case.setdefault("signature", set()).add(each.code)
    several = {case: own for case, own in by_case.items() if len(own) > 1}
    one = Text("one code for each reason", "每种原因一个代码")
    look.expect(not several, one, short(f"{case}: {own}" for case, own in several.items()), *found[:1])
    first = {case: next(iter(own)) for case, own in by_case.items()}
    shared = sorted(f"{case}: {code}" for case, code in first.items() if list(first.values()).count(code) > 1)
    look.expect(not shared, Text("codes of their own", "代码互不相同"), short(shared, 8), *found[:1])
    for (case,), own in grouped(found, "case").items():
        faces = {each.tags.get("place"): (each.status, each.code) for each in own}
        if faces.get("present", (OK,))[0] == OK:
            continue  # who is let in may learn it; that he is, the requirement of the case says
        if "absent" in faces:
            same = Text("the same for present and absent", "记录存在与否结果相同")
            look.expect(faces["present"] == faces["absent"], same, f"{case}: {faces}"[:160], *own)


@check(
    "REQ-SEC-14",
    "Demand a signature (RFC 9421) over method, target and digest for entries of level important.",
    "重要数据条目应要求按 RFC 9421 对方法、目标地址与内容摘要签名。",
)
def signatures(look: Look) -> None:
    found = look.at("security.unsignedRequest")
    if not found:
        look.not_applicable(Text("No entry is of level important.", "没有重要级别的条目。"))
    for each in found:
        refused = each.status in (400, UNKNOWN, DENIED)
        look.expect(refused, Text("refused without a signature", "未签名的请求被拒绝"), shown(each), each)
