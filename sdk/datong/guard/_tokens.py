"""Verification of bearer tokens (RFC 7519, RFC 8725): one problem code for each failing step."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from types import MappingProxyType
from typing import Any, Final, get_args

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key

from datong.guard._issuers import TrustedIssuer
from datong.guard._principal import Principal
from datong.model import Problem, Role, Trust

MAX_TOKEN = 8192
MAX_CLAIM = 200
CACHED = 4096
COMMON: Final = ("sub", "jti", "providerId")
NEEDED: Final[Mapping[Role, tuple[str, ...]]] = MappingProxyType(
    {
        "consumer": (*COMMON, "consumerId", "catalogId", "grantId", "purposeId"),
        "exchange": COMMON,
        "provider": COMMON,
        "operator": COMMON,
    }
)
OPTIONAL: Final = ("consumerId", "catalogId", "grantId", "purposeId", "operatorId", "caseId")
ROLES: Final = frozenset(get_args(Role))
_COMPACT = re.compile(r"[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*")
_BEARER = re.compile(r"bearer +(\S+) *", re.IGNORECASE)


class Verifier:
    """Turns the value of an `Authorization` header into a Principal.

    A token is accepted for `audience` alone: `aud` is that text, or a list of just that text. A
    list that names further audiences is refused, since whoever else it is meant for could use it
    here (RFC 7519, 4.1.3 leaves that to the application). Verified tokens are kept by their raw
    header value, the least recently used dropped first; the expiry is checked at each use.
    """

    def __init__(self, trust: Trust, issuers: Sequence[TrustedIssuer], clock: Callable[[], float]) -> None:
        self._trust = trust
        self._issuers = {issuer.issuer: issuer for issuer in issuers}
        self._allowed = frozenset[str]().union(*(issuer.algorithms for issuer in issuers))
        self._clock = clock
        self._cache: OrderedDict[str, Principal] = OrderedDict()
        self._lock = Lock()

    def authenticate(self, authorization: str | None) -> Principal:
        """The caller. Raises Problem with a 401 code; never touches state or source."""
        raw = authorization or ""
        principal = self._cache.get(raw)
        if principal is None:
            principal = self._verify(bearer(authorization))
        elif self._clock() > principal.expires:
            raise Problem("token-expired")
        self._use(raw, principal)
        return principal

    def _use(self, raw: str, principal: Principal) -> None:
        with self._lock:
            self._cache[raw] = principal
            self._cache.move_to_end(raw)
            if len(self._cache) > CACHED:
                self._cache.popitem(last=False)

    def _verify(self, token: str) -> Principal:
        head, body, signature = token.split(".")
        algorithm, kid = self._header(head, signature)
        issuer = self._issuer(_object(body))
        if algorithm not in issuer.algorithms:
            raise Problem("token-algorithm", allowed=sorted(issuer.algorithms))
        key = issuer.key_for(algorithm, kid)
        if key is None:
            raise Problem("key-unknown")
        _check_signature(token, key, algorithm)
        return self._principal(_object(body), issuer)

    def _header(self, head: str, signature: str) -> tuple[str, str | None]:
        header = _object(head)
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm is None or (isinstance(algorithm, str) and algorithm.lower() == "none") or not signature:
            raise Problem("token-unsigned")
        nested = "enc" in header or str(header.get("cty", "")).upper() == "JWT"
        typed = str(header.get("typ", "JWT")).lower().removeprefix("application/") in {"jwt", "at+jwt"}
        if nested or not typed or "crit" in header or not isinstance(kid, str | None):
            raise Problem("token-malformed")
        if not isinstance(algorithm, str) or algorithm not in self._allowed:
            raise Problem("token-algorithm", allowed=sorted(self._allowed))
        return algorithm, kid

    def _issuer(self, claims: Mapping[str, Any]) -> TrustedIssuer:
        issuer = self._issuers.get(_text(claims, "iss"))
        if issuer is None:
            raise Problem("issuer-unknown")
        return issuer

    def _principal(self, claims: dict[str, Any], issuer: TrustedIssuer) -> Principal:
        expires = self._times(claims)
        if claims.get("aud") not in (self._trust.audience, [self._trust.audience]):
            raise Problem("wrong-audience", expected=self._trust.audience)
        role = _role(claims, issuer)
        for name in NEEDED[role]:
            _text(claims, name)
        given = {name: _text(claims, name) for name in OPTIONAL if name in claims}
        return Principal(
            claims=MappingProxyType(claims),
            role=role,
            expires=expires,
            issuer=issuer.issuer,
            subject=claims["sub"],
            jti=claims["jti"],
            provider_id=claims["providerId"],
            consumer_id=given.get("consumerId"),
            catalog_id=given.get("catalogId"),
            grant_id=given.get("grantId"),
            purpose_id=given.get("purposeId"),
            operator_id=given.get("operatorId"),
            case_id=given.get("caseId"),
        )

    def _times(self, claims: Mapping[str, Any]) -> float:
        """Check exp, nbf and iat; the second from which the token is refused."""
        now, skew, longest = self._clock(), self._trust.skew, self._trust.max_lifetime
        issued, expires = _instant(claims, "iat"), _instant(claims, "exp")
        starts = _instant(claims, "nbf") if "nbf" in claims else issued
        if now > expires + skew:
            raise Problem("token-expired")
        if max(issued, starts) > now + skew:
            raise Problem("token-not-yet-valid")
        if not 0 < expires - issued <= longest:
            raise Problem("token-lifetime", maximum=longest)
        return expires + skew


class _Registry(jws.JWSRegistry):
    def get_alg(self, name: str) -> Any:
        # joserfc warns about the name EdDSA; the allow-list of the configuration decides here.
        return self.algorithms[name]


_REGISTRY: Final = _Registry(strict_check_header=False)
_REGISTRY.max_header_length = MAX_TOKEN


def bearer(authorization: str | None) -> str:
    """The token of an `Authorization` value, if it has the form of a signed compact JWT."""
    if not authorization or not authorization[:7].lower().startswith("bearer"):
        raise Problem("token-missing")
    found = _BEARER.fullmatch(authorization)
    if found is None or len(authorization) > MAX_TOKEN or not _COMPACT.fullmatch(found[1]):
        raise Problem("token-malformed")
    return found[1]


def _check_signature(token: str, key: Key, algorithm: str) -> None:
    try:
        jws.deserialize_compact(token, key, algorithms=[algorithm], registry=_REGISTRY)
    except (JoseError, ValueError, TypeError):
        raise Problem("token-signature") from None


def _object(segment: str) -> dict[str, Any]:
    """One base64url segment as a JSON object without repeated names at any depth."""
    try:
        raw = urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
        value = json.loads(raw.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, Base64Error, RecursionError):
        raise Problem("token-malformed") from None
    if not isinstance(value, dict):
        raise Problem("token-malformed")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError
    return members


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _text(claims: Mapping[str, Any], name: str) -> str:
    """A claim that is a short printable text: it goes into logs and comparisons as it is."""
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= MAX_CLAIM or not value.isprintable():
        raise Problem("claim-missing", claim=name)
    return value


def _instant(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
        raise Problem("claim-missing", claim=name)
    return float(value)


def _role(claims: Mapping[str, Any], issuer: TrustedIssuer) -> Role:
    role = claims.get("role", "consumer")
    if not isinstance(role, str) or role not in ROLES:
        raise Problem("claim-missing", claim="role")
    if role not in issuer.roles:
        raise Problem("role-not-trusted", role=role)
    return role
