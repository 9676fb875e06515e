"""Requests of the class audit: calls that must be on record, and who may read it."""

from __future__ import annotations

import time
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from datong.conformance._context import Access, Context, records
from datong.conformance._issuer import Token
from datong.conformance._population import population
from datong.conformance._registry import probe
from datong.conformance._session import Seen

CASE: Final = "KIT-2026-0001"
OPERATOR: Final = "kit-operator-7"
PAGES: Final = 12
"""Pages of the log that are recomputed."""
STEP: Final = 0.2


@probe("audit")
def recorded(context: Context) -> None:
    """Calls of each kind under request ids of their own, and the records of them."""
    entry = context.main
    access = context.access(entry)
    token = access.token("operator named", operatorId=OPERATOR)
    claim = next((each.claim for each in context.given(entry).claims if each.kind == "true"), None)
    sensitive = context.given(entry).sensitive
    calls: list[tuple[str, str, str, Any]] = []
    if "query" in context.claimed and entry in context.tested:
        calls.append(("list", "GET", f"{records(entry)}?limit=3", None))
        people = population(context, entry).records
        if people and isinstance(people[0].get("recordId"), str):
            calls.append(("record", "GET", f"{records(entry)}/{quote(people[0]['recordId'], safe='')}", None))
        if sensitive is not None:
            body = {"filter": {sensitive.item: sensitive.value}, "limit": 3}
            calls.append(("search", "POST", f"{records(entry)}/_search", body))
            path = f"{records(entry)}?{sensitive.item}={quote(sensitive.value)}"
            _refused(context, "in the address", "GET", path, access.token())
    if claim is not None and "verify" in context.claimed:
        calls.append(("verify", "POST", f"/datasets/{quote(entry, safe='')}/_verify", {"claims": [claim]}))
    for kind, method, path, body in calls:
        tags = {"kind": kind, "entry": entry, "grant": access.grant_id, "purpose": access.purpose_id}
        tags |= {"consumer": access.consumer_id}
        seen = _identified(
            context, method, path, "audit.call", token if not access.once else access.token(), tags, body
        )
        _found(context, str(seen.exchange.tags["request"]), "audit.found", kind=kind)


@probe("audit")
def refusals(context: Context) -> None:
    """Calls that are refused for one reason each, and the records of them."""
    entry = context.main
    access = context.access(entry)
    path = f"{records(entry)}?limit=1" if "query" in context.claimed else f"/datasets/{quote(entry, safe='')}/_verify"
    method = "GET" if "query" in context.claimed else "POST"
    for case, token in (
        ("missing", Token("missing", None)),
        ("wrongKey", context.tokens.bad("wrongKey", **access.claims)),
        ("expired", context.tokens.bad("expired", **access.claims)),
        ("wrong-provider", access.token("wrong-provider", providerId="91110000000000000X")),
        ("wrong-purpose", access.token("wrong-purpose", purposeId="kit-other-purpose")),
        ("grant-unknown", access.token("grant-unknown", grantId="kit-no-such-grant")),
    ):
        _refused(context, case, method, path, token)


def _refused(context: Context, case: str, method: str, path: str, token: Token) -> None:
    body: Any = {} if method == "POST" else None
    seen = _identified(context, method, path, "audit.refused", token, {"case": case}, body)
    _found(context, str(seen.exchange.tags["request"]), "audit.foundRefused", case=case)


def _identified(
    context: Context, method: str, path: str, label: str, token: Token, tags: dict[str, Any], body: Any
) -> Seen:
    identity = str(UUID(int=context.random.getrandbits(128), version=4))
    headers = (("Gds-Request-Id", identity), ("Gds-Case-Id", CASE))
    return context.call(method, path, label, token, {**tags, "request": identity}, headers=headers, json=body)


def _found(context: Context, request: str, label: str, **tags: Any) -> None:
    """The record of a request, waited for a little: a log may be indexed late."""
    began = time.monotonic()
    while True:
        path = f"/audit/records?requestId={request}"
        seen = context.get(path, label, context.role("provider"), request=request, **tags)
        if seen.items or not seen.ok or time.monotonic() - began > min(5.0, context.settings.wait):
            return
        context.session.pause(STEP, "an audit record appears")


@probe("audit")
def window(context: Context) -> None:
    """The log, page by page."""
    token = context.role("provider")
    page = context.get("/audit/records?limit=1000", "audit.window", token)
    for _ in range(PAGES - 1):
        link = page.link("next")
        if not page.ok or link is None:
            return
        page = context.get(context.session.resolve("/audit/records", link), "audit.window", token)


@probe("audit")
def readers(context: Context) -> None:
    """Two consumers, the provider and the operator read the log."""
    entry = context.main
    mine, theirs = context.access(entry), context.access(entry, "other", "b")
    calls = {}
    for access in (mine, theirs):
        tags = {"consumer": access.consumer_id}
        seen = _identified(context, "GET", f"{records(entry)}?limit=1", "audit.ownCall", access.token(), tags, None)
        calls[access.consumer_id] = str(seen.exchange.tags["request"])
    for access, other in ((mine, theirs), (theirs, mine)):
        _reads(context, access, "/audit/records?limit=200", "own")
        _reads(context, access, f"/audit/records?requestId={calls[access.consumer_id]}", "own call")
        _reads(context, access, f"/audit/records?requestId={calls[other.consumer_id]}", "foreign call")
        _reads(context, access, f"/audit/records?consumerId={other.consumer_id}", "foreign consumer")
    context.get(f"/audit/records?requestId={calls[mine.consumer_id]}", "audit.provider", context.role("provider"))
    for role in ("operator", "exchange"):
        context.get("/audit/records?limit=5", "audit.role", context.role(role), role=role)
    stranger = context.tokens.good("provider of another unit", "provider", providerId="91110000000000000X")
    context.get("/audit/records?limit=5", "audit.role", stranger, role="foreign provider")


def _reads(context: Context, access: Access, path: str, case: str) -> None:
    context.get(path, "audit.read", access.token(), case=case, consumer=access.consumer_id)


@probe("audit")
def policy(context: Context) -> None:
    context.get("/audit/policy", "audit.policy", context.role("provider"))


@probe("audit")
def changes(context: Context) -> None:
    """Attempts to change the log."""
    for method in ("PUT", "PATCH", "DELETE", "POST"):
        for path in ("/audit/records", "/audit/policy"):
            body: Any = {} if method != "DELETE" else None
            context.call(method, path, "audit.change", context.role("provider"), {"path": path}, json=body)
    context.call("DELETE", "/audit/records/1", "audit.change", context.role("provider"), {"path": "one"})


@probe("audit")
def blocked(context: Context) -> None:
    """Data calls while the hook keeps the log from being written."""
    access = context.access(context.main)
    if context.hook("block-audit") is None:
        return
    try:
        for _ in range(2):
            context.get(f"{records(context.main)}?limit=1", "audit.blocked", access.token())
    finally:
        context.hook("unblock-audit")
