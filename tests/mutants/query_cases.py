"""Mutants of the class query: filters, ranges, items, scopes, sensitive and masked items."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import replace
from typing import Any

from mutants.mutant import SEARCH, answers, documents, mutant, recoded, requests
from mutants.world import Answer, Bench

from datong.guard import _guard
from datong.interface._asked import Asked
from datong.interface._core import Core
from datong.interface._cursor import Cursors
from datong.interface._exchange import Exchange
from datong.interface._records import Records
from datong.interface._rights import Narrowing, Rights
from datong.mapping import Plan, Residual
from datong.model import Problem

Tested = Callable[[str, str], bool]


# -- filters ---------------------------------------------------------------------------------------


def compared(work: Bench, test: Tested, *names: str) -> None:
    """Compare texts of these items in another way."""

    def push(
        original: Callable[..., Any], rights: Any, item: Any, operator: Any, value: Any, where: Any, tests: Any
    ) -> Any:
        if operator == "eq" and item in names:
            tests.append(Residual(item, lambda stored: stored is not None and test(stored, value)))
        else:
            original(rights, item, operator, value, where, tests)

    work.wrap(Rights, "_push", push)


@mutant("QRY-04", "A filter is met by everything that begins with it.", "筛选按前缀匹配。")
def filter_by_prefix(work: Bench) -> None:
    compared(work, lambda stored, asked: stored.startswith(asked), "unit")


@mutant("QRY-04", "A filter takes no notice of case.", "筛选忽略大小写。")
def filter_folds_case(work: Bench) -> None:
    compared(work, lambda stored, asked: stored.lower() == asked.lower(), "note")


@mutant("QRY-04", "A filter takes no notice of a blank at its end.", "筛选忽略末尾空格。")
def filter_trims(work: Bench) -> None:
    compared(work, lambda stored, asked: stored == asked.rstrip(), "note", "unit")


@mutant("QRY-04", "A per cent sign in a filter stands for anything.", "筛选值中的百分号被当作通配符。")
def filter_by_pattern(work: Bench) -> None:
    compared(
        work, lambda stored, asked: stored == asked or (asked[-1] == "%" and stored.startswith(asked[:-1])), "unit"
    )


def asking(work: Bench, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Read other conditions into a query than it holds."""

    def filtered(original: Callable[..., Any], rights: Rights, asked: Asked, violations: Any) -> Narrowing:
        return original(rights, replace(asked, filters=change(asked.filters)), violations)

    work.wrap(Rights, "_filtered", filtered)


@mutant("QRY-04", "Of two conditions only the first counts.", "多个筛选条件只有第一个生效。")
def second_filter_ignored(work: Bench) -> None:
    asking(work, lambda filters: dict(list(filters.items())[:1]))


@mutant("QRY-04", "A condition on sex selects nothing.", "性别筛选条件不起作用。")
def filter_ignored(work: Bench) -> None:
    asking(work, lambda filters: {name: value for name, value in filters.items() if name != "sex"})


def undeclared(work: Bench, code: str) -> None:
    """Pass over what an entry does not declare, instead of refusing it."""

    def refused(original: Callable[..., Any], rights: Rights, item: str, suffix: str, place: str, found: Any) -> bool:
        own = type(found)()
        if not original(rights, item, suffix, place, own):
            return False
        if own._found[0].code != code:
            found._found += own._found
        return True

    work.wrap(Rights, "_refused", refused)


@mutant("QRY-04", "A filter by an item that is not declared for it is passed over.", "忽略未声明可筛选的数据项条件。")
def undeclared_filter_ignored(work: Bench) -> None:
    undeclared(work, "not-filterable")


@mutant("QRY-05", "A range by an item that is not declared for it is passed over.", "忽略未声明可按范围筛选的条件。")
def undeclared_range_ignored(work: Bench) -> None:
    undeclared(work, "not-rangeable")


