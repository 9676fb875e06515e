"""What is wrong with a token in itself: form, header, signature, claims (REQ-SEC-02, RFC 7519, RFC 8725)."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, import_key

from datong.model import Text

LONGEST: Final = 8192
"""Characters of an `Authorization` header."""
LONGEST_CLAIM: Final = 200
COMMON: Final = ("sub", "jti", "providerId")
CONSUMER: Final = ("consumerId", "catalogId", "grantId", "purposeId")
OPTIONAL: Final = ("operatorId", "caseId")
ROLES: Final = frozenset({"consumer", "exchange", "provider", "operator"})
SIGNS: Final[Mapping[str, tuple[str, str | None]]] = {
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "EdDSA": ("OKP", "Ed25519"),
    "Ed25519": ("OKP", "Ed25519"),
    "RS256": ("RSA", None),
    "PS256": ("RSA", None),
}
_COMPACT: Final = re.compile(r"[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*")
_SEGMENT: Final = 8
_MALFORMED: Final = "\0malformed"
"""Stands for a payload that is none."""
_SHOWN: Final = 100


class Refused(Exception):
    """A check that fails; `code` is that of the problem which an adapter answers."""

    def __init__(self, code: str, expected: str | Text = "", found: str | Text | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.expected = expected if isinstance(expected, Text) else Text(expected, expected)
        self.found = Text(found, found) if isinstance(found, str) else found


class _Registry(jws.JWSRegistry):
    max_header_length = LONGEST

    def get_alg(self, name: str) -> Any:
        return self.algorithms[name]  # the allow-list decides, with no warning about a name


_REGISTRY: Final = _Registry(strict_check_header=False)


@dataclass(frozen=True)
class Token:
    """A token taken apart. Its text stays inside."""

    text: str = field(repr=False)
    header: Mapping[str, Any] = field(default_factory=dict, repr=False)
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def shown(self, value: Any) -> str:
        """A value for people: short, without control characters, and never a part of the token itself."""
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        for part in (self.text, *self.text.split(".")):
            if len(part) > _SEGMENT:
                text = text.replace(part, "<token>")
        text = "".join(each if each.isprintable() else "\ufffd" for each in text)
        return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def token_of(text: str) -> str:
    """The token of a file: what `Authorization` would carry, with or without `Bearer`."""
    stripped = text.strip()
    return stripped[7:].strip() if stripped[:7].lower() == "bearer " else stripped


def opened(text: str) -> Token:
    """Raises Refused for what is no signed compact JWT."""
    if not text:
        raise Refused("token-missing")
    if len(text) + len("Bearer ") > LONGEST or not _COMPACT.fullmatch(text):
        form = Text("three base64url parts, joined by dots", "以点号连接的三段 base64url 文本")
        raise Refused("token-malformed", form)
    head, body, signature = text.split(".")
    token = Token(text, _object(head))
    algorithm = token.header.get("alg")
    if algorithm is None or (isinstance(algorithm, str) and algorithm.lower() == "none") or not signature:
        raise Refused("token-unsigned", Text("a signature", "签名"), token.shown(algorithm))
    _typed(token)
    return Token(text, token.header, _object(body, lazily=True))


def _typed(token: Token) -> None:
    """A plain signed JWT: not nested, nothing critical that nobody knows."""
    header = token.header
    if "enc" in header or str(header.get("cty", "")).upper() == "JWT" or "crit" in header:
        raise Refused("token-malformed", Text("no `enc`, `cty: JWT` or `crit`", "不含 `enc`、`cty: JWT` 或 `crit`"))
    if str(header.get("typ", "JWT")).lower().removeprefix("application/") not in {"jwt", "at+jwt"}:
        raise Refused("token-malformed", "typ: JWT", token.shown(header["typ"]))
    if not isinstance(header.get("kid"), str | None):
        raise Refused("token-malformed", Text("`kid` is a text", "`kid` 为文本"))


def signed(token: Token, allowed: Sequence[str], issuers: Sequence[str] | None, keys: Sequence[Key] | None) -> bool:
    """Whether the signature was checked and holds; False without keys. Raises Refused, in the adapter's order."""
    algorithm, kid = token.header.get("alg"), token.header.get("kid")
    names = {*allowed, *(["Ed25519"] if "EdDSA" in allowed else [])}
    if not isinstance(algorithm, str) or algorithm not in names:
        raise Refused("token-algorithm", ", ".join(allowed), token.shown(algorithm))
    if _MALFORMED in token.claims:
        raise Refused("token-malformed", Text("a payload that is a JSON object", "载荷应为 JSON 对象"))
    issuer = text_claim(token, "iss")
    if issuers is not None and issuer not in issuers:
        raise Refused("issuer-unknown", ", ".join(issuers) or "-", token.shown(issuer))
    if keys is None:
        return False
    fitting = [key for key in keys if fits(key, algorithm) and kid in (None, key.get("kid"))]
    if len(fitting) != 1:
        known = ", ".join(str(key.get("kid") or key.thumbprint()) for key in keys)
        raise Refused(
            "key-unknown", Text(f"one key of: {known}", f"以下公钥之一：{known}"), token.shown(kid or algorithm)
        )
    try:
        jws.deserialize_compact(token.text, fitting[0], algorithms=[algorithm], registry=_REGISTRY)
    except (JoseError, ValueError, TypeError):
        expected = Text("a signature by the issuer's key", "由签发方私钥签署的签名")
        raise Refused(
            "token-signature", expected, Text("another key, or an altered token", "其他密钥，或令牌被改动")
        ) from None
    return True


def fits(key: Key, algorithm: str) -> bool:
    kind, curve = SIGNS.get(algorithm, ("", None))
    stated = key.get("alg")
    same = stated in (None, algorithm) or {stated, algorithm} == {"EdDSA", "Ed25519"}
    own = key.curve_name if isinstance(key, ECKey | OKPKey) else None
    return same and key.key_type == kind and curve in (None, own)


def keys_of(document: Any) -> list[Key]:
    """The signing keys of a JWK or a JWK set; ValueError and its like for anything else."""
    listed = document.get("keys", [document])
    return [import_key(each) for each in listed if each.get("use", "sig") == "sig"]


def text_claim(token: Token, name: str) -> str:
    """A claim that is a short printable text."""
    value = token.claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_CLAIM or not value.isprintable():
        found = None if name not in token.claims else token.shown(value)
        raise Refused("claim-missing", Text(f"`{name}`: a short text", f"`{name}`：简短文本"), found)
    return value


def instant_claim(token: Token, name: str) -> float:
    value = token.claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
        found = None if name not in token.claims else token.shown(value)
        raise Refused("claim-missing", Text(f"`{name}`: seconds since 1970", f"`{name}`：1970 年起的秒数"), found)
    return float(value)


def role_of(token: Token) -> str:
    role = token.claims.get("role", "consumer")
    if not isinstance(role, str) or role not in ROLES:
        raise Refused("claim-missing", f"role: {', '.join(sorted(ROLES))}", token.shown(role))
    return role


def _object(segment: str, *, lazily: bool = False) -> dict[str, Any]:
    """A segment as a JSON object without repeated names; with `lazily` a fault is told later, where it ranks."""
    try:
        raw = urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
        value = json.loads(raw.decode(), object_pairs_hook=_unique, parse_constant=_constant)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict):
        return value
    if lazily:
        return {_MALFORMED: True}
    raise Refused("token-malformed", Text("a header that is a JSON object", "头部应为 JSON 对象"))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError
    return members


def _constant(name: str) -> Any:
    raise ValueError(name)
