"""Requests of the class ops: health, quota, announcements, statistics."""

from __future__ import annotations

from urllib.parse import quote

from datong.conformance._context import Context, records
from datong.conformance._exchange import Tag
from datong.conformance._registry import probe

CALLS = 4
"""Calls that the statistics must count."""


@probe("ops")
def health(context: Context) -> None:
    context.get("/health/live", "ops.live")
    for role in ("operator", "provider"):
        context.get("/health/ready", "ops.ready", context.role(role), role=role)
    context.get("/health/ready", "ops.ready", context.access(context.main).token(), role="consumer")


@probe("ops")
def announcements(context: Context) -> None:
    """Data and entry of everything whose change is announced, and the schemas as they are."""
    for name in context.published:
        token = context.role("provider")
        context.get(f"/catalog/{quote(name, safe='')}/schema", "ops.schema", token, entry=name)
        if context.entry(name).get("changeNotice"):
            context.get(f"/catalog/{quote(name, safe='')}", "ops.announced", token, entry=name, kind="entry")
            if name in context.tested and "query" in context.claimed:
                context.ask(context.access(name), {"limit": 1}, "ops.announced", kind="data")


@probe("ops")
def statistics(context: Context) -> None:
    """What a fresh consumer did, and what the statistics say of it."""
    entry = context.main
    if "query" not in context.claimed or entry not in context.tested:
        return
    access = context.access(entry, consumer="counted")
    context.get(f"/stats?catalogId={quote(entry)}", "ops.statsBefore", access.token(), entry=entry)
    for _ in range(CALLS):
        context.ask(access, {"limit": 2}, "ops.counted")
    context.ask(access, {"zzUnknown": "1"}, "ops.counted")
    context.get(f"/stats?catalogId={quote(entry)}", "ops.stats", access.token(), entry=entry)
    context.get("/stats", "ops.statsAll", context.role("provider"))


@probe("ops")
def quota(context: Context) -> None:
    """One grant used until its quota is spent, if that is declared and within reach."""
    entry = context.main
    access = context.access(entry, part="burst")
    declared = context.discovery.get("rateLimit")
    requests = declared.get("requests") if isinstance(declared, dict) else None
    path = f"{records(entry)}?limit=1" if "query" in context.claimed else None
    if path is None or context.once(entry):
        return
    for number in range(3):
        context.get(path, "ops.limited", access.token(), number=number)
    if not isinstance(requests, int) or requests > context.settings.burst:
        return
    for start in range(0, requests + 1, 50):
        told: dict[str, Tag] = {"number": start, "entry": entry}
        calls = [
            context.prepared("GET", path, "ops.burst", access.token(), told, patient=False)
            for _ in range(min(50, requests + 2 - start))
        ]
        if any(seen.status == 429 for seen in context.session.burst(calls)):  # noqa: PLR2004
            break
