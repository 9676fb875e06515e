"""The reference adapter in this process, what may be changed of it, and a run of the kit against it."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
import pytest

from datong.config import Loaded, load
from datong.conformance import Fixtures, Hook, Issuer, Report, Settings, load_fixtures, run
from datong.conformance._openapi import OpenApi
from datong.interface import Application, _ops, create_app
from datong.interface._exchange import Exchange, Reply
from datong.interface._gateway import Gateway
from datong.model import Issuer as Trusted
from datong.standard import record_schema

REFERENCE: Final = Path(__file__).resolve().parents[2] / "adapters" / "reference"
BASE: Final = "http://127.0.0.1:1/v1"
"""Nothing listens there: the application is called in this process."""
ROLES: Final = ("consumer", "exchange", "provider", "operator")
_JUDGE: Final = OpenApi.faults
App = Callable[..., Any]


@dataclass
class Answer:
    """An answer before it is recorded and sent; `document` is its JSON, written back when it was changed."""

    exchange: Exchange
    reply: Reply
    params: Mapping[str, str]

    @property
    def document(self) -> Any:
        return orjson.loads(self.reply.body)

    @document.setter
    def document(self, document: Any) -> None:
        self.reply.body = orjson.dumps(document)

    def header(self, name: str) -> str | None:
        found = [value for key, value in self.reply.headers if key.decode().lower() == name]
        return found[0].decode() if found else None

    def set_header(self, name: str, value: str | None) -> None:
        """Give a header this value; None takes it away, also from those that are added later."""
        self.reply.headers = [pair for pair in self.reply.headers if pair[0].decode().lower() != name]
        self.exchange.extra = [pair for pair in self.exchange.extra if pair[0].decode().lower() != name]
        if value is not None:
            self.reply.headers.append((name.encode(), value.encode()))


Change = Callable[[Answer], None]


@dataclass
class Bench:
    """What a mutant works with. Patches and changes are taken back after its run.

    `document` is adapter.yaml as read; `settings`, `base` and `fixtures` are those of the run.
    """

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    document: dict[str, Any]
    settings: Settings
    fixtures: Fixtures
    base: str = BASE
    changes: list[Change] = field(default_factory=list)
    layers: list[Callable[[App], App]] = field(default_factory=list)
    sockets: ExitStack = field(default_factory=ExitStack)
    serve: Callable[[App], AbstractContextManager[str]] | None = None
    """A server of its own, and the base under which it serves; None calls the application in this process."""

    def patch(self, place: Any, name: str, value: Any) -> None:
        self.monkeypatch.setattr(place, name, value)

    def wrap(self, place: Any, name: str, wrapper: Callable[..., Any]) -> None:
        """Replace a function by `wrapper(original, …)`."""
        original = getattr(place, name)

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            return wrapper(original, *args, **kwargs)

        self.patch(place, name, wrapped)

    def outside(self, layer: Callable[[App], App]) -> None:
        """Wrap the whole application."""
        self.layers.append(layer)


@cache
def builder() -> Any:
    """The module adapters/reference/build.py."""
    spec = spec_from_file_location("reference_build", REFERENCE / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def bench(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    shutil.copyfile(REFERENCE / "adapter.yaml", folder / "adapter.yaml")
    builder().build(folder / "legacy.db")
    _quickened(monkeypatch)
    settings = Settings(
        cases=4, entries=2, population=40, wait=0.4, budget=120, timing_tolerance_ms=10, previous=earlier()
    )
    return Bench(folder, monkeypatch, {}, settings, load_fixtures(REFERENCE / "fixtures.yaml"))


def _quickened(monkeypatch: pytest.MonkeyPatch) -> None:
    """What costs time and changes no verdict: the same made again, looking for trio, a cautious memory."""
    monkeypatch.setattr(OpenApi, "faults", lambda api: list(_faults(json.dumps(api.document))))
    monkeypatch.setattr(ssl, "create_default_context", _context)
    monkeypatch.setattr("httpx._transports.asgi.create_event", asyncio.Event)
    monkeypatch.setattr(_ops, "BELIEVED", 0.0)


_context: Final = cache(ssl.create_default_context)


@cache
def _faults(document: str) -> tuple[str, ...]:
    return tuple(_JUDGE(OpenApi(json.loads(document), BASE)))


@cache
def earlier() -> dict[str, Any]:
    """The record schemas as an earlier run saw them."""
    adapter = load(REFERENCE).adapter
    return {
        name: {"version": adapter.adapter.version, "schema": record_schema(dataset)}
        for name, dataset in adapter.datasets.items()
    }


def trusting(loaded: Loaded, issuer: Issuer) -> Loaded:
    """The adapter with the kit as its one trusted issuer."""
    trusted = Trusted(issuer=issuer.issuer, jwks=issuer.jwks(), roles=ROLES)
    trust = loaded.adapter.trust.model_copy(update={"issuers": (trusted,)})
    return replace(loaded, adapter=loaded.adapter.model_copy(update={"trust": trust}))


def examined(work: Bench, classes: Iterable[str] = ()) -> Report:
    """What the kit says of the reference adapter with all changes of the bench; of all classes, or of some."""
    work.settings = work.settings.model_copy(update={"classes": tuple(classes)})
    _change_answers(work)
    issuer = Issuer.generate()
    app = create_app(trusting(load(work.folder), issuer))
    served: App = app
    for layer in work.layers:
        served = layer(served)
    transport = None if work.serve else httpx.ASGITransport(app=served, raise_app_exceptions=False)
    with work.sockets as sockets, hooked(app, work.folder) as url:
        if work.serve is not None:
            work.base = sockets.enter_context(work.serve(served))
        fixtures = work.fixtures.model_copy(update={"hook": Hook(url=url)})
        try:
            return run(work.base, fixtures, work.settings, issuer=issuer, transport=transport)
        finally:
            asyncio.run(app.reader.close())
            app.guard.close()


def _change_answers(work: Bench) -> None:
    if not work.changes:
        return
    original = Gateway._handled

    async def handled(self: Gateway, endpoint: Any, exchange: Exchange, params: Mapping[str, str]) -> Reply:
        reply = await original(self, endpoint, exchange, params)
        copy = Reply(reply.body, [*reply.headers], reply.status, records=reply.records, code=reply.code)
        for change in work.changes:
            change(Answer(exchange, copy, params))
        return copy

    work.patch(Gateway, "_handled", handled)


# -- the hook --------------------------------------------------------------------------------------


@contextmanager
def hooked(app: Application, folder: Path) -> Iterator[str]:
    """Where the kit changes the source, stops it, and takes the audit log away."""
    hands = Hands(app, folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps({"done": hands.act(order)}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Hands:
    """What the hook does: to the database file, and to the segments of the log."""

    app: Application
    folder: Path

    def act(self, order: Mapping[str, Any]) -> bool:
        work = {
            "update": self.update,
            "stop-source": self.stop,
            "start-source": self.start,
            "block-audit": self.block,
            "unblock-audit": self.unblock,
        }.get(order["action"])
        if work is None:
            return False
        work(order)
        return True

    def update(self, order: Mapping[str, Any]) -> None:
        key = self.app.core.plans[order["entry"]].key_of(order["record"]["recordId"])
        with sqlite3.connect(self.folder / "legacy.db") as db:
            db.execute("UPDATE PERSON SET MEMO = 'changed' WHERE IDNO = ?", key or ("",))
        db.close()

    def stop(self, _: Mapping[str, Any]) -> None:
        """Move the database away and close what is open of it."""
        (self.folder / "legacy.db").rename(self.folder / "away.db")
        source: Any = self.app.reader._plain or self.app.reader._native
        source.backend.engine.dispose()

    def start(self, _: Mapping[str, Any]) -> None:
        (self.folder / "away.db").rename(self.folder / "legacy.db")

    @property
    def segments(self) -> list[Path]:
        return sorted((self.folder / ".datong" / "audit").rglob("*.ndjson"))

    def block(self, _: Mapping[str, Any]) -> None:
        """Take the segments off the disk: what follows them could not be proven to do so."""
        for path in self.segments:
            shutil.copyfile(path, path.with_suffix(".aside"))
            path.unlink()

    def unblock(self, _: Mapping[str, Any]) -> None:
        for path in self.segments:
            path.unlink()
        for path in sorted((self.folder / ".datong" / "audit").rglob("*.aside")):
            path.rename(path.with_suffix(".ndjson"))
