"""Keys that sign evidence, and signatures over a manifest (RFC 7515, detached as its appendix F shows)."""

from __future__ import annotations

import json
import os
import re
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, import_key

from datong.model import EnvironmentProblem, Text, UsageError

TYPE: Final = "gds-evidence+jws"
_PRIVATE_MODE: Final = 0o600
_OTHERS: Final = 0o077
_MOST: Final = 65_536
_THUMBPRINT: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_REGISTRY: Final = jws.JWSRegistry(algorithms=["ES256", "Ed25519"])
_REGISTRY.max_header_length = 4096
_REGISTRY.max_payload_length = 256 << 20  # the container has its own, smaller limit
_PUBLIC: Final = frozenset({"kty", "crv", "x", "y"})
_FAILURES: Final = (JoseError, OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What reading a key or a signature of somebody else's making can raise."""


class SigningKey:
    """A private Ed25519 or P-256 key. Only its public half and its thumbprint (RFC 7638) ever leave."""

    def __init__(self, key: Key) -> None:
        self._key = key
        self.algorithm = _algorithm(key)
        self.thumbprint = key.thumbprint()

    @classmethod
    def generate(cls) -> SigningKey:
        return cls(OKPKey.generate_key("Ed25519"))

    @classmethod
    def from_file(cls, path: Path) -> SigningKey:
        """The key of a file, JWK or PEM; made there (JWK, mode 0600) where no file is.

        Raises UsageError `signing-key` for a file that holds no such key or that others can read,
        EnvironmentProblem where none can be written.
        """
        if not path.exists():
            made = cls.generate()
            made.save(path)
            return made
        try:
            (key,) = _keys(path)
        except _FAILURES:
            raise _unusable(
                path, "it cannot be read as JWK or PEM without a passphrase", "无法按 JWK 或未加口令的 PEM 读取"
            ) from None
        if not key.is_private or _algorithm(key) is None:
            raise _unusable(path, "it holds no private Ed25519 or P-256 key", "其中没有 Ed25519 或 P-256 私钥")
        if path.stat().st_mode & _OTHERS:
            raise _unusable(
                path, "others than its owner can read it (chmod 600)", "其他用户可读取该文件（请执行 chmod 600）"
            )
        return cls(key)

    def save(self, path: Path) -> None:
        document = json.dumps(self._key.as_dict(private=True))
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_MODE), "w") as file:
                file.write(document)
        except OSError:
            raise EnvironmentProblem(
                Text(f"The key {path} cannot be written.", f"无法写入密钥文件 {path}。"),
                Text("Name a place in a folder that exists and is yours.", "请指定本用户可写的现有文件夹。"),
                code="signing-key",
            ) from None

    def public(self) -> dict[str, Any]:
        return {name: value for name, value in self._key.as_dict(private=False).items() if name in _PUBLIC}

    def sign(self, payload: bytes) -> bytes:
        header = {"alg": self.algorithm, "typ": TYPE, "kid": self.thumbprint, "jwk": self.public()}
        head, _, signature = jws.serialize_compact(header, payload, self._key, registry=_REGISTRY).split(".")
        return f"{head}..{signature}".encode()


class BadSignature(Exception):
    """Not a signature of this kind over this payload."""


def signer(signature: bytes, payload: bytes) -> str:
    """The thumbprint of the key that made this signature over this payload; BadSignature otherwise."""
    try:
        head, empty, made = signature.decode("ascii").split(".")
        key = import_key(jws.extract_compact(signature).headers()["jwk"]) if not empty else None
        if key is None or key.is_private or _algorithm(key) is None:
            raise BadSignature
        whole = f"{head}.{_base64url(payload)}.{made}"
        header = jws.deserialize_compact(whole, key, registry=_REGISTRY).headers()
    except _FAILURES:
        raise BadSignature from None
    expected = {"typ": TYPE, "kid": key.thumbprint(), "alg": _algorithm(key)}
    if any(header.get(name) != value for name, value in expected.items()):
        raise BadSignature
    return key.thumbprint()


def _base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def known_signers(text: str) -> frozenset[str]:
    """Thumbprints of `--key`: one written out, or those of the keys in a file (JWK, JWK set, PEM).

    Raises UsageError `verification-key`.
    """
    path = Path(text)
    if not path.is_file():
        if _THUMBPRINT.fullmatch(text):
            return frozenset({text})
        raise _unknown(path, "there is no such file, and it is no thumbprint", "文件不存在，也不是密钥指纹")
    try:
        found = frozenset(key.thumbprint() for key in _keys(path))
    except _FAILURES:
        raise _unknown(path, "it holds no key that can be read", "其中没有可读取的公钥") from None
    if not found:
        raise _unknown(path, "it holds no key", "其中没有公钥")
    return found


def _algorithm(key: Key) -> str | None:
    if isinstance(key, OKPKey) and key.curve_name == "Ed25519":
        return "Ed25519"
    return "ES256" if isinstance(key, ECKey) and key.curve_name == "P-256" else None


def _keys(path: Path) -> list[Key]:
    """The keys of a file: a JWK, a JWK set, or one PEM without passphrase; ValueError and its like otherwise."""
    with path.open("rb") as file:
        raw = file.read(_MOST)
    if raw.lstrip()[:1] == b"{":
        document = json.loads(raw)
        return [import_key(each) for each in document.get("keys", [document])]
    for kind in (OKPKey, ECKey):
        try:
            return [kind.import_key(raw)]
        except (JoseError, ValueError, TypeError):
            continue
    raise ValueError


def _unusable(path: Path, en: str, zh: str) -> UsageError:
    return UsageError(
        Text(f"The key {path} cannot sign evidence: {en}.", f"密钥 {path} 不能用于签名：{zh}。"),
        Text("Name a file that does not exist yet: a key is made there.", "可指定尚不存在的文件，将在该处生成密钥。"),
        code="signing-key",
    )


def _unknown(path: Path, en: str, zh: str) -> UsageError:
    return UsageError(
        Text(f"--key {path} cannot be used: {en}.", f"--key {path} 不可用：{zh}。"),
        Text(
            "Give the signer's public key as JWK, JWK set or PEM, or its thumbprint.",
            "请提供签名方的公钥（JWK、JWK Set 或 PEM）或其指纹。",
        ),
        code="verification-key",
    )
