"""Mutants of the class audit: what is recorded, what is not, and who may read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import md5
from typing import Any

from mutants.mutant import answers, documents, mutant, problems, refused, sent
from mutants.world import Answer, Bench

from datong.guard import AuditLog, Guard
from datong.interface import _gateway
from datong.interface._audit import AuditView
from datong.interface._exchange import Exchange
from datong.interface._gateway import Gateway
from datong.model import Problem

RECORDS = "/audit/records"
Record = dict[str, Any]


def recorded(work: Bench) -> Callable[[Callable[[Record, Exchange], None]], Callable[[Record, Exchange], None]]:
    """Change what is written into the log."""

    def register(change: Callable[[Record, Exchange], None]) -> Callable[[Record, Exchange], None]:
        def record(original: Callable[..., Record], exchange: Exchange, *given: Any) -> Record:
            made = original(exchange, *given)
            change(made, exchange)
            return made

        work.wrap(_gateway, "_record", record)
        return change

    return register


def unrecorded(work: Bench, chosen: Callable[[Exchange, Any], bool]) -> None:
    def audited(original: Callable[..., Any], gateway: Gateway, exchange: Exchange, reply: Any) -> Any:
        return reply if chosen(exchange, reply) else original(gateway, exchange, reply)

    work.wrap(Gateway, "_audited", audited)


@mutant("AUD-01", "Reading a single record leaves no trace.", "单条读取未留存审计记录。")
def single_unrecorded(work: Bench) -> None:
    unrecorded(work, lambda exchange, reply: "{recordId}" in exchange.template)


@mutant("AUD-01", "Verification leaves no trace.", "核验调用未留存审计记录。")
def verification_unrecorded(work: Bench) -> None:
    unrecorded(work, lambda exchange, reply: "_verify" in exchange.template)


def _without(work: Bench, name: str) -> None:
    @recorded(work)
    def change(record: Record, exchange: Exchange) -> None:
        record.pop(name, None)


@mutant("AUD-01", "Records do not name the grant.", "审计记录缺少授权标识。")
def record_without_grant(work: Bench) -> None:
    _without(work, "grantId")


@mutant("AUD-01", "Records do not name the purpose.", "审计记录缺少使用目的。")
def record_without_purpose(work: Bench) -> None:
    _without(work, "purposeId")


@mutant("AUD-01", "Records do not name the operator.", "审计记录缺少经办人标识。")
def record_without_operator(work: Bench) -> None:
    _without(work, "operatorId")


@mutant("AUD-01", "Records do not name the case.", "审计记录缺少办件标识。")
def record_without_case(work: Bench) -> None:
    _without(work, "caseId")


@mutant("AUD-01", "Records do not say how long a call took.", "审计记录缺少处理时长。", entails="CORE-05")
def record_without_duration(work: Bench) -> None:
    _without(work, "durationMs")


@mutant("AUD-01", "Records say how many bytes were asked for, not sent.", "审计记录的应答字节数错误。")
def record_with_other_size(work: Bench) -> None:
    @recorded(work)
    def change(record: Record, exchange: Exchange) -> None:
        record["responseBytes"] = len(exchange.path)


@mutant("AUD-01", "Records count no records served.", "审计记录的记录数恒为零。", entails="OPS-06")
def record_without_count(work: Bench) -> None:
    @recorded(work)
    def change(record: Record, exchange: Exchange) -> None:
        record["records"] = 0


@mutant("AUD-01", "Records hold the path as called, not its template.", "审计记录保存实际路径而非路径模板。")
def record_with_whole_path(work: Bench) -> None:
    @recorded(work)
    def change(record: Record, exchange: Exchange) -> None:
        record["path"] = exchange.path


@mutant("AUD-02", "Who is turned away for want of a token leaves no trace.", "未认证的拒绝未留存审计记录。")
def unauthenticated_unrecorded(work: Bench) -> None:
    unrecorded(work, lambda exchange, reply: reply.status == 401)


@mutant("AUD-02", "Refusals are recorded without their reason.", "拒绝记录缺少问题代码。")
def refusal_without_code(work: Bench) -> None:
    _without(work, "code")


@mutant("AUD-02", "Every refusal is recorded as 403.", "所有拒绝均记录为 403。")
def refusal_with_other_status(work: Bench) -> None:
    @recorded(work)
    def change(record: Record, exchange: Exchange) -> None:
        if record["status"] in (400, 401):
            record["status"] = 403


@mutant("AUD-03", "Records hold the query as called.", "审计记录包含查询字符串。")
def record_with_query(work: Bench) -> None:
    @recorded(work)
    def change(record: Record, exchange: Exchange) -> None:
        if exchange.scope["query_string"]:
            record["path"] += "?" + exchange.scope["query_string"].decode("latin-1")[:80]


@mutant("AUD-03", "Records hold the token.", "审计记录包含令牌。")
def record_with_token(work: Bench) -> None:
    @recorded(work)
    def change(record: Record, exchange: Exchange) -> None:
        record["authorization"] = exchange.header(b"authorization") or None


@mutant("AUD-03", "The record of a search holds the identity number searched for.", "查询的审计记录包含所查身份证号。")
def record_with_identity(work: Bench) -> None:
    @recorded(work)
    def change(record: Record, exchange: Exchange) -> None:
        if exchange.path.endswith("_search"):
            record["subject"] = "330106193303030025"


@mutant("AUD-03", "Records hold a value that was served.", "审计记录包含所返回的数据值。")
def record_with_value(work: Bench) -> None:
    @recorded(work)
    def change(record: Record, exchange: Exchange) -> None:
        if exchange.path.endswith("/records"):
            record["first"] = "全角空格\u3000"


def _window(work: Bench, change: Callable[[list[Record]], None]) -> None:
    @answers(work, RECORDS)
    def changed(answer: Answer) -> None:
        if b"limit=1000" in answer.exchange.scope["query_string"]:
            page = answer.document
            change(page["items"])
            answer.document = page


@mutant("AUD-04", "A record is missing from the chain.", "哈希链缺少一条记录。")
def chain_with_gap(work: Bench) -> None:
    _window(work, lambda items: items.pop(len(items) // 2))


@mutant("AUD-04", "A record was changed after it was written.", "审计记录被事后修改。")
def chain_with_edit(work: Bench) -> None:
    _window(work, lambda items: items[len(items) // 2].update(status=200, consumerId="nobody"))


@mutant("AUD-04", "Records do not name the one before.", "prevDigest 未指向前一条记录。")
def chain_of_strangers(work: Bench) -> None:
    _window(work, lambda items: [item.update(prevDigest="0" * 64) for item in items] and None)


@mutant("AUD-04", "Digests are of another kind than declared.", "摘要算法与声明不一致。")
def chain_of_other_digests(work: Bench) -> None:
    def change(items: list[Record]) -> None:
        for item in items:
            item["digest"] = md5(item["digest"].encode(), usedforsecurity=False).hexdigest()

    _window(work, change)


@mutant("AUD-05", "The log is kept for a year.", "审计留存期限仅一年。")
def retention_of_a_year(work: Bench) -> None:
    @documents(work, "/audit/policy")
    def change(policy: Any) -> None:
        policy["retention"] = "P1Y"


@mutant("AUD-05", "The log is kept for a month less than three years.", "审计留存期限较三年少一个月。")
def retention_of_35_months(work: Bench) -> None:
    @documents(work, "/audit/policy")
    def change(policy: Any) -> None:
        policy["retention"] = "P35M"


@mutant("AUD-05", "Nobody knows which clock the log goes by.", "未说明时钟来源。", entails="CORE-05")
def clock_undeclared(work: Bench) -> None:
    @documents(work, "/audit/policy")
    def change(policy: Any) -> None:
        del policy["clock"]


def _asks(work: Bench, made: Callable[[Any, dict[str, str]], Any]) -> None:
    """Read the log as somebody else."""

    def query(
        original: Callable[..., Any], view: AuditView, filters: dict[str, str], principal: Any, *given: Any
    ) -> Any:
        return original(view, filters, made(principal, filters), *given)

    work.wrap(AuditView, "_query", query)


@mutant("AUD-06", "Every consumer reads the whole log.", "使用部门可查看全部审计记录。")
def log_open_to_consumers(work: Bench) -> None:
    _asks(work, lambda principal, filters: replace(principal, role="provider"))


@mutant("AUD-06", "Who knows a request id reads its record.", "凭请求标识即可查看他人的审计记录。")
def log_open_by_request(work: Bench) -> None:
    _asks(work, lambda principal, filters: replace(principal, role="provider") if "requestId" in filters else principal)


@mutant("AUD-06", "The operator reads the log.", "运维角色可查看审计记录。")
def log_open_to_operators(work: Bench) -> None:
    def admit(original: Callable[..., Any], guard: Guard, principal: Any, *roles: Any) -> None:
        original(guard, principal, *(roles and (*roles, "operator")))

    work.wrap(Guard, "admit", admit)


@mutant("AUD-06", "The provider of other data reads the log.", "其他提供部门可查看审计记录。")
def log_open_to_other_providers(work: Bench) -> None:
    def admit(original: Callable[..., Any], guard: Guard, principal: Any, *roles: Any) -> None:
        original(guard, replace(principal, provider_id=guard.adapter.provider.code), *roles)

    work.wrap(Guard, "admit", admit)


@mutant("AUD-06", "A consumer does not find its own calls.", "使用部门查不到本部门的调用记录。")
def own_calls_hidden(work: Bench) -> None:
    @answers(work, RECORDS)
    def change(answer: Answer) -> None:
        if answer.exchange.principal is not None and answer.exchange.principal.role == "consumer":
            answer.document = {**answer.document, "items": [], "numberReturned": 0}


@mutant("AUD-07", "The log can be deleted.", "可通过接口删除审计记录。", entails="CORE-05")
def log_deletable(work: Bench) -> None:
    @answers(work, RECORDS, method="DELETE", status=405)
    def change(answer: Answer) -> None:
        answer.reply.body, answer.reply.status, answer.reply.code = b"", 204, None


@mutant(
    "AUD-07",
    "Changing the log is refused as forbidden, as if another could.",
    "修改审计记录返回 403 而非 405。",
    entails="CORE-05",
)
def log_change_forbidden(work: Bench) -> None:
    @answers(work, "/audit/policy", method="PUT", status=405)
    def change(answer: Answer) -> None:
        refused(answer, 403, "role-required")


@mutant("AUD-08", "Calls are answered that cannot be recorded.", "无法留存审计记录时仍提供数据。")
def answered_unrecorded(work: Bench) -> None:
    def append(original: Callable[..., str], log: AuditLog, record: Any) -> str:
        try:
            return original(log, record)
        except Problem:
            return ""

    work.wrap(AuditLog, "append", append)


@mutant("AUD-08", "That nothing can be recorded is told as the source's fault.", "审计存储故障以数据源不可用为由拒绝。")
def unrecorded_code_of_another(work: Bench) -> None:
    @problems(work, "audit-unavailable")
    def change(answer: Answer) -> None:
        answer.document = {**answer.document, "code": "source-unavailable"}


@mutant("AUD-01", "Records hold another size than what was sent.", "记录的字节数与实际发送的不一致。")
def sent_other_than_recorded(work: Bench) -> None:
    @sent(work)
    def change(scope: Any, answer: Any) -> None:
        if scope["path"].endswith("/records") and answer.status == 200:
            answer.body += b"\n"
