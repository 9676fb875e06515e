"""Whose signatures are believed: public keys of the configured issuers, checked when loaded."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, import_key

from datong.guard._keys import Resolve
from datong.model import Adapter, EnvironmentProblem, Issuer, Role, SecretRef, Text

SIGNS: Mapping[str, tuple[str, str | None]] = MappingProxyType(
    {
        "ES256": ("EC", "P-256"),
        "ES384": ("EC", "P-384"),
        "EdDSA": ("OKP", "Ed25519"),
        "Ed25519": ("OKP", "Ed25519"),  # the name of RFC 9864 for what RFC 8037 calls EdDSA
        "RS256": ("RSA", None),
        "PS256": ("RSA", None),
    }
)
RSA_BITS = 2048


@dataclass(frozen=True)
class TrustedIssuer:
    """An issuer, its public keys, the roles it may give and the algorithms it may sign with."""

    issuer: str
    keys: tuple[Key, ...]
    roles: frozenset[Role]
    algorithms: frozenset[str]

    def key_for(self, algorithm: str, kid: str | None) -> Key | None:
        """The key named by `kid`; without one, the only key that fits the algorithm."""
        fitting = [key for key in self.keys if fits(key, algorithm)]
        if kid is not None:
            fitting = [key for key in fitting if key.get("kid") == kid]
        return fitting[0] if len(fitting) == 1 else None


def fits(key: Key, algorithm: str) -> bool:
    kind, curve = SIGNS.get(algorithm, ("", None))
    stated = key.get("alg")
    same = stated in (None, algorithm) or {stated, algorithm} == {"EdDSA", "Ed25519"}
    return same and key.key_type == kind and (curve is None or _curve(key) == curve)


def _curve(key: Key) -> str | None:
    return key.curve_name if isinstance(key, ECKey | OKPKey) else None


def trusted_issuers(adapter: Adapter, folder: Path, resolve: Resolve) -> tuple[TrustedIssuer, ...]:
    """The issuers of `trust.issuers` with their keys loaded.

    Raises EnvironmentProblem (`issuer-keys`) for a key set that cannot be read, is empty, or holds
    a private or symmetric key, an RSA key under 2048 bits, or the same `kid` twice.
    """
    allowed = widened(adapter.trust.algorithms)
    return tuple(
        TrustedIssuer(entry.issuer, load_keys(entry, folder, resolve), frozenset(entry.roles), allowed)
        for entry in adapter.trust.issuers
    )


def widened(algorithms: Sequence[str]) -> frozenset[str]:
    """The allow-list with both names of the one algorithm that has two."""
    return frozenset(algorithms) | ({"Ed25519"} if "EdDSA" in algorithms else set())


def load_keys(entry: Issuer, folder: Path, resolve: Resolve) -> tuple[Key, ...]:
    document = _document(entry, folder, resolve)
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list) or not listed:
        raise _bad(entry, Text("the key set is no JWK set, or is empty", "公钥集不是 JWK Set 或为空"))
    keys = tuple(_key(entry, item) for item in listed if not isinstance(item, dict) or item.get("use", "sig") == "sig")
    kids = [key.get("kid") for key in keys if key.get("kid") is not None]
    if not keys or len(kids) != len(set(kids)):
        raise _bad(entry, Text("no key is for signatures, or a `kid` appears twice", "没有签名用公钥，或 `kid` 重复"))
    return keys


def _document(entry: Issuer, folder: Path, resolve: Resolve) -> Any:
    if not isinstance(entry.jwks, SecretRef):
        return entry.jwks
    try:
        return json.loads(resolve(entry.jwks, folder))
    except ValueError:
        raise _bad(entry, Text("the key set is not JSON", "公钥集不是 JSON")) from None


def _key(entry: Issuer, item: Any) -> Key:
    try:
        weak = item.get("kty") == "RSA" and int.from_bytes(urlsafe_b64decode(item["n"] + "==")).bit_length() < RSA_BITS
        key = None if weak else import_key(item)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise _bad(entry, Text("a key cannot be read", "有公钥无法读取")) from None
    if key is None:
        raise _bad(entry, Text(f"an RSA key has fewer than {RSA_BITS} bits", f"RSA 密钥长度不足 {RSA_BITS} 位"))
    if key.is_private or key.key_type not in {"EC", "OKP", "RSA"}:
        raise _bad(entry, Text("it holds a private or symmetric key", "其中含有私钥或对称密钥"))
    return key


def _bad(entry: Issuer, why: Text) -> EnvironmentProblem:
    return EnvironmentProblem(
        Text(
            f"The keys of the issuer {entry.issuer} cannot be used: {why.en}.",
            f"签发方 {entry.issuer} 的公钥不可用：{why.zh}。",
        ),
        Text(
            "Give the issuer's public JWK set under trust.issuers in adapter.yaml.",
            "请在 adapter.yaml 的 trust.issuers 中填写该签发方的公开 JWK Set。",
        ),
        code="issuer-keys",
    )
