"""The ASGI application of one adapter."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

from starlette.routing import Route, Router

from datong.config import Loaded, load, open_source, resolve
from datong.guard import Guard, open_guard, secret_material, subkey
from datong.interface._audit import AuditView
from datong.interface._catalog import Catalog
from datong.interface._core import Core
from datong.interface._cursor import Cursors
from datong.interface._documents import Documents
from datong.interface._exchange import Exchange, Receive, Reply, Scope, Send
from datong.interface._gateway import Endpoint, Gateway, Handler, Params
from datong.interface._grants import Grants
from datong.interface._ops import Ready
from datong.interface._reader import Reader
from datong.interface._records import Records
from datong.interface._verify import Verification
from datong.mapping import compile_dataset
from datong.model import Call, Problem
from datong.sources import AsyncSource, Source
from datong.standard import BASE_PATH

log = logging.getLogger("datong.interface")

ADAPTER: Final = "DATONG_ADAPTER"
"""Environment variable with the adapter's folder, for `factory`."""
LOOPBACK: Final = "DATONG_LOOPBACK"
"""Set by `serve` where it listens on loopback only: the development issuer may be believed."""
_RECORDS: Final = re.compile(f"{BASE_PATH}/datasets/([^/]+)/records(?:/([^/]+))?").fullmatch
ANY: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Application:
    """ASGI 3. `guard`, `core` and `reader` are what tests and benchmarks may look at."""

    def __init__(self, loaded: Loaded, source: Source | AsyncSource, guard: Guard) -> None:
        adapter = loaded.adapter
        secret = secret_material(adapter, loaded.folder, resolve)
        cursors = Cursors(subkey(secret, "cursor"))
        self.guard = guard
        self.reader = Reader(source, adapter.datasets)
        self.core = Core(
            adapter,
            guard,
            plans={
                name: compile_dataset(name, dataset, zone=adapter.source.zone, secret=secret)
                for name, dataset in adapter.datasets.items()
            },
            locations=loaded.locations,
            reader=self.reader,
            cursors=cursors,
        )
        self._records = Records(self.core)
        self._verification = Verification(self.core, subkey(secret, "probing"), time.time)
        self._gateway = Gateway(guard)
        self._page = self._endpoint("/datasets/{catalog_id}/records", {"GET": self._records.page})
        self._record = self._endpoint("/datasets/{catalog_id}/records/{record_id}", {"GET": self._records.record})
        self._router = Router(
            self._routes(loaded, cursors), redirect_slashes=False, default=self._gateway.not_found, lifespan=self._life
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Records are asked for most, and one pattern finds them in a quarter of the router's time
        found = _RECORDS(scope["path"]) if scope["type"] == "http" and not scope.get("root_path") else None
        if found is None or found[2] == "_search":
            await self._router(scope, receive, send)
            return
        catalog_id, record_id = found.groups()
        params = {"catalog_id": catalog_id} if record_id is None else {"catalog_id": catalog_id, "record_id": record_id}
        endpoint = self._page if record_id is None else self._record
        await self._gateway.answer(endpoint, Exchange(scope, receive, send), params)

    def _routes(self, loaded: Loaded, cursors: Cursors) -> list[Route]:
        adapter, guard = loaded.adapter, self.guard
        documents = Documents(adapter, guard, loaded.digest)
        catalog = Catalog(adapter, guard, cursors, self.core.plans, self.core.quality.block)
        grants = Grants(adapter, guard, cursors, self.core.check_scope)
        audit = AuditView(adapter, guard, cursors)
        ready = Ready(adapter, guard, self.reader)
        search = "/datasets/{catalog_id}/records/_search"
        data: dict[str, Mapping[str, Handler]] = {
            "/datasets/{catalog_id}/_verify": {"POST": self._verification.verify},
            "/datasets/{catalog_id}/{other}": dict.fromkeys(ANY, self._unclaimed),
            "/catalog": {"GET": catalog.entries},
            "/catalog/{catalog_id}": {"GET": catalog.entry},
            "/catalog/{catalog_id}/schema": {"GET": catalog.schema},
            "/catalog/{catalog_id}/versions": {"GET": catalog.versions},
            "/grants": {"GET": grants.list},
            "/grants/{grant_id}": {"GET": grants.get, "PUT": grants.put},
            "/audit/records": {"GET": audit.records},
            "/audit/policy": {"GET": audit.policy},
            "/stats": {"GET": audit.stats},
            "/health/ready": {"GET": ready.ready},
        }
        public: dict[str, Handler] = {
            "/": documents.landing,
            "/conformance": documents.conformance,
            "/openapi.json": documents.openapi,
            "/health/live": documents.live,
            "/.well-known/gds-adapter": documents.discovery,
        }
        return [
            Route(BASE_PATH + search, self._endpoint(search, {"POST": self._records.search})),
            Route(BASE_PATH + "/datasets/{catalog_id}/records/{record_id}", self._record),
            Route(BASE_PATH + "/datasets/{catalog_id}/records", self._page),
            *(Route(BASE_PATH + path, self._endpoint(path, methods)) for path, methods in data.items()),
            *(self._public(BASE_PATH + path, handler) for path, handler in public.items()),
            self._public(BASE_PATH, documents.landing),
            self._public("/", documents.landing),
            self._public("/.well-known/gds-adapter", documents.discovery),
        ]

    def _endpoint(self, path: str, methods: Mapping[str, Handler]) -> Endpoint:
        return Endpoint(self._gateway, _template(BASE_PATH + path), methods)

    def _public(self, path: str, handler: Handler) -> Route:
        return Route(path, Endpoint(self._gateway, path, {"GET": handler}, public=True))

    async def _unclaimed(self, exchange: Exchange, params: Params) -> Reply:
        """Paths of classes that are not served: 404 (REQ-CORE-03), but an entry that is not shared says so first."""
        principal = exchange.principal
        dataset = self.guard.adapter.datasets.get(params["catalog_id"])
        if principal is None or dataset is None or params["other"] not in ("exports", "changes", "files"):
            raise Problem("path-unknown")
        if dataset.catalog.status == "published" and dataset.sharing == "notShared":
            exchange.catalog_id = params["catalog_id"]
            await asyncio.to_thread(self.guard.access, principal, params["catalog_id"], "batchExchange")
        raise Problem("path-unknown")

    @asynccontextmanager
    async def _life(self, _: Any) -> AsyncIterator[None]:
        warming = asyncio.create_task(self._warm())
        try:
            yield
        finally:
            warming.cancel()
            with suppress(asyncio.CancelledError):
                await warming
            await self.reader.close()
            await asyncio.to_thread(self.guard.close)

    async def _warm(self) -> None:
        """Connect while the first caller is still on the way; a source that is down delays nothing."""
        try:
            await self.reader.ping(Call.within(self.guard.adapter.limits.deadline))
        except Problem as problem:
            log.warning("The source does not answer yet: %s", problem.code)


def create_app(
    loaded: Loaded,
    *,
    source: Source | AsyncSource | None = None,
    guard: Guard | None = None,
    loopback: bool = False,
) -> Application:
    """The adapter as an ASGI application.

    `source` and `guard` stand in for the configured ones. `loopback` says that only this machine
    can reach it, so that without configured issuers the development issuer is believed. Raises
    EnvironmentProblem where keys, folders, drivers or secrets are missing; connects to nothing.
    """
    if guard is None:
        guard = open_guard(loaded.adapter, loaded.folder, resolve=resolve, loopback=loopback)
    return Application(loaded, source if source is not None else open_source(loaded), guard)


def factory() -> Application:
    """For ASGI servers (`--factory datong.interface:factory`): the adapter in the folder DATONG_ADAPTER."""
    folder = Path(os.environ.get(ADAPTER, "."))
    return create_app(load(folder), loopback=os.environ.get(LOOPBACK) == "1")


def _template(path: str) -> str:
    """As the contract writes it: {catalogId}, {recordId}, {grantId}."""
    names = {"catalog_id": "catalogId", "record_id": "recordId", "grant_id": "grantId", "other": "other"}
    for own, wire in names.items():
        path = path.replace(f"{{{own}}}", f"{{{wire}}}")
    return path
