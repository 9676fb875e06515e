"""Every path of the classes that are served: what the OpenAPI document tells and the server routes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from datong.model import Role, Text

JSON: Final = "application/json"
JSON_LD: Final = "application/ld+json"
JSON_SCHEMA: Final = "application/schema+json"
PROBLEM: Final = "application/problem+json"
HTML: Final = "text/html"

_PUBLIC: Final = (200, 400, 406, 500)
_GUARDED: Final = (200, 400, 401, 403, 406, 429, 500, 503)
_NAMED: Final = (*_GUARDED, 404)
_DATA: Final = (*_NAMED, 422, 502, 504)
_BODY: Final = (413, 415)


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. `path` starts behind the base path; HEAD comes with every GET.

    `answer` and `request` name schemas, `media` the forms of a success, the first the default.
    `parameters` names query parameters that the same operation takes for every entry; a list of
    records takes its filters besides. `roles` empty means any role; `data` a call under a grant.
    """

    name: str
    method: Literal["GET", "POST", "PUT"]
    path: str
    conformance: str
    summary: Text
    answer: str | None
    statuses: tuple[int, ...]
    media: tuple[str, ...] = (JSON,)
    request: str | None = None
    parameters: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()
    public: bool = False
    data: bool = False

    @property
    def dataset(self) -> bool:
        """Whether the path belongs to one dataset, so that its documents are that dataset's own."""
        return self.path.startswith("/datasets/{catalogId}/")


def _public(name: str, path: str, conformance: str, answer: str | None, summary: Text) -> Route:
    return Route(name, "GET", path, conformance, summary, answer, _PUBLIC, public=True)


ROUTES: Final[tuple[Route, ...]] = (
    Route(
        "landing",
        "GET",
        "/",
        "core",
        Text("Landing document", "入口文档"),
        "landing",
        _PUBLIC,
        (JSON, HTML),
        parameters=("lang",),
        public=True,
    ),
    _public("conformance", "/conformance", "core", "conformance", Text("Classes conformed to", "符合的一致性类")),
    _public("openapi", "/openapi.json", "core", None, Text("This document", "本接口描述文档")),
    _public(
        "discovery",
        "/.well-known/gds-adapter",
        "core",
        "adapterDiscovery",
        Text("What a caller needs before its first token", "获取令牌前所需的适配器信息"),
    ),
    _public("live", "/health/live", "ops", "healthLive", Text("Whether the process runs", "进程存活检查")),
    Route(
        "ready",
        "GET",
        "/health/ready",
        "ops",
        Text("Whether calls can be answered", "服务就绪检查"),
        "healthReady",
        _GUARDED,
    ),
    Route(
        "listCatalog",
        "GET",
        "/catalog",
        "catalog",
        Text("List catalog entries", "查询目录"),
        "catalogPage",
        _GUARDED,
        parameters=("sharingType", "provider", "updatedSince", "limit", "cursor"),
    ),
    Route(
        "getEntry",
        "GET",
        "/catalog/{catalogId}",
        "catalog",
        Text("One catalog entry", "查看目录条目"),
        "catalogEntry",
        _NAMED,
        (JSON, JSON_LD),
    ),
    Route(
        "getSchema",
        "GET",
        "/catalog/{catalogId}/schema",
        "catalog",
        Text("The JSON Schema of an entry's records", "查看条目的数据结构"),
        None,
        _NAMED,
        (JSON_SCHEMA, JSON),
    ),
    Route(
        "getVersions",
        "GET",
        "/catalog/{catalogId}/versions",
        "catalog",
        Text("The versions of an entry", "查看条目的版本"),
        "catalogVersions",
        _NAMED,
    ),
    Route(
        "listRecords",
        "GET",
        "/datasets/{catalogId}/records",
        "query",
        Text("List records", "查询记录"),
        "recordPage",
        _DATA,
        data=True,
    ),
    Route(
        "getRecord",
        "GET",
        "/datasets/{catalogId}/records/{recordId}",
        "query",
        Text("One record", "查看单条记录"),
        None,
        (*_DATA, 304),
        data=True,
    ),
    Route(
        "searchRecords",
        "POST",
        "/datasets/{catalogId}/records/_search",
        "query",
        Text("List records by values that may not stand in an address", "查询记录（条件置于请求体，可含敏感数据项）"),
        "recordPage",
        (*_DATA, *_BODY),
        request="searchRequest",
        data=True,
    ),
    Route(
        "verify",
        "POST",
        "/datasets/{catalogId}/_verify",
        "verify",
        Text("Whether claims match, without disclosing a value", "数据核验（仅返回是否一致）"),
        "verifyResponse",
        (*_DATA, *_BODY),
        request="verifyRequest",
        data=True,
    ),
    Route(
        "listGrants",
        "GET",
        "/grants",
        "security",
        Text("List one's own grants", "查询本部门的授权"),
        "grantPage",
        _GUARDED,
        parameters=("limit", "cursor"),
    ),
    Route("getGrant", "GET", "/grants/{grantId}", "security", Text("One grant", "查看授权"), "grant", _NAMED),
    Route(
        "putGrant",
        "PUT",
        "/grants/{grantId}",
        "security",
        Text("Create, suspend or terminate a grant", "下发、暂停或终止授权"),
        "grant",
        (*_GUARDED, 201, 409, *_BODY),
        request="grantRequest",
        roles=("exchange",),
    ),
    Route(
        "listAudit",
        "GET",
        "/audit/records",
        "audit",
        Text("List audit records", "查询审计记录"),
        "auditPage",
        _GUARDED,
        parameters=(
            "requestId",
            "catalogId",
            "consumerId",
            "status",
            "code",
            "replica",
            "since",
            "until",
            "limit",
            "cursor",
        ),
        roles=("consumer", "provider"),
    ),
    Route(
        "getAuditPolicy",
        "GET",
        "/audit/policy",
        "audit",
        Text("How audit records are kept", "查看审计策略"),
        "auditPolicy",
        _GUARDED,
    ),
    Route(
        "getStats",
        "GET",
        "/stats",
        "ops",
        Text("Statistics for each entry", "查看各条目的统计"),
        "stats",
        _GUARDED,
        parameters=("catalogId", "since", "until", "period"),
    ),
)
"""In the order of the specification. A path that is not here answers 404 (REQ-CORE-03)."""
