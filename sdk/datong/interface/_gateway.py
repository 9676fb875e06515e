"""The one way in and out: request id, method, token, handler, audit record, answer.

An audited answer is sent only after its audit record is written. Nothing that goes wrong inside
reaches the caller but a registered problem (REQ-CORE-07, REQ-CORE-08).
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NoReturn

import orjson

from datong.guard import Guard
from datong.interface._exchange import BARE, ClientGone, Exchange, Reply
from datong.interface._negotiate import JSON, media_type
from datong.model import Problem, SourceProblem
from datong.standard import problem_document, problem_type, resident_id_ok

log = logging.getLogger("datong.interface")

Params = Mapping[str, str]
Handler = Callable[[Exchange, Params], Awaitable[Reply]]

PROBLEM_JSON: Final = "application/problem+json"
_CASE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:-]{0,127}")
_RETRY: Final = {503: "5", 504: "10"}
_CHALLENGE: Final = 'Bearer realm="gds"'
_GONE: Final = 499


class Endpoint:
    """A path of the contract and what answers its methods; an ASGI application of its own.

    `public` paths need no token. `audited` paths leave a record, and without one nothing is sent.
    """

    def __init__(
        self,
        gateway: Gateway,
        template: str,
        methods: Mapping[str, Handler],
        *,
        public: bool = False,
        audited: bool = True,
    ) -> None:
        self.gateway = gateway
        self.template = template
        self.public = public
        self.audited = audited and not public
        self.methods = dict(methods)
        if "GET" in self.methods:
            self.methods["HEAD"] = self.methods["GET"]
        self.allow = ", ".join(sorted(self.methods))

    def refuse(self) -> NoReturn:
        raise Problem("method-not-allowed", headers={"Allow": self.allow}, allowed=self.allow)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.gateway.answer(self, Exchange(scope, receive, send), scope["path_params"])


class Gateway:
    def __init__(self, guard: Guard) -> None:
        self.guard = guard

    async def answer(self, endpoint: Endpoint, exchange: Exchange, params: Params) -> None:
        exchange.template = endpoint.template
        try:
            reply = await self._handled(endpoint, exchange, params)
        except (ClientGone, asyncio.CancelledError):
            if not exchange.gone:
                raise
            self._audited(exchange, Reply(b"", BARE, _GONE, code="client-gone"))
            return
        if endpoint.audited:
            reply = self._audited(exchange, reply)
        await self._send(exchange, reply)

    async def not_found(self, scope: Any, receive: Any, send: Any) -> None:
        """What answers where no route matches."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
            return
        exchange = Exchange(scope, receive, send)
        problem = Problem("path-unknown")
        try:
            exchange.identify()
        except Problem as malformed:
            problem = malformed
        await self._send(exchange, self.problem(exchange, problem))

    async def _handled(self, endpoint: Endpoint, exchange: Exchange, params: Params) -> Reply:
        try:
            exchange.identify()
            handler = endpoint.methods.get(exchange.method) or endpoint.refuse()
            if not endpoint.public:
                authorization = exchange.headers.get(b"authorization")
                exchange.principal = self.guard.authenticate(
                    authorization.decode("latin-1") if authorization is not None else None
                )
            return await handler(exchange, params)
        except Problem as problem:
            return self.problem(exchange, problem)
        except ClientGone:
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, the caller learns only that it happened
            return self.failure(exchange, error)

    def problem(self, exchange: Exchange, problem: Problem) -> Reply:
        """The RFC 9457 answer, with the headers its status calls for."""
        status = problem_type(problem.code).status
        language = exchange.language
        document = problem_document(
            problem,
            language=language,
            request_id=exchange.request_id,
            # The path as called may hold what must not be repeated; this names the occurrence itself.
            instance=f"urn:uuid:{exchange.request_id}",
        )
        headers = [
            (b"content-type", PROBLEM_JSON.encode()),
            (b"content-language", language.encode()),
            *BARE,
            *((name.lower().encode(), value.encode()) for name, value in _headers(problem, status).items()),
        ]
        if isinstance(problem, SourceProblem):
            cause = problem.cause.en if problem.cause else "no cause given"
            log.warning("%s at %s: %s (request %s)", problem.code, exchange.template, cause, exchange.request_id)
        return Reply(orjson.dumps(document), headers, status, code=document["code"])

    def failure(self, exchange: Exchange, error: Exception) -> Reply:
        """Answer `internal`; where the failure lies goes to the log, its text may hold values and does not."""
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place is not None else "?"
        log.error("%s at %s in %s (request %s)", type(error).__name__, exchange.template, where, exchange.request_id)
        log.debug("request %s", exchange.request_id, exc_info=error)
        return self.problem(exchange, Problem("internal"))

    def _audited(self, exchange: Exchange, reply: Reply) -> Reply:
        duration = (time.perf_counter() - exchange.started) * 1000
        try:
            self.guard.audit.append(_record(exchange, reply, duration))
        except Problem as problem:
            reply = self.problem(exchange, problem)
        return reply

    async def _send(self, exchange: Exchange, reply: Reply) -> None:
        body = reply.body
        headers = [*reply.headers, *exchange.extra, (b"gds-request-id", exchange.request_id.encode())]
        if reply.status != 304:  # noqa: PLR2004  a 304 has no body to measure
            headers.append((b"content-length", b"%d" % len(body)))
        if exchange.scope.get("scheme") == "https":
            headers.append((b"strict-transport-security", b"max-age=31536000"))
        await exchange.send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await exchange.send(
            {"type": "http.response.body", "body": b"" if exchange.method == "HEAD" else body, "more_body": False}
        )


