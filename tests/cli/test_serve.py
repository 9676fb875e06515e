from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cli.conftest import change
from cli.process import command, datong, environment, serving
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def get(url: str, token: str | None = None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.get(url, headers=headers, trust_env=False, timeout=10)


def token(folder: Path, *arguments: object) -> str:
    made = datong("token", "pension", *arguments, "--json", cwd=folder)
    assert made.code == 0, made.all
    return str(made.document["token"])


@pytest.mark.parametrize("options", [(), ("--workers", 2), ("--reload",)])
def test_serves_what_was_made(adapter: Path, options: tuple[object, ...]) -> None:
    """new, serve, token, call: a record arrives, by one process, by several, and under --reload."""
    with serving("pension", *options, cwd=adapter) as server:
        answer = waited(f"{server['url']}datasets/person/records/1", token(adapter, "person"))
        assert answer.status_code == 200, answer.text
        assert answer.json()["id"] == 1
        assert answer.json()["xm"] == "王**"
        assert (server["development"], server["issuers"]) == (True, [])
    assert datong("verify-audit", "pension", cwd=adapter).code == 0


def waited(url: str, bearer: str) -> httpx.Response:
    deadline = time.monotonic() + 20
    while True:
        try:
            return get(url, bearer)
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_starts_again(adapter: Path) -> None:
    """Under --reload a change of adapter.yaml is served without a new start."""
    with serving("pension", "--reload", cwd=adapter) as server:
        provider = token(adapter, "--role", "provider")
        assert waited(f"{server['url']}catalog/person", provider).json()["name"] == "人员"
        change(adapter, "name: 人员", "name: 参保人员")
        deadline = time.monotonic() + 20
        while waited(f"{server['url']}catalog/person", provider).json()["name"] != "参保人员":
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_whole_output(adapter: Path) -> None:
    """The address, the audience, who is trusted and the next command are printed."""
    process = subprocess.Popen(
        command("serve", "pension", "--port", 0), cwd=adapter, env=environment(), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(6)]
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 0
    port = lines[0].rsplit(":", 1)[1].removesuffix("/v1/\n")
    assert [line.replace(port, "PORT") for line in lines] == [
        "Serving  http://127.0.0.1:PORT/v1/\n",
        "audience urn:gds:adapter:11000000000000000U:pension\n",
        "issuers  development issuer (loopback only)\n",
        "entries  empty, person, bu-men\n",
        "Next: datong token pension empty --base http://127.0.0.1:PORT\n",
        "Stop with Ctrl-C.\n",
    ]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the processor's time is read from /proc")
def test_starts_within_a_second(adapter: Path) -> None:
    """From start to the first answer it takes less than a second of the processor, whatever else runs."""
    with serving("pension", cwd=adapter) as server:
        waited(f"{server['url']}health/live", "")
        user, system = Path(f"/proc/{server['pid']}/stat").read_text(encoding="ascii").rsplit(") ", 1)[1].split()[11:13]
    assert (int(user) + int(system)) / os.sysconf("SC_CLK_TCK") < 1.0


def test_port_taken(adapter: Path) -> None:
    """A port that another program holds is told, with another to take."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        ran = datong("serve", "pension", "--port", port, cwd=adapter)
    assert ran.code == 3
    assert f"Cannot listen on 127.0.0.1, port {port}." in ran.err
    assert "--port" in ran.err


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--host", "0.0.0.0"), 2, "--certfile"),  # noqa: S104 - it is refused
        (("--host", "0.0.0.0", "--behind-tls-proxy"), 3, "No issuer is trusted"),  # noqa: S104 - the same
        (("--host", "0.0.0.0", "--behind-tls-proxy", "--workers", "2"), 3, "No issuer is trusted"),  # noqa: S104
        (("--certfile", "cert.pem"), 2, "belong together"),
        (("--certfile", "cert.pem", "--keyfile", "key.pem"), 3, "cannot be used"),
        (("--host", "192.0.2.1", "--behind-tls-proxy"), 3, "No issuer is trusted"),
    ],
)
def test_unsafe(adapter: Path, options: tuple[str, ...], code: int, said: str) -> None:
    """Nothing is served in the clear beyond loopback, nor with nobody but the development issuer to trust."""
    ran = datong("serve", "pension", *options, cwd=adapter)
    assert (ran.code, said in ran.err) == (code, True), ran.all


def test_bad_file(adapter: Path) -> None:
    """An adapter with errors is not served; every error is told."""
    change(adapter, "filterable: true", "filterabel: true")
    change(adapter, "updateCycle: daily", "updateCycle: dayly")
    ran = datong("serve", "pension", cwd=adapter)
    assert ran.code == 2
    assert "Did you mean `filterable`?" in ran.err
    assert "Did you mean `daily`?" in ran.err
    assert "adapter.yaml has 2 errors." in ran.err


def test_missing_secret(adapter: Path) -> None:
    """A secret that is not there is told before anything is served."""
    change(adapter, "kind: database", "kind: database\n  password: {env: LEGACY_PASSWORD}")
    ran = datong("serve", "pension", cwd=adapter)
    assert ran.code == 3
    assert "The environment variable LEGACY_PASSWORD is not set." in ran.err


def test_tls(adapter: Path) -> None:
    """With a certificate the adapter is served over TLS."""
    key, certificate = self_signed(adapter)
    with serving("pension", "--certfile", certificate, "--keyfile", key, cwd=adapter) as server:
        context = ssl.create_default_context(cafile=str(certificate))
        assert server["url"].startswith("https://")
        answer = httpx.get(f"{server['url']}health/live", verify=context, trust_env=False)
        assert answer.status_code == 200


def self_signed(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(private)
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    return folder / "key.pem", folder / "cert.pem"
