from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from callers import ISSUER, adapter_document, signer
from joserfc.jwk import OctKey

from datong.guard import TrustedIssuer, trusted_issuers
from datong.model import Adapter, EnvironmentProblem, SecretRef

WEAK = {"kty": "RSA", "e": "AQAB", "n": "v" * 170 + "w"}  # 1024 bits
PUBLIC = signer("ES256").key.as_dict(private=False)


def read(ref: SecretRef, folder: Path) -> str:
    return (folder / (ref.file or "")).read_text()


def loaded(jwks: Any, folder: Path = Path(), **trust: Any) -> tuple[TrustedIssuer, ...]:
    document = adapter_document()
    document["trust"] |= {"issuers": [{"issuer": ISSUER, "jwks": jwks, "roles": ["consumer", "exchange"]}]} | trust
    return trusted_issuers(Adapter.model_validate(document), folder, read)


def refused(jwks: Any, folder: Path = Path()) -> EnvironmentProblem:
    with pytest.raises(EnvironmentProblem) as caught:
        loaded(jwks, folder)
    assert caught.value.code == "issuer-keys"
    assert ISSUER in caught.value.title.en
    return caught.value


def test_inline() -> None:
    """A key set in the configuration is loaded with the roles and the allow-list."""
    (issuer,) = loaded({"keys": [PUBLIC]}, algorithms=["ES256", "EdDSA"])
    assert (issuer.issuer, issuer.roles) == (ISSUER, {"consumer", "exchange"})
    assert issuer.algorithms == {"ES256", "EdDSA", "Ed25519"}
    assert issuer.key_for("ES256", "k1") is not None


def test_from_a_file(tmp_path: Path) -> None:
    """A key set may lie in a file beside adapter.yaml."""
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [PUBLIC, signer("EdDSA").key.as_dict() | {"kid": "k2"}]}))
    (issuer,) = loaded({"file": "keys.json"}, tmp_path)
    assert len(issuer.keys) == 2


@pytest.mark.parametrize(
    "jwks",
    [
        {"keys": []},
        {"keys": {}},
        {"keys": [7]},
        {"keys": [{}]},
        {"keys": [{"kty": "EC", "crv": "P-256"}]},
        {"keys": [PUBLIC, PUBLIC]},
        {"keys": [PUBLIC | {"use": "enc"}]},
        {"keys": [signer("ES256").key.as_dict(private=True)]},
        {"keys": [OctKey.generate_key(256).as_dict()]},
        {"keys": [WEAK]},
    ],
)
def test_refused(jwks: Any) -> None:
    """Empty sets, private, symmetric, weak, repeated or broken keys are refused when loaded."""
    problem = refused(jwks)
    secret = signer("ES256").key.as_dict(private=True)["d"]
    assert str(secret) not in f"{problem.title}{problem.hint}"


def test_weak() -> None:
    """The refusal of a short RSA key says so."""
    assert "2048" in refused({"keys": [WEAK]}).title.en


@pytest.mark.parametrize("content", ["", "not json", "[]", "null", '{"keys": null}'])
def test_bad_file(tmp_path: Path, content: str) -> None:
    """A file without a key set is refused."""
    (tmp_path / "keys.json").write_text(content)
    refused({"file": "keys.json"}, tmp_path)


def test_keys_for_encryption_are_left_out() -> None:
    """A key that is declared for encryption never verifies a signature."""
    (issuer,) = loaded({"keys": [PUBLIC, signer("RS256").key.as_dict(private=False) | {"use": "enc", "kid": "e"}]})
    assert issuer.key_for("RS256", "e") is None


def test_declared_algorithm() -> None:
    """A key that declares its algorithm serves no other."""
    (issuer,) = loaded({"keys": [signer("RS256").key.as_dict(private=False) | {"alg": "PS256"}]})
    assert issuer.key_for("RS256", "k1") is None
    assert issuer.key_for("PS256", "k1") is not None
