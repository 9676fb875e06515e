"""One request and its answer, as every check and everybody who recomputes a verdict sees them."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final, Literal

from pydantic import Field as Described

from datong.model import Part

Header = tuple[str, str]
FailureKind = Literal["connect", "tls", "timeout", "tooLarge", "elsewhere", "protocol"]
Fault = Literal["notUtf8", "notJson", "duplicateMember", "binary", "truncated"]
Tag = str | int | float | bool | None

NUMBER: Final = "<number:"
"""A JSON number that no double holds exactly is kept as `<number:TEXT>`."""


class Request(Part):
    """`url` is relative to the base, or whole where it lies outside. `body` is JSON or text."""

    method: str
    url: str
    headers: tuple[Header, ...] = ()
    body: Any = None


class Tls(Part):
    version: str
    cipher: str
    fingerprint: str
    """SHA-256 of the server's certificate, hexadecimal."""


class Response(Part):
    """`body` is the parsed JSON, or the text of anything else that is text; None without one.

    `fault` says what kept the body from being read as its media type says. `size` and `sha256` are
    those of the bytes that arrived; the digest is taken of downloads alone.
    """

    status: int
    headers: tuple[Header, ...] = ()
    http_version: str = "HTTP/1.1"
    body: Any = None
    size: int = 0
    sha256: str | None = None
    fault: Fault | None = None
    tls: Tls | None = None


class Failure(Part):
    """Why there is no answer. `detail` names the kind of error, never a host's own words."""

    kind: FailureKind
    detail: str


class Exchange(Part):
    """`label` says what the probe meant (`records.walk`), `tags` with which entry, grant, case.

    Either `response` or `failure` is set. `started_at` is an RFC 3339 instant of the kit's clock.
    """

    id: str
    label: str
    tags: dict[str, Tag] = Described(default_factory=dict)
    request: Request
    response: Response | None = None
    failure: Failure | None = None
    started_at: str
    duration_ms: float

    @property
    def status(self) -> int | None:
        return self.response.status if self.response else None

    @property
    def body(self) -> Any:
        return self.response.body if self.response else None

    @property
    def document(self) -> Mapping[str, Any]:
        """The body if it is a JSON object, else an empty one."""
        return self.body if isinstance(self.body, dict) else {}

    @property
    def code(self) -> str | None:
        """The `code` of a problem."""
        code = self.document.get("code") if (self.status or 0) >= 400 else None  # noqa: PLR2004
        return code if isinstance(code, str) else None

    @property
    def path(self) -> str:
        return self.request.url.partition("?")[0]

    @property
    def media_type(self) -> str:
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    def header(self, name: str) -> str | None:
        """A response header; several of one name are joined as RFC 9110 says."""
        held = self.response.headers if self.response else ()
        values = [value for each, value in held if each.lower() == name.lower()]
        return ", ".join(values) if values else None

    def links(self, rel: str) -> list[str]:
        """Addresses of the links with this relation."""
        listed = self.document.get("links")
        found = [link for link in listed if isinstance(link, dict)] if isinstance(listed, list) else []
        return [link["href"] for link in found if link.get("rel") == rel and isinstance(link.get("href"), str)]


def plain_number(value: Any) -> Any:
    """A number kept exactly as its text; every other value as it is."""
    if isinstance(value, str) and value.startswith(NUMBER) and value.endswith(">"):
        return value[len(NUMBER) : -1]
    return value


def retry_after(text: str | None, now: float) -> float | None:
    """Seconds that a `Retry-After` asks for, a number or an HTTP date (RFC 9110, 10.2.3); None for anything else."""
    if text is None:
        return None
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except ValueError:
        return None
