from __future__ import annotations

import ipaddress
import os
import signal
import socket
import ssl
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from datong.cli._command import argument, command, option
from datong.cli._session import session

if TYPE_CHECKING:
    from datong.config import Loaded

PORT = 8000
BACKLOG = 2048


@command(
    "serve",
    says=("Serve an adapter.", "启动适配器服务。"),
    more=(
        (
            "On loopback, the development issuer is trusted while trust.issuers is empty. Elsewhere issuers must be "
            "named, and TLS is demanded: by --certfile and --keyfile, or by a proxy before it (--behind-tls-proxy)."
        ),
        (
            "监听本机回环地址时，如 trust.issuers 为空则信任开发签发方。监听其他地址时必须配置签发方，"
            "并且必须使用 TLS：通过 --certfile 与 --keyfile，或由前置代理提供（--behind-tls-proxy）。"
        ),
    ),
)
@argument(
    "folder",
    metavar="[DIR]",
    default=".",
    says=("Folder of the adapter; here where none is named.", "适配器所在文件夹；默认为当前文件夹。"),
)
@option("--host", default="127.0.0.1", says=("Address to listen on.", "监听地址。"))
@option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    says=("Port; 0 takes a free one.", "端口；0 表示任选空闲端口。"),
)
@option("--workers", type=click.IntRange(1, 64), default=1, says=("Processes.", "进程数。"))
@option("--reload", is_flag=True, says=("Start again when adapter.yaml changes.", "adapter.yaml 变化时自动重启。"))
@option("--certfile", metavar="FILE", says=("TLS certificate, PEM.", "TLS 证书（PEM）。"))
@option("--keyfile", metavar="FILE", says=("Its private key, PEM.", "TLS 私钥（PEM）。"))
@option("--behind-tls-proxy", is_flag=True, says=("TLS ends at a proxy in front.", "TLS 由前置代理终止。"))
@option("--json", "as_json", is_flag=True, says=("Print the address as JSON.", "以 JSON 输出服务地址。"))
def COMMAND(folder: str, **asked: Any) -> int:  # noqa: N802 - the name by which the group finds it
    from datong.config import load, require_secrets

    _tls_sound(asked)
    loaded = load(folder)
    require_secrets(loaded)
    several = asked["workers"] > 1 or asked["reload"]
    app = _application(loaded, loopback=is_loopback(asked["host"]), several=several)
    # The server answers what is under way and then raises the signal that ended it once more.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))  # noqa: ARG005 - the interpreter's signature
    with suppress(KeyboardInterrupt), _listening(asked["host"], asked["port"]) as listener:
        _announce(loaded, folder, listener.getsockname()[1], asked)
        _run(app, loaded, listener, asked)
    return 0


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _tls_sound(asked: dict[str, Any]) -> None:
    from datong.model import Text, UsageError

    if bool(asked["certfile"]) != bool(asked["keyfile"]):
        raise UsageError(
            Text("--certfile and --keyfile belong together.", "--certfile 与 --keyfile 必须同时给出。"),
            code="tls-incomplete",
        )
    if asked["certfile"]:
        _certificate(asked["certfile"], asked["keyfile"])
    elif not is_loopback(asked["host"]) and not asked["behind_tls_proxy"]:
        raise UsageError(
            Text(
                f"On {asked['host']} tokens and records would travel unencrypted.",
                f"监听 {asked['host']} 时，令牌和数据将以明文传输。",
            ),
            Text(
                "Give --certfile and --keyfile, or say --behind-tls-proxy where a proxy ends TLS.",
                "请提供 --certfile 与 --keyfile；如由前置代理终止 TLS，请加 --behind-tls-proxy。",
            ),
            code="tls-missing",
        )


