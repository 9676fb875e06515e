from __future__ import annotations

import multiprocessing
import os
import socket
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import databases
import pytest
import workers
from callers import grant_body

from datong.guard import Grant, StateStore
from datong.guard._tables import VERSION
from datong.model import EnvironmentProblem, Problem

SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty store of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'state.db'}"
    else:
        with databases.postgres() as address:
            yield address


@pytest.fixture
def store(url: str) -> Iterator[StateStore]:
    store = StateStore.open(url)
    yield store
    store.close()


def grant(grant_id: str = "g1", **changes: Any) -> Grant:
    return Grant.from_wire(grant_body(**changes) | {"grantId": grant_id})


def test_put_and_get(store: StateStore) -> None:
    """A grant comes back as it was put, with its version."""
    scope = {"items": ["name"], "region": "35", "filter": {"status": ["1"]}}
    put = grant(scope=scope, externalIds={"a": "乙"})
    assert store.put_grant(put, by="exchange") == (replace(put, version=1), True)
    assert store.get_grant("g1") == replace(put, version=1)
    assert store.get_grant("G1") is None


def test_grants_of(store: StateStore) -> None:
    """Grants are listed by consumer, or all of them, in the order of their ids."""
    for name, consumer in (("b", "c1"), ("a", "c1"), ("c", "c2")):
        store.put_grant(grant(name, consumerId=consumer), by="exchange")
    assert [each.grant_id for each in store.grants_of("c1")] == ["a", "b"]
    assert [each.grant_id for each in store.grants_of()] == ["a", "b", "c"]
    assert store.grants_of("nobody") == []


def test_replacing(store: StateStore) -> None:
    """A changed grant gets the next version; an equal one changes nothing."""
    store.put_grant(grant(), by="one")
    assert store.put_grant(grant(), by="two") == (replace(grant(), version=1), False)
    changed, new = store.put_grant(grant(status="suspended"), by="two")
    assert (changed.version, changed.status, new) == (2, "suspended", False)
    assert store.put_grant(grant(consumerId="c9"), by="three")[0].version == 3
    assert [each.grant_id for each in store.grants_of("c9")] == ["g1"]
    assert store.grants_of("consumer-1") == []


def test_history(store: StateStore) -> None:
    """Every change keeps its state, its time and who made it."""
    store.put_grant(grant(), by="one")
    store.put_grant(grant(status="suspended"), by="two")
    store.put_grant(grant(status="terminated"), by="three")
    history = store.history("g1")
    assert [(each.grant.version, each.grant.status, each.by) for each in history] == [
        (1, "active", "one"),
        (2, "suspended", "two"),
        (3, "terminated", "three"),
    ]
    assert [each.at for each in history] == sorted(each.at for each in history)
    assert all(each.at.endswith("+00:00") for each in history)


def test_terminated_is_final(store: StateStore) -> None:
    """A terminated grant cannot be changed any more; saying it again is no change."""
    store.put_grant(grant(status="terminated"), by="one")
    assert store.put_grant(grant(status="terminated"), by="two")[1] is False
    with pytest.raises(Problem, match="grant-terminated-final"):
        store.put_grant(grant(), by="two")
    assert len(store.history("g1")) == 1


def test_use_once(store: StateStore, url: str) -> None:
    """A token id is taken once over all stores of the address."""
    now = time.time()
    other = StateStore.open(url)
    store.use_once("issuer", "jti", expires=now + 60, now=now)
    for each in (store, other):
        with pytest.raises(Problem, match="token-replayed"):
            each.use_once("issuer", "jti", expires=now + 60, now=now)
    other.use_once("issuer", "jti2", expires=now + 60, now=now)
    other.use_once("issuer2", "jti", expires=now + 60, now=now)
    other.close()


def test_used_tokens_are_forgotten(store: StateStore) -> None:
    """The list of used tokens does not grow for ever: what has expired leaves it, nothing else does."""
    store.use_once("i", "old", expires=1000, now=900)
    store.use_once("i", "young", expires=2000, now=900)
    store.use_once("i", "new", expires=2000, now=1500)
    store.use_once("i", "old", expires=1600, now=1500)
    with pytest.raises(Problem, match="token-replayed"):
        store.use_once("i", "young", expires=2000, now=1500)


def test_several_processes_start_at_once(url: str) -> None:
    """Workers that come up together on an empty store create it once and lose no change."""
    with ProcessPoolExecutor(4, mp_context=SPAWN) as pool:
        created = list(pool.map(workers.start, [url] * 4, range(4)))
    store = StateStore.open(url)
    assert sum(created) == 5
    assert [each.grant.version for each in store.history("shared")] == list(range(1, 21))
    store.close()


def test_one_process_gets_the_token(url: str) -> None:
    """Of several processes that try one token at the same time exactly one succeeds."""
    with ProcessPoolExecutor(4, mp_context=SPAWN) as pool:
        assert sum(pool.map(workers.replay, [url] * 4, range(4))) == 20


