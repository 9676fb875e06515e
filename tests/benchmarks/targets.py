"""Starting each candidate, and the addresses that ask every candidate for the same rows."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import indent

import httpx

HERE = Path(__file__).parent
CALLS = ("lookup", "page 100", "page 1000")
SIZES = {"page 100": 100, "page 1000": 1000}


@dataclass(slots=True)
class Target:
    """A running candidate: its base address, the paths of each call, the headers of a moment."""

    name: str
    base: str
    paths: dict[str, list[str]]
    headers: Callable[[], dict[str, str]] = field(default=dict)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def starts(count: int, size: int, most: int = 800) -> list[int]:
    """Keys after which the measured pages begin, spread over the table."""
    pages = count // size
    step = max(1, pages // most)
    return [number * step * size for number in range(min(most, pages // step))]


def lookups(count: int) -> list[int]:
    return random.Random(7).choices(range(1, count + 1), k=5000)


@contextmanager
def running(command: list[str], ready: str, env: dict[str, str] | None = None) -> Iterator[float]:
    """Run a server until the block ends; answers the seconds until `ready` gave an answer."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        command, env={**os.environ, **(env or {})}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        while True:
            if process.poll() is not None:
                raise RuntimeError(f"{command[0]} ended: {process.stderr.read() if process.stderr else ''}")
            try:
                httpx.get(ready, timeout=1)
                break
            except httpx.TransportError:
                time.sleep(0.005)
            if time.perf_counter() - begun > 60:
                raise RuntimeError(f"{command} never answered")
        yield time.perf_counter() - begun
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def peer(name: str, module: str, count: int, **env: str) -> Iterator[Target]:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "uvicorn", f"peers.{module}:app", "--port", str(port), "--app-dir", str(HERE)]
    paths = {"lookup": [f"/enterprise/{key}" for key in lookups(count)]}
    for call, size in SIZES.items():
        paths[call] = [f"/enterprise?after={key}&limit={size}" for key in starts(count, size)]
    with running([*command, "--no-access-log", "--log-level", "error"], f"{base}/enterprise/1", env):
        yield Target(name, base, paths)


@contextmanager
def datasette(count: int, path: Path) -> Iterator[Target]:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    table = f"/{path.stem}/enterprise"
    paths = {"lookup": [f"{table}/{key}.json?_shape=array" for key in lookups(count)]}
    for call, size in SIZES.items():
        paths[call] = [f"{table}.json?_shape=array&_size={size}&_next={key}" for key in starts(count, size)]
    command = [sys.executable, "-m", "datasette", "serve", str(path), "--port", str(port)]
    # The counts and facets of its pages are switched off: only rows are asked for.
    command += ["--setting", "max_returned_rows", "1000", "--setting", "suggest_facets", "off"]
    with running(command, f"{base}{table}/1.json"):
        yield Target("Datasette", base, paths)


ADAPTER = """\
datong: "1"
adapter: {{id: bench, title: {{zh: 企业登记信息, en: Enterprise register}}, version: 1.0.0}}
provider:
  name: 示例市市场监督管理局
  code: 11440300MB2D00001W
  office: {{name: 数据共享办公室, phone: 0755-00000000}}
source:
  kind: database
  url: {url}
  zone: Asia/Shanghai
  pool: 4
trust:
  audience: urn:gds:adapter:bench
limits:
  rate: {{requests: 100000000, per: 60}}
datasets:
  enterprise:
    from: {{table: enterprise}}
    key: [id]
    catalog:
      name: 企业登记信息
      catalogCode: 306001/000001
      format: 数据库表
      updateCycle: daily
      sharingType: conditional
      sharingMethods: [serviceInterface]
      useConditions: {{scope: 政务部门, purposes: [government-service]}}
      classification: {{level: general}}
      publishedAt: "2026-01-01T00:00:00+08:00"
      updatedAt: "2026-01-01T00:00:00+08:00"
    fields:
{fields}
"""
FIELDS = """\
id: {from: id, name: 序号, type: integer, nullable: false, filterable: true}
creditCode: {from: tyshxydm, name: 统一社会信用代码, type: string, length: 18, nullable: false}
name: {from: qymc, name: 企业名称, type: string, length: 120, nullable: false}
legalPerson: {from: frdb, name: 法定代表人, type: string, length: 40}
phone: {from: lxdh, name: 联系电话, type: string, format: phone, mask: phone}
capital: {from: zczb, name: 注册资本, type: decimal, scale: 2}
foundedOn: {from: clrq, name: 成立日期, type: date}
approvedAt: {from: hzrq, name: 核准时间, type: dateTime}
region: {from: xzqh, name: 行政区划, type: string, format: regionCode, length: 6}
kind: {from: qylx, name: 企业类型, type: integer}
status: {from: zt, name: 状态, type: string, length: 2}
address: {from: jydz, name: 经营地址, type: string, length: 200}
"""


def adapter(folder: Path, url: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "adapter.yaml").write_text(ADAPTER.format(url=url, fields=indent(FIELDS, " " * 6)), encoding="utf-8")
    return folder


def datong_command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "datong", *arguments]


def bearer(folder: Path) -> dict[str, str]:
    """A fresh development token, with the grant it needs."""
    made = subprocess.run(
        datong_command("token", str(folder), "enterprise", "--json"), capture_output=True, text=True, check=True
    )
    return {"Authorization": f"Bearer {json.loads(made.stdout)['token']}"}


def cursors(base: str, headers: dict[str, str], size: int, count: int) -> list[str]:
    """Addresses of the pages that follow `starts`, with the cursors that Datong itself gives out.

    A page's cursor depends on its last key alone, so one walk with the largest page suffices.
    """
    found: list[str] = []
    wanted = set(starts(count, size))
    path, after = f"/v1/datasets/enterprise/records?limit={size}", 0
    with httpx.Client(base_url=base, headers=headers) as client:
        while path and len(found) < len(wanted):
            if after in wanted:
                found.append(path)
            page = client.get(path).raise_for_status().json()
            after = int(page["items"][-1]["id"])
            path = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
            path = path.removeprefix(base)
    return found


@contextmanager
def datong(name: str, folder: Path, url: str, count: int) -> Iterator[Target]:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    adapter(folder, url)
    command = datong_command("serve", str(folder), "--port", str(port))
    with running(command, f"{base}/v1/health/live"):
        headers = bearer(folder)
        paths = {"lookup": [f"/v1/datasets/enterprise/records/{key}" for key in lookups(count)]}
        for call, size in SIZES.items():
            paths[call] = cursors(base, headers, size, min(count, 200_000))
        yield Target(name, base, paths, lambda: bearer(folder))
