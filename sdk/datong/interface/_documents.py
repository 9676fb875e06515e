"""The public documents: landing, conformance, OpenAPI, discovery, liveness."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import Any, Final

from datong.guard import Guard
from datong.interface._asked import only
from datong.interface._exchange import BARE, Exchange, Reply, json_reply
from datong.interface._gateway import Params, accept
from datong.interface._landing import Landing
from datong.interface._negotiate import HTML, JSON
from datong.model import Adapter, Language
from datong.standard import BASE_PATH, CLASSES, INTERFACE_VERSION, conformance_urn, openapi

GRANT_EFFECT: Final = 2
"""Seconds within which a suspended grant stops working in every process (REQ-SEC-11 allows 60)."""


class Documents:
    def __init__(self, adapter: Adapter, guard: Guard, digest: str) -> None:
        self._adapter = adapter
        self._guard = guard
        self._digest = digest
        self._openapi: dict[str, Reply] = {}

    @cached_property
    def _landing(self) -> Landing:
        return Landing(self._adapter)

    async def landing(self, exchange: Exchange, _: Params) -> Reply:
        """Programs get JSON; a browser gets a page for people, in the language it asks for or by `lang`."""
        given = only(exchange, "lang", choices={"lang": ("en", "zh")})
        chosen: Language = "en" if given.get("lang", exchange.language) == "en" else "zh"
        varied = (b"vary", b"accept, accept-language")
        if accept(exchange, JSON, HTML) == HTML:
            # The first page loads the template engine: not in the event loop.
            page = await asyncio.to_thread(self._page, exchange.base + BASE_PATH, chosen)
            return Reply(page.body, [*page.headers, varied])
        return json_reply(self._document(exchange, chosen), (b"content-language", chosen.encode()), varied)

    def _page(self, base: str, chosen: Language) -> Reply:
        return self._landing.page(base, chosen)

    def _document(self, exchange: Exchange, chosen: Language) -> dict[str, Any]:
        base = exchange.base + BASE_PATH
        places = [
            ("self", exchange.base + exchange.path, JSON),
            ("alternate", f"{base}/?lang={chosen}", HTML),
            ("service-desc", f"{base}/openapi.json", JSON),
            ("conformance", f"{base}/conformance", JSON),
            ("catalog", f"{base}/catalog", JSON),
            ("service-meta", f"{base}/.well-known/gds-adapter", JSON),
            ("status", f"{base}/health/live", JSON),
        ]
        return {
            "title": self._adapter.adapter.title.text.to(chosen),
            "version": self._adapter.adapter.version,
            "links": [{"rel": rel, "href": href, "type": kind} for rel, href, kind in places],
        }

    async def conformance(self, exchange: Exchange, _: Params) -> Reply:
        only(exchange)
        accept(exchange)
        return json_reply({"conformsTo": [conformance_urn(name) for name in CLASSES]})

    async def openapi(self, exchange: Exchange, _: Params) -> Reply:
        only(exchange)
        accept(exchange)
        base = exchange.base + BASE_PATH
        if base not in self._openapi:
            document = await asyncio.to_thread(openapi, self._adapter, base=base)
            self._openapi = {base: json_reply(document)}
        return self._openapi[base]

    async def discovery(self, exchange: Exchange, _: Params) -> Reply:
        """What a caller needs before its first token (REQ-SEC-05); the digest lets evidence name what was tested."""
        only(exchange)
        accept(exchange)
        trust, rate, base = self._adapter.trust, self._adapter.limits.rate, exchange.base + BASE_PATH
        return json_reply(
            {
                "adapterId": self._adapter.adapter.id,
                "title": self._adapter.adapter.title.text.to(exchange.language),
                "providerId": self._adapter.provider.code,
                "audience": trust.audience,
                "version": self._adapter.adapter.version,
                "interfaceVersion": INTERFACE_VERSION,
                "configurationDigest": self._digest,
                "issuers": [issuer.issuer for issuer in self._guard.issuers],
                "algorithms": self._algorithms(),
                "clockSkew": trust.skew,
                "maxTokenLifetime": trust.max_lifetime,
                "tokenReuse": {"default": "withinLifetime", "important": "once"},
                "crypto": ["intl"],
                "rateLimit": {"requests": rate.requests, "per": rate.per},
                "grantEffectSeconds": GRANT_EFFECT,
                "links": [
                    {"rel": "service-desc", "href": f"{base}/openapi.json", "type": JSON},
                    {"rel": "catalog", "href": f"{base}/catalog", "type": JSON},
                ],
            }
        )

    def _algorithms(self) -> list[str]:
        """What some trusted issuer may sign with, in the order of the configuration."""
        allowed = frozenset[str]().union(*(issuer.algorithms for issuer in self._guard.issuers))
        return [name for name in self._adapter.trust.algorithms if name in allowed] or list(
            self._adapter.trust.algorithms
        )

    async def live(self, exchange: Exchange, _: Params) -> Reply:
        """Nothing but `status` (REQ-OPS-01)."""
        only(exchange)
        accept(exchange)
        return Reply(b'{"status":"pass"}', [(b"content-type", JSON.encode()), *BARE])