def test_threads(store: StateStore) -> None:
    """Threads of one process share a store."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.put_grant(grant("g", scenario=str(n)), by="t"), range(40)))
    assert [each.grant.version for each in store.history("g")] == list(range(1, 41))


def test_seen_by_others_at_once(store: StateStore, url: str) -> None:
    """What one process writes another sees with its next read."""
    other = StateStore.open(url)
    assert other.get_grant("g1") is None
    store.put_grant(grant(), by="one")
    assert other.get_grant("g1") is not None
    other.close()


def test_private(tmp_path: Path) -> None:
    """The embedded store and what lies beside it can be read by their user alone."""
    store = StateStore.embedded(tmp_path)
    store.put_grant(grant(), by="one")
    files = list((tmp_path / ".datong").glob("state.db*"))
    assert {file.name for file in files} >= {"state.db", "state.db-wal"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((tmp_path / ".datong").stat().st_mode) == 0o700
    assert (tmp_path / ".datong" / ".gitignore").read_text() == "*\n"
    store.close()


def test_kept_over_restarts(url: str) -> None:
    """Grants outlive the process."""
    first = StateStore.open(url)
    first.put_grant(grant(), by="one")
    first.close()
    second = StateStore.open(url)
    assert second.get_grant("g1") is not None
    second.close()


def test_newer_version(tmp_path: Path) -> None:
    """A store that a newer version has changed is left alone."""
    path = tmp_path / "state.db"
    StateStore.open(f"sqlite:///{path}").ping()
    with sqlite3.connect(path) as database:
        database.execute("UPDATE datong_settings SET value = ?", [str(VERSION + 1)])
    database.close()
    with pytest.raises(Problem, match="state-unavailable"):
        StateStore.open(f"sqlite:///{path}").ping()


def test_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store of an older version is brought up step by step, once."""
    url = f"sqlite:///{tmp_path / 'state.db'}"
    StateStore.open(url).ping()
    steps: list[int] = []
    monkeypatch.setattr("datong.guard._state.VERSION", VERSION + 2)
    monkeypatch.setattr(
        "datong.guard._state.MIGRATIONS",
        {VERSION: lambda _: steps.append(VERSION), VERSION + 1: lambda _: steps.append(VERSION + 1)},
    )
    StateStore.open(url).ping()
    StateStore.open(url).ping()
    assert steps == [VERSION, VERSION + 1]


@pytest.fixture
def silent_server() -> Iterator[int]:
    """A port where somebody accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        stop = threading.Event()
        threading.Thread(target=lambda: (stop.wait(), None), daemon=True).start()
        yield server.getsockname()[1]
        stop.set()


def refusal(store: StateStore) -> str:
    with pytest.raises(Problem) as caught:
        store.get_grant("g1")
    assert caught.value.__cause__ is None
    assert caught.value.params == {}
    return caught.value.code


def test_unreachable() -> None:
    """A store that does not answer is a problem without a word of the driver, told soon."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    started = time.monotonic()
    assert refusal(StateStore.open(f"postgresql://u:secret@127.0.0.1:{port}/x")) == "state-unavailable"
    assert time.monotonic() - started < 5


def test_hanging(silent_server: int) -> None:
    """A server that accepts and says nothing holds a call up for a few seconds at most."""
    started = time.monotonic()
    assert refusal(StateStore.open(f"postgresql://u@127.0.0.1:{silent_server}/x")) == "state-unavailable"
    assert time.monotonic() - started < 5


def test_unwritable(tmp_path: Path) -> None:
    """A folder that is not there, a path that is no file, a file that is no store: all fail closed."""
    (tmp_path / "junk.db").write_bytes(os.urandom(4096))
    for path in (tmp_path / "none" / "state.db", tmp_path, tmp_path / "junk.db"):
        assert refusal(StateStore.open(f"sqlite:///{path}")) == "state-unavailable"


def test_recovers(tmp_path: Path) -> None:
    """A store that comes back is used again without a restart."""
    folder = tmp_path / "late"
    store = StateStore.open(f"sqlite:///{folder / 'state.db'}")
    assert refusal(store) == "state-unavailable"
    folder.mkdir()
    assert store.get_grant("g1") is None
    store.close()


def test_connection_lost() -> None:
    """A connection that the server closed is replaced without the caller noticing."""
    with databases.postgres() as url:
        store = StateStore.open(url)
        store.put_grant(grant(), by="one")
        with databases.connect_postgres(url) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert store.get_grant("g1") is not None
        store.close()


@pytest.mark.parametrize(
    "url", ["", "x", "mysql://root@127.0.0.1/x", "sqlite://", "sqlite:///:memory:", "nosuch://h/x"]
)
def test_address(url: str) -> None:
    """An address of another kind is told at the start, without repeating it."""
    with pytest.raises(EnvironmentProblem) as caught:
        StateStore.open(url)
    assert caught.value.code == "state-address"
    assert "root" not in str(caught.value.title) + str(caught.value.hint)