def accept(exchange: Exchange, *offers: str) -> str:
    """The media type to answer with; Problem `not-acceptable` where the caller takes none of them."""
    raw = exchange.headers.get(b"accept")
    offers = offers or (JSON,)
    if raw is None or raw == b"*/*":
        return offers[0]
    chosen = media_type(raw.decode("latin-1"), offers)
    if chosen is None:
        raise Problem("not-acceptable", available=offers)
    return chosen


def _headers(problem: Problem, status: int) -> dict[str, str]:
    headers = {name.title(): value for name, value in problem.headers.items()}
    if status == 401:  # noqa: PLR2004
        detail = "" if problem.code == "token-missing" else ', error="invalid_token"'
        headers.setdefault("Www-Authenticate", _CHALLENGE + detail)
    elif status in _RETRY:
        headers.setdefault("Retry-After", _RETRY[status])
    return headers


def _record(exchange: Exchange, reply: Reply, duration: float) -> dict[str, Any]:
    """What the audit log keeps of a call: never a value, an address as called, or a token (REQ-AUD-03)."""
    record: dict[str, Any] = {
        "requestId": exchange.request_id,
        "method": exchange.method if exchange.method.isalpha() and len(exchange.method) <= 16 else "OTHER",  # noqa: PLR2004
        "path": exchange.template,
        "status": reply.status,
        "code": reply.code,
        "records": reply.records,
        "responseBytes": len(reply.body),
        "durationMs": duration,
        "catalogId": exchange.catalog_id,
    }
    if exchange.faulty:
        record["faulty"] = exchange.faulty
    if exchange.claims:
        record["claims"] = exchange.claims
    if exchange.body_bytes:
        record["requestBytes"] = exchange.body_bytes
        record["requestDigest"] = exchange.body_digest
    principal = exchange.principal
    if principal is not None:
        record["role"] = principal.role
        record["consumerId"] = principal.consumer_id
        record["providerId"] = principal.provider_id
        record["grantId"] = principal.grant_id
        record["purposeId"] = principal.purpose_id
        record["operatorId"] = principal.operator_id
        record["caseId"] = principal.case_id or _case(exchange)
    return record


def _case(exchange: Exchange) -> str | None:
    """`Gds-Case-Id`, if it is a plain identifier and no identity number."""
    given = exchange.headers.get(b"gds-case-id")
    if given is None:
        return None
    text = given.decode("latin-1")
    return text if _CASE.fullmatch(text) and not resident_id_ok(text) else None