@mutant("QRY-05", "From a value on means beyond it.", "大于等于按大于处理。")
def lower_bound_excluded(work: Bench) -> None:
    _suffix(work, ".gte", ".gt")


@mutant("QRY-05", "Below a value means up to it.", "小于按小于等于处理。")
def upper_bound_included(work: Bench) -> None:
    _suffix(work, ".lt", ".lte")


@mutant("QRY-05", "Up to a value means from it on.", "小于等于按大于等于处理。")
def range_reversed(work: Bench) -> None:
    _suffix(work, ".lte", ".gte")


def _suffix(work: Bench, own: str, other: str) -> None:
    def swapped(filters: dict[str, Any]) -> dict[str, Any]:
        return {f"{n.removesuffix(own)}{other}" if n.endswith(own) else n: value for n, value in filters.items()}

    asking(work, swapped)


# -- items -----------------------------------------------------------------------------------------


@mutant("QRY-06", "All items come, whichever are named.", "无论 fields 列出哪些数据项均全部返回。")
def fields_ignored(work: Bench) -> None:
    def wanted(original: Callable[..., Any], rights: Rights, asked: Asked, violations: Any) -> Any:
        original(rights, asked, violations)
        return rights.fields

    work.wrap(Rights, "_wanted", wanted)


@mutant("QRY-06", "An item outside the grant is left out in silence.", "授权范围外的数据项被静默省略。")
def outside_left_out(work: Bench) -> None:
    def wanted(original: Callable[..., Any], rights: Rights, asked: Asked, violations: Any) -> Any:
        if asked.fields is not None:
            kept = tuple(name for name in asked.fields if name in rights.granted or name not in rights.dataset.fields)
            asked = replace(asked, fields=kept)
        return original(rights, asked, violations)

    work.wrap(Rights, "_wanted", wanted)


@mutant("QRY-06", "A single record is shown with items outside the grant.", "单条读取可取得授权范围外的数据项。")
def outside_of_one(work: Bench) -> None:
    def lookup(original: Callable[..., Any], rights: Rights, fields: Any, violations: Any) -> Any:
        rights = copy(rights)
        rights.granted, rights.lookups = frozenset(rights.dataset.fields), {}
        return original(rights, fields, violations)

    work.wrap(Rights, "lookup", lookup)


@mutant("QRY-06", "What may not be seen may be filtered by.", "可按授权范围外的数据项筛选和排序。")
def outside_filtered(work: Bench) -> None:
    work.patch(Rights, "_withheld", lambda rights, item: "item-masked" if item in rights.masked else None)


def widened(work: Bench, chosen: Callable[[Exchange], bool], **changes: Callable[[Rights], Any]) -> None:
    """Give calls of a kind wider rights than the grant has."""

    async def admit(original: Callable[..., Any], core: Core, exchange: Exchange, name: str, method: Any) -> Rights:
        rights: Rights = await original(core, exchange, name, method)
        if not chosen(exchange):
            return rights
        wide = copy(rights)
        wide.queries, wide.lookups = {}, {}
        for member, made in changes.items():
            setattr(wide, member, made(rights))
        return wide

    work.wrap(Core, "admit", admit)


def _lists(exchange: Exchange) -> bool:
    return exchange.method in ("GET", "HEAD") and exchange.path.endswith("/records")


def _searches(exchange: Exchange) -> bool:
    return exchange.path.endswith("/_search")


def _verifies(exchange: Exchange) -> bool:
    return exchange.path.endswith("/_verify")


def _ones(exchange: Exchange) -> bool:
    return not (_lists(exchange) or _searches(exchange) or _verifies(exchange))


def _shared(rights: Rights) -> tuple[str, ...]:
    return tuple(name for name, item in rights.dataset.fields.items() if item.sharing_type != "notShared")


@mutant("QRY-07", "A list without fields shows all items, granted or not.", "未指定 fields 时返回全部数据项。")
def narrow_list_wide(work: Bench) -> None:
    widened(work, _lists, fields=_shared)


