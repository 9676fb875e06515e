"""Checks of the class core."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from datong.conformance._checks._shared import ABSENT, BROKEN, DATE, DATE_TIME, FAILURE, OK
from datong.conformance._exchange import Exchange
from datong.conformance._look import Look, shown
from datong.conformance._openapi import OpenApi, undescribed
from datong.conformance._redact import redacted
from datong.conformance._registry import check
from datong.model import Text
from datong.standard import CLASS_PREFIXES, MANDATORY_CLASSES, conformance_urn

SEMVER: Final = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
CAMEL: Final = re.compile(r"[a-z][a-zA-Z0-9]*")
FREE: Final = frozenset({"dictionary", "extensions", "externalIds", "nullRules", "filter"})
"""Members whose own members are data and no names of the interface."""
FOREIGN: Final = frozenset({"application/schema+json", "application/ld+json"})
INTERNAL: Final = re.compile(
    r"Traceback|File \"|ORA-\d|SQLSTATE|jdbc:|psycopg|sqlalchemy|sqlite3|pymysql|oracledb|NullPointer|"
    r"\bat (?:com|org|java)\.|(?:Exception|Error): |\bSELECT\b.+\bFROM\b|no such table|relation \"|syntax error|"
    r"/(?:home|usr|var|opt|root|srv|tmp)/|[A-Z]:\\\\|\.(?:py|java|go|js):\d+|"
    r"\b(?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d{1,3}\.\d{1,3}\b",
    re.IGNORECASE,
)
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:")
_OPENAPI: Final = "/openapi.json"
_SAMPLES: Final = 4
"""Bodies that are validated for each operation, status and media type."""
_BENEATH: Final = ("security.tls", "security.plain")


def answers(look: Look) -> Iterator[Exchange]:
    """Every answer over HTTP of the run."""
    return (each for each in look.obs.exchanges if each.response is not None and each.label not in _BENEATH)


@check(
    "REQ-CORE-01",
    "Answer GET {base}/ without a token, with title, version and the four links, each of which works.",
    "请在 {base}/ 免令牌提供入口文档，包含 title、version 及四个可用链接。",
)
def landing(look: Look) -> None:
    for each in look.need("declare.landing"):
        if not look.status(each, OK):
            continue
        if not isinstance(each.body, dict):
            look.wrong("JSON", each.media_type or "-", each)
            continue
        look.schema(each, "landing")
    for each in look.at("core.link"):
        works = each.status is not None and each.status not in (404, 410) and each.status < BROKEN
        elsewhere = each.failure is not None and each.failure.kind == "elsewhere"
        expected = Text("a link that works", "链接可用")
        look.expect(works or elsewhere, expected, f"{each.tags.get('rel')}: {shown(each)}", each)


@check(
    "REQ-CORE-02",
    "Name every class that is served, and serve and name all mandatory ones.",
    "请列出全部已提供的一致性类，并提供和列出所有必选类。",
)
def conformance(look: Look) -> None:
    for each in look.need("declare.conformance"):
        if not look.status(each, OK) or not look.schema(each, "conformance"):
            continue
        named = {urn for urn in each.document.get("conformsTo", ()) if isinstance(urn, str)}
        missing = [name for name in MANDATORY_CLASSES if conformance_urn(name) not in named]
        look.expect(not missing, ", ".join(MANDATORY_CLASSES), f"− {', '.join(missing)}", each)
        known = {conformance_urn(name) for name in CLASS_PREFIXES}
        unknown = sorted(urn for urn in named - known if urn.startswith("urn:gds:"))
        look.expect(not unknown, "urn:gds:1.0:conf:…", ", ".join(unknown), each)


@check(
    "REQ-CORE-03",
    "Answer 404 on the paths of classes that are not claimed.",
    "未声明的一致性类，其路径应返回 404。",
)
def unclaimed(look: Look) -> None:
    if not look.obs.claimed:
        look.inconclusive()
    found = look.at("core.unclaimed")
    if not found:
        look.not_applicable(Text("Every class is claimed.", "全部一致性类均已声明。"))
    for each in found:
        look.status(each, 404)


@check(
    "REQ-CORE-04",
    "Publish a valid OpenAPI 3 document without authentication; every $ref leads somewhere in it.",
    "请免认证发布有效的 OpenAPI 3 文档，其中所有 $ref 均可解析。",
)
def openapi(look: Look) -> None:
    for each in look.need("declare.openapi"):
        if look.status(each, OK):
            for fault in OpenApi(each.document, look.obs.base).faults():
                look.wrong("OpenAPI 3", fault, each)


@check(
    "REQ-CORE-05",
    "Describe every path, method, status and media type in the OpenAPI document, and serve all that it describes.",
    "请在 OpenAPI 文档中描述全部路径、方法、状态码与媒体类型，且所描述内容均须提供。",
)
def described(look: Look) -> None:
    if not look.obs.openapi:
        look.inconclusive()
    api = OpenApi(look.obs.openapi, look.obs.base)
    seen: dict[str, int] = {}
    for each in look.cite(answers(look)):
        missing = undescribed(api, each)
        if missing is not None:
            look.wrong(Text("described in the OpenAPI document", "在 OpenAPI 文档中有描述"), missing, each)
        else:
            _body(look, api, each, seen)
    for each in look.at("core.described"):
        gone = each.status in (405, 501) or (each.status == ABSENT and each.tags.get("known") is True)
        expected = Text("what is described is served", "所描述内容均已提供")
        look.expect(not gone, expected, f"{each.tags.get('template')}: {shown(each)}", each)


def _body(look: Look, api: OpenApi, each: Exchange, seen: dict[str, int]) -> None:
    _, operation = api.operation(each)
    if operation is None or not isinstance(each.body, dict | list) or not each.status:
        return
    media = api.media(api.response(operation, each.status) or "", each.media_type)
    key = f"{operation} {each.status} {media}"
    seen[key] = seen.get(key, 0) + 1
    if media and seen[key] <= _SAMPLES:
        for violation in api.violations(media, each.body):
            look.wrong(Text("a body as described", "响应体与描述一致"), violation, each)


@check(
    "REQ-CORE-06",
    "End the base path with /vMAJOR and send API-Version, equal to info.version, with every answer.",
    "基础路径应以 /v主版本号 结尾，每个应答均应带与 info.version 一致的 API-Version。",
)
def version(look: Look) -> None:
    info = look.obs.openapi.get("info")
    stated = str(info.get("version")) if isinstance(info, dict) else ""
    found = look.cite(answers(look))
    if not stated or not found:
        look.inconclusive()
    major = re.fullmatch(r".*/v(\d+)", urlsplit(look.obs.base).path.rstrip("/"))
    right = major is not None and stated.startswith(f"{major[1]}.") and SEMVER.fullmatch(stated)
    look.expect(right, "/vMAJOR, MAJOR.MINOR.PATCH", f"{urlsplit(look.obs.base).path}, {stated}", found[0])
    for each in found:
        if each.header("api-version") != stated:
            look.wrong(f"API-Version: {stated}", f"{each.header('api-version')} ({shown(each)})", each)


@check(
    "REQ-CORE-07",
    "Send application/problem+json with type, title, status, detail, code, origin and requestId for every 4xx and 5xx.",
    "所有 4xx、5xx 应答均应为 application/problem+json，并包含 type、title、status、detail、code、origin、requestId。",
)
def problems(look: Look) -> None:
    found = [each for each in answers(look) if (each.status or 0) >= FAILURE and each.request.method != "HEAD"]
    for each in look.cite(found):
        if each.media_type != "application/problem+json":
            look.wrong("application/problem+json", f"{each.media_type or '-'} ({shown(each)})", each)
        elif look.schema(each, "problem") and each.document.get("status") != each.status:
            look.wrong(f"status {each.status}", f"status {each.document.get('status')}", each)
    for each in answers(look):
        if each.status == OK and each.media_type == "application/problem+json":
            look.wrong("HTTP 4xx / 5xx", "HTTP 200 application/problem+json", each)


@check(
    "REQ-CORE-08",
    "Answer errors with registered problems alone; keep traces, SQL, paths, hosts and driver texts in the log.",
    "错误应答只应包含已登记的问题类型；堆栈、SQL、路径、主机名与驱动信息只应写入日志。",
)
def internals(look: Look) -> None:
    for each in look.cite(each for each in answers(look) if (each.status or 0) >= FAILURE):
        text = f"{each.body} {each.response.headers if each.response else ''}"
        leak = INTERNAL.search(text.replace(urlsplit(look.obs.base).netloc, ""))
        if leak is not None:
            look.wrong(Text("nothing of the inside", "不泄露内部信息"), leak[0], each)


@check(
    "REQ-CORE-09",
    "Refuse unknown and invalid parameters with 400, and list all of them in errors[].",
    "未知或取值无效的参数应返回 400，并在 errors[] 中全部列出。",
)
def parameters(look: Look) -> None:
    for each in look.need("core.parameters"):
        if look.status(each, 400):
            listed = each.document.get("errors")
            named = " ".join(str(error.get("pointer")) for error in listed or () if isinstance(error, dict))
            for name in ("zzUnknown", "limit"):
                look.expect(name in named, f"errors[]: {name}", f"errors[]: {named or '-'}", each)
    for each in look.at("core.malformed"):
        allowed = (400, 403) if "fields=" in each.request.url else (400,)
        if each.tags.get("wanted") == FAILURE:
            found = f"{each.request.url[:80]}: {shown(each)}"
            look.expect(each.status in allowed, "HTTP 400", found, each)
        else:
            whole = each.status is not None and each.status < BROKEN
            look.expect(whole, "HTTP < 500", f"{each.request.url[:80]}: {shown(each)}", each)


@check(
    "REQ-CORE-10",
    "Send JSON in UTF-8, member names in lowerCamelCase, full dates, and instants with an offset.",
    "JSON 应为 UTF-8，成员名用 lowerCamelCase，日期为完整日期，时刻须带时区偏移。",
)
def forms(look: Look) -> None:
    found = [each for each in answers(look) if each.media_type.endswith("json")]
    kinds = {
        name: {field: str(item.get("wireType")) for field, item in look.obs.items(name).items()}
        for name in look.obs.entries
    }
    for each in look.cite(found):
        fault = each.response.fault if each.response else None
        if fault in ("notUtf8", "notJson", "duplicateMember") and each.request.method != "HEAD":
            look.wrong("UTF-8, RFC 8259", str(fault), each)
        if each.media_type in FOREIGN or each.path.endswith((_OPENAPI, "/schema")) or len(look.findings) > SOME:
            continue
        records = "/datasets/" in each.path and (each.status or 0) < FAILURE
        types = kinds.get(str(each.tags.get("entry")), {}) if records else {}
        for place, text in _ill_formed(each.body, types, ""):
            look.wrong("lowerCamelCase, RFC 3339", f"{place}: {text}", each)


SOME: Final = 10


def _ill_formed(value: Any, types: dict[str, str], place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for part in value:
            yield from _ill_formed(part, types, place)
    elif isinstance(value, dict):
        for name, part in value.items():
            if CAMEL.fullmatch(str(name)) is None:
                yield place or "/", str(name)
            if name not in FREE:
                yield from _named(str(name), part, types, f"{place}/{name}")


def _named(name: str, value: Any, types: dict[str, str], place: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, str):
        yield from _ill_formed(value, types, place)
        return
    kind = types.get(name)
    if redacted(value) or "*" in value:
        return
    timed = kind == "dateTime" or (kind is None and _INSTANT.match(value) is not None)
    if (kind == "date" and DATE.fullmatch(value) is None) or (timed and DATE_TIME.fullmatch(value) is None):
        yield place, value


@check(
    "REQ-CORE-11",
    "Answer 405 with Allow to methods a path does not have; HEAD as GET without its body; GET changes nothing.",
    "路径不支持的方法应返回 405 并带 Allow；HEAD 与 GET 一致但无正文；GET 不得产生副作用。",
)
def methods(look: Look) -> None:
    for each in look.need("core.method"):
        if each.request.method == "TRACE" and each.status in (400, 501):
            continue
        if look.expect(each.status == 405, "HTTP 405", f"{each.request.method}: {shown(each)}", each):  # noqa: PLR2004
            look.expect(each.header("allow"), "Allow", "-", each)
    for head in look.at("core.head"):
        pair = look.at("core.get", path=head.tags.get("path"))
        if len(pair) == 2:  # noqa: PLR2004 - first and second GET
            _same(look, head, pair[0], pair[1])


def _same(look: Look, head: Exchange, first: Exchange, second: Exchange) -> None:
    again = Text("the same answer again", "重复读取结果相同")
    look.expect(first.body == second.body and first.status == second.status, again, shown(second), first, second)
    look.expect(head.status == first.status, f"HEAD {first.status}", f"HEAD {head.status}", head, first)
    size = head.response.size if head.response else 0
    look.expect(size == 0, Text("HEAD without a body", "HEAD 无正文"), f"{size}", head)
    for name in ("content-type", "etag"):
        alike = head.header(name) == first.header(name)
        look.expect(alike, f"{name}: {first.header(name)}", f"HEAD {name}: {head.header(name)}", head, first)
    length, whole = head.header("content-length"), first.header("content-length")
    alike = None in (length, whole) or length == whole
    look.expect(alike, f"content-length: {whole}", f"HEAD content-length: {length}", head, first)


@check(
    "REQ-CORE-12",
    "Echo a Gds-Request-Id that is a UUID, make one where there is none, and never repeat a malformed one.",
    "调用方给出的 UUID 形式 Gds-Request-Id 应原样返回；未给出时自行生成；格式错误的不得回显。",
)
def identifiers(look: Look) -> None:
    for each in look.need("core.requestId"):
        answered = each.header("gds-request-id")
        given = str(each.tags.get("given"))
        case = each.tags.get("case")
        look.expect(_uuid(answered), "Gds-Request-Id: UUID", f"Gds-Request-Id: {answered}", each)
        if case == "given":
            look.expect((answered or "").lower() == given, f"Gds-Request-Id: {given}", str(answered), each)
        elif case == "malformed":
            text = f"{each.body} {each.response.headers if each.response else ''}"
            look.expect(given not in text, Text("not repeated", "不回显"), given[:40], each)
        if (each.status or 0) >= FAILURE:
            inside = each.document.get("requestId")
            look.expect(inside == answered, f"requestId: {answered}", f"requestId: {inside}", each)


def _uuid(text: str | None) -> bool:
    try:
        return UUID(text or "").version is not None
    except ValueError:
        return False
