"""The bad inputs a user meets first, through the real command; none shows a traceback, a password or SQL."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path

import httpx
import pytest
from cli.conftest import change
from cli.process import process as datong
from cli.process import serving

from datong.config import load
from datong.guard import DevelopmentIssuer


@pytest.mark.parametrize(
    ("address", "code", "said"),
    [
        ("postgrsql://u:hunter2@127.0.0.1/db", 2, "Did you mean"),
        ("postgresql://u:hunter2@127.0.0.1", 2, "names no database"),
        ("postgresql://u:hunter2@[::1/db", 2, "cannot be read"),
        ("no-such.db", 3, "does not exist"),
        ("http://127.0.0.1/x", 2, "No source kind knows this address"),
        ("oracle://u:hunter2@127.0.0.1/x", 3, "pip install 'datong[oracle]'"),
    ],
)
def test_wrong_address(tmp_path: Path, address: str, code: int, said: str) -> None:
    """An address that is no address says how one is written."""
    for command in (("introspect", address), ("new", "x", "--yes", "--from", address)):
        ran = datong(*command, cwd=tmp_path)
        assert (ran.code, ran.out) == (code, ""), ran.all
        assert said in ran.err
        assert ran.err.count("\n") >= 2  # a sentence and its remedy
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
def test_unreachable_host(tmp_path: Path, scheme: str) -> None:
    """A host where nobody listens is told in both languages, at once."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
    start = time.monotonic()
    for language, said in (("en", "Error:"), ("zh", "错误：")):
        ran = datong("introspect", f"{scheme}://u:hunter2@127.0.0.1:{port}/db", "--lang", language, COLUMNS="200")
        assert (ran.code, ran.out) == (3, ""), ran.all
        assert ran.err.startswith(said)
    assert time.monotonic() - start < 20


def test_unreachable_source_of_an_adapter(adapter: Path) -> None:
    """check finds it in its stage; try tells it; serve starts and answers 503 for data alone."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
    change(adapter, f"sqlite:///{adapter}/legacy.db", f"postgresql://u@127.0.0.1:{port}/db")
    ran = datong("check", "pension", "--json", cwd=adapter)
    assert ran.code == 1
    errors = [each for each in ran.document["findings"] if each["severity"] == "error"]
    assert [(each["code"], each["stage"]) for each in errors] == [("source-unavailable", "reachability")]
    assert datong("try", "pension", "person", cwd=adapter).code == 3


def test_wrong_password(tmp_path: Path, mariadb_database: str) -> None:
    """An account that is refused is told without its password."""
    host = mariadb_database.split("@")[1]
    ran = datong("introspect", f"mysql://nobody:hunter2@{host}", cwd=tmp_path)
    assert (ran.code, ran.out) == (3, ""), ran.all


def test_missing_database(tmp_path: Path, postgres_database: str) -> None:
    """A database that is not there is told by its name."""
    address = postgres_database.rsplit("/", 1)[0] + "/datong_no_such"
    ran = datong("introspect", address, cwd=tmp_path, COLUMNS="200")
    assert (ran.code, ran.out) == (3, ""), ran.all


def test_missing_table(adapter: Path) -> None:
    """A table that is not there names the nearest."""
    change(adapter, "from: {table: person}", "from: {table: persons}")
    ran = datong("check", "pension", cwd=adapter)
    assert ran.code == 1
    assert "The source has no persons." in ran.out
    assert "Did you mean `person`?" in ran.out
    tried = datong("try", "pension", "person", cwd=adapter)
    assert (tried.code != 0, "persons" in tried.err) == (True, True), tried.all


def test_table_without_rows(adapter: Path) -> None:
    """A table without rows is a note of check, an empty page of the interface."""
    assert "There is no row yet" in datong("check", "pension", cwd=adapter).out
    bearer = datong("token", "pension", "empty", "--json", cwd=adapter).document["token"]
    with serving("pension", cwd=adapter) as server:
        answer = ask(f"{server['url']}datasets/empty/records", bearer)
    assert answer.status_code == 200
    assert (answer.json()["items"], answer.json()["numberReturned"]) == ([], 0)


def test_misspelt_option(adapter: Path) -> None:
    """A misspelt option in adapter.yaml is told at its line and column, with what was meant."""
    change(adapter, "filterable: true", "filterabel: true")
    text = (adapter / "pension" / "adapter.yaml").read_text(encoding="utf-8")
    line = 1 + text[: text.index("filterabel")].count("\n")
    for command in (("check", "pension"), ("serve", "pension"), ("try", "pension", "person"), ("token", "pension")):
        ran = datong(*command, cwd=adapter)
        assert ran.code == (1 if command[0] == "check" else 2)
        assert f"adapter.yaml:{line}:9" in ran.all
        assert "Did you mean `filterable`?" in ran.all


def test_password_in_file(adapter: Path) -> None:
    """A password in adapter.yaml is refused, not repeated, and the remedy is a reference."""
    change(adapter, f"sqlite:///{adapter}/legacy.db", "postgresql://u:hunter2@127.0.0.1/db")
    ran = datong("check", "pension", cwd=adapter)
    assert ran.code == 1
    assert "password" in ran.out
    assert "env:" in ran.out


def test_expired_token(adapter: Path) -> None:
    """A token that has expired is refused with its own code, in the caller's language, with no value."""
    loaded = load(adapter / "pension")
    grant = datong("token", "pension", "person", "--json", cwd=adapter).document["grant"]
    names = ("grantId", "consumerId", "providerId", "catalogId", "purposeId")
    claims = {name: grant[name] for name in names} | {"aud": loaded.adapter.trust.audience, "role": "consumer"}
    now = int(time.time())
    old = DevelopmentIssuer(loaded.folder).token(iat=now - 1000, exp=now - 500, **claims)
    with serving("pension", cwd=adapter) as server:
        answer = ask(f"{server['url']}datasets/person/records", old)
        chinese = ask(f"{server['url']}datasets/person/records", old, "zh-CN")
    assert answer.status_code == 401
    assert answer.json()["code"] == "token-expired"
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert "Traceback" not in answer.text
    assert any("\u4e00" <= char <= "\u9fff" for char in chinese.json()["title"])


def ask(url: str, bearer: str, language: str = "en") -> httpx.Response:
    headers = {"Authorization": f"Bearer {bearer}", "Accept-Language": language}
    deadline = time.monotonic() + 20
    while True:
        try:
            return httpx.get(url, headers=headers, trust_env=False)
        except httpx.ConnectError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.mark.parametrize(
    "content", [b"", b"a: [", "标题: 中".encode("gbk"), b"\x00\xff", b"a: 1\na: 2\n", b"- 1\n", b"42"]
)
def test_no_yaml(adapter: Path, content: bytes) -> None:
    """A file that is no adapter at all is told by every command, never with a traceback."""
    (adapter / "pension" / "adapter.yaml").write_bytes(content)
    ran = datong("check", "pension", "--json", cwd=adapter)
    assert ran.code == 1
    assert json.loads(ran.out)["errors"] >= 1
    assert datong("serve", "pension", cwd=adapter).code == 2
