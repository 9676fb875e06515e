"""Whether calls can be answered (REQ-OPS-02)."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from datong.guard import Guard
from datong.interface._asked import only
from datong.interface._exchange import BARE, Exchange, Reply, json_reply
from datong.interface._gateway import PROBLEM_JSON, Params, accept
from datong.interface._reader import Reader
from datong.model import Adapter, Call, Problem
from datong.standard import problem_document, problem_type

PATIENCE: Final = 3.0
"""Seconds that the source has to answer."""
BELIEVED: Final = 1.0
"""Seconds for which an answer of the source is believed, so that probing does not load it."""
EARLIEST: Final = 1_767_196_800.0
"""2026-01-01 in Beijing: a clock that shows less is wrong."""
Check = dict[str, Any]


class Ready:
    """Checks `source`, `audit`, `state`, `keys`, `clock`; reasons are for the operator role."""

    def __init__(self, adapter: Adapter, guard: Guard, reader: Reader) -> None:
        self._guard = guard
        self._reader = reader
        self._zone = ZoneInfo(adapter.source.zone)
        self._started = time.time() - time.monotonic()
        self._skew = adapter.trust.skew
        self._source: tuple[float, str | None] = (0.0, None)

    async def ready(self, exchange: Exchange, _: Params) -> Reply:
        principal = exchange.principal
        if principal is None:
            raise Problem("token-missing")
        self._guard.admit(principal)
        only(exchange)
        accept(exchange)
        checks = await self._checks()
        if principal.role != "operator":
            checks = {name: {"status": check["status"]} for name, check in checks.items()}
        failed = [name for name, check in checks.items() if check["status"] == "fail"]
        if failed:
            return self._not_ready(exchange, checks, failed)
        warned = any(check["status"] == "warn" for check in checks.values())
        return json_reply({"status": "warn" if warned else "pass", "checks": checks})

    def _not_ready(self, exchange: Exchange, checks: dict[str, Check], failed: list[str]) -> Reply:
        problem = Problem("not-ready", checks=failed)
        document = problem_document(
            problem,
            language=exchange.language,
            request_id=exchange.request_id,
            instance=f"urn:uuid:{exchange.request_id}",
        )
        headers = [(b"content-type", PROBLEM_JSON.encode()), (b"retry-after", b"5"), *BARE]
        status = problem_type("not-ready").status
        return Reply(orjson.dumps({**document, "checks": checks}), headers, status, code="not-ready")

    async def _checks(self) -> dict[str, Check]:
        source, own = await asyncio.gather(self._source_check(), asyncio.to_thread(self._guard.health))
        now = datetime.now(self._zone).isoformat(timespec="seconds")
        checks: dict[str, Check] = {"source": source, "clock": self._clock_check()}
        checks |= {name: {"status": status} for name, status in own.items()}
        return {name: {**check, "time": now} for name, check in checks.items()}

    async def _source_check(self) -> Check:
        at, code = self._source
        if time.monotonic() - at > BELIEVED:
            code = await self._asked()
            self._source = (time.monotonic(), code)
        return {"status": "pass"} if code is None else {"status": "fail", "detail": code}

    async def _asked(self) -> str | None:
        try:
            await self._reader.ping(Call.within(PATIENCE))
        except Problem as problem:
            return problem.code
        return None

    def _clock_check(self) -> Check:
        """A wall clock before this program's time is wrong; one that jumped since the start is doubtful."""
        now = time.time()
        if now < EARLIEST:
            return {"status": "fail", "detail": "the clock is far behind"}
        jump = abs(now - time.monotonic() - self._started)
        return {"status": "warn", "detail": f"jumped {jump:.0f} s"} if jump > max(self._skew, 1) else {"status": "pass"}
