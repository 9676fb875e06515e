"""What the target says of itself, before anything is asked of it."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from datong.conformance._context import Context
from datong.conformance._issuer import Tokens
from datong.conformance._registry import probe
from datong.conformance._session import Seen
from datong.standard import CLASS_PREFIXES, conformance_urn

_NAMES: Final = {conformance_urn(name): name for name in CLASS_PREFIXES}
_CATALOG: Final = "/catalog"
MOST_ENTRIES: Final = 200


@probe("core", early=True)
def landing(context: Context) -> None:
    """The landing document decides whether there is anything to test."""
    seen = context.get("/", "declare.landing")
    if seen.exchange.failure is not None:
        context.facts["stop"] = seen.exchange.failure.kind
    elif not isinstance(seen.body, dict):
        context.facts["stop"] = "notAnAdapter"


@probe("core", early=True)
def conformance(context: Context) -> None:
    seen = context.get("/conformance", "declare.conformance")
    named = seen.document.get("conformsTo")
    listed = {each for each in named if isinstance(each, str)} if isinstance(named, list) else set()
    context.claimed = tuple(name for urn, name in _NAMES.items() if urn in listed)
    if not context.claimed:
        context.facts["stop"] = "undeclared"


@probe("core", early=True)
def documents(context: Context) -> None:
    seen = _discovery(context)  # first, since it names the provider, whose code then stays readable
    context.get("/openapi.json", "declare.openapi")
    document = seen.document
    context.discovery = document
    audience, provider = document.get("audience"), document.get("providerId")
    if not isinstance(audience, str) or not isinstance(provider, str):
        return
    skew, longest = document.get("clockSkew"), document.get("maxTokenLifetime")
    context.tokens = Tokens(
        context.issuer,
        audience,
        provider,
        skew if isinstance(skew, int) else 60,
        longest if isinstance(longest, int) and longest > 1 else 600,
    )


def _discovery(context: Context) -> Seen:
    """Under the base, or at the root of the host as RFC 8615 has it."""
    seen = context.get("/.well-known/gds-adapter", "declare.discovery")
    if seen.ok:
        return seen
    parts = urlsplit(context.session.base)
    return context.get(f"{parts.scheme}://{parts.netloc}/.well-known/gds-adapter", "declare.discovery")


@probe("catalog", early=True)
def entries(context: Context) -> None:
    """The whole catalog, and each entry by itself."""
    token = context.role("provider")
    page = context.get(_CATALOG, "catalog.list", token)
    if page.status in (401, 403):
        context.facts["stop"] = "untrusted"
        return
    listed = list(page.items)
    while (link := page.link("next")) and len(listed) < MOST_ENTRIES:
        page = context.get(context.session.resolve(_CATALOG, link), "catalog.list", token)
        if not page.ok:
            break
        listed += page.items
    for row in listed[:MOST_ENTRIES]:
        name = row.get("catalogId")
        if isinstance(name, str) and name:
            seen = context.get(f"{_CATALOG}/{name}", "catalog.entry", token, entry=name)
            context.entries[name] = seen.document if seen.ok else row
    context.session.redactor.items = frozenset(
        str(item.get("field"))
        for entry in context.entries.values()
        for item in entry.get("items") or ()
        if isinstance(item, dict) and (item.get("sensitive") or item.get("masked"))
    )
