"""Handshakes and plain requests, to see what a server takes beneath HTTP."""

from __future__ import annotations

import socket
import ssl
import warnings
from typing import Final
from urllib.parse import urlsplit

from datong.conformance._exchange import Failure, Response, Tls

VERSIONS: Final = {
    "TLSv1": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}
_MOST: Final = 65_536


def handshake(base: str, version: str, timeout: float) -> tuple[Response | None, Failure | None]:
    """Whether the server speaks this version; an answer of status 0 says that it does."""
    parts = urlsplit(base)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = VERSIONS[version]
    context.set_ciphers("ALL:@SECLEVEL=0")
    try:
        with (
            socket.create_connection((parts.hostname or "", parts.port or 443), timeout) as plain,
            context.wrap_socket(plain, server_hostname=parts.hostname) as secure,
        ):
            cipher = secure.cipher()
            tls = Tls(version=str(secure.version()), cipher=cipher[0] if cipher else "", fingerprint="")
            return Response(status=0, tls=tls), None
    except ssl.SSLError as error:
        return None, Failure(kind="tls", detail=error.reason or "refused")
    except OSError as error:
        return None, Failure(kind="connect", detail=type(error).__name__)


def plain(host: str, port: int, path: str, timeout: float) -> tuple[Response | None, Failure | None]:
    """What a request without TLS gets: status, `Location`, and how long a body; never the body."""
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection((host, port), timeout) as connection:
            connection.sendall(request.encode())
            raw = b""
            while len(raw) < _MOST and (part := connection.recv(_MOST)):
                raw += part
    except OSError as error:
        return None, Failure(kind="connect", detail=type(error).__name__)
    head, _, body = raw.partition(b"\r\n\r\n")
    words = head.split(b"\r\n")[0].split()
    if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].isdigit():  # noqa: PLR2004 - a status line
        return None, Failure(kind="protocol", detail="no HTTP")
    lines = (line.decode("latin-1").partition(":") for line in head.split(b"\r\n")[1:])
    headers = tuple((name, value.strip()) for name, _, value in lines if name.lower() == "location")
    return Response(status=int(words[1]), headers=headers, size=len(body)), None
