"""Serving an adapter with uvicorn, safely by default."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from datong.config import Loaded
from datong.interface._app import ADAPTER, LOOPBACK, create_app
from datong.model import EnvironmentProblem, Text, UsageError


def serve(  # noqa: PLR0913  each is an option of `datong serve`
    loaded: Loaded,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: int = 1,
    reload: bool = False,
    certfile: str | None = None,
    keyfile: str | None = None,
    behind_tls_proxy: bool = False,
    root_path: str = "",
) -> None:
    """Serve until a signal; calls under way are answered first.

    Raises UsageError (`serve-needs-tls`) for an address beyond loopback without TLS of its own or
    of a proxy (REQ-SEC-01), and EnvironmentProblem (`issuer-missing`) for one without configured
    issuers; EnvironmentProblem (`port-taken`) where the port cannot be had.
    """
    check_exposure(loaded, host, tls=certfile is not None or behind_tls_proxy)
    # The rest of the package works under any server, and starts sooner without this one.
    import uvicorn  # noqa: PLC0415
    from uvicorn.supervisors import ChangeReload, Multiprocess  # noqa: PLC0415

    options: dict[str, Any] = {
        "host": host,
        "port": port,
        "ssl_certfile": certfile,
        "ssl_keyfile": keyfile,
        "root_path": root_path,
        "proxy_headers": behind_tls_proxy,
        "server_header": False,
        "access_log": False,  # it would write addresses with their query; the audit log is the record
        "log_level": "warning",
        "ws": "none",
        "timeout_graceful_shutdown": int(loaded.adapter.limits.deadline) + 1,
    }
    loopback = is_loopback(host)
    with _listening(host, port) as listener:
        if workers == 1 and not reload:
            config = uvicorn.Config(create_app(loaded, loopback=loopback), **options)
            uvicorn.Server(config).run([listener])
            return
        with _environment({ADAPTER: str(loaded.folder), LOOPBACK: "1" if loopback else "0"}):
            more: dict[str, Any] = {"reload_dirs": [str(loaded.folder)], "reload_includes": ["*.yaml", "*.py"]}
            config = uvicorn.Config(
                "datong.interface:factory",
                factory=True,
                workers=workers,
                reload=reload,
                **(more if reload else {}),
                **options,
            )
            supervisor = ChangeReload if reload else Multiprocess
            supervisor(config, target=uvicorn.Server(config).run, sockets=[listener]).run()


def check_exposure(loaded: Loaded, host: str, *, tls: bool) -> None:
    """Refuse to be reached from elsewhere in the clear, or with nobody but the development issuer to trust."""
    if is_loopback(host):
        return
    if not tls:
        raise UsageError(
            Text(f"Serving on {host} without TLS is refused.", f"拒绝在 {host} 上以非 TLS 方式提供服务。"),
            Text(
                "Give --certfile and --keyfile, or --behind-tls-proxy where a proxy ends TLS; or serve on 127.0.0.1.",
                "请提供 --certfile 与 --keyfile；由代理终止 TLS 的，请用 --behind-tls-proxy；"
                "也可在 127.0.0.1 上提供服务。",
            ),
            code="serve-needs-tls",
        )
    if not loaded.adapter.trust.issuers:
        raise EnvironmentProblem(
            Text(
                f"Serving on {host} without a configured issuer is refused: trust.issuers is empty.",
                f"拒绝在 {host} 上提供服务：trust.issuers 为空，尚未登记令牌签发方。",
            ),
            Text(
                "Name the exchange's issuer and its keys under trust.issuers in adapter.yaml, or serve on 127.0.0.1.",
                "请在 adapter.yaml 的 trust.issuers 中登记共享交换平台的签发方及其公钥，或在 127.0.0.1 上提供服务。",
            ),
            code="issuer-missing",
        )


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """The variables that worker processes inherit."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """A listening socket of our own: uvicorn would only log that a port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError:
        raise _taken(host, port) from None
    with listener:
        listener.set_inheritable(True)
        yield listener


def _taken(host: str, port: int) -> EnvironmentProblem:
    return EnvironmentProblem(
        Text(f"Cannot listen on {host}:{port}.", f"无法监听 {host}:{port}。"),
        Text(
            "Another program may use the port: choose one with --port.", "端口可能已被占用，请用 --port 指定其他端口。"
        ),
        code="port-taken",
    )
