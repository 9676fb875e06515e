"""Requests of the class batch: exports, jobs and their files."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from datong.conformance._context import Access, Context
from datong.conformance._exchange import retry_after
from datong.conformance._population import population
from datong.conformance._registry import probe
from datong.conformance._session import Seen

ASYNC: Final = ("Prefer", "respond-async")
STARTED: Final = 202
DONE: Final = 200
PAUSE: Final = 0.2
FILES: Final = 4
"""Files of one export that are read."""


def exporting(context: Context) -> list[str]:
    return [name for name in context.published if context.offers(name, "batchExchange")][:2]


def started(
    context: Context, access: Access, label: str, body: dict[str, Any], key: str | None = None, **tags: Any
) -> Seen:
    """Ask for an export."""
    path = f"/datasets/{quote(access.catalog_id, safe='')}/exports"
    headers = (ASYNC, ("Idempotency-Key", key)) if key else (ASYNC,)
    told = {"entry": access.catalog_id, **tags}
    return context.call("POST", path, label, access.token(), told, headers=headers, json=body)


def job_of(context: Context, seen: Seen) -> str | None:
    place = seen.headers.get("content-location") or seen.headers.get("location")
    return context.session.resolve(seen.exchange.path, place) if seen.status == STARTED and place else None


def finished(context: Context, access: Access, job: str, label: str, **tags: Any) -> Seen:
    """Look at a job at the pace it asks for, until it is done or the patience of the run is."""
    waited = 0.0
    while True:
        seen = context.get(job, label, access.token(), **{"entry": access.catalog_id, **tags})
        if seen.status != STARTED or waited > context.settings.wait:
            return seen
        pause = retry_after(seen.headers.get("retry-after"), time.time()) or PAUSE
        context.session.pause(pause, "an export job runs")
        waited += pause


def files_of(context: Context, access: Access, manifest: Seen, label: str, **tags: Any) -> list[Seen]:
    """Read the files that a manifest names."""
    found = []
    for kind in ("output", "deleted", "outcome"):
        listed = manifest.document.get(kind)
        rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
        for number, row in enumerate(rows[:FILES]):
            if isinstance(row.get("url"), str):
                url = context.session.resolve(manifest.exchange.path, row["url"])
                told = {"entry": access.catalog_id, "kind": kind, "number": number, "format": str(row.get("format"))}
                found.append(context.call("GET", url, label, access.token(), told | tags, download=True))
    return found


def exported(
    context: Context, access: Access, label: str, body: dict[str, Any], **tags: Any
) -> tuple[Seen | None, list[Seen]]:
    """Manifest and files of one export from start to end."""
    seen = started(context, access, f"{label}Start", body, **tags)
    job = job_of(context, seen)
    if job is None:
        return None, []
    manifest = finished(context, access, job, f"{label}Manifest", **tags)
    return manifest, files_of(context, access, manifest, f"{label}File", **tags) if manifest.status == DONE else []


@probe("batch")
def exports(context: Context) -> None:
    """One export from start to end, its job looked at in time and too often."""
    for entry in exporting(context):
        access = context.access(entry)
        if entry in context.tested:
            population(context, entry)
        seen = started(context, access, "batch.start", {"format": "ndjson"})
        job = job_of(context, seen)
        if job is None:
            continue
        context.get(job, "batch.poll", access.token(), entry=entry)
        calls = [context.prepared("GET", job, "batch.poll", access.token(), {"entry": entry}, patient=False)] * 5
        context.session.burst(calls)
        manifest = finished(context, access, job, "batch.manifest")
        files = files_of(context, access, manifest, "batch.file") if manifest.status == DONE else []
        other = context.access(entry, "other", "b")
        for path in [job, *(each.exchange.request.url for each in files[:1])]:
            context.get(path, "batch.foreign", other.token(), entry=entry)
        _deleted(context, access, job, [each.exchange.request.url for each in files[:2]])


def _deleted(context: Context, access: Access, job: str, files: list[str]) -> None:
    """Delete a finished job, and one that has just begun."""
    context.call("DELETE", job, "batch.delete", access.token(), {"entry": access.catalog_id, "when": "finished"})
    for path in [job, *files]:
        context.get(path, "batch.deleted", access.token(), entry=access.catalog_id)
    running = job_of(context, started(context, access, "batch.startAgain", {"format": "ndjson"}))
    if running is not None:
        context.call("DELETE", running, "batch.delete", access.token(), {"entry": access.catalog_id, "when": "running"})
        context.get(running, "batch.deleted", access.token(), entry=access.catalog_id)


@probe("batch")
def narrowed(context: Context) -> None:
    """Exports under narrow grants."""
    for entry in exporting(context):
        names = list(context.items(entry))
        given = context.given(entry)
        granted = names[: max(1, len(names) // 2)]
        access = context.access(entry, "items", scope={"items": granted})
        exported(context, access, "batch.narrow", {"format": "ndjson"}, scope="items", granted=",".join(granted))
        if given.region and "region" in (context.entry(entry).get("query") or {}):
            access = context.access(entry, "region", scope={"region": given.region})
            exported(context, access, "batch.narrow", {"format": "ndjson"}, scope="region")


@probe("batch")
def idempotent(context: Context) -> None:
    for entry in exporting(context)[:1]:
        access = context.access(entry)
        key = str(UUID(int=context.random.getrandbits(128), version=4))
        for turn, body in (
            ("first", {"format": "ndjson"}),
            ("same", {"format": "ndjson"}),
            ("other", {"format": "csv"}),
        ):
            started(context, access, "batch.idempotent", body, key, turn=turn)


@probe("batch")
def since(context: Context) -> None:
    """Changes since an instant, and what the hook changed meanwhile."""
    for entry in exporting(context)[:1]:
        access = context.access(entry)
        began = datetime.now(UTC).isoformat(timespec="seconds")
        hooked = [context.hook(action, entry=entry) for action in ("insert", "update", "delete")]
        body = {"format": "ndjson", "since": began}
        exported(context, access, "batch.since", body, hooked=all(each is not None for each in hooked))
        done = {name: each for name, each in zip(("insert", "update", "delete"), hooked, strict=True) if each}
        if len(done) == 3:  # noqa: PLR2004 - all three
            context.facts["since"] = {name: str(each.get("recordId")) for name, each in done.items()}


@probe("batch")
def revoked(context: Context) -> None:
    """Job and files of a grant that is suspended meanwhile (REQ-SEC-11)."""
    for entry in exporting(context)[:1]:
        access = context.access(entry, "revocable")
        manifest, files = exported(context, access, "batch.revocable", {"format": "ndjson"})
        if manifest is None:
            continue
        body = context.grant(entry, "revocable", access.consumer_id)
        context.put_grant(access.grant_id, {**body, "status": "suspended"}, "security.revoke", status="file")
        context.session.pause(min(3.0, context.settings.wait), "a suspended grant takes effect")
        context.get(manifest.exchange.request.url, "security.revokedFile", access.token(), kind="job")
        for each in files[:1]:
            context.get(each.exchange.request.url, "security.revokedFile", access.token(), kind="file")
