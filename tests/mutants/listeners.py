"""Real sockets where a variant or mutant lies beneath HTTP: an HTTP/1.0 server, TLS handshakes."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

App = Any


# -- HTTP/1.0 --------------------------------------------------------------------------------------


@contextmanager
def http_1_0(app: App) -> Iterator[str]:
    """The application behind a server that speaks HTTP/1.0 and closes after each answer; its base."""
    loop = asyncio.new_event_loop()
    turning = threading.Thread(target=loop.run_forever)
    turning.start()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            messages = asyncio.run_coroutine_threadsafe(_called(app, self, body), loop).result(30)
            self.send_response_only(messages[0]["status"])
            for name, value in messages[0]["headers"]:
                self.send_header(name.decode(), value.decode())
            self.end_headers()
            self.wfile.write(b"".join(message.get("body", b"") for message in messages[1:]))

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self.answer
            raise AttributeError(name)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
        loop.call_soon_threadsafe(loop.stop)
        turning.join()
        loop.close()


async def _called(app: App, request: BaseHTTPRequestHandler, body: bytes) -> list[dict[str, Any]]:
    parts = urlsplit(request.path)
    scope = {"type": "http", "http_version": "1.0", "scheme": "http", "method": request.command, "root_path": ""}
    scope |= {"path": unquote(parts.path), "raw_path": parts.path.encode(), "query_string": parts.query.encode()}
    scope["headers"] = [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in request.headers.items()
    ]
    scope |= {"client": ("127.0.0.1", 1), "server": ("127.0.0.1", 1)}
    messages: list[dict[str, Any]] = []
    unread = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if not unread:
            await asyncio.Event().wait()
        return unread.pop()

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    await app(scope, receive, send)
    return messages


# -- TLS -------------------------------------------------------------------------------------------


@contextmanager
def tls(folder: Path, *, oldest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2, clear: bool = False) -> Iterator[int]:
    """A port that shakes hands by TLS, from the oldest version on; `clear` answers plain HTTP as well."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = oldest
    context.set_ciphers("ALL:@SECLEVEL=0")
    path = folder / "tls.pem"
    path.write_bytes(certificate())
    context.load_cert_chain(path)
    listener = socket.create_server(("127.0.0.1", 0))
    stopped = threading.Event()

    def serve() -> None:
        while not stopped.is_set():
            with suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    _shaken(connection, context, clear=clear)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stopped.set()
        with suppress(OSError):
            socket.create_connection(listener.getsockname(), 1).close()
        thread.join(2)
        listener.close()


def _shaken(connection: socket.socket, context: ssl.SSLContext, *, clear: bool) -> None:
    connection.settimeout(2)
    if clear and connection.recv(1, socket.MSG_PEEK) == b"G":
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        return
    with suppress(ssl.SSLError), context.wrap_socket(connection, server_side=True) as secure:
        secure.recv(1)


@cache
def certificate() -> bytes:
    """Key and certificate for 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + made.public_bytes(Encoding.PEM)
