"""Sends requests within limits, and records each with its answer."""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from ipaddress import ip_address
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import httpx

from datong.conformance._body import read_body
from datong.conformance._exchange import Exchange, Failure, Header, Request, Response, Tag, Tls, retry_after
from datong.conformance._issuer import Token
from datong.conformance._observations import Wait
from datong.conformance._redact import Redactor
from datong.conformance._settings import Settings

REMOTE_RATE: Final = 5.0
MOST_REDIRECTS: Final = 3
MOST_PAUSE: Final = 30.0
"""Seconds that a `Retry-After` is obeyed at most."""
_DISCOVERY: Final = "/.well-known/gds-adapter"
_ABSOLUTE: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
Outcome = tuple[Response | None, Failure | None]
T = TypeVar("T")


class BudgetSpent(Exception):
    """The time of the run is over."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `path` is behind the base, or a whole address of the same origin.

    `patient` obeys one `Retry-After` of a 429. `download` takes the digest of the bytes.
    """

    method: str
    path: str
    label: str
    tags: Mapping[str, Tag]
    token: Token | None = None
    headers: Sequence[Header] = ()
    json: Any = None
    content: bytes | None = None
    patient: bool = True
    download: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """An exchange, and what of its answer went unrecorded: the values themselves."""

    exchange: Exchange
    body: Any
    content: bytes
    headers: Mapping[str, str]

    @property
    def status(self) -> int | None:
        return self.exchange.status

    @property
    def ok(self) -> bool:
        return self.exchange.status == 200  # noqa: PLR2004

    @property
    def document(self) -> dict[str, Any]:
        return self.body if isinstance(self.body, dict) else {}

    @property
    def items(self) -> list[dict[str, Any]]:
        listed = self.document.get("items")
        return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []

    def link(self, rel: str) -> str | None:
        listed = self.document.get("links")
        found = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
        return next(
            (each["href"] for each in found if each.get("rel") == rel and isinstance(each.get("href"), str)), None
        )


