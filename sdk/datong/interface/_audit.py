"""The audit log as its readers see it (Art. 29(2); REQ-AUD-01 to 07)."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, cast
from zoneinfo import ZoneInfo

from datong.guard import AuditQuery, EntryStats, Guard, Principal
from datong.interface._asked import only
from datong.interface._cursor import Cursor, Cursors
from datong.interface._exchange import Exchange, Reply, json_reply
from datong.interface._gateway import Params, accept
from datong.interface._negotiate import JSON
from datong.interface._violations import Violations
from datong.model import Adapter, Problem
from datong.standard import BASE_PATH

Period = Literal["hour", "day", "month", "all"]
DEFAULT: Final = 100
MAXIMUM: Final = 1000
PERIOD: Final = timedelta(days=1)
"""What `/stats` covers where the caller names no time."""
_FILTERS: Final = ("requestId", "catalogId", "consumerId", "status", "code", "replica", "since", "until")
_PERIODS: Final = ("hour", "day", "month", "all")


class AuditView:
    def __init__(self, adapter: Adapter, guard: Guard, cursors: Cursors) -> None:
        self._adapter = adapter
        self._guard = guard
        self._cursors = cursors
        self._zone = ZoneInfo(adapter.source.zone)

    async def records(self, exchange: Exchange, _: Params) -> Reply:
        """A consumer reads the records of its own calls, the provider role all of them (REQ-AUD-06)."""
        principal = self._admit(exchange, "consumer", "provider")
        accept(exchange)
        given = only(exchange, "limit", "cursor", *_FILTERS)
        binding = ("audit", principal.role, principal.consumer_id or "")
        filters = {name: value for name, value in given.items() if name in _FILTERS}
        limit, after = int(given["limit"]) if "limit" in given else None, None
        if "cursor" in given:
            cursor = self._cursors.open(given["cursor"], binding)
            if any(cursor.filters.get(name) != value for name, value in filters.items()):
                raise Problem("cursor-mismatch", name=list(filters))
            filters, limit, after = dict(cursor.filters), limit or cursor.limit, cursor.after[0]
        limit = min(limit or DEFAULT, MAXIMUM)
        query = self._query(filters, principal, limit, after)
        page = await asyncio.to_thread(self._guard.audit.records, query)
        items = page.items
        base = exchange.base + BASE_PATH
        links = [{"rel": "self", "href": f"{base}/audit/records", "type": JSON}]
        if page.next is not None:
            text = self._cursors.seal(Cursor(filters, (), None, limit, (page.next,)), binding)
            links.append({"rel": "next", "href": f"{base}/audit/records?cursor={text}", "type": JSON})
        return json_reply(
            {"items": items, "numberReturned": len(items), "timeStamp": self._now(), "links": links},
        )

    async def policy(self, exchange: Exchange, _: Params) -> Reply:
        self._admit(exchange)
        only(exchange)
        accept(exchange)
        return json_reply(self._guard.audit.policy.to_wire())

    async def stats(self, exchange: Exchange, _: Params) -> Reply:
        """Counted from the audit log, so that all processes of the adapter say the same (REQ-OPS-06).

        A consumer sees its own calls, every other role all.
        """
        principal = self._admit(exchange)
        accept(exchange)
        filters = only(exchange, "catalogId", "since", "until", "period", choices={"period": _PERIODS})
        asked = self._query(filters, principal, 1, None)
        until = asked.until or datetime.now(UTC)
        since = asked.since or until - PERIOD
        query = replace(asked, since=since, until=until)
        period = cast(Period, filters.get("period", "all"))
        figures = await asyncio.to_thread(self._guard.audit.stats, query, period)
        span = {"from": self._shown(since), "to": self._shown(until)}
        return json_reply({**span, "timeStamp": self._now(), "items": [self._figures(each, span) for each in figures]})

    def _admit(self, exchange: Exchange, *roles: Any) -> Principal:
        principal = exchange.principal
        if principal is None:
            raise Problem("token-missing")
        self._guard.admit(principal, *roles)
        return principal

    def _query(self, filters: dict[str, str], principal: Principal, limit: int, after: str | None) -> AuditQuery:
        consumer = filters.get("consumerId")
        if principal.role == "consumer":
            if consumer not in (None, principal.consumer_id):
                raise Problem("role-required", role="provider")
            consumer = principal.consumer_id
        violations = Violations()
        since = self._instant("since", filters, violations)
        until = self._instant("until", filters, violations)
        status = filters.get("status")
        if status is not None and not re.fullmatch("[1-5][0-9]{2}", status):
            violations.invalid("status", "100 … 599")
        violations.settle()
        return AuditQuery(
            request_id=filters["requestId"].lower() if "requestId" in filters else None,
            since=since,
            until=until,
            consumer_id=consumer,
            catalog_id=filters.get("catalogId"),
            status=int(status) if status is not None else None,
            code=filters.get("code"),
            replica=filters.get("replica"),
            limit=limit,
            after=after,
        )

    def _instant(self, name: str, filters: dict[str, str], violations: Violations) -> datetime | None:
        if name not in filters:
            return None
        try:
            # An unescaped + of the offset arrives as a blank.
            moment = datetime.fromisoformat(filters[name].replace(" ", "+"))
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            violations.invalid(name, "RFC 3339 date-time")
            return None
        return moment

    def _now(self) -> str:
        return datetime.now(self._zone).isoformat(timespec="milliseconds")

    def _shown(self, moment: datetime) -> str:
        return moment.astimezone(self._zone).isoformat(timespec="milliseconds")

    def _figures(self, stats: EntryStats, span: dict[str, str]) -> dict[str, Any]:
        if stats.since is not None and stats.until is not None:
            span = {"from": self._shown(stats.since), "to": self._shown(stats.until)}
        return {
            "catalogId": stats.catalog_id,
            "period": span,
            "calls": stats.calls,
            "failures": stats.failures,
            "medianDurationMs": stats.median_ms,
            "p95DurationMs": stats.p95_ms,
            "records": stats.records,
            "corrections": {"open": 0, "overdue": 0},
        }