def _certificate(certfile: str, keyfile: str) -> None:
    from datong.model import EnvironmentProblem, Text

    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certfile, keyfile)
    except (OSError, ValueError):
        raise EnvironmentProblem(
            Text("The TLS certificate and key cannot be used together.", "TLS 证书与私钥无法配套使用。"),
            Text(
                f"Look at {certfile} and {keyfile}: PEM, readable, of one pair, no passphrase.",
                f"请检查 {certfile} 与 {keyfile}：应为 PEM 格式、可读、配对且未加口令。",
            ),
            code="tls-unusable",
        ) from None


def _listening(host: str, port: int) -> socket.socket:
    from datong.model import EnvironmentProblem, Text

    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError:
        raise EnvironmentProblem(
            Text(f"Cannot listen on {host}, port {port}.", f"无法监听 {host} 的端口 {port}。"),
            Text(
                f"Another program may hold it; take another: --port {port + 1 if port else PORT}, or --port 0.",
                f"该端口可能已被占用；请换一个端口：--port {port + 1 if port else PORT}，或 --port 0。",
            ),
            code="port-unusable",
        ) from None


def _announce(loaded: Loaded, folder: str, port: int, asked: dict[str, Any]) -> None:
    from datong.cli._output import echo_json, line, next_command, raw

    scheme = "https" if asked["certfile"] else "http"
    host = f"[{asked['host']}]" if ":" in asked["host"] else asked["host"]
    address = f"{scheme}://{host}:{port}/v1/"
    trust = loaded.adapter.trust
    issuers = [issuer.issuer for issuer in trust.issuers]
    development = not issuers and is_loopback(asked["host"])
    if asked["as_json"]:
        echo_json({"url": address, "audience": trust.audience, "issuers": issuers, "development": development})
        return
    say = session().say
    names = ", ".join(issuers) or say("development issuer (loopback only)", "开发签发方（仅限本机）")
    raw(say("Serving  ", "服务地址  ") + address, "bold green")
    raw(say("audience ", "受众      ") + trust.audience)
    raw(say("issuers  ", "签发方    ") + names)
    raw(say("entries  ", "目录条目  ") + ", ".join(loaded.adapter.datasets))
    if development:
        base = "" if port == PORT else f" --base {address.removesuffix('/v1/')}"
        next_command(f"datong token {folder} {next(iter(loaded.adapter.datasets))}{base}")
    line(say("Stop with Ctrl-C.", "按 Ctrl-C 停止。"), "dim")


def _application(loaded: Loaded, *, loopback: bool, several: bool) -> Any:
    """The application, or for several processes the name of what makes it in each.

    What would fail in every process that is started fails here, once and in words.
    """
    if not several:
        from datong.interface import create_app

        return create_app(loaded, loopback=loopback)
    from datong.config import open_source, resolve
    from datong.guard import open_guard

    open_guard(loaded.adapter, loaded.folder, resolve=resolve, loopback=loopback).close()
    open_source(loaded).close()
    os.environ["DATONG_ADAPTER"] = str(loaded.folder)
    os.environ["DATONG_LOOPBACK"] = "1" if loopback else "0"
    return "datong.interface:factory"


def _run(app: Any, loaded: Loaded, listener: socket.socket, asked: dict[str, Any]) -> None:
    import uvicorn

    sys.stdout.flush()
    config = uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=asked["workers"],
        ssl_certfile=asked["certfile"],
        ssl_keyfile=asked["keyfile"],
        proxy_headers=asked["behind_tls_proxy"],
        log_level="debug" if session().debug else "warning",
        access_log=False,  # every call has its audit record
        server_header=False,
        ws="none",
        backlog=BACKLOG,
        timeout_graceful_shutdown=int(loaded.adapter.limits.deadline) + 1,
    )
    server = uvicorn.Server(config)
    if asked["reload"]:
        from datong.cli._reload import Reload

        Reload(config, server.run, listener, loaded.folder).run()
    elif asked["workers"] > 1:
        from uvicorn.supervisors import Multiprocess

        Multiprocess(config, sockets=[listener]).run()
    else:
        server.run(sockets=[listener])
