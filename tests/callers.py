"""Issuers with real keys, the tokens they sign, an adapter and the grants for it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import uuid4

from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from datong.guard import TrustedIssuer

PROVIDER = "91350100M000100Y43"
AUDIENCE = "https://data.example.gov.cn/pension"
ISSUER = "https://exchange.example.gov.cn"
ALL_ROLES = frozenset({"consumer", "exchange", "provider", "operator"})


class Unwarned(jws.JWSRegistry):
    """Signs with any algorithm at all, as an attacker would."""

    def get_alg(self, name: str) -> Any:
        return self.algorithms[name]

    max_header_length = 4096


@dataclass(frozen=True)
class Signer:
    """An issuer's private key and what it signs."""

    key: Key
    algorithm: str
    issuer: str = ISSUER

    def token(self, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A signed token; a claim or header given as None is left out."""
        now = int(time.time())
        base = {"iss": self.issuer, "sub": "client-1", "aud": AUDIENCE, "iat": now, "exp": now + 300}
        base |= {"jti": str(uuid4()), "consumerId": "consumer-1", "providerId": PROVIDER, "catalogId": "insured"}
        base |= {"grantId": "grant-1", "purposeId": "pension-check"}
        return self.sign(json.dumps(without_none(base | claims)), header)

    def sign(self, payload: str | bytes, header: dict[str, Any] | None = None) -> str:
        head = {"alg": self.algorithm, "kid": self.key.get("kid"), "typ": "JWT"} | (header or {})
        return jws.serialize_compact(
            without_none(head), payload, self.key, registry=Unwarned(strict_check_header=False)
        )

    def trusted(self, *algorithms: str, roles: frozenset[Any] = ALL_ROLES) -> TrustedIssuer:
        public = type(self.key).import_key(self.key.as_dict(private=False))
        return TrustedIssuer(self.issuer, (public,), roles, frozenset(algorithms or {self.algorithm}))


def without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


@cache
def signer(algorithm: str, kid: str = "k1", issuer: str = ISSUER) -> Signer:
    """One key a name for the whole run: RSA keys are slow to make."""
    parameters: Any = {"kid": kid}
    if algorithm in {"EdDSA", "Ed25519"}:
        return Signer(OKPKey.generate_key("Ed25519", parameters), algorithm, issuer)
    if algorithm.startswith("ES"):
        return Signer(
            ECKey.generate_key({"ES256": "P-256", "ES384": "P-384"}[algorithm], parameters), algorithm, issuer
        )
    return Signer(RSAKey.generate_key(2048, parameters), algorithm, issuer)


def field(name: str, **more: Any) -> dict[str, Any]:
    return {"from": name.upper(), "name": name, "type": "string"} | more


def facts(**more: Any) -> dict[str, Any]:
    return {
        "name": "养老保险参保人员信息",
        "catalogCode": "30601001/000123",
        "format": "数据库类",
        "updateCycle": "daily",
        "sharingType": "conditional",
        "sharingMethods": ["serviceInterface"],
        "useConditions": {"scope": "社会保险业务", "purposes": ["pension-check"]},
        "classification": {"level": "general"},
        "publishedAt": "2025-09-01",
        "updatedAt": "2026-01-15T09:00:00+08:00",
    } | more


def adapter_document() -> dict[str, Any]:
    insured = {
        "idNumber": field("sfz", sensitive=True, mask="residentId", unmaskFor=["audit"]),
        "name": field("xm"),
        "status": field("zt"),
        "birthDate": field("csrq", type="date"),
        "region": field("xzqh"),
        "photo": field("zp", sharingType="notShared"),
    }
    hidden = facts(
        sharingType="notShared",
        useConditions={},
        notShared={"reason": "不予共享", "legalBasis": [{"title": "中华人民共和国档案法", "article": "第二十八条"}]},
    )

    def entry(catalog: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"from": {"table": "T"}, "catalog": catalog, "key": ["ID"], "fields": {"code": field("bm")}} | more

    return {
        "datong": "1",
        "adapter": {"id": "pension", "title": {"zh": "养老保险数据", "en": "Pension data"}},
        "provider": {"name": "某省人力资源和社会保障厅", "code": PROVIDER}
        | {"office": {"name": "数据共享办公室", "phone": "010-12345678"}},
        "source": {"kind": "database"},
        "trust": {"audience": AUDIENCE, "algorithms": ["ES256", "ES384", "EdDSA", "RS256", "PS256"]},
        "datasets": {
            "insured": entry(facts(), region="region", fields=insured, verify={"keys": ["idNumber"]}),
            "offices": entry(facts(sharingType="unconditional", useConditions={})),
            "accused": entry(hidden),
            "draft": entry(facts(status="draft")),
            "secret": entry(facts(classification={"level": "important"})),
        },
    }


def grant_body(**changes: Any) -> dict[str, Any]:
    body = {
        "consumerId": "consumer-1",
        "providerId": PROVIDER,
        "catalogId": "insured",
        "purposeId": "pension-check",
        "basis": "《社会保险法》第七十四条",
        "scenario": "养老待遇资格认证",
        "scope": {},
        "method": ["serviceInterface"],
        "validFrom": "2020-01-01T00:00:00+08:00",
        "validUntil": "2099-01-01T00:00:00+08:00",
        "status": "active",
    }
    return without_none(body | changes)
