from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from datong.conformance import Exchange, Redactor, Report, Session, Settings, run
from datong.conformance._session import BudgetSpent, Call

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
LIMIT = 6.0
"""Seconds within which a hopeless target has its verdict."""


@contextmanager
def listening(talk: Talk, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server of raw bytes on a free port of loopback, in a thread of its own."""
    loop = asyncio.new_event_loop()
    started: list[asyncio.Server] = []
    ready = threading.Event()

    async def serve() -> None:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await talk(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                pass
            finally:
                writer.close()

        started.append(await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context))
        ready.set()

    loop.set_exception_handler(lambda *_: None)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(serve(), loop).result(5)
    ready.wait(5)
    try:
        yield started[0].sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(stopped(started[0]), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def stopped(server: asyncio.Server) -> None:
    server.close()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    await asyncio.sleep(0)


def answering(raw: bytes) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        await writer.drain()

    return talk


async def hanging(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One byte of a header at a time: no single read ever times out."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        writer.write(b"y")
        await writer.drain()
        await asyncio.sleep(0.1)


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A gigabyte of JSON."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n")
    for _ in range(1000):
        writer.write(b" " * 1_000_000)
        await writer.drain()


HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>"
MOVED = b"HTTP/1.1 302 Found\r\nLocation: http://other.example/v1/\r\nContent-Length: 0\r\n\r\n"
CIRCLE = b"HTTP/1.1 302 Found\r\nLocation: /v1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
NOISE = b"SSH-2.0-OpenSSH_9.2\r\n\r\n"


def certificate(folder: Path) -> ssl.SSLContext:
    """A certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    pem = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def report_on(url: str) -> Report:
    began = time.monotonic()
    report = run(url, settings=Settings(timeout=1.0, budget=LIMIT, body=1 << 20))
    assert time.monotonic() - began < LIMIT
    return report


def outcome(report: Report, requirement: str) -> str:
    return next(each.status for each in report.verdicts if each.requirement == requirement)


def stopped_by(report: Report, code: str) -> None:
    """The run ended for this reason; the landing fails, nothing passes, and a sentence says why."""
    assert report.observations.stopped == code
    assert report.stopped is not None
    assert outcome(report, "REQ-CORE-01") == "fail"
    assert "pass" not in {each.status for each in report.verdicts}
    assert report.exit_code == 1


@pytest.mark.parametrize(
    ("talk", "code"),
    [
        (hanging, "timeout"),
        (dripping, "timeout"),
        (endless, "tooLarge"),
        (answering(HTML), "notAnAdapter"),
        (answering(MOVED), "elsewhere"),
        (answering(CIRCLE), "elsewhere"),
        (answering(NOISE), "protocol"),
        (answering(b""), "protocol"),
    ],
)
def test_hopeless_targets(talk: Talk, code: str) -> None:
    """A target that hangs, drips, floods or is something else ends in a clear verdict within the time."""
    with listening(talk) as port:
        stopped_by(report_on(f"http://127.0.0.1:{port}/v1"), code)


def test_nobody_there() -> None:
    """A wrong address ends in a clear verdict."""
    stopped_by(report_on("http://127.0.0.1:1/v1"), "connect")
    stopped_by(report_on("http://no-such-host.invalid/v1"), "connect")


def test_bad_certificate(tmp_path: Path) -> None:
    """A certificate that nobody vouches for fails the transport requirement too; given as authority it is trusted."""
    with listening(answering(HTML), certificate(tmp_path)) as port:
        url = f"https://127.0.0.1:{port}/v1"
        report = report_on(url)
        stopped_by(report, "tls")
        assert outcome(report, "REQ-SEC-01") == "fail"
        trusting = Settings(timeout=1.0, budget=LIMIT, ca=str(tmp_path / "server.pem"))
        report = run(url, settings=trusting)
        assert report.observations.stopped == "notAnAdapter"
        assert report.target.fingerprint is not None


def session(handler: Callable[[httpx.Request], httpx.Response], **settings: float) -> tuple[Session, list[Exchange]]:
    seen: list[Exchange] = []
    made = Session(
        "http://127.0.0.1:9/v1",
        Settings(**settings),
        Redactor(b"k" * 32),
        seen.append,
        transport=httpx.MockTransport(handler),
    )
    return made, seen


def call(path: str, **more: bool) -> Call:
    return Call("GET", path, "test.call", {}, **more)


def test_never_leaves_the_host() -> None:
    """A link to another host is recorded as such, and not followed."""
    asked: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200)

    made, seen = session(handler)
    made.send(call("http://other.example/v1/x"))
    made.close()
    assert asked == []
    assert seen[0].failure is not None
    assert seen[0].failure.kind == "elsewhere"