class Session:
    """One run's requests to one target; its own event loop, so that callers stay synchronous.

    `record` is called with each exchange. `transport` stands in for the network in tests.
    """

    def __init__(
        self,
        base: str,
        settings: Settings,
        redactor: Redactor,
        record: Callable[[Exchange], None],
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.base = base.rstrip("/")
        self.settings = settings
        self.redactor = redactor
        self.waits: list[Wait] = []
        self._record = record
        self._number = 0
        self._origin = _origin(self.base)
        self._loop = asyncio.new_event_loop()
        self._ends = time.monotonic() + settings.budget
        rate = settings.rate or (None if loopback(self.base) else REMOTE_RATE)
        self._gap = 1 / rate if rate else 0.0
        self._next = 0.0
        self._client = httpx.AsyncClient(
            transport=transport,
            verify=_trust(settings.ca),
            trust_env=False,
            timeout=settings.timeout,
            limits=httpx.Limits(max_connections=settings.concurrency),
        )

    def close(self) -> None:
        self._loop.run_until_complete(self._client.aclose())
        self._loop.close()

    @property
    def left(self) -> float:
        """Seconds of the budget that are left."""
        return self._ends - time.monotonic()

    def send(self, call: Call) -> Seen:
        """One exchange. Raises BudgetSpent when the run's time is over."""
        seen = self._run(self._exchange(call))
        pause = _pause(seen) if call.patient else None
        if pause is None:
            return seen
        self.pause(pause, f"Retry-After of {call.label}")
        return self._run(self._exchange(call))

    def burst(self, calls: Sequence[Call]) -> list[Seen]:
        """Several at once, as many as the settings allow."""
        return self._run(self._together(calls))

    def note(self, label: str, tags: Mapping[str, Tag], request: Request, outcome: Outcome) -> None:
        """Record what happened beneath HTTP, or what no request of this session could show."""
        self._number += 1
        self._record(
            Exchange(
                id=f"x{self._number:05d}",
                label=label,
                tags=dict(tags),
                request=request,
                response=outcome[0],
                failure=outcome[1],
                started_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
                duration_ms=0.0,
            )
        )

    def pause(self, seconds: float, why: str) -> None:
        if seconds > self.left:
            raise BudgetSpent
        self.waits.append(Wait(why=why, seconds=round(seconds, 3)))
        time.sleep(seconds)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)

    async def _together(self, calls: Sequence[Call]) -> list[Seen]:
        gate = asyncio.Semaphore(self.settings.concurrency)

        async def one(call: Call) -> Seen:
            async with gate:
                return await self._exchange(call)

        return list(await asyncio.gather(*(one(call) for call in calls)))

    async def _exchange(self, call: Call) -> Seen:
        await self._turn()
        self._number += 1
        number = f"x{self._number:05d}"
        started, clock = datetime.now(UTC), time.perf_counter()
        url = self._url(call.path)
        answer: httpx.Response | None = None
        content, failure = b"", None
        if _origin(url) != self._origin:
            failure = Failure(kind="elsewhere", detail="the address lies on another host")
        else:
            answer, content, failure = await self._answer(call, url)
        duration = (time.perf_counter() - clock) * 1000
        body, response = self._response(call, answer, content)
        if call.path.endswith(_DISCOVERY) and isinstance(body, dict):
            self.redactor.keep.add(str(body.get("providerId")))
        exchange = Exchange(
            id=number,
            label=call.label,
            tags=self.redactor.value(dict(call.tags)),
            request=self._request(call),
            response=self._redacted(call, response, body),
            failure=failure,
            started_at=started.isoformat(timespec="milliseconds"),
            duration_ms=round(duration, 3),
        )
        self._record(exchange)
        return Seen(exchange, body, content, dict(answer.headers) if answer is not None else {})

    async def _turn(self) -> None:
        if self.left <= 0:
            raise BudgetSpent
        if self._gap:
            now = time.monotonic()
            start = max(now, self._next)
            self._next = start + self._gap
            await asyncio.sleep(start - now)

    async def _answer(self, call: Call, url: str) -> tuple[httpx.Response | None, bytes, Failure | None]:
        try:
            async with asyncio.timeout(min(self.settings.timeout, max(self.left, 0.1))):
                return await self._fetched(call, url)
        except TimeoutError:
            return None, b"", Failure(kind="timeout", detail=f"no whole answer within {self.settings.timeout:g} s")
        except httpx.HTTPError as error:
            return None, b"", _failure(error)
        except ssl.SSLError as error:
            return None, b"", Failure(kind="tls", detail=error.reason or "TLS")
        except (httpx.InvalidURL, OSError, ValueError) as error:
            return None, b"", Failure(kind="connect", detail=type(error).__name__)

    async def _fetched(self, call: Call, url: str) -> tuple[httpx.Response | None, bytes, Failure | None]:
        for _ in range(MOST_REDIRECTS + 1):
            headers = [(name.encode(), value.encode()) for name, value in _headers(call)]  # purposes may be Chinese
            request = self._client.build_request(call.method, url, headers=headers, content=_content(call))
            answer = await self._client.send(request, stream=True)
            try:
                content, whole = await self._read(answer)
            finally:
                await answer.aclose()
            if not whole:
                return None, b"", Failure(kind="tooLarge", detail=f"more than {self.settings.body} bytes")
            target = answer.headers.get("location")
            if not answer.has_redirect_location or call.method not in ("GET", "HEAD") or target is None:
                return answer, content, None
            url = str(answer.url.join(target))
            if _origin(url) != self._origin:
                return answer, content, Failure(kind="elsewhere", detail="redirected to another host")
        return answer, content, Failure(kind="elsewhere", detail="redirected in a circle")

    async def _read(self, answer: httpx.Response) -> tuple[bytes, bool]:
        parts, size = [], 0
        async for part in answer.aiter_bytes():
            size += len(part)
            if size > self.settings.body:
                return b"", False
            parts.append(part)
        return b"".join(parts), True

    # -- recording ----------------------------------------------------------------------------------

    def resolve(self, path: str, link: str) -> str:
        """The address that a link means in the document at `path`."""
        return urljoin(self._url(path), link)

    def _url(self, path: str) -> str:
        return path if _ABSOLUTE.match(path) else f"{self.base}{path}"

    def _request(self, call: Call) -> Request:
        named = self._named(call.path)
        body = call.json if call.content is None else call.content.decode("utf-8", "replace")[:4096]
        return Request(
            method=call.method,
            url=self._relative(call.path),
            headers=tuple((name, self.redactor.text(value)) for name, value in _headers(call)),
            body=self.redactor.value(body, self.redactor.items if named else ()),
        )

    def _relative(self, path: str) -> str:
        url = self._url(path)
        relative = url.removeprefix(self.base) if url.startswith(f"{self.base}/") else url
        place, mark, query = relative.partition("?")
        if not mark:
            return self.redactor.text(place)
        try:
            pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True)
        except ValueError:
            return self.redactor.text(relative)
        clean = self.redactor.members(dict(pairs)) if len(dict(pairs)) == len(pairs) else None
        shown = [(name, clean[name] if clean else self.redactor.text(value)) for name, value in pairs]
        return f"{self.redactor.text(place)}?{urlencode(shown, safe='<>:,.')}"

    def _named(self, path: str) -> bool:
        """Whether members of its documents are items of an entry."""
        return any(part in path for part in ("/datasets/", "/files/", "/corrections", "/services/"))

    def _response(self, call: Call, answer: httpx.Response | None, content: bytes) -> tuple[Any, Response | None]:
        if answer is None:
            return None, None
        body, fault = read_body(content, answer.headers.get("content-type", ""))
        return body, Response(
            status=answer.status_code,
            headers=tuple((name, self.redactor.text(value)) for name, value in answer.headers.multi_items()),
            http_version=answer.http_version,
            size=len(content),
            sha256=sha256(content).hexdigest() if call.download else None,
            fault=fault,
            tls=_tls(answer),
        )

    def _redacted(self, call: Call, response: Response | None, body: Any) -> Response | None:
        if response is None:
            return None
        named = self._named(call.path) and response.status < 400  # noqa: PLR2004
        return response.model_copy(update={"body": self.redactor.value(body, self.redactor.items if named else ())})


