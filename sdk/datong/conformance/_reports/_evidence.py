"""An exchange as people read it: lines of text, and the command that repeats it."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator
from typing import Any, Final

from datong.conformance._exchange import Exchange, Header
from datong.model import Part

LONGEST: Final = 20_000
"""Characters of a body that a report shows."""
_TOKEN: Final = re.compile(r"Bearer <token:[^<>]*>")
_CONTROL: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_GLOBS: Final = frozenset("[]{}")
_OWN: Final = frozenset({"accept"})


class Shown(Part):
    """One exchange, redacted when it was recorded. `response_body` ends where `cut` says so."""

    id: str
    label: str
    request: str
    """Method and address."""
    request_headers: tuple[str, ...] = ()
    request_body: str | None = None
    outcome: str
    """Status line, or why there is no answer."""
    response_headers: tuple[str, ...] = ()
    response_body: str | None = None
    cut: int = 0
    """Characters of the answer that are left out."""
    duration_ms: float
    curl: str
    """The same request; TOKEN is a token like the one that was sent."""


def shown(exchange: Exchange, base: str) -> Shown:
    request, response = exchange.request, exchange.response
    body = _text(response.body) if response else None
    return Shown(
        id=exchange.id,
        label=exchange.label,
        request=f"{request.method} {_address(exchange, base)}",
        request_headers=_lines(request.headers),
        request_body=_cut(_text(request.body)),
        outcome=_outcome(exchange),
        response_headers=_lines(response.headers) if response else (),
        response_body=_cut(body),
        cut=max(0, len(body or "") - LONGEST),
        duration_ms=exchange.duration_ms,
        curl=curl(exchange, base),
    )


def curl(exchange: Exchange, base: str) -> str:
    """One line for a shell. Nothing that a target sent can break out of its quotes."""
    request = exchange.request
    address = _address(exchange, base)
    parts = ["curl", "-sS", "-i"]
    parts += ["-g"] if _GLOBS & set(address) else []
    parts += _method(request.method, body=request.body is not None)
    for name, value in request.headers:
        if name.lower() not in _OWN or value != "*/*":
            parts += ["-H", _header(name, value)]
    if request.body is not None:
        text = request.body if isinstance(request.body, str) else json.dumps(request.body, ensure_ascii=False)
        parts += ["--data-raw", _quoted(text)]
    return " ".join([*parts, _quoted(address)])


def plain(text: str) -> str:
    """Without characters that no report may hold: control and bidirectional marks become `\\u202e`."""
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _method(method: str, *, body: bool) -> list[str]:
    if method == "HEAD":
        return ["-I"]
    return [] if method == ("POST" if body else "GET") else ["-X", _quoted(method)]


def _header(name: str, value: str) -> str:
    if name.lower() == "authorization" and _TOKEN.fullmatch(value):
        return '"Authorization: Bearer $TOKEN"'
    return _quoted(f"{name}: {value}")


def _quoted(text: str) -> str:
    if not _UNSAFE.search(text):
        return shlex.quote(text)
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return "$'" + _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", escaped) + "'"


def _address(exchange: Exchange, base: str) -> str:
    url = exchange.request.url
    return f"{base}{url}" if url.startswith("/") else url


def _outcome(exchange: Exchange) -> str:
    if exchange.failure is not None:
        return f"{exchange.failure.kind}: {exchange.failure.detail}"
    response = exchange.response
    if response is None:
        return "-"
    fault = f" ({response.fault})" if response.fault else ""
    return f"{response.http_version} {response.status}{fault}"


def _lines(headers: Iterable[Header]) -> tuple[str, ...]:
    return tuple(f"{name}: {value}" for name, value in headers)


def _text(body: Any) -> str | None:
    if body is None:
        return None
    return plain(body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, indent=2))


def _cut(text: str | None) -> str | None:
    return None if text is None else text[:LONGEST]


def excerpt(text: str, lines: int, width: int) -> Iterator[str]:
    """The first lines of a text, each cut to a width; `…` where something is left out."""
    held = text.splitlines()
    for line in held[:lines]:
        yield line if len(line) <= width else line[: width - 1] + "…"
    if len(held) > lines:
        yield "…"
