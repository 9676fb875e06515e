from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from callers import adapter_document, grant_body, signer

from datong.guard import Guard, Principal, StateStore, open_guard, open_state
from datong.model import Adapter, Problem, SecretRef


def caller(guard: Guard, **claims: Any) -> Principal:
    return guard.authenticate(f"Bearer {signer('ES256').token(**claims)}")


def test_admit(guard: Guard) -> None:
    """What is no data call needs the right provider, and a role where one is named."""
    guard.admit(caller(guard))
    guard.admit(caller(guard, role="provider"), "provider", "operator")
    with pytest.raises(Problem) as caught:
        guard.admit(caller(guard), "provider", "operator")
    assert (caught.value.code, caught.value.params) == ("role-required", {"role": ("provider", "operator")})
    with pytest.raises(Problem, match="wrong-provider"):
        guard.admit(caller(guard, providerId="91350100M000100Y44", role="provider"), "provider")


def test_own_grants(guard: Guard, exchange: Principal) -> None:
    """A consumer sees its own grants, and no sign of the others'; other roles see all."""
    guard.put_grant(exchange, "g1", grant_body())
    guard.put_grant(exchange, "g2", grant_body(consumerId="consumer-2"))
    assert [grant.grant_id for grant in guard.grants(caller(guard))] == ["g1"]
    assert [grant.grant_id for grant in guard.grants(caller(guard, role="provider"))] == ["g1", "g2"]
    assert guard.grant(caller(guard), "g1").consumer_id == "consumer-1"
    assert guard.grant(exchange, "g2").consumer_id == "consumer-2"
    for grant_id in ("g2", "g3"):
        with pytest.raises(Problem, match="grant-not-found"):
            guard.grant(caller(guard), grant_id)


def test_history_names_the_exchange(guard: Guard, exchange: Principal) -> None:
    """Who changed a grant is kept: issuer and subject of the token."""
    guard.put_grant(exchange, "g1", grant_body())
    assert [change.by for change in guard.state.history("g1")] == ["https://exchange.example.gov.cn exchange-1"]


def test_terminated(guard: Guard, exchange: Principal) -> None:
    """A terminated grant stays terminated."""
    guard.put_grant(exchange, "g1", grant_body(status="terminated"))
    with pytest.raises(Problem) as caught:
        guard.put_grant(exchange, "g1", grant_body())
    assert (caught.value.code, caught.value.params) == ("grant-terminated-final", {"grant": "g1"})


def test_state_down(make_guard: Callable[..., Guard], tmp_path: Path) -> None:
    """Without the state store no data call and no grant gets through, while catalog callers still may."""
    guard = make_guard(state=StateStore.open(f"sqlite:///{tmp_path / 'none' / 'state.db'}"))
    guard.admit(caller(guard))
    with pytest.raises(Problem, match="state-unavailable"):
        guard.access(caller(guard), "insured", "serviceInterface")
    with pytest.raises(Problem, match="state-unavailable"):
        guard.put_grant(caller(guard, role="exchange"), "g1", grant_body())
    assert guard.health() == {"audit": "pass", "state": "fail", "keys": "pass"}


def test_audit_down(guard: Guard) -> None:
    """Health sees a log that cannot be written."""
    guard.audit.append({"requestId": "r"})
    shutil.rmtree(guard.audit.folder)
    assert guard.health()["audit"] == "fail"


def test_nobody_trusted(make_guard: Callable[..., Guard]) -> None:
    """A guard without issuers believes nobody, and health says so."""
    guard = make_guard(issuers=[])
    with pytest.raises(Problem, match="token-algorithm"):
        caller(guard)
    assert guard.health()["keys"] == "fail"


def test_state_address(tmp_path: Path) -> None:
    """The state store is where the configuration says, a secret address included."""

    def resolve(ref: SecretRef, folder: Path) -> str:
        assert ref.env == "STATE"
        return f"sqlite:///{folder / 'elsewhere.db'}"

    document = adapter_document() | {"state": {"url": {"env": "STATE"}}}
    open_state(Adapter.model_validate(document), tmp_path, resolve).ping()
    assert (tmp_path / "elsewhere.db").exists()
    document["state"] = {"url": f"sqlite:///{tmp_path / 'plain.db'}"}
    open_state(Adapter.model_validate(document), tmp_path, resolve).ping()
    assert (tmp_path / "plain.db").exists()


def test_relative_address(adapter: Adapter, tmp_path: Path) -> None:
    """A relative SQLite address starts at the adapter's folder, wherever the program was started."""
    document = adapter_document() | {"state": {"url": "sqlite:///kept.db"}}
    open_state(Adapter.model_validate(document), tmp_path, lambda ref, folder: "").ping()
    assert (tmp_path / "kept.db").exists()


def test_nothing_is_opened_early(adapter: Adapter, tmp_path: Path) -> None:
    """Opening a guard makes keys but neither a store nor a log."""
    guard = open_guard(adapter, tmp_path, resolve=lambda ref, folder: "", loopback=True)
    guard.close()
    names = {path.name for path in (tmp_path / ".datong").iterdir()}
    assert names == {".gitignore", "development-issuer.json"}
