"""Walks the ten checks of a data call in the adapter's order, over documents alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import Any, Final, Literal

from joserfc.errors import JoseError
from joserfc.jwk import Key

from datong.conformance._debug._form import (
    COMMON,
    CONSUMER,
    OPTIONAL,
    Refused,
    Token,
    instant_claim,
    keys_of,
    opened,
    role_of,
    signed,
    text_claim,
    token_of,
)
from datong.model import Text, UsageError
from datong.standard import PROBLEMS, validator

Status = Literal["passed", "failed", "notChecked"]
Method = Literal["serviceInterface", "batchExchange", "fileDownload", "verify"]
CHECKS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "REQ-SEC-02": Text("form, signature, claims", "格式、签名与声明"),
        "REQ-SEC-03": Text("times of the token", "令牌时间"),
        "REQ-SEC-05": Text("audience", "受众"),
        "REQ-SEC-06": Text("provider", "提供部门"),
        "REQ-SEC-07": Text("catalog entry", "目录条目"),
        "REQ-SEC-08": Text("grant and consumer", "授权与使用部门"),
        "REQ-SEC-09": Text("purpose", "使用目的"),
        "REQ-SEC-11": Text("status of the grant", "授权状态"),
        "REQ-SEC-10": Text("validity of the grant", "授权有效期"),
        "REQ-SEC-12": Text("sharing method", "共享方式"),
    }
)
"""The ten, in the order in which they are told."""
_OF_CLAIM: Final = {"providerId": "06", "consumerId": "08", "catalogId": "07", "grantId": "08", "purposeId": "09"}


@dataclass(frozen=True, slots=True)
class Step:
    """One of the ten checks. `code` is that of the problem; `note` says what kept it from being checked."""

    requirement: str
    title: Text
    status: Status
    code: str | None = None
    expected: Text | None = None
    found: Text | None = None
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`code` is what an adapter answers: that of the first check that fails in its order. None means that the call
    is let through as far as could be checked."""

    at: datetime
    steps: tuple[Step, ...]
    code: str | None

    @property
    def ok(self) -> bool:
        return self.code is None

    @property
    def problem(self) -> Text | None:
        return PROBLEMS[self.code].title if self.code else None


class Unchecked(Exception):
    def __init__(self, note: Text) -> None:
        super().__init__(note.en)
        self.note = note


def debug_token(
    token: str,
    discovery: Any,
    grant: Any,
    *,
    jwks: Any = None,
    at: datetime | None = None,
    entry: str | None = None,
    method: Method | None = None,
) -> Diagnosis:
    """Which check of a data call a token fails, and why; offline, at the instant `at` (now).

    `discovery` is the adapter's `/.well-known/gds-adapter`, `grant` the grant as `/grants/{id}` shows it,
    `jwks` the keys of the issuer, `entry` the entry in the path and `method` the sharing method of the call.
    Whether a one-time token was used before (REQ-SEC-04), and which roles the adapter trusts its issuer for,
    cannot be seen from documents. Raises UsageError for documents that are not what they should be.
    """
    _valid("adapterDiscovery", discovery, "--discovery")
    _valid("grant", grant, "--grant")
    call = _Call(discovery, grant, _keys(jwks), at or datetime.now(UTC), entry, method)
    text = token_of(token)
    failed, unchecked = call.walk(text)
    steps = tuple(_step(id_, title, failed, unchecked) for id_, title in CHECKS.items())
    first = next(iter(failed.values()), None)
    return Diagnosis(call.at, steps, first.code if first else None)


def _step(id_: str, title: Text, failed: Mapping[str, Refused], unchecked: Mapping[str, Text]) -> Step:
    if id_ in failed:
        why = failed[id_]
        return Step(id_, title, "failed", why.code, why.expected if why.expected.en else None, why.found)
    if id_ in unchecked:
        return Step(id_, title, "notChecked", note=unchecked[id_])
    return Step(id_, title, "passed")


