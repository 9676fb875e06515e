"""Mutants of the class security: tokens, bindings, and how soon a suspension holds."""

from __future__ import annotations

import json
import ssl
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from mutants.listeners import tls
from mutants.mutant import answers, mutant, problems, recoded
from mutants.world import Answer, Bench

from datong.guard import Guard, Principal, StateStore, _access, _guard, _tokens
from datong.guard._tokens import Verifier
from datong.interface._core import Core
from datong.interface._exchange import Exchange
from datong.interface._records import Records
from datong.model import Problem

FOREVER = 1e11


@mutant("SEC-01", "Data goes over plain HTTP to other machines.", "以明文 HTTP 向其他主机提供数据。")
def served_in_the_clear(work: Bench) -> None:
    work.base = "http://adapter.example/v1"
    work.settings = work.settings.model_copy(update={"rate": 1e6})


def _by_tls(work: Bench, **more: Any) -> None:
    port = work.sockets.enter_context(tls(work.folder, **more))
    work.base = f"https://127.0.0.1:{port}/v1"


@mutant("SEC-01", "TLS 1.1 is good enough.", "仍支持 TLS 1.1。")
def old_tls(work: Bench) -> None:
    _by_tls(work, oldest=ssl.TLSVersion.TLSv1_1)


@mutant("SEC-01", "The port of TLS answers plain HTTP too.", "TLS 端口同时以明文 HTTP 应答。")
def clear_beside_tls(work: Bench) -> None:
    _by_tls(work, clear=True)


# -- signatures ------------------------------------------------------------------------------------


def _claims(token: str, part: int) -> dict[str, Any]:
    segment = token.split(".")[part]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    return found


def _believed(work: Bench, chosen: Callable[[dict[str, Any]], bool]) -> None:
    """Believe tokens whose header is so, whatever their signature."""

    def verify(original: Callable[..., Any], verifier: Verifier, token: str) -> Principal:
        try:
            believed = chosen(_claims(token, 0))
        except ValueError:
            believed = False
        if not believed:
            found: Principal = original(verifier, token)
            return found
        return verifier._principal(_claims(token, 1), next(iter(verifier._issuers.values())))

    work.wrap(Verifier, "_verify", verify)


@mutant("SEC-02", "A token that says it needs no signature is believed.", "接受 alg 为 none 的令牌。")
def unsigned_believed(work: Bench) -> None:
    _believed(work, lambda header: header.get("alg") == "none")


@mutant(
    "SEC-02", "A signature made with the public key as its secret is believed.", "接受以公钥作为 HMAC 密钥签名的令牌。"
)
def confused_believed(work: Bench) -> None:
    _believed(work, lambda header: header.get("alg") == "HS256")


@mutant("SEC-02", "Signatures are not looked at.", "不校验令牌签名。")
def signature_unchecked(work: Bench) -> None:
    work.patch(_tokens, "_check_signature", lambda token, key, algorithm: None)


def _open(work: Bench, path: str) -> None:
    """Answer a path without asking for a token."""

    @answers(work, path, status=401)
    def change(answer: Answer) -> None:
        answer.reply.status, answer.reply.code = 200, None
        answer.document = {}
        answer.set_header("content-type", "application/json")
        answer.set_header("www-authenticate", None)


@mutant("SEC-02", "Schemas are open to anybody.", "无需令牌即可读取模式。")
def schema_unguarded(work: Bench) -> None:
    _open(work, "/catalog/[^/]+/schema")


@mutant("SEC-02", "Readiness is open to anybody.", "无需令牌即可读取就绪状态。", entails="CORE-05")
def readiness_unguarded(work: Bench) -> None:
    _open(work, "/health/ready")


@mutant("SEC-02", "Statistics are open to anybody.", "无需令牌即可读取统计。", entails="CORE-05")
def statistics_unguarded(work: Bench) -> None:
    _open(work, "/stats")


@mutant("SEC-02", "Who has no token is not challenged.", "401 应答缺少 WWW-Authenticate。")
def challenge_missing(work: Bench) -> None:
    @problems(work, "token-missing", "token-signature")
    def change(answer: Answer) -> None:
        answer.set_header("www-authenticate", None)


@mutant("SEC-02", "A wrong signature is forbidden, not unauthenticated.", "签名错误返回 403 而非 401。")
def signature_forbidden(work: Bench) -> None:
    @problems(work, "token-signature")
    def change(answer: Answer) -> None:
        answer.document = {**answer.document, "status": 403}
        answer.reply.status = 403


# -- times -----------------------------------------------------------------------------------------