def test_obeys_retry_after() -> None:
    """One Retry-After is obeyed and noted; a call that provokes the refusal is not repeated."""
    answers = iter([429, 200, 429])
    made, seen = session(lambda _: httpx.Response(next(answers), headers={"retry-after": "0"}))
    assert made.send(call("/a")).status == 200
    assert made.send(call("/b", patient=False)).status == 429
    made.close()
    assert [each.status for each in seen] == [429, 200, 429]
    assert [wait.why for wait in made.waits] == ["Retry-After of test.call"]


def test_budget() -> None:
    """When the time of the run is over nothing more is sent."""
    made, seen = session(lambda _: httpx.Response(200), budget=0.5)
    made.send(call("/a"))
    time.sleep(0.6)
    with pytest.raises(BudgetSpent):
        made.send(call("/b"))
    with pytest.raises(BudgetSpent):
        made.pause(1, "nothing")
    made.close()
    assert len(seen) == 1


def test_rate() -> None:
    """Requests keep their distance."""
    made, seen = session(lambda _: httpx.Response(200), rate=20)
    began = time.monotonic()
    for _ in range(5):
        made.send(call("/a"))
    made.close()
    assert time.monotonic() - began >= 4 / 20
    assert len(seen) == 5


@pytest.mark.parametrize(
    ("content", "kind", "body", "fault"),
    [
        (b'{"a":1}', "application/json", {"a": 1}, None),
        (b'{"a":"\xff"}', "application/json", None, "notUtf8"),
        (b'{"a":', "application/json", '{"a":', "notJson"),
        (b'{"a":1,"a":2}', "application/json", {"a": 2}, "duplicateMember"),
        (b'{"a":NaN}', "application/json", '{"a":NaN}', "notJson"),
        (b'{"a":1.10,"b":0.1}', "application/json", {"a": 1.1, "b": 0.1}, None),
        (b'{"a":12345678901234567890.1234}', "application/json", {"a": "<number:12345678901234567890.1234>"}, None),
        (b'{"a":"\\ud842\\udfb7"}', "application/json", {"a": "\U00020bb7"}, None),
        (b'{"a":"\\ud842x","b":["\\\\ud842"]}', "application/json", {"a": "\ufffdx", "b": ["\\ud842"]}, "notUtf8"),
        (b'{"a":1}\n{"a":2}\n', "application/x-ndjson", [{"a": 1}, {"a": 2}], None),
        ("中文".encode("gb18030"), "text/csv", None, "notUtf8"),
        (b"\0\1\2", "application/octet-stream", None, "binary"),
    ],
)
def test_reads_bodies_strictly(content: bytes, kind: str, body: object, fault: str | None) -> None:
    """What is lost in lenient reading is kept: encodings, repeated members, exact numbers."""
    made, seen = session(lambda _: httpx.Response(200, headers={"content-type": kind}, content=content))
    made.send(call("/a"))
    made.close()
    response = seen[0].response
    assert response is not None
    assert (response.body, response.fault, response.size) == (body, fault, len(content))
