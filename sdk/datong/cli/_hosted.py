"""An adapter on loopback for as long as it is tested: the kit is its issuer, and nothing stays behind."""

from __future__ import annotations

import logging
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from datong.model import EnvironmentProblem, SourceProblem, Text
from datong.standard import BASE_PATH

if TYPE_CHECKING:
    from datong.config import Loaded
    from datong.conformance import Issuer

START = 20.0
_ROLES = ("consumer", "exchange", "provider", "operator")
_READS = ("fetch", "get", "count", "ping", "fetch_page", "get_row")


@dataclass(frozen=True, slots=True)
class Hosted:
    """`hook` is the address at which the kit may stop the source or block the audit log."""

    base: str
    hook: str


@contextmanager
def hosted(loaded: Loaded, issuer: Issuer) -> Iterator[Hosted]:
    """Serve until the block ends, with grants and audit records in a folder that is gone afterwards.

    Raises EnvironmentProblem where the adapter does not start.
    """
    from datong.config import open_source, require_secrets, resolve
    from datong.guard import open_guard
    from datong.interface import create_app

    with TemporaryDirectory(prefix="datong-conform-") as scratch, _quiet():
        own = _trusting(loaded, issuer, Path(scratch))
        require_secrets(own)
        guard = open_guard(own.adapter, own.folder, resolve=resolve, loopback=True)
        source = open_source(own)
        switches = {"source": _source_switch(source), "audit": _audit_switch(guard.audit)}
        path = f"/{secrets.token_urlsafe(24)}"
        app = _WithHook(create_app(own, source=source, guard=guard, loopback=True), path, switches)
        with _serving(app) as origin:
            yield Hosted(f"{origin}{BASE_PATH}", f"{origin}{path}")


def _trusting(loaded: Loaded, issuer: Issuer, scratch: Path) -> Loaded:
    from datong.model import Issuer as Trusted

    adapter = loaded.adapter
    kit = Trusted(issuer=issuer.issuer, jwks=issuer.jwks(), roles=_ROLES)
    algorithms = tuple(dict.fromkeys((*adapter.trust.algorithms, "ES256")))
    changed = {
        "trust": adapter.trust.model_copy(update={"issuers": (kit,), "algorithms": algorithms}),
        "state": adapter.state.model_copy(update={"url": f"sqlite:///{scratch / 'state.db'}"}),
        "audit": adapter.audit.model_copy(update={"folder": str(scratch / "audit")}),
    }
    return replace(loaded, adapter=adapter.model_copy(update=changed))


@contextmanager
def _quiet() -> Iterator[None]:
    """A source that the kit stops is no news on the terminal."""
    log = logging.getLogger("datong")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)


@contextmanager
def _serving(app: Any) -> Iterator[str]:
    import uvicorn

    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False, server_header=False, ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        _await(server, thread)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(START)
        listener.close()


def _await(server: Any, thread: threading.Thread) -> None:
    ends = time.monotonic() + START
    while not server.started:
        if not thread.is_alive() or time.monotonic() > ends:
            raise EnvironmentProblem(
                Text("The adapter did not start.", "适配器未能启动。"),
                Text("See why: datong serve DIR", "请运行以下命令查看原因：datong serve 文件夹"),
                code="adapter-not-started",
            )
        time.sleep(0.01)


# -- the hook -------------------------------------------------------------------------------------------


class _Switch:
    """Whether something works; while it is off, what it stands before raises."""

    def __init__(self) -> None:
        self.off = False

    def before(self, call: Callable[..., Any], error: Callable[[], Exception]) -> Callable[..., Any]:
        def switched(*args: Any, **kwargs: Any) -> Any:
            if self.off:
                raise error()
            return call(*args, **kwargs)

        return switched


def _source_switch(source: Any) -> _Switch:
    switch = _Switch()
    for name in _READS:
        if hasattr(source, name):
            setattr(source, name, switch.before(getattr(source, name), lambda: SourceProblem("source-unavailable")))
    return switch


def _audit_switch(audit: Any) -> _Switch:
    from datong.model import Problem

    switch = _Switch()
    for name in ("append", "check"):
        setattr(audit, name, switch.before(getattr(audit, name), lambda: Problem("audit-unavailable")))
    return switch


_ACTIONS = {
    "stop-source": ("source", True),
    "start-source": ("source", False),
    "block-audit": ("audit", True),
    "unblock-audit": ("audit", False),
}


class _WithHook:
    """The adapter, and beside it at an address that nobody can guess, the hook of the kit."""

    def __init__(self, app: Any, path: str, switches: dict[str, _Switch]) -> None:
        self._app = app
        self._path = path
        self._switches = switches

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != self._path:
            await self._app(scope, receive, send)
            return
        from starlette.requests import Request
        from starlette.responses import JSONResponse

        asked = await Request(scope, receive).json()
        name, off = _ACTIONS.get(asked.get("action"), (None, False))
        if name is not None:
            self._switches[name].off = off
        await JSONResponse({"done": name is not None})(scope, receive, send)