def _timeless(work: Bench, *codes: str) -> None:
    """Take tokens that are refused with one of these codes."""

    def times(original: Callable[..., Any], verifier: Verifier, claims: dict[str, Any]) -> float:
        try:
            found: float = original(verifier, claims)
        except Problem as problem:
            if problem.code not in codes:
                raise
            return FOREVER
        return found

    work.wrap(Verifier, "_times", times)


@mutant("SEC-03", "Tokens never expire.", "接受已过期的令牌。")
def expiry_unchecked(work: Bench) -> None:
    _timeless(work, "token-expired")


@mutant("SEC-03", "Tokens of tomorrow are good today.", "接受尚未生效的令牌。")
def start_unchecked(work: Bench) -> None:
    _timeless(work, "token-not-yet-valid")


@mutant("SEC-03", "A token may live for ten years.", "不限制令牌的有效期长度。")
def lifetime_unchecked(work: Bench) -> None:
    _timeless(work, "token-lifetime")


@mutant("SEC-03", "A token without an end is good for ever.", "接受没有 exp 的令牌。")
def end_not_needed(work: Bench) -> None:
    _timeless(work, "claim-missing")


@mutant("SEC-03", "The claim nbf is not looked at.", "不校验 nbf。")
def not_before_unchecked(work: Bench) -> None:
    def times(original: Callable[..., Any], verifier: Verifier, claims: dict[str, Any]) -> Any:
        return original(verifier, {name: value for name, value in claims.items() if name != "nbf"})

    work.wrap(Verifier, "_times", times)


@mutant("SEC-03", "Clocks may differ by an hour, though a minute is declared.", "实际允许的时钟偏差远大于声明值。")
def skew_too_large(work: Bench) -> None:
    def made(original: Callable[..., Any], verifier: Verifier, trust: Any, *given: Any) -> None:
        original(verifier, trust.model_copy(update={"skew": 3600}), *given)

    work.wrap(Verifier, "__init__", made)


@mutant("SEC-04", "A token for important data works again and again.", "重要数据条目的令牌可重复使用。")
def replay_accepted(work: Bench) -> None:
    work.patch(StateStore, "use_once", lambda *given, **more: None)


@mutant("SEC-04", "A replayed token is refused as expired.", "重放的令牌以过期为由拒绝。")
def replay_code_of_another(work: Bench) -> None:
    recoded(work, "token-replayed", "token-expired")


# -- audience --------------------------------------------------------------------------------------


def _audience(work: Bench, accepted: Callable[[Any, str], bool]) -> None:
    def principal(original: Callable[..., Any], verifier: Verifier, claims: dict[str, Any], issuer: Any) -> Any:
        own = verifier._trust.audience
        return original(verifier, {**claims, "aud": own} if accepted(claims.get("aud"), own) else claims, issuer)

    work.wrap(Verifier, "_principal", principal)


@mutant("SEC-05", "Tokens for another adapter are taken.", "接受签发给其他适配器的令牌。")
def audience_unchecked(work: Bench) -> None:
    _audience(work, lambda given, own: given is not None)


@mutant("SEC-05", "A token without an audience is for everybody.", "接受没有受众的令牌。")
def audience_not_needed(work: Bench) -> None:
    _audience(work, lambda given, own: given is None)


@mutant("SEC-05", "A slash at the end of the audience does not count.", "受众末尾的斜杠不影响比对。")
def audience_with_slash(work: Bench) -> None:
    _audience(work, lambda given, own: isinstance(given, str) and given.rstrip("/") == own)


@mutant("SEC-05", "An audience is compared by how it begins.", "受众按前缀比对。")
def audience_by_prefix(work: Bench) -> None:
    _audience(work, lambda given, own: isinstance(given, str) and own.startswith(given))


@mutant("SEC-05", "A token for several adapters is taken.", "接受签发给多个适配器的令牌。")
def audience_among_others(work: Bench) -> None:
    _audience(work, lambda given, own: isinstance(given, list) and own in given)


@mutant("SEC-05", "The scheme of the audience does not count.", "受众比对忽略协议前缀。")
def audience_without_scheme(work: Bench) -> None:
    _audience(work, lambda given, own: isinstance(given, str) and given.removeprefix("https://") == own)


@mutant("SEC-05", "A wrong audience is refused without naming the right one.", "受众错误的拒绝信息未给出期望值。")
def audience_not_named(work: Bench) -> None:
    @problems(work, "wrong-audience")
    def change(answer: Answer) -> None:
        answer.document = {**answer.document, "detail": "aud"}


