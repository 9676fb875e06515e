"""Requests of the class file: whole files, parts of them, compressed, without a token."""

from __future__ import annotations

from hashlib import sha256
from itertools import pairwise
from typing import Any, Final
from urllib.parse import quote

from datong.conformance._context import Access, Context
from datong.conformance._issuer import Token
from datong.conformance._probes.batch import exported, exporting
from datong.conformance._registry import probe
from datong.conformance._session import Seen

IDENTITY: Final = ("Accept-Encoding", "identity")
PARTIAL: Final = 206
SMALLEST: Final = 3
MOST: Final = 3
"""Files of one entry that are tried."""


@probe("file")
def published(context: Context) -> None:
    """Files that an entry lists, and those of an export."""
    for entry in context.published:
        offered = context.offers(entry, "fileDownload")
        access = context.access(entry)
        if offered:
            path = f"/datasets/{quote(entry, safe='')}/files"
            listed = context.get(path, "file.list", access.token(), entry=entry)
            for row in listed.items[:MOST]:
                if isinstance(row.get("href"), str):
                    url = context.session.resolve(path, row["href"])
                    _tried(
                        context,
                        access,
                        url,
                        media=str(row.get("mediaType")),
                        name=str(row.get("name")),
                        sha256=str(row.get("sha256")),
                        original=bool(row.get("original")),
                    )
        elif "batch" in context.claimed and entry in exporting(context):
            for form in ("ndjson", "csv"):
                manifest, files = exported(context, access, "file.export", {"format": form})
                required = manifest.document.get("requiresAccessToken") if manifest else None
                for each in [each for each in files if each.exchange.tags.get("kind") == "output"][:1]:
                    _tried(context, access, each.exchange.request.url, media=form, required=required is not False)


def _tried(context: Context, access: Access, url: str, **tags: Any) -> None:
    told = {"entry": access.catalog_id, "file": url, **tags}
    whole = context.call("GET", url, "file.whole", access.token(), told, headers=(IDENTITY,), download=True)
    context.call("HEAD", url, "file.head", access.token(), told, headers=(IDENTITY,))
    for headers in ((), (("Accept-Encoding", "gzip"),)):
        told["gzip"] = bool(headers)
        context.call("GET", url, "file.encoded", access.token(), told, headers=headers or (IDENTITY,), download=True)
    for token in (Token("missing", None), context.access(access.catalog_id, "other", "b").token()):
        context.call("GET", url, "file.unauthorised", token, told, headers=(IDENTITY,))
    _parts(context, access, url, whole, told)


def _parts(context: Context, access: Access, url: str, whole: Seen, told: dict[str, Any]) -> None:
    """Three ranges that make the whole; one that cannot be; one of a file that has changed."""
    size = len(whole.content)
    if not whole.ok or size < SMALLEST:
        return
    cuts = [0, size // 3, 2 * size // 3, size]
    tag = whole.headers.get("etag")
    joined = b""
    for start, end in pairwise(cuts):
        headers = [IDENTITY, ("Range", f"bytes={start}-{end - 1}")] + ([("If-Range", tag)] if tag else [])
        asked = {**told, "start": start, "end": end, "size": size}
        joined += context.call("GET", url, "file.range", access.token(), asked, headers=headers).content
    context.facts.setdefault("joined", {})[url] = sha256(joined).hexdigest()
    bad = (IDENTITY, ("Range", f"bytes={size + 10}-{size + 20}"))
    context.call("GET", url, "file.badRange", access.token(), told, headers=bad)
    old = (IDENTITY, ("Range", "bytes=0-0"), ("If-Range", '"kit-other"'))
    context.call("GET", url, "file.otherRange", access.token(), told, headers=old)


@probe("file")
def ended(context: Context) -> None:
    """A file of a grant that has ended."""
    for entry in [name for name in context.published if context.offers(name, "fileDownload")][:1]:
        access = context.access(entry, "revocable")
        path = f"/datasets/{quote(entry, safe='')}/files"
        listed = context.get(path, "file.listEnding", access.token(), entry=entry)
        urls = [context.session.resolve(path, row["href"]) for row in listed.items if isinstance(row.get("href"), str)]
        body = context.grant(entry, "revocable", access.consumer_id)
        context.put_grant(access.grant_id, {**body, "status": "terminated"}, "security.revoke", status="file")
        context.session.pause(min(3.0, context.settings.wait), "a terminated grant takes effect")
        for url in urls[:1]:
            context.call("GET", url, "file.ended", access.token(), {"entry": entry}, headers=(IDENTITY,))
