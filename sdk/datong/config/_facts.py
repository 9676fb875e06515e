"""What must be true of the catalog facts (Art. 13(2), 14, 15) beyond their shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

from datong.config._findings import Findings
from datong.config._shape import choices
from datong.config._yaml import Path
from datong.model import Adapter, CatalogFacts, Dataset, Text
from datong.standard import CLASSES, DEVELOPMENT_PROVIDER, METHOD_CLASSES, credit_code_ok

_PLACEHOLDERS = frozenset(
    {
        *("无", "暂无", "待定", "待补充", "待填", "待填写", "待完善", "未知", "不详", "空", "略", "示例", "测试"),
        *("na", "n/a", "none", "null", "nil", "tbd", "tba", "todo", "fixme", "unknown", "undefined", "placeholder"),
        *("example", "x", "xx", "xxx", "test", "changeme", "change-me", "fillme"),
    }
)
_BRACKETS = re.compile(r"^[\s<>\[\]{}()《》【】（）。.!!??]+|[\s<>\[\]{}()《》【】（）。.!!??]+$")
_CATALOG_CODE = re.compile(r"[1-9][0-9]{5,}/[0-9]+")
_SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
_DURATION = re.compile(r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?")


def is_placeholder(text: str) -> bool:
    """Whether a text only stands where a fact should: 无, 待定, N/A, TBD, -, …"""
    bare = _BRACKETS.sub("", text).casefold()
    return not bare or bare in _PLACEHOLDERS or not any(char.isalnum() for char in bare)


def adapter_facts(adapter: Adapter, found: Findings) -> None:
    """Provider, identity and the settings that every dataset shares."""
    office = adapter.provider.office
    for path, text in (
        (("adapter", "title", "zh"), adapter.adapter.title.zh),
        (("adapter", "title", "en"), adapter.adapter.title.en),
        (("provider", "name"), adapter.provider.name),
        (("provider", "office", "name"), office.name),
        (("provider", "office", "phone"), office.phone),
        (("trust", "audience"), adapter.trust.audience),
    ):
        _no_placeholder(path, text, found)
    if not credit_code_ok(adapter.provider.code):
        message = Text(
            "The check character of the unified social credit code is wrong.", "统一社会信用代码的校验码不正确。"
        )
        hint = Text("Compare it with the certificate, character by character.", "请与登记证书逐字核对。")
        found.add("credit-code-wrong", ("provider", "code"), message, hint)
    if adapter.provider.code == DEVELOPMENT_PROVIDER.code:
        message = Text("The provider is the one for development.", "提供单位仍是开发测试用的占位单位。")
        hint = Text("Put your own unit here before you register.", "登记前请换成本单位的名称和代码。")
        found.add("provider-development", ("provider", "code"), message, hint, severity="warning")
    if not _SEMVER.fullmatch(adapter.adapter.version):
        message = Text("The version must be MAJOR.MINOR.PATCH.", "版本号应为 主版本.次版本.修订号。")
        found.add("version-wrong", ("adapter", "version"), message, Text("Write 1.0.0.", "请写 1.0.0。"))
    if not _DURATION.fullmatch(adapter.audit.retention):
        message = Text("The retention must be an ISO 8601 duration.", "留存期限应为 ISO 8601 时长。")
        found.add("duration-wrong", ("audit", "retention"), message, Text("Three years: P3Y.", "三年写作 P3Y。"))
    _codes_differ(adapter, found)


def catalog_facts(catalog_id: str, dataset: Dataset, found: Findings) -> None:
    facts = dataset.catalog
    at = ("datasets", catalog_id, "catalog")
    for path, text in _texts(facts):
        _no_placeholder((*at, *path), text, found)
    for name, item in dataset.fields.items():
        _no_placeholder(("datasets", catalog_id, "fields", name, "name"), item.name, found)
    if not _CATALOG_CODE.fullmatch(facts.catalog_code):
        message = Text("The national resource code has another form.", "资源代码不符合国家目录代码格式。")
        hint = Text(
            "Class 1 digit, item 2, category 3, detail any number; then a slash and a sequence number: 306001/000001.",
            "类 1 位、项 2 位、目 3 位、细目若干位，斜杠后为顺序号，例如 306001/000001。",
        )
        found.add("catalog-code-wrong", (*at, "catalogCode"), message, hint)
    _dates(facts, at, found)
    _sharing(facts, at, found)
    _methods(facts, at, found)


def _texts(facts: CatalogFacts) -> Iterator[tuple[Path, str]]:
    yield ("name",), facts.name
    yield ("format",), facts.format
    for path, text in (
        (("summary",), facts.summary),
        (("sourceDepartment",), facts.source_department),
        (("delayedReason",), facts.delayed_reason),
        (("useConditions", "scope"), facts.use_conditions.scope),
    ):
        if text:
            yield path, text
    for index, purpose in enumerate(facts.use_conditions.purposes):
        yield ("useConditions", "purposes", index), purpose
    if facts.not_shared:
        yield ("notShared", "reason"), facts.not_shared.reason
        for index, basis in enumerate(facts.not_shared.legal_basis):
            yield ("notShared", "legalBasis", index, "title"), basis.title
            yield ("notShared", "legalBasis", index, "article"), basis.article


def _no_placeholder(path: Path, text: str, found: Findings) -> None:
    if is_placeholder(text):
        shown = text.strip()[:20]
        message = Text(f"`{path[-1]}` is a placeholder: {shown}.", f"`{path[-1]}` 是占位内容：{shown}。")
        hint = Text(
            "State the fact; Art. 13(2) demands it.", "请如实填写，《政务数据共享条例》第十三条第二款要求载明。"
        )
        found.add("placeholder", path, message, hint)


def _codes_differ(adapter: Adapter, found: Findings) -> None:
    seen: dict[str, str] = {}
    for name, dataset in adapter.datasets.items():
        first = seen.setdefault(dataset.catalog.catalog_code, name)
        if first != name:
            message = Text(f"`{first}` has the same resource code.", f"资源代码与 `{first}` 相同。")
            hint = Text("Each entry has a code of its own.", "每个目录条目应有独立的资源代码。")
            found.add("catalog-code-twice", ("datasets", name, "catalog", "catalogCode"), message, hint)


def _moment(text: str) -> date | None:
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None


def _dates(facts: CatalogFacts, at: Path, found: Findings) -> None:
    stated: list[tuple[Path, str | None]] = [
        (("publishedAt",), facts.published_at),
        (("updatedAt",), facts.updated_at),
        (("dataAsOf",), facts.data_as_of),
    ]
    if facts.change_notice:
        stated.append((("changeNotice", "announcedAt"), facts.change_notice.announced_at))
        stated.append((("changeNotice", "effectiveAt"), facts.change_notice.effective_at))
    for path, text in stated:
        if text is not None and _moment(text) is None:
            message = Text(f"`{path[-1]}` is no date: {text[:40]}.", f"`{path[-1]}` 不是有效日期：{text[:40]}。")
            found.add("date-wrong", (*at, *path), message, Text("Write 2025-08-01.", "请写成 2025-08-01 的形式。"))
    published, updated = _moment(facts.published_at), _moment(facts.updated_at)
    if published and updated and updated < published:
        message = Text("`updatedAt` lies before `publishedAt`.", "`updatedAt` 早于 `publishedAt`。")
        found.add("date-order", (*at, "updatedAt"), message)


def _sharing(facts: CatalogFacts, at: Path, found: Findings) -> None:
    conditions = facts.use_conditions
    if facts.sharing_type == "conditional":
        for name, given in (("scope", conditions.scope), ("purposes", conditions.purposes)):
            if not given:
                message = Text(
                    f"A conditional entry states `useConditions.{name}`.",
                    f"有条件共享的条目须载明 `useConditions.{name}`。",
                )
                hint = Text(
                    "Art. 15(2): list the conditions.", "《政务数据共享条例》第十五条第二款：应当列明使用条件。"
                )
                found.add("conditions-missing", (*at, "useConditions"), message, hint)
    elif facts.sharing_type == "unconditional" and (conditions.purposes or conditions.scope not in {None, "all"}):
        message = Text("An unconditional entry lists no condition of use.", "无条件共享的条目不得设置使用条件。")
        hint = Text(
            "Remove useConditions, or make the entry `conditional` (Art. 15(1)).",
            "请删除 useConditions，或将共享类型改为 `conditional`（第十五条第一款）。",
        )
        found.add("conditions-unwanted", (*at, "useConditions"), message, hint)
    if facts.sharing_type == "notShared" and facts.not_shared is None:
        message = Text(
            "An entry that is not shared gives its reason and legal basis.", "不予共享的条目须说明理由和依据。"
        )
        hint = Text(
            "Add `notShared: {reason: …, legalBasis: [{title: …, article: …}]}` (Art. 14(3), 15(2)).",
            "请添加 `notShared: {reason: …, legalBasis: [{title: …, article: …}]}`（第十四条、第十五条）。",
        )
        found.add("basis-missing", (*at, "notShared"), message, hint, key=True)
    if facts.sharing_type != "notShared" and facts.not_shared is not None:
        message = Text("`notShared` stands in an entry that is shared.", "共享的条目中出现了 `notShared`。")
        found.add("basis-unwanted", (*at, "notShared"), message, key=True)


def _methods(facts: CatalogFacts, at: Path, found: Findings) -> None:
    here = (*at, "sharingMethods")
    if facts.sharing_type == "notShared":
        if facts.sharing_methods:
            message = Text("An entry that is not shared offers no method.", "不予共享的条目不得列出共享方式。")
            found.add("methods-unwanted", here, message, Text("Write [].", "请写 []。"))
        return
    if not facts.sharing_methods:
        message = Text("A shared entry names how it is shared.", "共享的条目须载明共享方式。")
        found.add("methods-missing", here, message, Text("Write [serviceInterface].", "请写 [serviceInterface]。"))
    served = [method for method, cls in METHOD_CLASSES.items() if cls in CLASSES]
    for index, method in enumerate(facts.sharing_methods):
        if method not in served:
            message = Text(
                f"`{method}` is not served by this version (REQ-CAT-07).", f"本版本尚不提供 `{method}`(REQ-CAT-07)。"
            )
            found.add("method-unserved", (*here, index), message, choices("", served))
