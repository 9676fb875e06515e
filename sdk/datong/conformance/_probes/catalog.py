"""Requests of the class catalog beyond the entries themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from datong.conformance._context import Access, Blocked, Context, with_query
from datong.conformance._exchange import Tag
from datong.conformance._registry import probe
from datong.conformance._session import Seen

_PATHS: Final = (
    ("GET", "records"),
    ("GET", "records/kit-no-such-record"),
    ("POST", "records/_search"),
    ("POST", "_verify"),
    ("POST", "exports"),
    ("GET", "changes"),
    ("GET", "files"),
)
_CLASSES: Final = {"exports": "batch", "changes": "changes", "files": "file", "_verify": "verify"}
_FAR: Final = "2999-01-01T00:00:00Z"


@probe("catalog")
def documents(context: Context) -> None:
    """Schema and versions of every entry, and its DCAT form."""
    token = context.role("provider")
    for name in context.entries:
        place = f"/catalog/{quote(name, safe='')}"
        context.get(f"{place}/schema", "catalog.schema", token, entry=name)
        context.get(f"{place}/versions", "catalog.versions", token, entry=name)
        headers = (("Accept", "application/ld+json"),)
        context.call("GET", place, "catalog.dcat", token, {"entry": name}, headers=headers)


@probe("catalog")
def pages(context: Context) -> None:
    """The list one by one, and by each of its filters."""
    token = context.role("provider")
    page = context.get("/catalog?limit=1", "catalog.page", token)
    for _ in range(len(context.entries) + 2):
        link = page.link("next")
        if not page.ok or link is None:
            break
        page = context.get(context.session.resolve("/catalog", link), "catalog.page", token)
    updated = sorted(str(entry.get("updatedAt")) for entry in context.entries.values())
    filters = [("sharingType", each) for each in ("unconditional", "conditional", "notShared")]
    filters += [("provider", context.tokens.provider), ("provider", "91110000000000000X"), ("updatedSince", _FAR)]
    filters += [("updatedSince", updated[len(updated) // 2])] if updated else []
    for name, value in filters:
        path = with_query("/catalog", {name: value, "limit": 1000})
        context.get(path, "catalog.filter", token, name=name, value=value)


@probe("catalog")
def not_shared(context: Context) -> None:
    """Every data path of entries that are not shared, with the best token there can be."""
    closed = [name for name, entry in context.entries.items() if entry.get("sharingType") == "notShared"]
    for name in closed[: context.settings.entries]:
        granted = _borrowed(context, name)
        for method, path in _PATHS:
            body: object = {"claims": [{}]} if path == "_verify" else {}
            tags: dict[str, Tag] = {
                "entry": name,
                "path": path,
                "claimed": _CLASSES.get(path, "query") in context.claimed,
            }
            _data(context, granted, name, method, path, "catalog.notShared", tags, body)


@probe("catalog")
def unpublished(context: Context) -> None:
    """An entry that is not published, and one that is not there at all."""
    others = [name for name, entry in context.entries.items() if entry.get("status") not in (None, "published")]
    given = [context.fixtures.unpublished] if context.fixtures.unpublished else []
    for name in dict.fromkeys([*given, *others[:1], "kit-no-such-entry"]):
        granted = _borrowed(context, name)
        tags = {"entry": name}
        _data(context, granted, name, "GET", "records", "catalog.unpublished", tags, None)
        _data(context, granted, name, "POST", "_verify", "catalog.unpublished", tags, {"claims": [{}]})


@probe("catalog")
def methods(context: Context) -> None:
    """One call of each sharing method that an entry names."""
    calls = {
        "serviceInterface": ("GET", "records?limit=1"),
        "batchExchange": ("GET", "exports"),
        "fileDownload": ("GET", "files"),
    }
    for name in context.published[: context.settings.entries * 2]:
        for method in context.entry(name).get("sharingMethods") or ():
            if method in calls and context.entry(name).get("kind") != "service":
                verb, path = calls[method]
                try:
                    granted = context.access(name)
                except Blocked:
                    continue
                tags = {"entry": name, "method": str(method)}
                _data(context, granted, name, verb, path, "catalog.method", tags, None)


def _borrowed(context: Context, name: str) -> Access:
    """A token for this entry that names a good grant of another."""
    good = context.access(context.main)
    return Access(good.tokens, name, "good", good.grant_id, good.consumer_id, good.purpose_id, once=context.once(name))


def _data(
    context: Context,
    granted: Access,
    name: str,
    method: str,
    path: str,
    label: str,
    tags: Mapping[str, Tag],
    body: object,
) -> Seen:
    place = f"/datasets/{quote(name, safe='')}/{path}"
    return context.call(method, place, label, granted.token(), tags, json=body if method == "POST" else None)