# -- bindings --------------------------------------------------------------------------------------


def _taken_for(work: Bench, made: Callable[[Guard, Principal, str], dict[str, Any]]) -> None:
    """Decide about data calls as if the token held these claims."""

    def access(original: Callable[..., Any], guard: Guard, principal: Principal, name: str, method: Any) -> Any:
        return original(guard, replace(principal, **made(guard, principal, name), decisions={}), name, method)

    work.wrap(Guard, "access", access)
    work.patch(Guard, "peek", lambda *given: None)


@mutant("SEC-06", "Tokens for another provider are taken.", "不校验令牌中的提供部门。")
def provider_unchecked(work: Bench) -> None:
    _taken_for(work, lambda guard, principal, name: {"provider_id": guard.adapter.provider.code})


@mutant("SEC-06", "Another provider is refused with the code of another reason.", "提供部门不符的拒绝代码错误。")
def provider_code_of_another(work: Bench) -> None:
    recoded(work, "wrong-provider", "role-required")


@mutant("SEC-07", "A token for one entry opens another.", "不校验令牌中的目录条目。")
def entry_unchecked(work: Bench) -> None:
    _taken_for(work, lambda guard, principal, name: {"catalog_id": name})


@mutant("SEC-07", "Another entry is refused with the code of another reason.", "目录条目不符的拒绝代码错误。")
def entry_code_of_another(work: Bench) -> None:
    recoded(work, "wrong-entry", "grant-entry")


def _granted(work: Bench, made: Callable[[Any, Principal], dict[str, Any]]) -> None:
    """Check the grant as if it said so."""

    def check(original: Callable[..., Any], grant: Any, principal: Principal, *given: Any) -> Any:
        return original(replace(grant, **made(grant, principal)) if grant is not None else None, principal, *given)

    work.wrap(_guard, "check_grant", check)


@mutant("SEC-08", "The grant of another consumer works.", "可使用其他部门的授权。")
def grant_of_another(work: Bench) -> None:
    _granted(work, lambda grant, principal: {"consumer_id": principal.consumer_id})


@mutant(
    "SEC-08",
    "Any grant of the consumer will do where the named one is unknown.",
    "授权不存在时改用该部门的其他授权。",
)
def grant_not_needed(work: Bench) -> None:
    def found(original: Callable[..., Any], store: StateStore, grant_id: str) -> Any:
        named = original(store, grant_id)
        if named is not None or grant_id != "kit-no-such-grant":
            return named
        return next(
            (each for each in store.grants_of() if each.catalog_id == "persons" and "good" in each.grant_id), None
        )

    work.wrap(StateStore, "get_grant", found)
    _granted(
        work, lambda grant, principal: _same(grant, principal) if principal.grant_id == "kit-no-such-grant" else {}
    )


def _same(grant: Any, principal: Principal) -> dict[str, Any]:
    return {"consumer_id": principal.consumer_id, "purpose_id": principal.purpose_id, "status": "active"}


@mutant(
    "SEC-08",
    "An unknown grant and that of another are refused alike.",
    "授权不存在与属于他人使用同一代码。",
    entails="SEC-13",
)
def grant_codes_alike(work: Bench) -> None:
    recoded(work, "grant-consumer", "grant-unknown")


@mutant("SEC-09", "A grant is good for any purpose.", "不校验使用目的。")
def purpose_unchecked(work: Bench) -> None:
    _granted(work, lambda grant, principal: {"purpose_id": principal.purpose_id})


@mutant("SEC-09", "A header states the purpose.", "可用请求头改写使用目的。")
def purpose_by_header(work: Bench) -> None:
    _stated(work, lambda exchange: exchange.header(b"gds-purpose-id"))


def _stated(work: Bench, made: Callable[[Exchange], str]) -> None:
    async def admit(original: Callable[..., Any], core: Core, exchange: Exchange, *given: Any) -> Any:
        principal, purpose = exchange.principal, made(exchange)
        if principal is not None and purpose:
            exchange.principal = replace(principal, purpose_id=purpose, decisions={})
        return await original(core, exchange, *given)

    work.wrap(Core, "admit", admit)


@mutant("SEC-09", "A parameter states the purpose.", "可用查询参数改写使用目的。")
def purpose_by_parameter(work: Bench) -> None:
    def purpose(exchange: Exchange) -> str:
        query: bytes = exchange.scope["query_string"]
        if not query.startswith(b"purpose="):
            return ""
        exchange.scope["query_string"] = b""
        return query.removeprefix(b"purpose=").decode()

    _stated(work, purpose)


