"""Requests of the class security: the negative matrix of tokens and grants."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote, urlsplit

from datong.conformance._context import TAKEN, Access, Blocked, Context, records
from datong.conformance._exchange import Header, Request
from datong.conformance._issuer import ELSEWHERE, UNSIGNED, UNTIMELY, Token
from datong.conformance._population import population
from datong.conformance._registry import probe
from datong.conformance._session import loopback
from datong.conformance._transport import VERSIONS, handshake, plain

STEP: Final = 0.25
"""Seconds between two looks at whether a suspension took effect."""
HTTP: Final = 80


@probe("security")
def transport(context: Context) -> None:
    """Each version of TLS, and the same address without it."""
    base = context.session.base
    parts = urlsplit(base)
    if parts.scheme != "https":
        return
    limit = min(5.0, context.settings.timeout)
    for version in VERSIONS:
        request = Request(method="CONNECT", url=version)
        context.session.note("security.tls", {"version": version}, request, handshake(base, version, limit))
    host, path = parts.hostname or "", f"{parts.path}/catalog"
    ports = {parts.port or 443} | (set() if loopback(base) else {HTTP})
    for port in ports:
        request = Request(method="GET", url=f"http://{host}:{port}{path}")
        context.session.note("security.plain", {"port": port}, request, plain(host, port, path, limit))


def guarded(context: Context) -> Iterator[tuple[str, str]]:
    """Every path that needs a token, of the classes that are claimed."""
    entry = quote(context.main, safe="")
    yield from [("GET", "/catalog"), ("GET", f"/catalog/{entry}"), ("GET", f"/catalog/{entry}/schema")]
    yield from [("GET", f"/catalog/{entry}/versions"), ("GET", "/grants"), ("GET", "/grants/kit-no-such-grant")]
    yield from [("PUT", "/grants/kit-no-such-grant"), ("GET", "/health/ready")]
    lists = f"/datasets/{entry}/records"
    by_class = {
        "query": [("GET", lists), ("GET", f"{lists}/kit"), ("POST", f"{lists}/_search")],
        "verify": [("POST", f"/datasets/{entry}/_verify")],
        "audit": [("GET", "/audit/records"), ("GET", "/audit/policy")],
        "ops": [("GET", "/stats")],
        "batch": [("POST", f"/datasets/{entry}/exports"), ("GET", "/jobs/kit"), ("DELETE", "/jobs/kit")],
        "file": [("GET", f"/datasets/{entry}/files")],
        "changes": [("GET", f"/datasets/{entry}/changes")],
        "corrections": [("POST", "/corrections"), ("GET", "/corrections/kit")],
        "service": [("POST", f"/services/{entry}")],
    }
    for name, paths in by_class.items():
        if name in context.claimed and (name != "verify" or context.entry(context.main).get("verify")):
            yield from paths


@probe("security")
def unsigned(context: Context) -> None:
    """Every guarded path with tokens whose signature proves nothing."""
    claims = context.access(context.main).claims
    for method, path in guarded(context):
        for kind in UNSIGNED:
            body: Any = {} if method in ("POST", "PUT") else None
            token = context.tokens.bad(kind, **claims)
            context.call(method, path, "security.unsigned", token, {"kind": kind}, json=body)


@probe("security")
def untimely(context: Context) -> None:
    access = context.access(context.main)
    _asked(context, access, access.token("good again"), "security.timely")
    for kind in UNTIMELY:
        _asked(context, access, context.tokens.bad(kind, **access.claims), "security.untimely", kind=kind)


@probe("security")
def audiences(context: Context) -> None:
    access = context.access(context.main)
    for kind in ELSEWHERE:
        _asked(context, access, context.tokens.bad(kind, **access.claims), "security.audience", kind=kind)


@probe("security")
def replays(context: Context) -> None:
    """The same token twice, for an entry of each level."""
    levels: dict[str, str] = {}
    for name in context.published:
        levels.setdefault(str((context.entry(name).get("classification") or {}).get("level")), name)
    for level, name in levels.items():
        access = context.access(name)
        token = access.token("replayed")
        for turn in (1, 2):
            _asked(context, access, token, "security.replay", level=level, turn=turn)


@probe("security")
def bindings(context: Context) -> None:
    """One thing wrong about a token or its grant, and everything else right."""
    entry = context.main
    good = context.access(entry)
    other = next((name for name in context.published if name != entry), "kit-another-entry")
    foreign = context.access(entry, "other", "b")
    cases: list[tuple[str, Token, tuple[Header, ...], str]] = [
        ("wrong-provider", good.token("wrong-provider", providerId="91110000000000000X"), (), ""),
        ("wrong-entry", good.token("wrong-entry", catalogId=other), (), ""),
        ("grant-unknown", good.token("grant-unknown", grantId="kit-no-such-grant"), (), ""),
        ("grant-consumer", good.token("grant-consumer", grantId=foreign.grant_id), (), ""),
        ("wrong-purpose", good.token("wrong-purpose", purposeId="kit-other-purpose"), (), ""),
        ("wrong-purpose-header", good.token("wrong-purpose", purposeId="kit-other-purpose"), _purposes(good), ""),
        (
            "wrong-purpose-parameter",
            good.token("wrong-purpose", purposeId="kit-other-purpose"),
            (),
            f"?purpose={quote(good.purpose_id)}",
        ),
        ("no-purpose", good.token("no-purpose", purposeId=None), (), ""),
    ]
    for kind in ("future", "past"):
        cases += [(kind, access.token(kind), (), "") for access in _granted(context, entry, kind)]
    for status in ("suspended", "terminated"):
        cases += [(status, access.token(status), (), "") for access in _stopped(context, entry, status)]
    _bound(context, entry, cases)


def _purposes(good: Access) -> tuple[Header, ...]:
    return (("Gds-Purpose", good.purpose_id), ("Gds-Purpose-Id", good.purpose_id))


def _granted(context: Context, entry: str, kind: Any) -> Iterator[Access]:
    try:
        yield context.access(entry, kind)
    except Blocked:
        return


def _stopped(context: Context, entry: str, status: Any) -> Iterator[Access]:
    """A grant that was active and is not any more."""
    for access in _granted(context, entry, status):
        body = context.grant(entry, status, access.consumer_id)
        if not any(each.kind == status for each in context.given(entry).grants):
            context.put_grant(access.grant_id, {**body, "status": status}, kind=str(status))
        yield access


def _bound(context: Context, entry: str, cases: list[tuple[str, Token, tuple[Header, ...], str]]) -> None:
    for place, method, path in _places(context, entry):
        for case, token, headers, query in cases:
            tags = {"case": case, "place": place, "entry": entry}
            body: Any = ({"claims": [{}]} if place == "verify" else {}) if method == "POST" else None
            fresh = Token(token.name, token.value)
            context.call(method, path + query, "security.binding", fresh, tags, headers=headers, json=body)


def _places(context: Context, entry: str) -> Iterator[tuple[str, str, str]]:
    if "query" in context.claimed and entry in context.tested:
        found = [each for each in population(context, entry).records if isinstance(each.get("recordId"), str)]
        yield "list", "GET", records(entry)
        yield "search", "POST", f"{records(entry)}/_search"
        yield "absent", "GET", f"{records(entry)}/kit-no-such-record"
        if found:
            yield "present", "GET", f"{records(entry)}/{quote(found[0]['recordId'], safe='')}"
    if "verify" in context.claimed and context.entry(entry).get("verify"):
        yield "verify", "POST", f"/datasets/{quote(entry, safe='')}/_verify"


@probe("security")
def methods(context: Context) -> None:
    """A grant of one method, used for every other one that the entry offers."""
    calls: dict[str, tuple[str, str, Any, str]] = {
        "serviceInterface": ("GET", "records?limit=1", None, "query"),
        "batchExchange": ("POST", "exports", {}, "batch"),
        "fileDownload": ("GET", "files", None, "file"),
    }
    for entry in context.published[: context.settings.entries]:
        offered = [each for each in context.methods(entry) if each == "verify" or each in calls]
        for granted in offered if len(offered) > 1 else ():
            access = context.access(entry, "verify" if granted == "verify" else "good", part=granted, method=[granted])
            for asked, (verb, path, body, cls) in calls.items():
                if asked in offered and asked != granted and cls in context.claimed:
                    tags = {"entry": entry, "granted": granted, "asked": asked}
                    place = f"/datasets/{quote(entry, safe='')}/{path}"
                    context.call(verb, place, "security.method", access.token(), tags, json=body)


@probe("security")
def suspension(context: Context) -> None:
    """A grant that works, is suspended or terminated, and is looked at until it does not work any more."""
    entry = context.main
    for status in ("suspended", "terminated"):
        access = context.access(entry, "revocable", part=status)
        if _asked(context, access, access.token(), "security.revoking", status=status, phase="before") != _WORKS:
            continue
        body = context.grant(entry, "revocable", access.consumer_id)
        answer = context.put_grant(access.grant_id, {**body, "status": status}, "security.revoke", status=status)
        if answer.status not in TAKEN:
            continue
        _until_refused(context, access, status)


_WORKS: Final = 200


def _until_refused(context: Context, access: Access, status: str) -> None:
    began = time.monotonic()
    while True:
        passed = time.monotonic() - began
        told = {"status": status, "phase": "after", "seconds": round(passed, 2)}
        answer = _asked(context, access, access.token(), "security.revoking", **told)
        if answer != _WORKS or passed > context.settings.wait:
            return
        context.session.pause(STEP if passed < 5 else 2.0, "a suspended grant takes effect")  # noqa: PLR2004


@probe("security")
def signatures(context: Context) -> None:
    """A request without a signature for an entry whose level asks for one (RFC 9421)."""
    for entry in context.published:
        if context.once(entry):
            access = context.access(entry)
            _asked(context, access, access.token("unsigned request"), "security.unsignedRequest", entry=entry)
            return


def _asked(context: Context, access: Access, token: Token, label: str, **tags: Any) -> int | None:
    """The status of a data call with this token: a list, or where lists are not offered a verification."""
    entry = quote(access.catalog_id, safe="")
    told = {"entry": access.catalog_id, **tags}
    if "query" in context.claimed and context.offers(access.catalog_id, "serviceInterface"):
        return context.get(f"/datasets/{entry}/records?limit=1", label, token, **told).status
    claim = next((each.claim for each in context.given(access.catalog_id).claims if each.kind == "absent"), {})
    return context.call("POST", f"/datasets/{entry}/_verify", label, token, told, json={"claims": [claim]}).status
