"""Grants: a consumer reads its own, the exchange pushes them (Art. 20, 27; REQ-SEC-08, 11)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from datong.guard import Grant, Guard, Principal
from datong.interface._asked import only
from datong.interface._cursor import Cursor, Cursors
from datong.interface._exchange import Exchange, Reply, json_reply
from datong.interface._gateway import Params, accept
from datong.interface._negotiate import JSON
from datong.model import Adapter, Problem
from datong.standard import BASE_PATH

DEFAULT: Final = 100
MAXIMUM: Final = 1000


class Grants:
    """`check` raises Problem `body-invalid` where a grant's row filter cannot be applied to its entry."""

    def __init__(self, adapter: Adapter, guard: Guard, cursors: Cursors, check: Callable[[Any], None]) -> None:
        self._adapter = adapter
        self._guard = guard
        self._cursors = cursors
        self._check = check
        self._zone = ZoneInfo(adapter.source.zone)

    async def list(self, exchange: Exchange, _: Params) -> Reply:
        principal = self._caller(exchange)
        self._guard.admit(principal)
        accept(exchange)
        given = only(exchange, "limit", "cursor")
        binding = ("grants", principal.role, principal.consumer_id or "")
        limit, after = int(given["limit"]) if "limit" in given else None, ""
        if "cursor" in given:
            cursor = self._cursors.open(given["cursor"], binding)
            limit, after = limit or cursor.limit, cursor.after[0]
        limit = min(limit or DEFAULT, MAXIMUM)
        found = await asyncio.to_thread(self._guard.grants, principal)
        left = [grant for grant in found if grant.grant_id > after]
        base = exchange.base + BASE_PATH
        links = [{"rel": "self", "href": f"{base}/grants", "type": JSON}]
        if len(left) > limit:
            text = self._cursors.seal(Cursor({}, (), None, limit, (left[limit - 1].grant_id,)), binding)
            links.append({"rel": "next", "href": f"{base}/grants?cursor={text}", "type": JSON})
        now = self._guard.now()
        return json_reply(
            {
                "items": [grant.to_wire(now) for grant in left[:limit]],
                "numberReturned": len(left[:limit]),
                "numberMatched": len(found),
                "timeStamp": datetime.now(self._zone).isoformat(timespec="milliseconds"),
                "links": links,
            }
        )

    async def get(self, exchange: Exchange, params: Params) -> Reply:
        principal = self._caller(exchange)
        self._guard.admit(principal)
        only(exchange)
        accept(exchange)
        grant = await asyncio.to_thread(self._guard.grant, principal, params["grant_id"])
        return self._shown(exchange, grant)

    async def put(self, exchange: Exchange, params: Params) -> Reply:
        """201 for a new grant, 200 for a changed or equal one."""
        principal = self._caller(exchange)
        self._guard.admit(principal, "exchange")
        only(exchange)
        accept(exchange)
        body = await exchange.json(self._adapter.limits.body)
        self._check(body)
        grant, new = await asyncio.to_thread(self._guard.put_grant, principal, params["grant_id"], body)
        reply = self._shown(exchange, grant)
        if new:
            reply.status = 201
            reply.headers.append((b"location", f"{exchange.base}{BASE_PATH}/grants/{grant.grant_id}".encode()))
        return reply

    def _shown(self, exchange: Exchange, grant: Grant) -> Reply:
        exchange.catalog_id = grant.catalog_id
        return json_reply(grant.to_wire(self._guard.now()))

    def _caller(self, exchange: Exchange) -> Principal:
        if exchange.principal is None:
            raise Problem("token-missing")
        return exchange.principal