@mutant(
    "QRY-07", "A search without fields shows all items, granted or not.", "查询请求未指定 fields 时返回全部数据项。"
)
def narrow_search_wide(work: Bench) -> None:
    widened(work, _searches, fields=_shared)


@mutant("QRY-07", "A single record shows all items, granted or not.", "单条读取返回全部数据项。")
def narrow_record_wide(work: Bench) -> None:
    widened(work, _ones, fields=_shared)


@mutant("QRY-06 QRY-07", "The items of a grant are not looked at at all.", "完全不检查授权的数据项范围。")
def items_unchecked(work: Bench) -> None:
    def decide(original: Callable[..., Any], *given: Any) -> Any:
        access = original(*given)
        return replace(access, fields=_shared(access))

    work.wrap(_guard, "decide", decide)


# -- masked items ----------------------------------------------------------------------------------


def _bare(_: Rights) -> frozenset[str]:
    return frozenset()


@mutant("QRY-07", "Masked items are shown in lists.", "列表中未对脱敏项脱敏。")
def unmasked_in_lists(work: Bench) -> None:
    widened(work, _lists, masked=lambda rights: rights.masked & {"phone"})


@mutant("QRY-07", "Masked items are shown in search.", "查询结果中未对脱敏项脱敏。")
def unmasked_in_search(work: Bench) -> None:
    def view(
        original: Callable[..., Any], plan: Plan, fields: Iterable[str], masked: Any = frozenset(), **more: Any
    ) -> Any:
        return original(plan, fields, masked - {"phone"} if searching else masked, **more)

    searching: list[bool] = []

    async def search(original: Callable[..., Any], *given: Any) -> Any:
        searching.append(True)
        try:
            return await original(*given)
        finally:
            searching.clear()

    work.wrap(Plan, "view", view)
    work.wrap(Records, "search", search)


@mutant("QRY-07", "Masked items are shown in single records.", "单条读取未对脱敏项脱敏。")
def unmasked_in_records(work: Bench) -> None:
    widened(work, _ones, masked=_bare)


@mutant("QRY-07", "A masked item may be filtered by, which tells its value.", "可按脱敏项的原值筛选。")
def masked_filtered(work: Bench) -> None:
    _, plain = Rights._withheld, "item-not-granted"
    work.patch(Rights, "_withheld", lambda rights, item: None if item in rights.granted else plain)


@mutant("QRY-07", "A masked item may be sorted by, which tells its order.", "可按脱敏项的原值排序。")
def masked_sorted(work: Bench) -> None:
    def check(original: Callable[..., Any], rights: Rights, asked: Asked, violations: Any) -> None:
        bare = copy(rights)
        bare.masked = frozenset()
        original(bare, asked, violations)

    work.wrap(Rights, "_check_sort", check)


# -- scopes ----------------------------------------------------------------------------------------


def _everywhere(_: Rights) -> Narrowing:
    return Narrowing()


@mutant("QRY-08", "Lists show records outside the region and rows of the grant.", "列表返回授权范围外的记录。")
def scope_not_in_lists(work: Bench) -> None:
    widened(work, _lists, scope=_everywhere)


@mutant("QRY-08", "Searches show records outside the region and rows of the grant.", "查询返回授权范围外的记录。")
def scope_not_in_search(work: Bench) -> None:
    widened(work, _searches, scope=_everywhere)


@mutant(
    "QRY-08", "A record outside the region and rows of the grant is shown by its id.", "可凭标识读取授权范围外的记录。"
)
def scope_not_in_records(work: Bench) -> None:
    widened(work, _ones, scope=_everywhere)


@mutant("QRY-08", "Claims about somebody outside the grant are answered.", "可核验授权范围外的主体。")
def scope_not_in_verify(work: Bench) -> None:
    widened(work, _verifies, scope=_everywhere)