def loopback(url: str) -> bool:
    """Whether the address names this machine by itself."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _trust(ca: str | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def _headers(call: Call) -> list[Header]:
    headers = list(call.headers)
    given = {name.lower() for name, _ in headers}
    if call.token is not None and call.token.value is not None:
        headers.append(("Authorization", f"Bearer {call.token.value}"))
    if "accept" not in given:
        headers.append(("Accept", "*/*"))
    if call.json is not None and "content-type" not in given:
        headers.append(("Content-Type", "application/json"))
    return headers


def _content(call: Call) -> bytes | None:
    if call.json is not None:
        return json.dumps(call.json, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return call.content


def _pause(seen: Seen) -> float | None:
    if seen.status != 429:  # noqa: PLR2004
        return None
    after = retry_after(seen.headers.get("retry-after"), time.time())
    return None if after is None else min(after, MOST_PAUSE)


def _failure(error: httpx.HTTPError) -> Failure:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return Failure(kind="tls", detail=cause.reason or "TLS")
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.TimeoutException):
        return Failure(kind="timeout", detail=type(error).__name__)
    if isinstance(error, httpx.ConnectError | httpx.UnsupportedProtocol):
        return Failure(kind="connect", detail="no connection")
    return Failure(kind="protocol", detail=type(error).__name__)


def _tls(answer: httpx.Response) -> Tls | None:
    stream = answer.extensions.get("network_stream")
    secure = stream.get_extra_info("ssl_object") if stream is not None else None
    if secure is None:
        return None
    certificate = secure.getpeercert(binary_form=True) or b""
    cipher = secure.cipher()
    return Tls(
        version=str(secure.version()),
        cipher=cipher[0] if cipher else "",
        fingerprint=sha256(certificate).hexdigest(),
    )
