"""The kit as token issuer: keys of its own, good tokens of any role, and every bad kind."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final
from uuid import uuid4

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey, import_key

ISSUER: Final = "urn:datong:conformance-kit"
_LIFETIME: Final = 300


class _Unwarned(jws.JWSRegistry):
    """Signs with any algorithm at all, as an attacker would."""

    max_header_length = 4096

    def get_alg(self, name: str) -> Any:
        return self.algorithms[name]


_REGISTRY: Final = _Unwarned(strict_check_header=False)


@dataclass(frozen=True, slots=True)
class Token:
    """`name` is what is shown of it; `value` goes into `Authorization`, None for no header at all."""

    name: str
    value: str | None


class Issuer:
    """Signs with one private key; `jwks` is what a target must trust under the name `issuer`."""

    def __init__(self, key: Key, issuer: str = ISSUER) -> None:
        self.issuer = issuer
        self._key = key
        self.algorithm = _algorithm(key)

    @classmethod
    def generate(cls, issuer: str = ISSUER) -> Issuer:
        return cls(ECKey.generate_key("P-256", {"kid": f"kit-{uuid4().hex[:8]}", "use": "sig", "alg": "ES256"}), issuer)

    @classmethod
    def from_jwk(cls, document: str | Mapping[str, Any], issuer: str = ISSUER) -> Issuer:
        """From a private JWK; ValueError for anything else."""
        key = import_key(json.loads(document) if isinstance(document, str) else dict(document))
        if not key.is_private:
            raise ValueError("the key is public")
        return cls(key, issuer)

    def jwks(self) -> dict[str, Any]:
        """The public JWK set."""
        return {"keys": [dict(self._key.as_dict(private=False))]}

    def private(self) -> dict[str, Any]:
        """The private JWK, as `from_jwk` reads it."""
        return dict(self._key.as_dict(private=True))

    def public_pem(self) -> bytes:
        key: Any = self._key
        pem: bytes = key.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return pem

    def impostor(self) -> Issuer:
        """Another key of the same kind under the same name and `kid`."""
        key = self._key
        named: Any = {"kid": key.get("kid")} if key.get("kid") else {}
        if isinstance(key, OKPKey):
            return Issuer(OKPKey.generate_key("Ed25519", named), self.issuer)
        if isinstance(key, RSAKey):
            return Issuer(RSAKey.generate_key(2048, named), self.issuer)
        return Issuer(ECKey.generate_key("P-384" if self.algorithm == "ES384" else "P-256", named), self.issuer)

    def header(self) -> dict[str, Any]:
        kid = self._key.get("kid")
        return {"alg": self.algorithm, "typ": "JWT"} | ({"kid": kid} if kid else {})

    def sign(self, claims: Mapping[str, Any]) -> str:
        return jws.serialize_compact(self.header(), json.dumps(claims), self._key, registry=_REGISTRY)

    def unsigned(self, claims: Mapping[str, Any]) -> str:
        """`alg: none`, which nobody may believe (RFC 8725, 3.2)."""
        none = OctKey.import_key(b"none-" * 8)
        return jws.serialize_compact({**self.header(), "alg": "none"}, json.dumps(claims), none, registry=_REGISTRY)

    def confused(self, claims: Mapping[str, Any]) -> str:
        """HMAC with the public key as its secret (RFC 8725, 2.1)."""
        secret: Any = OctKey.import_key(json.dumps({"kty": "oct", "k": _base64url(self.public_pem())}))
        return jws.serialize_compact({**self.header(), "alg": "HS256"}, json.dumps(claims), secret, registry=_REGISTRY)


def _base64url(raw: bytes) -> str:
    from base64 import urlsafe_b64encode  # noqa: PLC0415 - used here alone

    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _algorithm(key: Key) -> str:
    if isinstance(key, OKPKey):
        return "EdDSA"
    if isinstance(key, RSAKey):
        return "RS256"
    if isinstance(key, ECKey):
        return {"P-256": "ES256", "P-384": "ES384"}[str(key.curve_name)]
    raise ValueError("no key for signatures")


@dataclass(slots=True)
class Tokens:
    """Tokens for one target: `audience` and `provider` are those it published."""

    issuer: Issuer
    audience: str
    provider: str
    skew: int = 60
    longest: int = 600
    clock: Callable[[], float] = time.time
    _impostor: Issuer | None = field(default=None, init=False)

    def claims(self, role: str = "consumer", **claims: Any) -> dict[str, Any]:
        """All that a good token of this role holds; a claim given as None is left out."""
        now = int(self.clock())
        base = {
            "iss": self.issuer.issuer,
            "sub": str(claims.get("consumerId") or f"kit-{role}"),
            "aud": self.audience,
            "iat": now - 1,
            "exp": now + min(_LIFETIME, self.longest - 1),
            "jti": str(uuid4()),
            "providerId": self.provider,
            "role": role,
        }
        return {name: value for name, value in (base | claims).items() if value is not None}

    def good(self, name: str, role: str = "consumer", **claims: Any) -> Token:
        return Token(name, self.issuer.sign(self.claims(role, **claims)))

    def bad(self, kind: str, **claims: Any) -> Token:
        """A token of a kind of `BAD`, otherwise as good as the claims make it."""
        return Token(kind, BAD[kind](self, self.claims(**claims)))

    def impostor(self) -> Issuer:
        if self._impostor is None:
            self._impostor = self.issuer.impostor()
        return self._impostor


Bad = Callable[[Tokens, dict[str, Any]], str | None]


def _altered(tokens: Tokens, claims: dict[str, Any]) -> str:
    """A good signature over other claims."""
    head, _, signature = tokens.issuer.sign(claims).split(".")
    _, body, _ = tokens.issuer.sign({**claims, "sub": "somebody-else"}).split(".")
    return f"{head}.{body}.{signature}"


def _lasting(tokens: Tokens, claims: dict[str, Any], seconds: int) -> str:
    return tokens.issuer.sign({**claims, "exp": claims["iat"] + seconds})


def _moved(tokens: Tokens, claims: dict[str, Any], seconds: int) -> str:
    """The whole life of the token, earlier or later."""
    moved = {name: claims[name] + seconds for name in ("iat", "exp")}
    return tokens.issuer.sign({**claims, **moved})


UNSIGNED: Final[Mapping[str, Bad]] = MappingProxyType(
    {
        "missing": lambda tokens, claims: None,  # noqa: ARG005 - all kinds are called alike
        "malformed": lambda tokens, claims: "not-a-token",  # noqa: ARG005
        "none": lambda tokens, claims: tokens.issuer.unsigned(claims),
        "wrongKey": lambda tokens, claims: tokens.impostor().sign(claims),
        "confused": lambda tokens, claims: tokens.issuer.confused(claims),
        "altered": _altered,
    }
)
"""Tokens whose signature proves nothing (REQ-SEC-02)."""

UNTIMELY: Final[Mapping[str, Bad]] = MappingProxyType(
    {
        "expired": lambda tokens, claims: _moved(tokens, claims, -_LIFETIME - tokens.skew - 60),
        "future": lambda tokens, claims: _moved(tokens, claims, tokens.skew + 120),
        "notBefore": lambda tokens, claims: tokens.issuer.sign(
            {**claims, "nbf": claims["iat"] + tokens.skew + 60, "exp": claims["iat"] + tokens.longest}
        ),
        "tenYears": lambda tokens, claims: _lasting(tokens, claims, 10 * 365 * 86_400),
        "tooLong": lambda tokens, claims: _lasting(tokens, claims, tokens.longest + tokens.skew + 60),
        "endless": lambda tokens, claims: tokens.issuer.sign({k: v for k, v in claims.items() if k != "exp"}),
    }
)
"""Tokens outside their time (REQ-SEC-03)."""

ELSEWHERE: Final[Mapping[str, Bad]] = MappingProxyType(
    {
        "wrongAudience": lambda tokens, claims: tokens.issuer.sign({**claims, "aud": "urn:another-adapter"}),
        "longerAudience": lambda tokens, claims: tokens.issuer.sign({**claims, "aud": f"{tokens.audience}/"}),
        "shorterAudience": lambda tokens, claims: tokens.issuer.sign({**claims, "aud": tokens.audience[:-1]}),
        "schemeAudience": lambda tokens, claims: tokens.issuer.sign({**claims, "aud": _other_scheme(tokens.audience)}),
        "severalAudiences": lambda tokens, claims: tokens.issuer.sign(
            {**claims, "aud": ["urn:another-adapter", tokens.audience]}
        ),
        "noAudience": lambda tokens, claims: tokens.issuer.sign({k: v for k, v in claims.items() if k != "aud"}),
    }
)
"""Tokens for somebody else (REQ-SEC-05)."""

BAD: Final[Mapping[str, Bad]] = MappingProxyType({**UNSIGNED, **UNTIMELY, **ELSEWHERE})


def _other_scheme(audience: str) -> str:
    scheme, colon, rest = audience.partition("://")
    return rest if colon else f"https://{scheme}"