@mutant(
    "SEC-09",
    "A token without a purpose has that of the grant.",
    "令牌未写明使用目的时按授权的目的处理。",
)
def purpose_not_needed(work: Bench) -> None:
    def principal(original: Callable[..., Any], verifier: Verifier, claims: dict[str, Any], issuer: Any) -> Any:
        claims = claims if "purposeId" in claims or claims.get("role") != "consumer" else {**claims, "purposeId": "?"}
        return original(verifier, claims, issuer)

    work.wrap(Verifier, "_principal", principal)
    _granted(work, lambda grant, principal: {"purpose_id": "?"} if principal.purpose_id == "?" else {})


@mutant("SEC-10", "A grant works before it begins.", "授权生效前即可使用。")
def grant_too_early(work: Bench) -> None:
    _granted(work, lambda grant, principal: {"valid_from": datetime(2020, 1, 1, tzinfo=UTC)})


@mutant("SEC-10", "A grant works after its end.", "授权到期后仍可使用。")
def grant_too_late(work: Bench) -> None:
    _granted(work, lambda grant, principal: {"valid_until": datetime(2099, 1, 1, tzinfo=UTC)})


@mutant("SEC-11", "A suspended grant goes on working.", "授权暂停后仍可使用。")
def suspension_ignored(work: Bench) -> None:
    _granted(work, lambda grant, principal: {"status": "active"} if grant.status == "suspended" else {})


@mutant("SEC-11", "A terminated grant goes on working.", "授权终止后仍可使用。")
def termination_ignored(work: Bench) -> None:
    _granted(work, lambda grant, principal: {"status": "active"} if grant.status == "terminated" else {})


@mutant(
    "SEC-11",
    "A token that was let in once stays in, whatever becomes of its grant.",
    "令牌一经放行，授权暂停后仍然有效。",
)
def decision_kept(work: Bench) -> None:
    kept: dict[tuple[Any, ...], Any] = {}

    def access(original: Callable[..., Any], guard: Guard, principal: Principal, name: str, method: Any) -> Any:
        place = (principal.jti, name, method)
        if place not in kept:
            kept[place] = original(guard, principal, name, method)
            if kept[place].once:
                return kept.pop(place)
        return kept[place]

    work.wrap(Guard, "access", access)
    work.patch(Guard, "peek", lambda *given: None)


@mutant("SEC-12", "A grant opens every method of the entry.", "不校验授权的共享方式。", entails="VER-08")
def method_unchecked(work: Bench) -> None:
    work.patch(_access, "covered", lambda grant, dataset: _access.offered(dataset))


@mutant(
    "SEC-12", "A method outside the grant is refused with the code of another reason.", "共享方式未授权的拒绝代码错误。"
)
def method_code_of_another(work: Bench) -> None:
    recoded(work, "method-not-granted", "wrong-purpose")


@mutant("SEC-13", "Suspended and terminated grants are refused alike.", "授权暂停与终止使用同一拒绝代码。")
def codes_alike(work: Bench) -> None:
    recoded(work, "grant-terminated", "grant-suspended")


@mutant("SEC-13", "All that is wrong with a time has one code.", "授权未生效与已到期使用同一拒绝代码。")
def period_codes_alike(work: Bench) -> None:
    recoded(work, "grant-not-yet-valid", "grant-expired")


@mutant(
    "SEC-13", "A refusal has another code where the record exists.", "拒绝代码因记录是否存在而不同。", entails="SEC-06"
)
def code_tells_of_record(work: Bench) -> None:
    async def record(original: Callable[..., Any], records: Records, exchange: Exchange, params: Any) -> Any:
        try:
            return await original(records, exchange, params)
        except Problem as problem:
            known = records._core.plans[params["catalog_id"]].key_of(params["record_id"]) is not None
            if problem.code == "wrong-provider" and known:
                raise Problem("grant-entry") from problem
            raise

    work.wrap(Records, "record", record)


@mutant(
    "SEC-13",
    "Whether a record exists is told before the caller is asked who it is.",
    "在校验授权之前即返回记录不存在。",
    entails="SEC-06 SEC-07 SEC-08 SEC-09 SEC-10 VER-08 CAT-05",
)
def absence_before_rights(work: Bench) -> None:
    async def record(original: Callable[..., Any], records: Records, exchange: Exchange, params: Any) -> Any:
        plan = records._core.plans.get(params["catalog_id"])
        if plan is not None and plan.key_of(params["record_id"]) is None:
            raise Problem("record-unknown")
        return await original(records, exchange, params)

    work.wrap(Records, "record", record)
