from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from interface_world import AUDIENCE, CONSUMER, PROVIDER, PURPOSE, bearer, fill, write

from datong.config import load
from datong.guard import DevelopmentIssuer
from datong.interface import create_app
from datong.model import EnvironmentProblem


class Server:
    """A real uvicorn process in front of the register."""

    def __init__(self, folder: Path, workers: int) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.folder = folder
        self.base = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "uvicorn", "--factory", "datong.interface:factory", "--port", str(port)]
        command += ["--workers", str(workers), "--no-access-log", "--log-level", "warning", "--no-server-header"]
        env = {**os.environ, "DATONG_ADAPTER": str(folder), "DATONG_LOOPBACK": "1"}
        self.process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
        begun = time.monotonic()
        while True:
            try:
                assert httpx.get(f"{self.base}/v1/health/live").status_code == 200
                break
            except httpx.TransportError:
                assert self.process.poll() is None, self.process.stderr and self.process.stderr.read()
                assert time.monotonic() - begun < 30
                time.sleep(0.02)

    def stop(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGTERM)
        _, errors = self.process.communicate(timeout=20)
        return self.process.returncode, errors

    def token(self, **claims: Any) -> dict[str, str]:
        base = {"aud": AUDIENCE, "providerId": PROVIDER}
        return bearer(DevelopmentIssuer(self.folder).token(**(base | claims)))

    def grant(self) -> dict[str, str]:
        body = {"consumerId": CONSUMER, "providerId": PROVIDER, "catalogId": "persons", "purposeId": PURPOSE}
        body |= {
            "basis": "b",
            "scenario": "s",
            "validFrom": "2020-01-01T00:00:00Z",
            "validUntil": "2099-01-01T00:00:00Z",
        }
        made = httpx.put(
            f"{self.base}/v1/grants/g1",
            json=body | {"method": ["serviceInterface"]},
            headers=self.token(role="exchange"),
        )
        assert made.status_code == 201, made.text
        return self.token(grantId="g1", consumerId=CONSUMER, catalogId="persons", purposeId=PURPOSE)


@pytest.fixture(params=[1, 2], ids=["one worker", "two workers"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    fill(tmp_path / "legacy.db", 60)
    made = Server(write(tmp_path / "adapter", f"sqlite:///{tmp_path / 'legacy.db'}"), request.param)
    yield made
    if made.process.poll() is None:
        made.stop()


def test_a_whole_walk_over_a_socket(server: Server) -> None:
    """Pages, a record, a claim, HEAD and the audit log over real HTTP; every worker has the same answers."""
    headers = server.grant()
    found: list[int] = []
    path = "/v1/datasets/persons/records?limit=7"
    with httpx.Client(base_url=server.base, headers=headers) as client:
        while path:
            page = client.get(path).raise_for_status().json()
            found += [item["personId"] for item in page["items"]]
            path = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
        assert len(found) == len(set(found)) == 58
        record = client.get("/v1/datasets/persons/records/5")
        assert client.head("/v1/datasets/persons/records/5").headers["content-length"] == str(len(record.content))
        tagged = client.get("/v1/datasets/persons/records/5", headers={"if-none-match": record.headers["etag"]})
        assert (tagged.status_code, tagged.content) == (304, b"")
        assert client.post("/v1/datasets/persons/_verify", json={"claims": []}).status_code == 400
        assert "server" not in record.headers
    items = httpx.get(f"{server.base}/v1/audit/records?limit=1000", headers=server.token(role="provider")).json()[
        "items"
    ]
    assert len([item for item in items if item["path"].endswith("/records")]) == 9
    code, errors = server.stop()
    assert code in (0, -signal.SIGTERM)
    assert "Traceback" not in errors


def test_raw_requests(server: Server) -> None:
    """Chunked bodies, HTTP/1.0 and a connection that closes early do no harm."""
    host, port = server.base.removeprefix("http://").split(":")
    headers = server.grant()

    def raw(text: bytes) -> bytes:
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(text)
            connection.settimeout(5)
            parts = []
            while part := connection.recv(65536):
                parts.append(part)
            return b"".join(parts)

    token = f"Authorization: {headers['authorization']}\r\n".encode()
    old = raw(b"GET /v1/datasets/persons/records/1 HTTP/1.0\r\n" + token + b"\r\n")
    assert b" 200 OK" in old.split(b"\r\n")[0]
    chunked = raw(
        b"POST /v1/datasets/persons/records/_search HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        + token
        + b'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"lim\r\n7\r\nit": 3}\r\n0\r\n\r\n'
    )
    assert b'"numberReturned":3' in chunked
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(b"POST /v1/datasets/persons/records/_search HTTP/1.1\r\nHost: x\r\n" + token)
        connection.sendall(b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
    assert httpx.get(f"{server.base}/v1/health/live").status_code == 200


def test_nobody_is_trusted_beyond_loopback(tmp_path: Path) -> None:
    """Without configured issuers an application that may be reached from elsewhere is not made."""
    fill(tmp_path / "legacy.db", 1)
    loaded = load(write(tmp_path / "adapter", f"sqlite:///{tmp_path / 'legacy.db'}"))
    with pytest.raises(EnvironmentProblem) as refused:
        create_app(loaded)
    assert refused.value.code == "issuer-missing"
