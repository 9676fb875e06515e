"""The catalog: list, entry, schema, versions (Art. 13(2); REQ-CAT-01 to 16)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from datong.guard import Guard
from datong.interface._asked import only
from datong.interface._cursor import Cursor, Cursors
from datong.interface._exchange import Exchange, Reply, json_reply
from datong.interface._gateway import Params, accept
from datong.interface._negotiate import JSON, JSON_LD
from datong.interface._notice import notice_headers
from datong.interface._violations import Violations
from datong.mapping import Plan
from datong.model import Adapter, Dataset, Problem
from datong.standard import BASE_PATH, SHARING_TYPES, catalog_entry, catalog_entry_dcat, record_schema

DEFAULT: Final = 50
MAXIMUM: Final = 100
_BINDING: Final = ("catalog",)
_FILTERS: Final = ("sharingType", "provider", "updatedSince")

SCHEMA_JSON: Final = "application/schema+json"


class Catalog:
    """`quality` answers what was seen of a dataset's rows, or None before any was."""

    def __init__(
        self,
        adapter: Adapter,
        guard: Guard,
        cursors: Cursors,
        plans: Mapping[str, Plan],
        quality: Callable[[str], dict[str, Any] | None],
    ) -> None:
        self._adapter = adapter
        self._guard = guard
        self._cursors = cursors
        self._plans = plans
        self._quality = quality
        self._zone = ZoneInfo(adapter.source.zone)

    async def entries(self, exchange: Exchange, _: Params) -> Reply:
        self._admit(exchange)
        accept(exchange)
        given = only(exchange, "limit", "cursor", *_FILTERS, choices={"sharingType": tuple(SHARING_TYPES)})
        filters = {name: value for name, value in given.items() if name in _FILTERS}
        limit = _limit(given)
        after = ""
        if "cursor" in given:
            cursor = self._cursors.open(given["cursor"], _BINDING)
            if any(cursor.filters.get(name) != value for name, value in filters.items()):
                raise Problem("cursor-mismatch", name=list(filters))
            filters, after = dict(cursor.filters), cursor.after[0]
            limit = limit or cursor.limit
        limit = min(limit or DEFAULT, MAXIMUM)
        found = self._matching(filters)
        left = [name for name in found if name > after]
        shown = left[:limit]
        base = exchange.base + BASE_PATH
        links = [{"rel": "self", "href": _self(exchange), "type": JSON}]
        if len(left) > limit:
            text = self._cursors.seal(Cursor(filters, (), None, limit, (shown[-1],)), _BINDING)
            links.append({"rel": "next", "href": f"{base}/catalog?cursor={text}", "type": JSON})
        page = {
            "items": [self._entry(name, base) for name in shown],
            "numberReturned": len(shown),
            "numberMatched": len(found),
            "timeStamp": self._now(),
            "links": links,
        }
        return json_reply(page)

    async def entry(self, exchange: Exchange, params: Params) -> Reply:
        catalog_id, dataset = self._published(exchange, params)
        only(exchange)
        chosen = accept(exchange, JSON, JSON_LD)
        entry = self._entry(catalog_id, exchange.base + BASE_PATH)
        varied = (b"vary", b"accept")
        if chosen == JSON_LD:
            document = catalog_entry_dcat(entry)
            return json_reply(
                document, varied, *notice_headers(dataset, self._adapter.source.zone), media_type=JSON_LD.encode()
            )
        return json_reply(entry, varied, *notice_headers(dataset, self._adapter.source.zone))

    async def schema(self, exchange: Exchange, params: Params) -> Reply:
        _, dataset = self._published(exchange, params)
        only(exchange)
        chosen = accept(exchange, SCHEMA_JSON, JSON)
        return json_reply(record_schema(dataset), (b"vary", b"accept"), media_type=chosen.encode())

    async def versions(self, exchange: Exchange, params: Params) -> Reply:
        """The one version this adapter serves; the exchange keeps the history."""
        catalog_id, dataset = self._published(exchange, params)
        only(exchange)
        accept(exchange)
        facts = dataset.catalog
        version = {
            "version": self._adapter.adapter.version,
            "catalogCode": facts.catalog_code,
            "status": facts.status,
            "publishedAt": facts.published_at,
            "updatedAt": facts.updated_at,
            "current": True,
        }
        href = f"{exchange.base}{BASE_PATH}/catalog/{catalog_id}"
        links = [{"rel": "self", "href": f"{href}/versions"}, {"rel": "latest-version", "href": href}]
        return json_reply({"items": [version], "links": links})

    def _admit(self, exchange: Exchange) -> None:
        if exchange.principal is not None:
            self._guard.admit(exchange.principal)

    def _published(self, exchange: Exchange, params: Params) -> tuple[str, Dataset]:
        self._admit(exchange)
        catalog_id = params["catalog_id"]
        dataset = self._adapter.datasets.get(catalog_id)
        if dataset is None or dataset.catalog.status != "published":
            raise Problem("entry-unknown")
        exchange.catalog_id = catalog_id
        return catalog_id, dataset

    def _entry(self, catalog_id: str, base: str) -> dict[str, Any]:
        now = datetime.now(self._zone)
        entry = catalog_entry(self._adapter, catalog_id, base=base, now=now, quality=self._quality(catalog_id))
        plan = self._plans[catalog_id]
        for item in entry["items"]:
            tokens = plan.null_tokens(item["field"])
            if tokens or self._adapter.datasets[catalog_id].fields[item["field"]].type == "string":
                item["nullRules"] = {"null": tokens, "emptyString": "null" if "" in tokens else "value"}
        return entry

    def _now(self) -> str:
        return datetime.now(self._zone).isoformat(timespec="milliseconds")

    def _matching(self, filters: dict[str, Any]) -> list[str]:
        since = self._instant(filters["updatedSince"]) if "updatedSince" in filters else None
        provider = self._adapter.provider
        if filters.get("provider", provider.code) not in (provider.code, provider.name):
            return []
        return sorted(
            name
            for name, dataset in self._adapter.datasets.items()
            if dataset.catalog.status == "published"
            and filters.get("sharingType", dataset.sharing) == dataset.sharing
            and (since is None or (self._instant(dataset.catalog.updated_at) or since) >= since)
        )

    def _instant(self, text: str) -> datetime | None:
        """RFC 3339 date or date-time; Problem `parameter-invalid` for anything else."""
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            violations = Violations()
            violations.invalid("updatedSince", "RFC 3339 date or date-time")
            violations.refuse()
        return (moment if moment.tzinfo else moment.replace(tzinfo=self._zone)).astimezone(UTC)


def _limit(given: dict[str, str]) -> int | None:
    return int(given["limit"]) if "limit" in given else None


def _self(exchange: Exchange) -> str:
    query = exchange.scope["query_string"].decode("ascii", "replace")
    path = exchange.base + exchange.path
    return f"{path}?{quote(query, safe='=&%+,.-_~:/')}" if query else path
