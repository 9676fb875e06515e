"""Requests of the class core: links, refusals, methods, identifiers, everything that is described."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from datong.conformance._context import Blocked, Context, records
from datong.conformance._exchange import Tag
from datong.conformance._issuer import Token
from datong.conformance._openapi import own_servers
from datong.conformance._population import population
from datong.conformance._registry import probe
from datong.conformance._values import BAD_VALUES, usable

MALFORMED: Final = ("not-a-uuid", "kit\"'<reflected>", "x" * 300)
"""Request ids that are none."""
SHORT: Final = 2
"""Parts of a path before the id of an entry."""
BAD_BODIES: Final[tuple[Any, ...]] = (
    *([], {"zzUnknown": 1}, {"limit": "many"}, {"filter": []}, {"sort": "zz"}),
    *({"filter": {"zzUnknown": 1}}, {"fields": [1]}, {"limit": 0}, {"cursor": 1}),
)
_UNSAFE: Final = ("PATCH", "DELETE", "PUT", "TRACE")


@probe("core")
def links(context: Context) -> None:
    landing = context.get("/", "core.landing")
    for link in landing.document.get("links") or ():
        if isinstance(link, dict) and isinstance(link.get("href"), str):
            context.get(
                context.session.resolve("/", link["href"]),
                "core.link",
                context.role("provider"),
                rel=str(link.get("rel")),
            )


@probe("core")
def provoked(context: Context) -> None:
    """One refusal of each kind that needs no grant."""
    provider = context.role("provider")
    context.get("/conformance?zzUnknown=1", "core.provoked", case="400")
    context.get("/catalog", "core.provoked", case="401")
    context.get("/kit-no-such-path", "core.provoked", provider, case="404")
    context.get("/catalog/kit-no-such-entry", "core.provoked", provider, case="404 entry")
    accept = (("Accept", "application/x-kit-nothing"),)
    context.call("GET", "/catalog", "core.provoked", provider, {"case": "406"}, headers=accept)
    languages = (("Accept-Language", "en"),)
    context.call("GET", "/kit-no-such-path", "core.provoked", provider, {"case": "404 en"}, headers=languages)


@probe("core")
def methods(context: Context) -> None:
    provider = context.role("provider")
    for method in _UNSAFE:
        for path in ("/", "/conformance", "/catalog"):
            context.call(method, path, "core.method", provider, {"path": path})
    for path in ("/", "/conformance", "/health/live"):
        _compared(context, path, provider)


def _compared(context: Context, path: str, token: Token) -> None:
    """GET, HEAD and GET again of something that does not change by itself."""
    context.get(path, "core.get", token, path=path, turn=1)
    context.call("HEAD", path, "core.head", token, {"path": path})
    context.get(path, "core.get", token, path=path, turn=2)


@probe("core")
def identifiers(context: Context) -> None:
    """`Gds-Request-Id` given, missing and malformed; on success and on failure."""
    for path, token in (("/conformance", None), ("/kit-no-such-path", context.role("provider"))):
        given = str(UUID(int=context.random.getrandbits(128), version=4))
        _identified(context, path, token, "given", given)
        context.get(path, "core.requestId", token, case="missing")
        for text in MALFORMED:
            _identified(context, path, token, "malformed", text)


def _identified(context: Context, path: str, token: Token | None, case: str, text: str) -> None:
    headers = (("Gds-Request-Id", text),)
    context.call("GET", path, "core.requestId", token, {"case": case, "given": text}, headers=headers)


@probe("core")
def malformed(context: Context) -> None:
    """Parameters that are wrong, alone and together."""
    provider = context.role("provider")
    for path in ("/catalog?sharingType=zz", "/catalog?updatedSince=zz", "/catalog?zzUnknown=1", "/catalog?limit=0"):
        context.get(path, "core.malformed", provider, wanted=400)
    context.get("/catalog?zzUnknown=1&limit=abc", "core.parameters", provider)
    entry = context.tested[0] if context.tested else None
    if entry is None or "query" not in context.claimed:
        return
    access = context.access(entry)
    context.get(f"{records(entry)}?zzUnknown=1&limit=abc", "core.parameters", access.token())
    for text, wanted in _wrong(context, entry):
        context.get(f"{records(entry)}?{text}", "core.malformed", access.token(), wanted=wanted)
    for body in BAD_BODIES:
        tags: dict[str, Tag] = {"wanted": 400, "entry": entry}
        context.call("POST", f"{records(entry)}/_search", "core.malformed", access.token(), tags, json=body)


def _wrong(context: Context, entry: str) -> Iterator[tuple[str, int | None]]:
    """Queries that are wrong (400), and some of which no more is asked than not to break (None)."""
    for text in ("limit=0", "limit=-1", "limit=abc", "limit=1.5", "limit=", "sort=zzUnknown", "fields=zzUnknown"):
        yield text, 400
    for text in ("cursor=kit", "cursor=", "zzUnknown.gte=1", "filter=zz"):
        yield text, 400
    for name, item in context.items(entry).items():
        if usable(item, "filterable"):
            values = BAD_VALUES.get(str(item.get("wireType")), ())
            yield from ((f"{name}={quote(value)}", 400) for value in values[: context.settings.cases])
            yield f"{name}.zzSuffix=1", 400
            yield from ((f"{name}={value}", None) for value in ("%00", "%ED%A0%80", "%FF", "%27%3B--", "a" * 3000))
    yield from (("%zz=1", None), ("&&&", None), ("limit=1&limit=2", None), ("=", None))


@probe("core")
def bodies(context: Context) -> None:
    """Bodies and media types that no path takes."""
    entry = context.main
    access = context.access(entry)
    path = f"{records(entry)}/_search" if "query" in context.claimed else f"/datasets/{quote(entry)}/_verify"
    plain, json = (("Content-Type", "text/plain"),), (("Content-Type", "application/json"),)
    token = access.token()
    context.call("POST", path, "core.provoked", token, {"case": "415"}, headers=plain, content=b"zz")
    for case, content in (("not JSON", b"{"), ("not UTF-8", b'{"a":"\xff"}'), ("empty", b"")):
        context.call("POST", path, "core.provoked", token, {"case": case}, headers=json, content=content)
    if "query" in context.claimed:
        headers = (("Accept", "application/x-kit-nothing"),)
        context.call("GET", records(entry), "core.provoked", token, {"case": "406 data"}, headers=headers)
        for method in _UNSAFE:
            context.call(method, records(entry), "core.method", token, {"path": "records"})
        found = population(context, entry).records
        if found and isinstance(found[0].get("recordId"), str) and not context.once(entry):
            _compared(context, f"{records(entry)}/{quote(found[0]['recordId'], safe='')}", token)


@probe("core")
def unclaimed(context: Context) -> None:
    """Paths of classes that the target does not claim."""
    entry = quote(context.main, safe="")
    access = context.access(context.main)
    paths = {
        "query": ("GET", f"/datasets/{entry}/records"),
        "verify": ("POST", f"/datasets/{entry}/_verify"),
        "batch": ("POST", f"/datasets/{entry}/exports"),
        "file": ("GET", f"/datasets/{entry}/files"),
        "changes": ("GET", f"/datasets/{entry}/changes"),
        "service": ("POST", f"/services/{entry}"),
        "corrections": ("POST", "/corrections"),
        "applications": ("GET", "/applications"),
    }
    for name, (method, path) in paths.items():
        if name not in context.claimed:
            body: Any = {} if method == "POST" else None
            context.call(method, path, "core.unclaimed", access.token(), {"cls": name}, json=body)


@probe("core")
def described(context: Context) -> None:
    """Every GET of the OpenAPI document, its path filled in."""
    document = context.get("/openapi.json", "core.openapi").document
    paths = document.get("paths")
    for template, item in (paths if isinstance(paths, dict) else {}).items():
        if isinstance(item, dict) and "get" in item:
            path, known = _filled(context, str(template))
            root = next(iter(own_servers(item, context.session.base)), "")
            token = _token_for(context, path)
            context.get(f"{root}{path}", "core.described", token, template=str(template), known=known)


def _filled(context: Context, template: str) -> tuple[str, bool]:
    """The path with values that exist, and whether all of them do."""
    values: dict[str, Any] = {"catalogId": next(iter(context.published), None)}
    parts = template.split("/")
    named = len(parts) > SHORT and parts[1] in ("datasets", "catalog") and "{" not in parts[2]
    entry = parts[2] if named else values["catalogId"]
    if "{recordId}" in template and entry in context.tested:
        found = population(context, entry).records
        values["recordId"] = found[0].get("recordId") if found else None
    known = True
    for name in [part[1:-1] for part in parts if part.startswith("{")]:
        known = known and values.get(name) is not None
        template = template.replace(f"{{{name}}}", quote(str(values.get(name) or "kit-no-such"), safe=""))
    return template, known


def _token_for(context: Context, path: str) -> Token:
    parts = path.split("/")
    entry = parts[2] if len(parts) > SHORT and parts[1] == "datasets" else ""
    try:
        return context.access(entry).token() if entry in context.published else context.role("provider")
    except Blocked:
        return context.role("provider")
