from __future__ import annotations

import multiprocessing
import stat
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import workers
from callers import AUDIENCE, PROVIDER, adapter_document, grant_body, signer

from datong.guard import DEVELOPMENT_ISSUER, DevelopmentIssuer, Guard, open_guard
from datong.model import Adapter, EnvironmentProblem, Problem, SecretRef

SPAWN = multiprocessing.get_context("spawn")


def unwanted(ref: SecretRef, folder: Path) -> str:
    raise AssertionError(ref)


@pytest.fixture
def opened(adapter: Adapter, tmp_path: Path) -> Any:
    guard = open_guard(adapter, tmp_path, resolve=unwanted, loopback=True)
    yield guard
    guard.close()


def token(folder: Path, **claims: Any) -> str:
    return "Bearer " + DevelopmentIssuer(folder).token(aud=AUDIENCE, providerId=PROVIDER, **claims)


def test_loopback(opened: Guard, tmp_path: Path) -> None:
    """Without configured issuers, on loopback, the development issuer's tokens of any role are good."""
    for role in ("exchange", "provider", "operator"):
        assert opened.authenticate(token(tmp_path, role=role)).role == role
    exchange = opened.authenticate(token(tmp_path, role="exchange"))
    opened.put_grant(exchange, "grant-1", grant_body())
    names = {"consumerId": "consumer-1", "catalogId": "insured", "grantId": "grant-1", "purposeId": "pension-check"}
    access = opened.access(opened.authenticate(token(tmp_path, **names)), "insured", "serviceInterface")
    opened.audit.append({"requestId": "r", "consumerId": access.principal.consumer_id})
    assert opened.health() == {"audit": "pass", "state": "pass", "keys": "pass"}


def test_not_elsewhere(adapter: Adapter, tmp_path: Path) -> None:
    """Off loopback nobody may be trusted by default."""
    with pytest.raises(EnvironmentProblem) as caught:
        open_guard(adapter, tmp_path, resolve=unwanted, loopback=False)
    assert caught.value.code == "issuer-missing"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("loopback", [True, False])
def test_not_beside_others(tmp_path: Path, loopback: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Once an issuer is configured the development issuer is not trusted, on loopback either."""
    document = adapter_document()
    public = signer("ES256").key.as_dict(private=False)
    document["trust"]["issuers"] = [{"issuer": "https://x", "jwks": {"keys": [public]}}]
    guard = open_guard(Adapter.model_validate(document), tmp_path, resolve=unwanted, loopback=loopback)
    with pytest.raises(Problem, match="issuer-unknown"):
        guard.authenticate(token(tmp_path, role="exchange"))
    guard.close()


def test_key_of_another_folder(opened: Guard, tmp_path: Path) -> None:
    """Each adapter's development issuer has a key of its own."""
    with pytest.raises(Problem, match="key-unknown"):
        opened.authenticate(token(tmp_path / "other", role="exchange"))


def test_private(tmp_path: Path) -> None:
    """The key is kept for its user alone, and only its public half is published."""
    issuer = DevelopmentIssuer(tmp_path)
    path = tmp_path / ".datong" / "development-issuer.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (key,) = issuer.jwks()["keys"]
    assert "d" not in key
    assert key["kid"].startswith("development-")
    assert all(not key.is_private for key in issuer.trusted().keys)
    assert DevelopmentIssuer(tmp_path).jwks() == issuer.jwks()


def test_claims(opened: Guard, tmp_path: Path) -> None:
    """Claims are as asked for; None leaves one out; times and ids are filled in."""
    principal = opened.authenticate(token(tmp_path, role="operator", operatorId="张三", sub="cli"))
    assert (principal.issuer, principal.subject, principal.operator_id) == (DEVELOPMENT_ISSUER, "cli", "张三")
    assert principal.claims["exp"] - principal.claims["iat"] == 600
    assert abs(principal.claims["iat"] - time.time()) < 5
    assert opened.authenticate(token(tmp_path, role="operator")).jti != principal.jti
    with pytest.raises(Problem, match="claim-missing"):
        opened.authenticate(token(tmp_path, role="operator", jti=None))
    with pytest.raises(Problem, match="token-lifetime"):
        opened.authenticate(token(tmp_path, role="operator", lifetime=6000))


def test_made_once(tmp_path: Path) -> None:
    """Workers that start at once share one key."""
    with ProcessPoolExecutor(4, mp_context=SPAWN) as pool:
        assert len(set(pool.map(workers.issuer, [str(tmp_path)] * 8))) == 1


def test_broken_key(tmp_path: Path) -> None:
    """A key file that holds no key is told with its place, not overwritten."""
    DevelopmentIssuer(tmp_path)
    path = tmp_path / ".datong" / "development-issuer.json"
    path.write_text("{}")
    with pytest.raises(EnvironmentProblem) as caught:
        DevelopmentIssuer(tmp_path)
    assert str(path) in caught.value.title.zh
    assert path.read_text() == "{}"
