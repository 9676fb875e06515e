"""Checks of the class catalog."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from datong.conformance._checks._shared import OK, entries, items, short
from datong.conformance._exchange import Exchange
from datong.conformance._look import Look, schema_errors, shown
from datong.conformance._redact import redacted
from datong.conformance._registry import check
from datong.model import Text
from datong.standard import LEVELS, METHOD_CLASSES, SHARING_TYPES, UPDATE_CYCLES, credit_code_ok

LEGAL: Final = (
    *("name", "items", "provider", "format", "updateCycle", "sharingType", "sharingMethods"),
    *("useConditions", "classification"),
)
"""Art. 13(2)."""
PLACEHOLDER: Final = re.compile(r"\s*(无|待定|暂无|未知|待补充|n/?a|tbd|todo|[-—–_/.?？]+)?\s*", re.IGNORECASE)
CODE: Final = re.compile(r"[1-9]\d{5,}/\d+|[1-9]\d{6,}")
WIDTH: Final = {"notShared": 0, "conditional": 1, "unconditional": 2}
HEIGHT: Final[dict[str, int]] = {name: place for place, name in enumerate(LEVELS)}
TOLERANCE: Final = 2.0
"""Cycles by which data may lag before a reason is owed."""
PERSONAL_MAIL: Final = re.compile(r"@(qq|163|126|sina|gmail|hotmail|outlook|foxmail|139|189)\.", re.IGNORECASE)


def _empty(value: Any) -> bool:
    return not isinstance(value, str) or PLACEHOLDER.fullmatch(value) is not None


def _part(document: Any, name: str) -> dict[str, Any]:
    value = document.get(name) if isinstance(document, dict) else None
    return value if isinstance(value, dict) else {}


def _rows(entry: dict[str, Any]) -> list[dict[str, Any]]:
    listed = entry.get("items")
    return [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []


@check(
    "REQ-CAT-01",
    "State the nine facts of Art. 13(2) in every entry, and no placeholder.",
    "每个目录条目须载明条例第十三条第二款的九项内容，不得使用占位文字。",
)
def nine_facts(look: Look) -> None:
    for exchange, entry in entries(look):
        closed = entry.get("sharingType") == "notShared"
        for name in LEGAL:
            value = entry.get(name)
            absent = value is None or value in ("", {}) or (value == [] and not (closed and name == "sharingMethods"))
            look.expect(not absent, name, f"{name}: {value!r}", exchange)
        texts = {"name": entry.get("name"), "format": entry.get("format")}
        texts["provider.name"] = _part(entry, "provider").get("name")
        texts |= {f"items.{row.get('field')}.name": row.get("name") for row in _rows(entry)}
        texts |= {f"useConditions.{k}": v for k, v in _part(entry, "useConditions").items() if isinstance(v, str)}
        for name, text in texts.items():
            look.expect(not _empty(text), Text(f"{name}, stated", f"{name} 有实际内容"), f"{name}: {text!r}", exchange)


@check(
    "REQ-CAT-02",
    "Use unconditional (1), conditional (2) or notShared (3), token and code in step.",
    "共享属性应为 unconditional(1)、conditional(2) 或 notShared(3)，且与代码一致。",
)
def sharing_types(look: Look) -> None:
    for exchange, entry in entries(look):
        kind, code = entry.get("sharingType"), entry.get("sharingTypeCode")
        known = isinstance(kind, str) and kind in SHARING_TYPES
        if look.expect(known, " / ".join(SHARING_TYPES), f"sharingType: {kind!r}", exchange):
            expected = next(coded.code for name, coded in SHARING_TYPES.items() if name == kind)
            look.expect(code == expected, f"sharingTypeCode: {expected}", f"sharingTypeCode: {code!r}", exchange)


def _shared(look: Look, kind: str) -> list[tuple[Exchange, dict[str, Any]]]:
    found = [(exchange, entry) for exchange, entry in entries(look) if entry.get("sharingType") == kind]
    if not found:
        look.not_applicable(Text(f"No entry is {kind}.", f"没有共享属性为 {kind} 的条目。"))
    return found


@check(
    "REQ-CAT-03",
    "Name scope and purposes in every conditional entry.",
    "有条件共享的条目须列明使用范围与使用目的。",
)
def conditional(look: Look) -> None:
    for exchange, entry in _shared(look, "conditional"):
        conditions = _part(entry, "useConditions")
        look.expect(
            not _empty(conditions.get("scope")), "useConditions.scope", f"{conditions.get('scope')!r}", exchange
        )
        purposes = conditions.get("purposes")
        stated = isinstance(purposes, list) and purposes and not any(_empty(each) for each in purposes)
        look.expect(stated, "useConditions.purposes", f"{purposes!r}", exchange)


@check(
    "REQ-CAT-04",
    "Give reason and legal basis, law and article, of every entry that is not shared.",
    "不予共享的条目须说明理由，并列明法律依据及条款。",
)
def reasons(look: Look) -> None:
    for exchange, entry in _shared(look, "notShared"):
        part = _part(entry, "notShared")
        look.expect(not _empty(part.get("reason")), "notShared.reason", f"{part.get('reason')!r}", exchange)
        bases = part.get("legalBasis")
        rows = [each for each in bases if isinstance(each, dict)] if isinstance(bases, list) else []
        whole = rows and all(not _empty(each.get("title")) and not _empty(each.get("article")) for each in rows)
        look.expect(whole, "notShared.legalBasis[{title, article}]", f"{bases!r}"[:120], exchange)


@check(
    "REQ-CAT-05",
    "Refuse every data path of an entry that is not shared with 403 not-shared, and list no distribution for it.",
    "不予共享条目的所有数据路径均应返回 403 not-shared，且不得列出分发地址。",
)
def closed(look: Look) -> None:
    for exchange, entry in _shared(look, "notShared"):
        listed = entry.get("distributions")
        look.expect(not listed, "distributions: []", f"distributions: {listed!r}"[:120], exchange)
    for each in look.need("catalog.notShared"):
        unserved = each.status == 404 and each.tags.get("claimed") is False  # noqa: PLR2004
        if not unserved:
            found = f"{each.tags.get('path')}: {shown(each)}"
            look.expect(each.status == 403 and each.code == "not-shared", "HTTP 403 not-shared", found, each)  # noqa: PLR2004


@check(
    "REQ-CAT-06",
    "List no condition in an entry that is shared unconditionally.",
    "无条件共享的条目不得附加使用条件。",
)
def unconditional(look: Look) -> None:
    for exchange, entry in _shared(look, "unconditional"):
        conditions = _part(entry, "useConditions")
        for name, free in (("scope", (None, "all")), ("purposes", (None, [], ["all"], "all"))):
            look.expect(
                conditions.get(name) in free, f"useConditions.{name}: all", f"{conditions.get(name)!r}", exchange
            )


@check(
    "REQ-CAT-07",
    "Name the sharing methods that the entry has an endpoint for, and claim their classes.",
    "共享方式只应列出确有服务端点的方式，并声明对应的一致性类。",
)
def sharing_methods(look: Look) -> None:
    for exchange, entry in entries(look):
        named = entry.get("sharingMethods")
        for method in named if isinstance(named, list) else ():
            known = method in METHOD_CLASSES or str(method).startswith("urn:")
            look.expect(known, " / ".join(METHOD_CLASSES), f"sharingMethods: {method!r}", exchange)
            needed = METHOD_CLASSES.get(method)
            served = needed is None or needed in look.obs.claimed or entry.get("kind") == "service"
            look.expect(served, Text(f"class {needed} claimed", f"声明一致性类 {needed}"), f"{method}", exchange)
    for each in look.at("catalog.method"):
        found = f"{each.tags.get('entry')} {each.tags.get('method')}: {shown(each)}"
        look.expect(each.status not in (None, 404, 410, 501), Text("a working endpoint", "可用的服务端点"), found, each)


@check(
    "REQ-CAT-08",
    "Name the unit and its unified social credit code with a right check character.",
    "请填写单位名称及校验位正确的统一社会信用代码。",
)
def providers(look: Look) -> None:
    for exchange, entry in entries(look):
        provider = _part(entry, "provider")
        look.expect(not _empty(provider.get("name")), "provider.name", f"{provider.get('name')!r}", exchange)
        code = str(provider.get("code"))
        look.expect(credit_code_ok(code) or redacted(code), "GB 32100", f"provider.code: {code}", exchange)


@check(
    "REQ-CAT-09",
    "Describe every item with Chinese name, field, dataType, length, nullable, primaryKey and sharingType.",
    "每个数据项须有中文名称、field、dataType、length、nullable、primaryKey 和 sharingType。",
)
def described_items(look: Look) -> None:
    for exchange, entry in entries(look):
        for place, message in schema_errors("catalogEntry", {**entry, "items": entry.get("items")}):
            if place.startswith("/items") and not place.endswith("/level") and "'level'" not in message:
                look.wrong("items[]", f"{place}: {message}", exchange)
        own = WIDTH.get(str(entry.get("sharingType")), 2)
        for row in _rows(entry):
            place = f"items.{row.get('field')}"
            chinese = re.search(r"[\u3400-\u9fff\U00020000-\U0003ffff]", str(row.get("name"))) is not None
            look.expect(chinese, Text("a Chinese name", "中文名称"), f"{place}.name: {row.get('name')!r}", exchange)
            narrow = WIDTH.get(str(row.get("sharingType")), 3) <= own
            look.expect(
                narrow, f"≤ {entry.get('sharingType')}", f"{place}.sharingType: {row.get('sharingType')}", exchange
            )


@check(
    "REQ-CAT-10",
    "Publish a JSON Schema whose properties are exactly the items of the entry.",
    "请发布 JSON Schema，其属性集合须与条目的数据项完全一致。",
)
def schemas(look: Look) -> None:
    for each in look.need("catalog.schema"):
        name = str(each.tags.get("entry"))
        if look.obs.entries.get(name, {}).get("kind") == "service" or not look.status(each, OK):
            continue
        try:
            Draft202012Validator.check_schema(dict(each.document))
        except SchemaError as error:
            look.wrong("JSON Schema 2020-12", str(error.message)[:120], each)
        declared, described = set(look.obs.items(name)), set(_part(each.document, "properties")) - {"recordId"}
        differing = sorted(declared ^ described)
        look.expect(not differing, Text("properties = items[].field", "属性与数据项一致"), ", ".join(differing), each)


@check(
    "REQ-CAT-11",
    "Classify every entry as core, important or general, at the level of its highest item.",
    "条目分级应为 core、important 或 general，且等于其数据项的最高级别。",
)
def levels(look: Look) -> None:
    for exchange, entry in entries(look):
        level = str(_part(entry, "classification").get("level"))
        if look.expect(level in HEIGHT, " / ".join(HEIGHT), f"level: {level!r}", exchange):
            own = [str(row.get("level", level)) for row in _rows(entry)]
            unknown = [each for each in own if each not in HEIGHT]
            look.expect(not unknown, " / ".join(HEIGHT), f"items[].level: {short(unknown)}", exchange)
            highest = max((HEIGHT.get(each, 0) for each in own), default=HEIGHT[level])
            look.expect(highest == HEIGHT[level], Text("the highest item's level", "数据项最高级别"), level, exchange)


@check(
    "REQ-CAT-12",
    "Keep the data as fresh as the update cycle says, or give delayedReason.",
    "数据应按更新周期更新，否则须填写 delayedReason。",
)
def freshness(look: Look) -> None:
    for exchange, entry in entries(look):
        cycle = entry.get("updateCycle")
        known = {str(name): each for name, each in UPDATE_CYCLES.items()}
        if not look.expect(cycle in known, " / ".join(known), f"updateCycle: {cycle!r}", exchange):
            continue
        as_of, days = _instant(entry.get("dataAsOf")), known[str(cycle)].days
        if look.expect(as_of is not None, "dataAsOf", f"{entry.get('dataAsOf')!r}", exchange) and as_of and days:
            late = look.now - as_of > timedelta(days=days * TOLERANCE + 1) and _empty(entry.get("delayedReason"))
            look.expect(not late, f"≤ {days} d / delayedReason", f"dataAsOf: {entry.get('dataAsOf')}", exchange)


def _instant(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@check(
    "REQ-CAT-13",
    "Keep the national resource code (class 1, 2, 3 and more digits, sequence) and the same one in all versions.",
    "目录代码应采用国家编码形式，且各版本保持不变。",
)
def codes(look: Look) -> None:
    for exchange, entry in entries(look):
        code = str(entry.get("catalogCode"))
        look.expect(CODE.fullmatch(code), "1 + 2 + 3 + n / n", f"catalogCode: {code}", exchange)
    for each in look.answered("catalog.versions"):
        listed = {str(version.get("catalogCode")) for version in items([each])}
        own = str(look.obs.entries.get(str(each.tags.get("entry")), {}).get("catalogCode"))
        look.expect(listed == {own}, own, short(sorted(listed)), each)


@check(
    "REQ-CAT-14",
    "Give version, dates and status; answer 404 to data calls for whatever is not published.",
    "条目须有版本、发布与更新时间及状态；未发布的条目，其数据调用应返回 404。",
)
def published(look: Look) -> None:
    for exchange, entry in entries(look):
        for name in ("version", "publishedAt", "updatedAt", "status"):
            look.expect(not _empty(entry.get(name)), name, f"{name}: {entry.get(name)!r}", exchange)
        for name in ("publishedAt", "updatedAt"):
            look.expect(_instant(entry.get(name)) is not None, "RFC 3339", f"{name}: {entry.get(name)!r}", exchange)
        known = entry.get("status") in ("draft", "published", "withdrawn")
        look.expect(known, "draft / published / withdrawn", f"status: {entry.get('status')!r}", exchange)
    for each in look.need("catalog.unpublished"):
        look.expect(each.status == 404, "HTTP 404", f"{each.tags.get('entry')}: {shown(each)}", each)  # noqa: PLR2004


@check(
    "REQ-CAT-15",
    "Page the catalog and filter it by sharingType, provider and updatedSince; list what is not shared too.",
    "目录应支持分页及按 sharingType、provider、updatedSince 筛选，并列出不予共享的条目。",
)
def lists(look: Look) -> None:
    whole = set(_names(look.need("catalog.list")))
    for each in look.answered("catalog.list"):
        look.schema(each, "catalogPage", {**each.document, "items": []})
    unlisted = sorted(set(look.obs.fixtures.entries) - whole)
    look.expect(not unlisted, Text("every entry", "全部条目"), f"− {short(unlisted, 8)}", *look.at("catalog.list")[:1])
    walked = _names(look.need("catalog.page"))
    right = len(walked) == len(set(walked)) and set(walked) == whole
    look.expect(right, short(sorted(whole), 8), short(walked, 8), *look.at("catalog.page"))
    listed = {str(row.get("catalogId")): row for row in items(look.at("catalog.list"))}
    for each in look.at("catalog.filter"):
        if look.status(each, OK):
            wanted = {name for name, row in listed.items() if _matches(row, each)}
            look.expect(set(_names([each])) == wanted, short(sorted(wanted), 8), short(_names([each]), 8), each)


def _names(pages: list[Exchange]) -> list[str]:
    return [str(row.get("catalogId")) for row in items(pages)]


def _matches(row: dict[str, Any], exchange: Exchange) -> bool:
    name, value = exchange.tags.get("name"), str(exchange.tags.get("value"))
    if name == "sharingType":
        return row.get("sharingType") == value
    if name == "provider":
        return _part(row, "provider").get("code") == value
    updated, since = _instant(row.get("updatedAt")), _instant(value)
    return updated is not None and since is not None and updated >= since


@check(
    "REQ-CAT-16",
    "Name the data sharing office of the unit with its telephone, not a private mailbox.",
    "请填写数据共享机构的名称与联系电话，不得仅使用个人邮箱。",
)
def contacts(look: Look) -> None:
    for exchange, entry in entries(look):
        office = _part(_part(entry, "provider"), "office")
        look.expect(not _empty(office.get("name")), "provider.office.name", f"{office.get('name')!r}", exchange)
        reached = not _empty(office.get("phone")) or not _empty(office.get("email"))
        look.expect(reached, "provider.office.phone", f"{office.get('phone')!r}", exchange)
        private = PERSONAL_MAIL.search(str(office.get("email"))) is not None and _empty(office.get("phone"))
        look.expect(not private, Text("an address of the office", "机构联系方式"), "e-mail", exchange)
        if "sourceDepartment" in entry:
            stated = not _empty(entry["sourceDepartment"])
            look.expect(stated, "sourceDepartment", f"{entry['sourceDepartment']!r}", exchange)
