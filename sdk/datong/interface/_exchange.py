"""One request and its answer, without the cost of request objects on the hot path."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from hashlib import sha256
from os import urandom
from typing import Any, Final

import orjson

from datong.guard import Access, Principal
from datong.interface._negotiate import language
from datong.model import Language, Problem
from datong.standard import INTERFACE_VERSION

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

_UUID: Final = re.compile(rb"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")

PATIENCE: Final = 0.2
"""Seconds that a call may take before the connection is watched."""
LARGE_BODY: Final = 65_536
"""Bytes from which a body is parsed beside the event loop."""

COMMON: Final[Headers] = [
    (b"api-version", INTERFACE_VERSION.encode()),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
]
BARE: Final[Headers] = [*COMMON, (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")]
JSON: Final[Headers] = [(b"content-type", b"application/json"), *BARE]


class Reply:
    """What goes back: `headers` lacks only those that every answer has of its own."""

    __slots__ = ("body", "code", "headers", "records", "status")

    def __init__(
        self, body: bytes, headers: Headers, status: int = 200, *, records: int = 0, code: str | None = None
    ) -> None:
        self.body = body
        self.headers = headers
        self.status = status
        self.records = records
        self.code = code


def json_reply(document: Any, *more: tuple[bytes, bytes], status: int = 200, media_type: bytes | None = None) -> Reply:
    headers = [*JSON, *more] if media_type is None else [(b"content-type", media_type), *BARE, *more]
    return Reply(orjson.dumps(document), headers, status)


class Exchange:
    """A request as it is being answered; collects what its audit record will say."""

    __slots__ = (
        "access",
        "base",
        "body_bytes",
        "body_digest",
        "catalog_id",
        "claims",
        "extra",
        "faulty",
        "gone",
        "headers",
        "method",
        "path",
        "principal",
        "receive",
        "request_id",
        "scope",
        "send",
        "started",
        "template",
    )

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.started = time.perf_counter()
        self.scope = scope
        self.receive = receive
        self.send = send
        self.method: str = scope["method"]
        root: str = scope.get("root_path", "")
        path: str = scope["path"]
        self.path = path.removeprefix(root) if root else path
        self.base = root
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.request_id = ""
        self.principal: Principal | None = None
        self.access: Access | None = None
        self.catalog_id: str | None = None
        self.template = ""
        self.body_bytes = 0
        self.body_digest: str | None = None
        self.faulty = 0
        self.claims = 0
        self.gone = False
        self.extra: Headers = []

    def identify(self) -> None:
        """Take over the caller's request id (REQ-CORE-12); a malformed one is never reflected."""
        given = self.headers.get(b"gds-request-id")
        if given is not None and _UUID.fullmatch(given):
            self.request_id = given.decode()
            return
        self.request_id = _random_uuid()
        if given is not None:
            raise Problem("request-id-invalid")

    def header(self, name: bytes) -> str:
        return self.headers.get(name, b"").decode("latin-1")

    @property
    def language(self) -> Language:
        return language(self.header(b"accept-language"))

    def watched(self) -> Watch:
        """While the source works: cancel the call when the caller goes away."""
        return Watch(self)

    async def body(self, limit: int) -> bytes:
        """The whole body; Problem `body-too-large` as soon as it is known to pass `limit` bytes."""
        length = self.headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > limit:
            raise Problem("body-too-large", maximum=limit)
        parts: list[bytes] = []
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                self.gone = True
                raise ClientGone
            part = message.get("body", b"")
            self.body_bytes += len(part)
            if self.body_bytes > limit:
                raise Problem("body-too-large", maximum=limit)
            parts.append(part)
            if not message.get("more_body", False):
                return b"".join(parts)

    async def json(self, limit: int) -> Any:
        """The body as JSON; Problem media-type-unsupported, body-too-large or body-not-json."""
        kind, _, params = self.header(b"content-type").partition(";")
        charset = params.strip().lower().removeprefix("charset=").strip('"')
        if kind.strip().lower() != "application/json" or charset not in ("", "utf-8", "utf8"):
            raise Problem("media-type-unsupported", supported="application/json")
        if self.headers.get(b"content-encoding", b"identity") != b"identity":
            raise Problem("media-type-unsupported", supported="application/json")
        raw = await self.body(limit)
        self.body_digest = f"sha-256:{sha256(raw).hexdigest()}"
        return await asyncio.to_thread(_parsed, raw) if len(raw) > LARGE_BODY else _parsed(raw)


class Watch:
    """Looks for a closed connection, but only once the work has taken a while: most calls are done sooner."""

    __slots__ = ("_exchange", "_task", "_timer", "_watcher")

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._watcher: asyncio.Task[None] | None = None

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        self._task = asyncio.current_task(loop)
        self._timer = loop.call_later(PATIENCE, self._begin)

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()

    def _begin(self) -> None:
        self._watcher = asyncio.get_running_loop().create_task(self._until_gone())

    async def _until_gone(self) -> None:
        ended = False
        while (message := await self._exchange.receive())["type"] != "http.disconnect":
            if ended:
                return  # a server that repeats the end of the body would keep the loop here for ever
            ended = not message.get("more_body", False)
            await asyncio.sleep(0)
        self._exchange.gone = True
        if self._task is not None:
            self._task.cancel()


def _random_uuid() -> str:
    """Version 4 of RFC 9562, written at once: `uuid4` makes an object first, at twice the cost."""
    text = urandom(16).hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{'89ab'[int(text[16], 16) & 3]}{text[17:20]}-{text[20:]}"


def _parsed(raw: bytes) -> Any:
    try:
        document = orjson.loads(raw)
        json.loads(raw, object_pairs_hook=_unique)
    except ValueError as error:
        raise Problem("body-not-json") from error
    return document


def _unique(pairs: list[tuple[str, Any]]) -> None:
    # orjson is strict about all else, but of a repeated name it silently keeps the last value.
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError


class ClientGone(Exception):
    """The caller closed the connection before the answer."""
