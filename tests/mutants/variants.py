"""Legal but odd: variants of the reference adapter that the kit must not flag."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from mutants.listeners import http_1_0, tls
from mutants.mutant import LIST, ONE, Apply, answers, documents, entries, problems, records, requests, sent
from mutants.world import Answer, Bench

from datong.guard import Guard
from datong.interface._cursor import Cursors
from datong.interface._records import Records
from datong.interface._verify import Verification
from datong.model import Problem, Text


@dataclass(frozen=True)
class Variant:
    id: str
    text: Text
    apply: Apply


VARIANTS: Final[dict[str, Variant]] = {}


def variant(en: str, zh: str) -> Callable[[Apply], Apply]:
    """Register a variant; its id is that of the function."""

    def register(function: Apply) -> Apply:
        name = function.__name__.replace("_", "-")
        VARIANTS[name] = Variant(name, Text(en, zh), function)
        return function

    return register


# -- how documents are written ---------------------------------------------------------------------


@variant("Members of every document stand in reverse order.", "所有文档的成员按相反顺序排列。")
def members_reversed(work: Bench) -> None:
    @documents(work, "(?!/openapi).*")
    def change(document: Any) -> Any:
        return reverse(document)


def reverse(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: reverse(value[name]) for name in reversed(value)}
    return [reverse(each) for each in value] if isinstance(value, list) else value


@variant("Documents are indented, and all but ASCII is escaped.", "文档带缩进，非 ASCII 字符均转义。")
def documents_indented(work: Bench) -> None:
    def change(answer: Answer) -> None:
        answer.reply.body = json.dumps(answer.document, indent=2).encode()

    answers(work, "(?!/openapi).*")(change)
    answers(work, ".*", method="POST")(change)
    problems(work)(change)


@variant("Media types name their charset.", "媒体类型注明字符集。")
def charset_named(work: Bench) -> None:
    @sent(work)
    def change(scope: Any, answer: Any) -> None:
        kind = answer.header("content-type")
        if kind is not None:
            answer.set_header("content-type", f"{kind}; charset=UTF-8")


@variant("Header names are written in capitals.", "响应头名称使用大写。")
def headers_in_capitals(work: Bench) -> None:
    @sent(work)
    def change(scope: Any, answer: Any) -> None:
        answer.headers = [(name.upper(), value) for name, value in answer.headers]


@variant("Answers carry headers nobody asked for.", "应答带有额外的响应头。")
def headers_added(work: Bench) -> None:
    @answers(work, ".*", status=0)
    def change(answer: Answer) -> None:
        answer.set_header("x-served-by", "node-7")
        answer.set_header("via", "1.1 gateway")


@variant("Entries hold facts of the platform's own, named in its own way.", "条目的扩展信息采用平台自有的名称。")
def extensions_added(work: Bench) -> None:
    @entries(work)
    def entry(document: Any) -> None:
        document["extensions"] = {"x-platform": {"Theme": "民生"}, "region_name": "清河"}
        document["externalIds"] = {"national": "000014349/0001"}


@variant("Problems are told in other words and with members of their own.", "问题文档措辞不同并带有自有成员。")
def problems_in_other_words(work: Bench) -> None:
    @problems(work)
    def change(answer: Answer) -> None:
        document = answer.document
        expected = document["detail"] if document["code"] == "wrong-audience" else "请联系数据共享办公室。"
        answer.document = {
            **document,
            "title": "请求未被受理",
            "detail": expected,
            "helpCode": "A-17",
            "retryable": False,
        }


@variant("Instants are written in UTC.", "时刻以 UTC 表示。")
def instants_in_utc(work: Bench) -> None:
    @records(work)
    def change(record: Any) -> None:
        if record.get("changedAt"):
            moment = datetime.fromisoformat(record["changedAt"]).astimezone(UTC)
            record["changedAt"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")


# -- how they travel -------------------------------------------------------------------------------


@variant("Bodies come in many parts, without a length.", "正文分块传输且不带长度。")
def body_in_parts(work: Bench) -> None:
    @sent(work)
    def change(scope: Any, answer: Any) -> None:
        body = answer.body
        answer.set_header("content-length", None)
        answer.parts = [body[start : start + 7] for start in range(0, len(body), 7)]


@variant("Bodies are compressed for those who take it.", "对支持的调用方压缩正文。")
def body_compressed(work: Bench) -> None:
    @sent(work)
    def change(scope: Any, answer: Any) -> None:
        taken = dict(scope["headers"]).get(b"accept-encoding", b"")
        if b"gzip" in taken and answer.body and scope["method"] != "HEAD":
            answer.set_header("content-encoding", "gzip")
            answer.set_header("vary", "accept-encoding")
            answer.body = gzip.compress(answer.body, mtime=0)
        elif scope["method"] == "HEAD":
            answer.set_header("content-length", None)


@variant("The server speaks HTTP/1.0.", "服务器使用 HTTP/1.0。")
def spoken_in_http_1_0(work: Bench) -> None:
    work.serve = http_1_0


@variant("The adapter is served by TLS 1.2 and 1.3.", "以 TLS 1.2 与 1.3 提供服务。")
def served_by_tls(work: Bench) -> None:
    port = work.sockets.enter_context(tls(work.folder))
    work.base = f"https://127.0.0.1:{port}/v1"


# -- links and cursors -----------------------------------------------------------------------------


def linked(work: Bench, change: Callable[[str, Answer], str]) -> None:
    def page(answer: Answer) -> None:
        document = answer.document
        for link in document["links"]:
            link["href"] = change(link["href"], answer)
        answer.document = document

    answers(work, "/|/catalog|/audit/records|" + LIST)(page)
    answers(work, "/datasets/[^/]+/records/_search", method="POST")(page)


@variant("Links are whole addresses.", "链接为绝对地址。")
def links_absolute(work: Bench) -> None:
    linked(work, lambda href, answer: f"http://127.0.0.1:1{href}")


@variant("Links are relative to the document that holds them.", "链接相对于所在文档。")
def links_relative(work: Bench) -> None:
    def change(href: str, answer: Answer) -> str:
        depth = answer.exchange.path.count("/") - 1
        return "../" * depth + href.removeprefix("/")

    linked(work, change)


@variant("Cursors are short words that the server remembers.", "游标为服务器记录的短标识。")
def cursors_remembered(work: Bench) -> None:
    kept: dict[str, str] = {}

    def seal(original: Callable[..., str], *given: Any) -> str:
        text = original(*given)
        name = f"p{len(kept)}.{abs(hash(text)) % 10**9}"
        kept[name] = text
        return name

    def opened(original: Callable[..., Any], cursors: Cursors, text: str, binding: Any) -> Any:
        return original(cursors, kept.get(text, "unknown"), binding)

    work.wrap(Cursors, "seal", seal)
    work.wrap(Cursors, "open", opened)


@variant("Pages hold fewer records than asked for, at most six.", "每页返回条数少于请求，至多六条。")
def pages_smaller(work: Bench) -> None:
    def understood(original: Callable[..., Any], *given: Any) -> Any:
        prepared, limit, after = original(*given)
        return prepared, min(limit, 6), after

    work.wrap(Records, "_understood", understood)


@variant("The cursor of another consumer is not found.", "他人的游标返回“不存在”。")
def foreign_cursor_not_found(work: Bench) -> None:
    @answers(work, LIST, status=400)
    def change(answer: Answer) -> None:
        grant = answer.exchange.access.grant.grant_id if answer.exchange.access else ""
        if answer.document["code"] == "cursor-invalid" and grant.endswith("other"):
            answer.document = {**answer.document, "status": 403}
            answer.reply.status = 403


@variant("A limit beyond the largest page is refused.", "超过上限的 limit 被拒绝。")
def larger_limit_refused(work: Bench) -> None:
    def understood(
        original: Callable[..., Any], records: Any, exchange: Any, name: str, rights: Any, asked: Any, found: Any
    ) -> Any:
        if asked.limit is not None and asked.limit > rights.dataset.page.max:
            found.invalid(asked.pointer("limit"), "integer")
        return original(records, exchange, name, rights, asked, found)

    work.wrap(Records, "_understood", understood)


@variant("Lists come in another order where none is asked for.", "未指定排序时使用其他默认顺序。")
def other_default_order(work: Bench) -> None:
    @requests(work)
    def change(scope: Any) -> None:
        query = scope["query_string"]
        if scope["path"].endswith("/persons/records") and b"sort=" not in query and b"cursor=" not in query:
            scope["query_string"] = query + (b"&" if query else b"") + b"sort=-birthDate"


# -- what the standard leaves open -----------------------------------------------------------------


@variant("Tags of records are weak.", "记录使用弱 ETag。")
def tags_weak(work: Bench) -> None:
    @answers(work, ONE, status=(200, 304))
    def change(answer: Answer) -> None:
        answer.set_header("etag", f"W/{answer.header('etag')}")


@variant("When to come back is a date.", "Retry-After 以日期表示。")
def retry_by_date(work: Bench) -> None:
    @problems(work, "rate-limited", "probing-limited", "source-unavailable")
    def change(answer: Answer) -> None:
        when = datetime.now(UTC) + timedelta(seconds=30)
        answer.set_header("retry-after", format_datetime(when, usegmt=True))


@variant("TRACE is not implemented.", "TRACE 方法返回 501。")
def trace_not_implemented(work: Bench) -> None:
    @sent(work)
    def change(scope: Any, answer: Any) -> None:
        if scope["method"] == "TRACE":
            answer.status = 501
            document = json.loads(answer.body)
            answer.body = json.dumps({**document, "status": 501, "code": "not-implemented"}).encode()


@variant("A malformed request id is replaced, not refused.", "格式错误的请求标识被替换而不拒绝。")
def malformed_id_replaced(work: Bench) -> None:
    @requests(work)
    def change(scope: Any) -> None:
        given = dict(scope["headers"]).get(b"gds-request-id", b"")
        if given and len(given) != 36:
            scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"gds-request-id"]


@variant("A suspension takes a moment to hold.", "授权暂停稍后才生效。")
def suspension_after_a_moment(work: Bench) -> None:
    kept: dict[tuple[str, str, Any], tuple[float, Any]] = {}

    def access(original: Callable[..., Any], guard: Guard, principal: Any, name: str, method: Any) -> Any:
        place = (principal.jti, name, method)
        at, held = kept.get(place, (0.0, None))
        if time.monotonic() - at > 0.3:
            held = original(guard, principal, name, method)
            if not held.once:
                kept[place] = time.monotonic(), held
        return held

    work.settings = work.settings.model_copy(update={"wait": 3.0})
    work.wrap(Guard, "access", access)
    work.patch(Guard, "peek", lambda *given: None)


@variant("A call is in the log a moment later.", "审计记录稍后才能查到。")
def recorded_after_a_moment(work: Bench) -> None:
    asked: dict[str, int] = {}
    work.settings = work.settings.model_copy(update={"wait": 3.0})

    @answers(work, "/audit/records")
    def change(answer: Answer) -> None:
        query = parse_qs(answer.exchange.scope["query_string"].decode())
        name = "".join(query.get("requestId", []))
        asked[name] = asked.get(name, 0) + 1
        principal = answer.exchange.principal
        if name and asked[name] == 1 and principal is not None and principal.role == "provider":
            answer.document = {**answer.document, "items": [], "numberReturned": 0}


@variant("The log is read from the oldest record on.", "审计记录按由旧到新排列。")
def log_from_the_oldest(work: Bench) -> None:
    @documents(work, "/audit/records")
    def change(page: Any) -> None:
        page["items"].reverse()


@variant("A subject is protected from probing earlier than declared.", "对同一主体的试探比声明更早受限。")
def probing_limited_earlier(work: Bench) -> None:
    counts: dict[tuple[Any, ...], int] = {}

    async def verify(original: Callable[..., Any], verification: Verification, exchange: Any, params: Any) -> Any:
        consumer = exchange.principal.consumer_id if exchange.principal else ""
        if "prober" in str(consumer):
            counts[consumer,] = counts.get((consumer,), 0) + 1
            if counts[consumer,] > 3:
                raise Problem("probing-limited", headers={"Retry-After": "60"}, seconds=60)
        return await original(verification, exchange, params)

    work.wrap(Verification, "verify", verify)


@variant("A purpose in the address is an unknown parameter.", "地址中的使用目的被当作未知参数拒绝。")
def purpose_unknown_parameter(work: Bench) -> None:
    @answers(work, "/datasets/persons/records.*", status=403)
    def change(answer: Answer) -> None:
        if urlsplit("?" + answer.exchange.scope["query_string"].decode()).query.startswith("purpose="):
            answer.document = {**answer.document, "status": 400, "code": "parameter-unknown"}
            answer.reply.status, answer.reply.code = 400, "parameter-unknown"
