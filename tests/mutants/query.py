"""Mutants of the class query: pages, cursors, limits, single records, a source that is down."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from random import Random
from typing import Any

from mutants.mutant import LIST, ONE, SEARCH, answers, documents, mutant, requests
from mutants.world import Answer, Bench

from datong.interface import _records
from datong.interface._core import Core
from datong.interface._cursor import Cursors
from datong.interface._reader import Reader
from datong.interface._records import Records
from datong.interface._rights import Rights
from datong.mapping._recordid import RecordIds
from datong.model import Condition, Problem, SourceProblem

PERSONS = "/datasets/persons/records"


@mutant("QRY-01", "numberReturned is one more than there are.", "numberReturned 比实际条数多一。")
def returned_off_by_one(work: Bench) -> None:
    @documents(work, LIST)
    def change(page: Any) -> None:
        page["numberReturned"] += 1


@mutant("QRY-01", "Pages do not say when they were read.", "分页文档缺少 timeStamp。", entails="CORE-05")
def page_without_time(work: Bench) -> None:
    @documents(work, LIST)
    def change(page: Any) -> None:
        del page["timeStamp"]


@mutant("QRY-01", "An entry that counts sends no count.", "声明可计数的条目未返回 numberMatched。")
def count_missing(work: Bench) -> None:
    @documents(work, PERSONS)
    def change(page: Any) -> None:
        page.pop("numberMatched", None)


@mutant("QRY-01", "The count of the whole entry is one too many.", "全量计数多一。")
def count_off_by_one(work: Bench) -> None:
    @documents(work, PERSONS)
    def change(page: Any) -> None:
        if page.get("numberMatched") == 30:
            page["numberMatched"] = 31


@mutant("QRY-01", "Search pages have no links member.", "查询请求的分页文档缺少 links。", entails="CORE-05 QRY-02")
def search_without_links(work: Bench) -> None:
    @documents(work, SEARCH, method="POST")
    def change(page: Any) -> None:
        del page["links"]


# -- paging ----------------------------------------------------------------------------------------


def later_pages(work: Bench) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Change pages of persons that a cursor leads to."""

    def register(change: Callable[[Any], None]) -> Callable[[Any], None]:
        @answers(work, PERSONS)
        def changed(answer: Answer) -> None:
            if b"cursor=" in answer.exchange.scope["query_string"]:
                page = answer.document
                change(page)
                page["numberReturned"] = len(page["items"])
                answer.document = page

        return change

    return register


@mutant("QRY-02", "Each later page begins one record too late.", "后续各页均漏掉首条记录。")
def page_edge_lost(work: Bench) -> None:
    @later_pages(work)
    def change(page: Any) -> None:
        del page["items"][:1]


@mutant("QRY-02", "The last record of a page comes again on the next.", "每页末条记录在下一页重复。")
def page_edge_twice(work: Bench) -> None:
    def selection(original: Callable[..., Any], rights: Rights, prepared: Any, after: Any, limit: Any) -> Any:
        if after is not None and not prepared.sort:
            after = (*after[:-1], after[-1][:-1])
        return original(rights, prepared, after, limit)

    work.wrap(Rights, "selection", selection)


@mutant("QRY-02", "The last page is lost.", "最后一页丢失。")
def last_page_lost(work: Bench) -> None:
    @later_pages(work)
    def change(page: Any) -> None:
        if not any(link["rel"] == "next" for link in page["links"]):
            page["items"] = []


@mutant("QRY-02", "The walk never ends: the last page leads to itself.", "翻页没有终点：末页指向自身。")
def walk_without_end(work: Bench) -> None:
    @answers(work, PERSONS)
    def change(answer: Answer) -> None:
        query = answer.exchange.scope["query_string"].decode()
        page = answer.document
        if "cursor=" in query and not any(link["rel"] == "next" for link in page["links"]):
            page["links"].append({"rel": "next", "href": f"/v1{PERSONS}?{query}"})
            answer.document = page


@mutant("QRY-02", "Records beyond a tie at the edge of a page are lost.", "排序值相同的记录在页边界处丢失。")
def ties_lost(work: Bench) -> None:
    _tie(work, "~")


@mutant("QRY-02", "Records of a tie at the edge of a page come twice.", "排序值相同的记录在页边界处重复。")
def ties_twice(work: Bench) -> None:
    _tie(work, "")


def _tie(work: Bench, key: str) -> None:
    def selection(original: Callable[..., Any], rights: Rights, prepared: Any, after: Any, limit: Any) -> Any:
        if after is not None and prepared.sort:
            after = (*after[:-1], key)
        return original(rights, prepared, after, limit)

    work.wrap(Rights, "selection", selection)