@mutant("QRY-08", "The count is that of the whole entry, whatever the grant covers.", "计数未按授权范围收窄。")
def scope_not_in_count(work: Bench) -> None:
    @answers(work, "/datasets/persons/records")
    def change(answer: Answer) -> None:
        page = answer.document
        if answer.exchange.access is not None and answer.exchange.access.scope and "numberMatched" in page:
            answer.document = {**page, "numberMatched": 30}


@mutant("QRY-08", "A region is compared by its first two digits alone.", "行政区划只比较前两位。")
def region_too_wide(work: Bench) -> None:
    def push(original: Callable[..., Any], rights: Rights, item: str, prefix: str, where: Any, tests: Any) -> None:
        original(rights, item, prefix[:2], where, tests)

    work.wrap(Rights, "_push_prefix", push)


@mutant(
    "QRY-08",
    "A record outside the grant is refused, which tells that it is there.",
    "授权范围外的记录返回拒绝，暴露其存在。",
)
def scope_told(work: Bench) -> None:
    async def record(original: Callable[..., Any], records: Records, exchange: Exchange, params: Any) -> Any:
        try:
            return await original(records, exchange, params)
        except Problem as problem:
            key = records._core.plans["persons"].key_of(params["record_id"])
            if problem.code == "record-unknown" and key is not None:
                raise Problem("wrong-entry") from problem
            raise

    work.wrap(Records, "record", record)


# -- sensitive items -------------------------------------------------------------------------------


@mutant("QRY-09", "An identity number is taken in an address.", "身份证号可出现在地址中。")
def sensitive_in_address(work: Bench) -> None:
    @requests(work)
    def change(scope: Any) -> None:
        if scope["path"].endswith("/persons/records") and scope["query_string"].startswith(b"idNumber"):
            scope["query_string"] = b""


@mutant("QRY-09", "An identity number in an address is refused as unknown.", "地址中的身份证号以参数未知为由拒绝。")
def sensitive_code_of_another(work: Bench) -> None:
    recoded(work, "sensitive-in-uri", "parameter-unknown")


@mutant("QRY-09", "An identity number is refused in a body too.", "请求体中的身份证号同样被拒绝。", entails="QRY-04")
def sensitive_refused_in_body(work: Bench) -> None:
    def refused(original: Callable[..., Any], rights: Rights, item: str, suffix: str, place: str, found: Any) -> bool:
        if rights.dataset.fields[item].sensitive:
            found.add(place, "not-filterable", item=item)
            return True
        return original(rights, item, suffix, place, found)

    work.wrap(Rights, "_refused", refused)


@mutant("QRY-09", "A link holds the identity number that was searched for.", "链接中包含所查询的身份证号。")
def sensitive_in_link(work: Bench) -> None:
    @documents(work, SEARCH, method="POST")
    def change(page: Any) -> None:
        for item in page["items"][:1]:
            if "idNumber" in item and len(page["items"]) == 1:
                href = f"/v1/datasets/persons/records?idNumber={item['idNumber']}"
                page["links"].append({"rel": "self", "href": href})


@mutant(
    "QRY-09",
    "A cursor can be read, and holds the identity number where it stopped.",
    "游标可被解读，其中包含身份证号。",
)
def cursor_readable(work: Bench) -> None:
    def seal(original: Callable[..., str], cursors: Cursors, cursor: Any, binding: Any) -> str:
        shown = urlsafe_b64encode(json.dumps([str(value) for value in cursor.after]).encode()).decode()
        return f"{shown.rstrip('=')}.{original(cursors, cursor, binding)}"

    def opened(original: Callable[..., Any], cursors: Cursors, text: str, binding: Any) -> Any:
        cursor = original(cursors, text.rpartition(".")[2], binding)
        if text != cursors.seal(cursor, binding):
            raise Problem("cursor-invalid")
        return cursor

    work.wrap(Cursors, "seal", seal)
    work.wrap(Cursors, "open", opened)
