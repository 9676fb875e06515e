"""Who was tested and when, as the exchanges show it."""

from __future__ import annotations

from datong.conformance._evidence._documents import Echo, TargetIdentity
from datong.conformance._observations import Observations
from datong.conformance._probes.evidence import HEADER, request_id
from datong.conformance._report import Target


def echo(observations: Observations) -> Echo:
    """Which exchanges carried the id that follows from the nonce, and which answers held it."""
    identity = request_id(observations.nonce)
    sent = [
        each for each in observations.at("evidence.") for pair in each.request.headers if pair == (HEADER, identity)
    ]
    recorded = [
        each.id
        for each in observations.at("evidence.record")
        for row in each.document.get("items") or ()
        if isinstance(row, dict) and row.get("requestId") == identity
    ]
    return Echo(
        request_id=identity,
        sent=tuple(each.id for each in sent),
        returned=tuple(each.id for each in sent if (each.header(HEADER) or "").lower() == identity),
        recorded=tuple(dict.fromkeys(recorded)),
    )


def target(observations: Observations, told: Target) -> TargetIdentity:
    configuration = observations.discovery.get("configurationDigest")
    secure = [each.response.tls for each in observations.exchanges if each.response and each.response.tls]
    return TargetIdentity(
        base=told.base,
        adapter_id=told.adapter_id,
        provider=told.provider,
        version=told.version,
        certificates=tuple(sorted({each.fingerprint for each in secure if each.fingerprint})),
        openapi_digest=told.openapi_digest,
        configuration_digest=configuration if isinstance(configuration, str) else None,
    )