@mutant("QRY-02", "Records without a value are lost where the order is by it.", "排序项为空的记录丢失。")
def nulls_lost(work: Bench) -> None:
    def selection(original: Callable[..., Any], rights: Rights, prepared: Any, after: Any, limit: Any) -> Any:
        if prepared.sort and prepared.sort[0].column == "UNIT":
            prepared = copy(prepared)
            prepared.where = (*prepared.where, Condition("UNIT", "gte", ""))
        return original(rights, prepared, after, limit)

    work.wrap(Rights, "selection", selection)


@mutant("QRY-02", "Every page is in an order of its own.", "每页的记录顺序随机。")
def order_unstable(work: Bench) -> None:
    chance = Random(1)  # noqa: S311 - repeatable, no secret

    @documents(work, PERSONS)
    def change(page: Any) -> None:
        chance.shuffle(page["items"])


@mutant("QRY-02", "The order asked for is passed over.", "忽略所请求的排序。")
def order_ignored(work: Bench) -> None:
    @requests(work)
    def change(scope: Any) -> None:
        for name in (b"birthDate", b"months"):
            scope["query_string"] = scope["query_string"].replace(b"&sort=" + name, b"").replace(b"&sort=-" + name, b"")


@mutant("QRY-02", "A page holds one more record than asked for.", "每页比请求的条数多一条。")
def page_too_long(work: Bench) -> None:
    def understood(original: Callable[..., Any], *given: Any) -> Any:
        prepared, limit, after = original(*given)
        return prepared, limit + 1 if limit == 7 else limit, after

    work.wrap(Records, "_understood", understood)


@mutant("QRY-02", "A cursor that was changed is taken as it was.", "被篡改的游标仍被接受。")
def cursor_unsealed(work: Bench) -> None:
    made: dict[str, Any] = {}

    def seal(original: Callable[..., Any], cursors: Cursors, cursor: Any, binding: Any) -> Any:
        text = original(cursors, cursor, binding)
        made[text] = made["last"] = cursor
        return text

    def opened(original: Callable[..., Any], cursors: Cursors, text: str, binding: Any) -> Any:
        try:
            return original(cursors, text, binding)
        except Problem:
            if text in made or len(text) < 40:
                raise
            return made["last"]

    work.wrap(Cursors, "seal", seal)
    work.wrap(Cursors, "open", opened)


@mutant("QRY-02", "A cursor goes on with whatever filter comes beside it.", "游标未与筛选条件绑定。")
def cursor_unbound_to_filter(work: Bench) -> None:
    work.patch(_records, "_check_same", lambda asked, cursor: None)


@mutant("QRY-02", "A cursor works for whoever has it.", "游标未与使用部门及授权绑定。")
def cursor_unbound_to_consumer(work: Bench) -> None:
    work.patch(Core, "binding", lambda core, exchange, catalog_id: (catalog_id, "", ""))


@mutant("QRY-02", "A cursor of one entry leads into another.", "一个条目的游标可用于另一个条目。")
def cursor_unbound_to_entry(work: Bench) -> None:
    @answers(work, "/datasets/offices/records", status=400)
    def change(answer: Answer) -> None:
        if answer.document["code"] == "cursor-invalid":
            page = {"items": [], "numberReturned": 0, "numberMatched": 0, "links": []}
            answer.document = {**page, "timeStamp": "2026-01-01T00:00:00+08:00"}
            answer.set_header("content-type", "application/json")
            answer.reply.status, answer.reply.code = 200, None


# -- limits ----------------------------------------------------------------------------------------


@mutant("QRY-03", "The largest page has no limit.", "分页上限未被执行。")
def maximum_unenforced(work: Bench) -> None:
    def understood(
        original: Callable[..., Any], records: Any, exchange: Any, name: str, rights: Any, asked: Any, bad: Any
    ) -> Any:
        prepared, limit, after = original(records, exchange, name, rights, asked, bad)
        return prepared, asked.limit or limit, after

    work.wrap(Records, "_understood", understood)


@mutant("QRY-03", "Without a limit a page holds more than the declared default.", "未指定 limit 时返回条数超过默认值。")
def default_too_large(work: Bench) -> None:
    @requests(work)
    def change(scope: Any) -> None:
        if scope["path"].endswith("/offices/records") and not scope["query_string"]:
            scope["query_string"] = b"limit=8"


@mutant("QRY-03", "An entry does not declare its largest page.", "条目未声明分页上限。", entails="CORE-05")
def maximum_undeclared(work: Bench) -> None:
    @documents(work, "/catalog/offices")
    def change(entry: Any) -> None:
        del entry["query"]["maxLimit"]


