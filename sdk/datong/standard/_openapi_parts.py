"""Parts of the OpenAPI document that are the same for every adapter."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import Any, Final

from datong.standard._codes import SHARING_TYPES
from datong.standard._routes import PROBLEM, ROUTES
from datong.standard._schemas import schema

_URN: Final = "urn:gds:schema:"
_LOCAL: Final = "#/components/schemas/"

_HEADERS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "API-Version": ("接口版本 / Version of the interface", {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"}),
    "Gds-Request-Id": ("请求标识 / Id of the request, echoed or made", {"type": "string", "format": "uuid"}),
    "WWW-Authenticate": ("认证方式（RFC 6750） / How to authenticate (RFC 6750)", {"type": "string"}),
    "Retry-After": ("重试前等待的秒数 / Seconds to wait", {"type": "integer", "minimum": 0}),
    "RateLimit": ("当前配额余量 / What is left of the quota", {"type": "string"}),
    "RateLimit-Policy": ("配额策略 / The quota", {"type": "string"}),
    "ETag": ("记录的版本标识 / Changes if and only if the record does", {"type": "string"}),
    "Location": ("所建资源的地址 / Address of what was created", {"type": "string", "format": "uri-reference"}),
    "Deprecation": ("变更公告时间（RFC 9745） / When the change was announced (RFC 9745)", {"type": "string"}),
    "Sunset": ("变更生效时间（RFC 8594） / When the change takes effect (RFC 8594)", {"type": "string"}),
}

_FAILURE_HEADERS: Final[dict[int, tuple[str, ...]]] = {
    401: ("WWW-Authenticate",),
    429: ("Retry-After", "RateLimit", "RateLimit-Policy"),
    503: ("Retry-After",),
    504: ("Retry-After",),
}


def _path(name: str, text: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "description": text, "schema": {"type": "string"}}


def _query(name: str, text: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": text, "schema": value}


def _header(name: str, text: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": text, "schema": value}


_STRING: Final = {"type": "string", "minLength": 1}
_INSTANT: Final = {"type": "string", "format": "date-time"}

PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "catalogIdInPath": _path("catalogId", "目录条目标识 / Id of the catalog entry"),
    "recordIdInPath": _path("recordId", "记录标识 / Id of the record"),
    "grantIdInPath": _path("grantId", "授权标识 / Id of the grant"),
    "requestIdHeader": _header(
        "Gds-Request-Id", "请求标识，原样返回 / Id of the request, echoed", {"type": "string", "format": "uuid"}
    ),
    "caseIdHeader": _header("Gds-Case-Id", "办件编号，记入审计 / Id of the case, kept in the audit record", _STRING),
    "acceptLanguage": _header("Accept-Language", "zh 或 en / zh or en", {"type": "string"}),
    "ifNoneMatch": _header("If-None-Match", "已有的 ETag / The ETag already held", {"type": "string"}),
    "limit": _query(
        "limit",
        "每页条数，超过上限时按上限返回 / Items a page; more than the maximum gives the maximum",
        {"type": "integer", "minimum": 1},
    ),
    "cursor": _query("cursor", "`next` 链接中的游标 / Cursor of a `next` link", _STRING),
    "sharingType": _query("sharingType", "共享属性 / Sharing type", {"enum": list(SHARING_TYPES)}),
    "provider": _query("provider", "提供部门统一社会信用代码 / Credit code of the provider", _STRING),
    "updatedSince": _query(
        "updatedSince",
        "更新时间不早于 / Updated at or after",
        {"anyOf": [{"type": "string", "format": "date"}, _INSTANT]},
    ),
    "requestId": _query("requestId", "请求标识 / Request id", {"type": "string", "format": "uuid"}),
    "catalogId": _query("catalogId", "目录条目标识 / Id of the catalog entry", _STRING),
    "consumerId": _query("consumerId", "使用部门标识 / Id of the consumer", _STRING),
    "status": _query("status", "HTTP 状态码 / HTTP status", {"type": "integer", "minimum": 100, "maximum": 599}),
    "code": _query("code", "问题代码 / Problem code", _STRING),
    "replica": _query("replica", "副本标识，每个副本一条哈希链 / Replica; each has a chain of its own", _STRING),
    "since": _query("since", "起始时间（含） / From, included", _INSTANT),
    "until": _query("until", "截止时间（不含） / To, excluded", _INSTANT),
    "period": _query("period", "统计时段 / Period of the figures", {"enum": ["hour", "day", "month", "all"]}),
    "lang": _query("lang", "页面语言 / Language of the page", {"enum": ["zh", "en"]}),
}


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"{_LOCAL}{name}"}


def response_headers(*names: str) -> dict[str, dict[str, str]]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def header_components() -> dict[str, Any]:
    return {name: {"description": text, "schema": value} for name, (text, value) in _HEADERS.items()}


def problem_responses() -> dict[str, Any]:
    """One response for each status of failure, as `problem401` with a body and `problem401Head` without."""
    responses: dict[str, Any] = {}
    for status in sorted({status for route in ROUTES for status in route.statuses if status >= 400}):  # noqa: PLR2004
        names = ("API-Version", "Gds-Request-Id", *_FAILURE_HEADERS.get(status, ()))
        bare = {"description": HTTPStatus(status).phrase, "headers": response_headers(*names)}
        responses[f"problem{status}Head"] = bare
        responses[f"problem{status}"] = bare | {"content": {PROBLEM: {"schema": reference("problem")}}}
    responses["notReadyHead"] = responses["problem503Head"]
    responses["notReady"] = responses["problem503"] | {"content": {PROBLEM: {"schema": _not_ready()}}}
    return responses


def _not_ready() -> dict[str, Any]:
    checks = {"$ref": f"{_LOCAL}healthReady/properties/checks"}
    return {"allOf": [reference("problem")], "properties": {"checks": checks}}


@cache
def component_schemas() -> dict[str, Any]:
    """The schemas that the routes name, and those that these refer to."""
    wanted = {"problem", "healthReady", "recordPage", "faulty"}
    wanted |= {route.answer for route in ROUTES if route.answer}
    wanted |= {route.request for route in ROUTES if route.request and not route.dataset}
    found: dict[str, Any] = {}
    while wanted:
        name = wanted.pop()
        found[name] = embedded(schema(name), name)
        wanted |= _urns(schema(name)) - set(found)
    return dict(sorted(found.items()))


def embedded(value: Any, name: str = "") -> Any:
    """A copy without `$schema` and `$id`, whose references point into the OpenAPI document."""
    if isinstance(value, list):
        return [embedded(part, name) for part in value]
    if not isinstance(value, dict):
        return value
    copy = {key: embedded(part, name) for key, part in value.items() if key not in ("$schema", "$id")}
    target = copy.get("$ref")
    if isinstance(target, str):
        if target.startswith(_URN):
            copy["$ref"] = _LOCAL + target.removeprefix(_URN)
        elif target.startswith("#/$defs/"):
            copy["$ref"] = f"{_LOCAL}{name}{target.removeprefix('#')}"
    return copy


def _urns(value: Any) -> set[str]:
    if isinstance(value, list):
        return {name for part in value for name in _urns(part)}
    if not isinstance(value, dict):
        return set()
    target = value.get("$ref")
    own = {target.removeprefix(_URN)} if isinstance(target, str) and target.startswith(_URN) else set()
    return own | {name for part in value.values() for name in _urns(part)}
