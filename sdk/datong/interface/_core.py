"""What every data call needs: the decision of the guard, the compiled mapping, the source."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from datong.guard import Access, Guard, Method
from datong.interface._cursor import Cursors
from datong.interface._exchange import Exchange
from datong.interface._notice import notice_headers
from datong.interface._quality import Quality
from datong.interface._reader import Reader
from datong.interface._rights import Rights
from datong.mapping import Plan, ValueInvalid
from datong.model import Adapter, Call, Capabilities, Problem, Violation

KEPT: Final = 4096
"""Grants whose compiled rights are kept."""


class Core:
    def __init__(
        self,
        adapter: Adapter,
        guard: Guard,
        *,
        plans: Mapping[str, Plan],
        locations: Mapping[str, Any],
        reader: Reader,
        cursors: Cursors,
    ) -> None:
        self.adapter = adapter
        self.guard = guard
        self.plans = plans
        self.reader = reader
        self.cursors = cursors
        self.quality = Quality()
        self._locations = locations
        self._can: dict[str, Capabilities] = {}
        self._rights: dict[tuple[str, str, int], Rights] = {}
        self._notices = {
            name: notice_headers(dataset, adapter.source.zone) for name, dataset in adapter.datasets.items()
        }

    async def admit(self, exchange: Exchange, catalog_id: str, method: Method) -> Rights:
        """The caller's rights for this call, counted against its quota; raises Problem."""
        principal = exchange.principal
        if principal is None:
            raise Problem("token-missing")
        if catalog_id in self.adapter.datasets:
            exchange.catalog_id = catalog_id
            exchange.extra.extend(self._notices[catalog_id])
        access = self.guard.peek(principal, catalog_id, method)
        if access is None:
            access = await asyncio.to_thread(self.guard.access, principal, catalog_id, method)
        exchange.access = access
        exchange.extra.append((b"ratelimit-policy", access.quota.policy.encode()))
        exchange.extra.append((b"ratelimit", access.quota.take().encode()))
        grant = access.grant
        rights = self._rights.get((grant.grant_id, catalog_id, grant.version))
        return rights or await self._compiled(access)

    async def _compiled(self, access: Access) -> Rights:
        catalog_id = access.catalog_id
        location = self._locations[catalog_id]
        if catalog_id not in self._can:
            call = Call.within(self.adapter.limits.deadline)
            self._can[catalog_id] = await self.reader.capabilities(location, call)
            self.plans[catalog_id].rely(self._can[catalog_id].forms)
        rights = Rights(access, self.plans[catalog_id], location, self._can[catalog_id])
        if len(self._rights) >= KEPT:
            self._rights.clear()
        self._rights[access.grant.grant_id, catalog_id, access.grant.version] = rights
        return rights

    def call(self, exchange: Exchange) -> Call:
        limits = self.adapter.limits
        purpose = exchange.principal.purpose_id if exchange.principal else None
        return Call.within(limits.deadline, rows=limits.rows, request_id=exchange.request_id, purpose=purpose or "")

    def binding(self, exchange: Exchange, catalog_id: str) -> tuple[str, ...]:
        """What a cursor is bound to: entry, grant, consumer."""
        principal = exchange.principal
        if principal is None:
            raise Problem("token-missing")
        return catalog_id, principal.grant_id or "", principal.consumer_id or ""

    def check_scope(self, body: Any) -> None:
        """Whether the row filter of a pushed grant fits its entry; what else is wrong the guard tells."""
        scope = body.get("scope") if isinstance(body, dict) else None
        filters = scope.get("filter") if isinstance(scope, dict) else None
        plan = self.plans.get(str(body.get("catalogId"))) if isinstance(filters, dict) else None
        if plan is None or not isinstance(filters, dict):
            return
        errors = []
        for name, value in filters.items():
            item, _, suffix = name.partition(".")
            if item not in plan.chains or suffix not in ("", "gt", "gte", "lt", "lte", "in"):
                continue
            try:
                plan.condition(item, suffix or "eq", value)
            except ValueInvalid as error:
                errors.append(Violation(f"/scope/filter/{name}", "value-invalid", {"expected": error.reason}))
        if errors:
            raise Problem("body-invalid", errors=errors, expected=[error.params["expected"] for error in errors])