# -- single records --------------------------------------------------------------------------------


@mutant("QRY-10", "The id of a record is the identity number of the person.", "记录标识就是身份证号。")
def id_is_identity(work: Bench) -> None:
    def encode(original: Callable[..., Any], ids: RecordIds, key: Any) -> Any:
        return key[0] if ids.sealed else original(ids, key)

    def decode(original: Callable[..., Any], ids: RecordIds, text: str) -> Any:
        return (text,) if ids.sealed else original(ids, text)

    work.wrap(RecordIds, "encode", encode)
    work.wrap(RecordIds, "decode", decode)


@mutant("QRY-10", "A record by its id shows another id than the list.", "单条记录的标识与列表不一致。")
def id_differs(work: Bench) -> None:
    @documents(work, ONE)
    def change(record: Any) -> None:
        if "recordId" in record:
            record["recordId"] += "-1"


@mutant("QRY-10", "A record by its id differs from the list.", "单条记录与列表中的内容不一致。")
def record_differs(work: Bench) -> None:
    @documents(work, PERSONS + "/(?!_search)[^/]+")
    def change(record: Any) -> None:
        if "memo" in record:
            record["memo"] = record["memo"].upper()


@mutant(
    "QRY-10", "A record that is not there is answered with null.", "不存在的记录返回 200 与 null。", entails="CORE-05"
)
def absent_is_null(work: Bench) -> None:
    @answers(work, ONE, status=404)
    def change(answer: Answer) -> None:
        if answer.exchange.access is not None and not answer.exchange.access.scope:
            answer.reply.status, answer.reply.code = 200, None
            answer.reply.body = b"null"
            answer.set_header("content-type", "application/json")


@mutant("QRY-11", "Single records have no ETag.", "单条记录没有 ETag。")
def tag_missing(work: Bench) -> None:
    @answers(work, ONE)
    def change(answer: Answer) -> None:
        answer.set_header("etag", None)


@mutant("QRY-11", "The ETag changes from call to call.", "ETag 每次调用都不同。", entails="CORE-11")
def tag_unstable(work: Bench) -> None:
    chance = Random(1)  # noqa: S311 - repeatable, no secret

    @answers(work, ONE)
    def change(answer: Answer) -> None:
        answer.set_header("etag", f'"{chance.random()}"')


@mutant("QRY-11", "The ETag stays when the record changes.", "记录变化后 ETag 不变。")
def tag_constant(work: Bench) -> None:
    @answers(work, ONE, status=(200, 304))
    def change(answer: Answer) -> None:
        answer.set_header("etag", '"1"')


@mutant("QRY-11", "If-None-Match is passed over.", "忽略 If-None-Match。")
def condition_ignored(work: Bench) -> None:
    @requests(work)
    def change(scope: Any) -> None:
        scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"if-none-match"]


@mutant("QRY-11", "Every If-None-Match is met.", "任何 If-None-Match 均返回 304。")
def condition_always_met(work: Bench) -> None:
    @requests(work)
    def change(scope: Any) -> None:
        scope["headers"] = [(k, b"*" if k == b"if-none-match" else v) for k, v in scope["headers"]]


# -- a source that is down -------------------------------------------------------------------------


@mutant("QRY-12", "A source that is down has no records.", "数据源停止时返回空列表。")
def down_is_empty(work: Bench) -> None:
    async def page(original: Callable[..., Any], *given: Any) -> Any:
        try:
            return await original(*given)
        except SourceProblem:
            return []

    work.wrap(Reader, "page", page)


@mutant("QRY-12", "A source that is down is an inner failure.", "数据源停止时返回内部错误。")
def down_is_internal(work: Bench) -> None:
    _down(work, lambda answer: (500, {"status": 500, "code": "internal", "origin": "adapter"}))


@mutant("QRY-12", "A source that is down is told as a failure of the adapter.", "数据源停止时 origin 标为 adapter。")
def down_is_adapter(work: Bench) -> None:
    _down(work, lambda answer: (503, {"origin": "adapter"}))


def _down(work: Bench, made: Callable[[Answer], tuple[int, dict[str, Any]]]) -> None:
    @answers(work, LIST, status=503)
    def change(answer: Answer) -> None:
        status, members = made(answer)
        answer.reply.status = status
        answer.document = {**answer.document, **members}


@mutant("QRY-12", "Nobody is told when to try a source again that is down.", "数据源停止时缺少 Retry-After。")
def down_without_retry(work: Bench) -> None:
    @answers(work, LIST, status=503)
    def change(answer: Answer) -> None:
        answer.set_header("retry-after", None)
