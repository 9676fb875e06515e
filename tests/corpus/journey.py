"""The main job as an agency's developer does it: `datong new`, `check`, `serve` and `token`, then calls over HTTP."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import yaml
from cli.process import Ran, command, datong, environment, process

MAX = 1000
"""Records on the largest page."""
GATHERED = frozenset({"actors", "filmInfo"})
"""Items of Sakila's views that join texts in an order which the server chooses anew for each statement."""


@dataclass
class Walk:
    """All pages of one list, in order."""

    items: list[dict[str, Any]] = field(default_factory=list)
    faulty: list[dict[str, Any]] = field(default_factory=list)
    matched: set[Any] = field(default_factory=set)
    ended: bool = True

    @property
    def ids(self) -> list[str]:
        return [item["recordId"] for item in self.items]


@dataclass(frozen=True)
class Made:
    """A folder that `datong new` wrote, and what the commands printed."""

    folder: Path
    new: Ran
    check: Ran

    @cached_property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = yaml.safe_load((self.folder / "adapter.yaml").read_text(encoding="utf-8"))
        return found

    @property
    def datasets(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = self.document["datasets"]
        return found


def made(url: str, folder: Path, *, checked: bool = True, name: str = "legacy") -> Made:
    """`datong new`, then `datong check` where `checked`, as processes."""
    out = folder / name
    new = process("new", name, "--from", url, "--yes", "--json", "--out", out, cwd=folder)
    return Made(out, new, process("check", out) if checked and new.code == 0 else new)


@dataclass(frozen=True)
class Served:
    """An adapter under way, and tokens for it."""

    made: Made
    client: httpx.Client
    log: Path
    _tokens: dict[str, str] = field(default_factory=dict)

    def token(self, dataset: str) -> str:
        if dataset not in self._tokens:
            ran = datong("token", self.made.folder, dataset, "--json")
            assert ran.code == 0, ran.all
            self._tokens[dataset] = json.loads(ran.out)["token"]
        return self._tokens[dataset]

    def call(self, dataset: str, path: str, *, method: str = "GET", **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token(dataset)}"}
        answer = self.client.request(method, path, headers=headers, **more)
        assert answer.status_code != 500, answer.text
        return answer

    def records(self, dataset: str) -> str:
        return f"/v1/datasets/{dataset}/records"

    def record(self, dataset: str, record_id: str) -> httpx.Response:
        return self.call(dataset, f"{self.records(dataset)}/{record_id}")

    def walk(
        self, dataset: str, *, limit: int = MAX, most: int | None = None, asked: Mapping[str, Any] | None = None
    ) -> Walk:
        """All pages, or the first `most` of them; `asked` is the body of a search."""
        out = Walk()
        if asked is None:
            answer = self.call(dataset, f"{self.records(dataset)}?limit={limit}")
        else:
            body = {**asked, "limit": limit}
            answer = self.call(dataset, f"{self.records(dataset)}/_search", method="POST", json=body)
        pages = 0
        while True:
            page = _sound(answer, limit)
            out.items += settled(page["items"])
            out.faulty += page.get("faulty", [])
            out.matched.add(page.get("numberMatched"))
            pages += 1
            following = [link["href"] for link in page["links"] if link["rel"] == "next"]
            if not following or pages == most:
                out.ended = not following
                return out
            parts = urlsplit(following[0])
            answer = self.call(dataset, f"{parts.path}?{parts.query}")


def _sound(answer: httpx.Response, limit: int) -> dict[str, Any]:
    """The page, which has no more than was asked for, and counts itself rightly."""
    assert answer.status_code == 200, (answer.request.url, answer.text)
    page: dict[str, Any] = answer.json()
    assert page["numberReturned"] == len(page["items"])
    assert 0 <= len(page["items"]) + len(page.get("faulty", [])) <= limit
    return page


def settled(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The records, with joined texts in one order."""
    for item in items:
        for name in GATHERED & item.keys():
            item[name] = ", ".join(sorted(item[name].split(", "))) if item[name] else item[name]
    return items


@contextmanager
def served(done: Made) -> Iterator[Served]:
    """`datong serve` on a free port until the block ends; what it told its operator stays in `log`."""
    log = done.folder.parent / "serve.log"
    with log.open("w+", encoding="utf-8") as file:
        server = subprocess.Popen(
            command("serve", done.folder, "--port", 0, "--json"),
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=file,
            encoding="utf-8",
        )
        try:
            assert server.stdout is not None
            told = "".join(takewhile(lambda line: line != "}\n", server.stdout)) + "}"
            address = urlsplit(json.loads(told)["url"])
            with httpx.Client(base_url=f"{address.scheme}://{address.netloc}", timeout=60, trust_env=False) as client:
                yield Served(done, client, log)
        finally:
            server.send_signal(signal.SIGTERM)
            rest, _ = server.communicate(timeout=20)
    said = log.read_text(encoding="utf-8")
    assert (server.returncode, rest) == (0, ""), said
    assert not re.search(r"Traceback|SELECT|psycopg\.|pymysql\.|sqlite3\.", said), said


def spread(values: Sequence[Any], most: int) -> list[Any]:
    """At most so many of the values, from the first to the last, evenly."""
    if len(values) <= most:
        return list(values)
    return [values[round(place * (len(values) - 1) / (most - 1))] for place in range(most)]