class _Call:
    """One call on paper. `grant` and `discovery` are valid."""

    def __init__(
        self,
        discovery: Mapping[str, Any],
        grant: Mapping[str, Any],
        keys: list[Key] | None,
        at: datetime,
        entry: str | None,
        method: Method | None,
    ) -> None:
        self.discovery, self.grant, self.keys, self.entry, self.method = discovery, grant, keys, entry, method
        self.at = at
        self.start, self.end = (_aware(grant[name]) for name in ("validFrom", "validUntil"))
        self.token = Token("")

    def walk(self, text: str) -> tuple[dict[str, Refused], dict[str, Text]]:
        """The first failure of each check in the adapter's order, and what was not checked and why."""
        failed: dict[str, Refused] = {}
        unchecked: dict[str, Text] = {}
        try:
            self.token = opened(text)
        except Refused as why:
            note = Text("the token cannot be read", "令牌无法解读")
            return {"REQ-SEC-02": why}, dict.fromkeys(CHECKS, note)
        for id_, check in self._checks():
            try:
                check()
            except Refused as why:
                failed.setdefault(f"REQ-SEC-{'10' if why.code == 'grant-expired' else id_}", why)
            except Unchecked as why:
                unchecked[f"REQ-SEC-{id_}"] = why.note
        return failed, unchecked

    def _checks(self) -> Iterator[tuple[str, Callable[[], object]]]:
        yield "02", self.signature
        yield "03", self.times
        yield "05", self.audience
        yield "02", partial(role_of, self.token)
        for name in self._claims():
            yield _OF_CLAIM.get(name, "02"), partial(text_claim, self.token, name)
        yield "06", self.provider
        yield "02", self.role
        yield "07", self.path
        yield "08", self.holder
        yield "07", self.granted_entry
        yield "09", self.purpose
        yield "11", self.status
        yield "10", self.window
        yield "12", self.methods

    def _claims(self) -> list[str]:
        needed = [*COMMON, *(CONSUMER if self.token.claims.get("role", "consumer") == "consumer" else ())]
        return [*needed, *(name for name in (*CONSUMER, *OPTIONAL) if name in self.token.claims and name not in needed)]

    # -- the token ----------------------------------------------------------------------------------

    def signature(self) -> None:
        issuers = self.discovery.get("issuers")
        if not signed(self.token, self.discovery["algorithms"], issuers, self.keys):
            note = Text("the signature needs the issuer's keys: --jwks", "验签需要签发方公钥，请用 --jwks 给出")
            raise Unchecked(note)

    def times(self) -> None:
        now, skew, longest = self.at.timestamp(), self.discovery["clockSkew"], self.discovery["maxTokenLifetime"]
        issued, expires = instant_claim(self.token, "iat"), instant_claim(self.token, "exp")
        starts = instant_claim(self.token, "nbf") if "nbf" in self.token.claims else issued
        if now > expires + skew:
            latest = Text(f"used by {_instant(expires + skew)}", f"最迟于 {_instant(expires + skew)} 使用")
            raise Refused("token-expired", latest, _instant(now))
        if max(issued, starts) > now + skew:
            first = _instant(max(issued, starts) - skew)
            raise Refused("token-not-yet-valid", Text(f"used from {first}", f"最早于 {first} 使用"), _instant(now))
        if not 0 < expires - issued <= longest:
            most = Text(f"exp - iat: more than 0, at most {longest} s", f"exp - iat：大于 0 且不超过 {longest} 秒")
            raise Refused("token-lifetime", most, f"{expires - issued:g} s")

    def audience(self) -> None:
        expected, found = self.discovery["audience"], self.token.claims.get("aud")
        if found not in (expected, [expected]):
            raise Refused("wrong-audience", expected, self.token.shown(found))

    def provider(self) -> None:
        self._equal("wrong-provider", "providerId", self.discovery["providerId"])

    def role(self) -> None:
        role = self.token.claims.get("role", "consumer")
        if role != "consumer":
            raise Refused("role-required", "role: consumer", self.token.shown(role))

    # -- the grant ----------------------------------------------------------------------------------

    def path(self) -> None:
        if self.entry is None:
            raise Unchecked(
                Text("the entry in the path is not known: --entry", "未知路径中的目录条目，请用 --entry 给出")
            )
        self._equal("wrong-entry", "catalogId", self.entry)

    def holder(self) -> None:
        self._equal("grant-unknown", "grantId", self.grant["grantId"])
        self._equal("grant-unknown", "providerId", self.grant["providerId"])
        self._equal("grant-consumer", "consumerId", self.grant["consumerId"])

    def granted_entry(self) -> None:
        self._equal("grant-entry", "catalogId", self.grant["catalogId"])

    def purpose(self) -> None:
        self._equal("wrong-purpose", "purposeId", self.grant["purposeId"])

    def status(self) -> None:
        if self.grant["status"] != "active":
            raise Refused(f"grant-{self.grant['status']}", "status: active", self.grant["status"])

    def window(self) -> None:
        if self.at < self.start:
            raise Refused("grant-not-yet-valid", f"≥ {self.grant['validFrom']}", _instant(self.at.timestamp()))
        if self.at > self.end:
            raise Refused("grant-expired", f"≤ {self.grant['validUntil']}", _instant(self.at.timestamp()))

    def methods(self) -> None:
        granted = ", ".join(self.grant["method"])
        if self.method is None:
            raise Unchecked(
                Text(
                    f"the method of the call is not known: --method (granted: {granted})",
                    f"未知调用方式，请用 --method 给出（已授权：{granted}）",
                )
            )
        covers = {*self.grant["method"], *(["verify"] if "serviceInterface" in self.grant["method"] else [])}
        if self.method not in covers:
            raise Refused("method-not-granted", granted, self.method)

    def _equal(self, code: str, claim: str, expected: str) -> None:
        found = self.token.claims.get(claim)
        if found != expected:
            shown = self.token.shown(found) if found is not None else "-"
            raise Refused(code, f"{claim}: {expected}", shown)


def _instant(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return f"{seconds:.0f}"


def _aware(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise _invalid("--grant", "validFrom, validUntil")
    return found


def _valid(name: str, document: Any, option: str) -> None:
    """UsageError `document-invalid` for a document that is none of its kind."""
    error = next(validator(name).iter_errors(document), None)
    if error is None:
        return
    raise _invalid(option, "/".join(map(str, error.absolute_path)) or "/")


def _invalid(option: str, place: str) -> UsageError:
    return UsageError(
        Text(f"What {option} names is no such document; look at {place}.", f"{option} 所指文件无效，请检查 {place}。"),
        Text(
            "Save what the adapter answers at /v1/.well-known/gds-adapter and /v1/grants/{id}.",
            "请保存适配器在 /v1/.well-known/gds-adapter 与 /v1/grants/{id} 的应答。",
        ),
        code="document-invalid",
    )


def _keys(jwks: Any) -> list[Key] | None:
    try:
        return None if jwks is None else keys_of(jwks)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise UsageError(
            Text("What --jwks names holds no keys that can be read.", "--jwks 所指文件中没有可读取的公钥。"),
            Text("Give the issuer's public JWK set.", "请提供签发方的公开 JWK Set。"),
            code="document-invalid",
        ) from None
