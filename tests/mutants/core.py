"""Mutants of the class core."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any
from uuid import uuid4

from mutants.mutant import LIST, ONE, answers, documents, mutant, problems, refused, requests, sent, without_parameter
from mutants.world import Answer, Bench

from datong.interface import Application
from datong.interface._exchange import Exchange, json_reply
from datong.interface._violations import Violations
from datong.model import Problem


@mutant("CORE-01", "The landing document has no link to the catalog.", "入口文档缺少目录链接。", entails="CORE-05")
def landing_without_catalog(work: Bench) -> None:
    @documents(work, "/")
    def change(document: Any) -> None:
        document["links"] = [link for link in document["links"] if link["rel"] != "catalog"]


@mutant("CORE-01", "A link of the landing document leads nowhere.", "入口文档中有一个链接失效。")
def landing_link_dead(work: Bench) -> None:
    @documents(work, "/")
    def change(document: Any) -> None:
        document["links"][-1]["href"] = "/v1/kit-gone"


@mutant("CORE-01", "The landing document does not tell its version.", "入口文档未注明版本。", entails="CORE-05")
def landing_without_version(work: Bench) -> None:
    @documents(work, "/")
    def change(document: Any) -> None:
        del document["version"]


@mutant("CORE-02", "A mandatory class is served and not claimed.", "已提供必选的一致性类，但未作声明。")
def conformance_without_audit(work: Bench) -> None:
    @documents(work, "/conformance")
    def change(document: Any) -> None:
        document["conformsTo"].remove("urn:gds:1.0:conf:audit")


@mutant("CORE-02", "A class is claimed that the standard does not have.", "声明了标准中不存在的一致性类。")
def conformance_invented(work: Bench) -> None:
    @documents(work, "/conformance")
    def change(document: Any) -> None:
        document["conformsTo"].append("urn:gds:1.0:conf:telepathy")


@mutant(
    "CORE-03",
    "Published files are listed, though the class file is not claimed.",
    "未声明 file 一致性类，却提供了文件列表。",
    entails="CORE-05",
)
def unclaimed_half_present(work: Bench) -> None:
    async def served(original: Callable[..., Any], app: Application, exchange: Exchange, params: Any) -> Any:
        if params["other"] == "files" and params["catalog_id"] != "adoptions":
            return json_reply({"items": []})
        return await original(app, exchange, params)

    work.wrap(Application, "_unclaimed", served)


@mutant("CORE-04", "A reference in the OpenAPI document leads nowhere.", "OpenAPI 文档中有无法解析的引用。")
def openapi_reference_dangles(work: Bench) -> None:
    @documents(work, "/openapi.json")
    def change(document: Any) -> None:
        document["components"]["schemas"]["KitDangling"] = {"$ref": "#/components/schemas/KitGone"}


@mutant("CORE-04", "A parameter in the OpenAPI document has no place.", "OpenAPI 文档中有参数未注明位置。")
def openapi_parameter_nowhere(work: Bench) -> None:
    @documents(work, "/openapi.json")
    def change(document: Any) -> None:
        document["paths"]["/health/live"]["get"]["parameters"] = [{"name": "kit", "schema": {"type": "string"}}]


@mutant(
    "CORE-04",
    "The OpenAPI document is for those with a token only.",
    "OpenAPI 文档须凭令牌才能读取。",
    entails="CORE-05 CORE-06",
)
def openapi_guarded(work: Bench) -> None:
    @answers(work, "/openapi.json")
    def change(answer: Answer) -> None:
        if b"authorization" not in answer.exchange.headers:
            refused(answer, 401, "token-missing")


@mutant(
    "CORE-05",
    "A path is served that the OpenAPI document does not know.",
    "所提供的路径未在 OpenAPI 文档中描述。",
    during="catalog",
)
def openapi_path_missing(work: Bench) -> None:
    @documents(work, "/openapi.json")
    def change(document: Any) -> None:
        del document["paths"]["/catalog/{catalogId}/versions"]


@mutant("CORE-05", "The OpenAPI document describes a path that is not served.", "OpenAPI 文档描述了并未提供的路径。")
def openapi_path_invented(work: Bench) -> None:
    @documents(work, "/openapi.json")
    def change(document: Any) -> None:
        live = document["paths"]["/health/live"]["get"]
        document["paths"]["/health/deep"] = {"get": {**live, "operationId": "kitDeep"}}


@mutant(
    "CORE-05", "A status is sent that the OpenAPI document does not describe.", "返回了 OpenAPI 文档未描述的状态码。"
)
def openapi_status_missing(work: Bench) -> None:
    @documents(work, "/openapi.json")
    def change(document: Any) -> None:
        for path, item in document["paths"].items():
            if path.endswith("/records"):
                item["get"]["responses"].pop("403")


@mutant("CORE-05", "Versions come as another media type than described.", "版本列表的媒体类型与描述不一致。")
def media_type_undescribed(work: Bench) -> None:
    @answers(work, "/catalog/[^/]+/versions")
    def change(answer: Answer) -> None:
        answer.set_header("content-type", "application/hal+json")


@mutant("CORE-05", "A version number is a number, not the text described.", "版本号为数值，与描述的文本类型不一致。")
def body_undescribed(work: Bench) -> None:
    @documents(work, "/catalog/[^/]+/versions")
    def change(document: Any) -> None:
        document["items"][0]["version"] = 1


@mutant("CORE-06", "Refusals lack API-Version.", "错误应答未带 API-Version。")
def version_missing_on_errors(work: Bench) -> None:
    @answers(work, ".*", status=(400, 401, 403, 404))
    def change(answer: Answer) -> None:
        answer.set_header("api-version", None)


@mutant("CORE-06", "Records come with another API-Version than the document.", "记录应答的 API-Version 与文档不一致。")
def version_of_records_differs(work: Bench) -> None:
    @answers(work, LIST)
    def change(answer: Answer) -> None:
        answer.set_header("api-version", "1.0")


@mutant("CORE-06", "Paths that nothing serves answer without API-Version.", "不存在的路径应答未带 API-Version。")
def version_missing_on_unknown_path(work: Bench) -> None:
    @sent(work)
    def change(scope: Any, answer: Any) -> None:
        if "kit-no-such-path" in scope["path"]:
            answer.set_header("api-version", None)


@mutant("CORE-07", "Refusals come as plain JSON.", "错误应答的媒体类型为普通 JSON。", entails="CORE-05")
def problem_as_json(work: Bench) -> None:
    @problems(work, "entry-unknown")
    def change(answer: Answer) -> None:
        answer.set_header("content-type", "application/json")


@mutant("CORE-07", "Refusals do not say where they arose.", "错误应答缺少 origin。", entails="CORE-05")
def problem_without_origin(work: Bench) -> None:
    @problems(work, "entry-unknown", "parameter-unknown")
    def change(answer: Answer) -> None:
        document = answer.document
        del document["origin"]
        answer.document = document


@mutant("CORE-07", "The status in a problem is not that of the answer.", "问题文档中的 status 与 HTTP 状态码不一致。")
def problem_status_differs(work: Bench) -> None:
    @problems(work, "not-acceptable", "wrong-purpose")
    def change(answer: Answer) -> None:
        answer.document = {**answer.document, "status": 500}


@mutant(
    "CORE-07",
    "A media type nobody offers is refused with a web page.",
    "无法满足的媒体类型请求返回网页。",
    entails="CORE-05",
)
def problem_as_page(work: Bench) -> None:
    @problems(work, "not-acceptable")
    def change(answer: Answer) -> None:
        answer.set_header("content-type", "text/html; charset=utf-8")
        answer.reply.body = b"<html><body><h1>406</h1></body></html>"


@mutant(
    "CORE-07", "An unknown entry is a failure with HTTP 200.", "条目不存在时以 HTTP 200 返回错误。", entails="CORE-05"
)
def failure_with_200(work: Bench) -> None:
    @answers(work, "/catalog/kit-no-such-entry", status=404)
    def change(answer: Answer) -> None:
        answer.reply.status = 200


def _detail(work: Bench, text: str, *codes: str) -> None:
    @problems(work, *codes)
    def change(answer: Answer) -> None:
        answer.document = {**answer.document, "detail": f"{answer.document['detail']} {text}"}


@mutant("CORE-08", "A refusal shows where in the program it arose.", "错误应答暴露程序堆栈。")
def error_with_traceback(work: Bench) -> None:
    _detail(work, 'Traceback (most recent call last): File "app.py", line 7', "entry-unknown")


@mutant(
    "CORE-08", "An unknown record is refused with the statement that did not find it.", "记录不存在时暴露查询语句。"
)
def error_with_statement(work: Bench) -> None:
    _detail(work, "SELECT idno FROM person WHERE idno = ?", "record-unknown")


@mutant("CORE-08", "A failing source is named by its file.", "数据源故障时暴露数据库文件路径。", during="query")
def error_with_path(work: Bench) -> None:
    _detail(work, "unable to open /srv/data/legacy.db", "source-unavailable")


@mutant("CORE-08", "A header of refusals holds the driver's own words.", "错误应答头包含驱动程序原文。")
def error_with_driver_header(work: Bench) -> None:
    @problems(work, "parameter-invalid")
    def change(answer: Answer) -> None:
        answer.set_header("x-cause", "sqlite3.OperationalError: near WHERE")


@mutant("CORE-08", "A refusal tells the private address of the source.", "错误应答暴露数据源内网地址。")
def error_with_address(work: Bench) -> None:
    _detail(work, "10.20.30.40:1521", "not-acceptable")


@mutant("CORE-09", "Unknown parameters of the catalog are passed over.", "目录查询忽略未知参数。")
def unknown_parameter_ignored(work: Bench) -> None:
    @requests(work)
    def change(scope: Any) -> None:
        if scope["path"].endswith("/catalog"):
            without_parameter(scope, "zzUnknown=1")


@mutant("CORE-09", "Only the first of several wrong parameters is told.", "多个参数有误时只报告第一个。")
def first_violation_only(work: Bench) -> None:
    def refuse(original: Callable[..., Any], found: Violations) -> Any:
        found._found = found._found[:1]
        return original(found)

    work.wrap(Violations, "refuse", refuse)


@mutant("CORE-09", "A limit of nothing or less means the default.", "limit 为零或负数时按默认值处理。")
def bad_limit_is_default(work: Bench) -> None:
    @requests(work)
    def change(scope: Any) -> None:
        without_parameter(scope, "limit=0", "limit=-1")


@mutant("CORE-09", "A date that does not exist breaks the adapter.", "不存在的日期导致内部错误。")
def bad_date_breaks(work: Bench) -> None:
    @answers(work, LIST, status=400)
    def change(answer: Answer) -> None:
        if b"birthDate=2026-02-30" in answer.exchange.scope["query_string"]:
            answer.document = {**answer.document, "status": 500, "code": "internal", "type": "urn:gds:problem:internal"}
            answer.reply.status, answer.reply.code = 500, "internal"


@mutant("CORE-09", "An order by an unknown item is no order.", "按未知数据项排序时不予报告。")
def bad_sort_ignored(work: Bench) -> None:
    @requests(work)
    def change(scope: Any) -> None:
        without_parameter(scope, "sort=zzUnknown")


@mutant("CORE-09", "Unknown members of a search body are passed over.", "查询请求体中的未知成员被忽略。")
def unknown_member_ignored(work: Bench) -> None:
    @answers(work, "/datasets/persons/records/_search", method="POST", status=400)
    def change(answer: Answer) -> None:
        if [point["pointer"] for point in answer.document.get("errors", ())] == ["/zzUnknown"]:
            page = {"items": [], "numberReturned": 0, "numberMatched": 0, "links": []}
            page |= {"timeStamp": "2026-01-01T00:00:00+08:00"}
            answer.document = page
            answer.reply.status, answer.reply.code = 200, None
            answer.set_header("content-type", "application/json")


@mutant("CORE-10", "A member of pages is named in snake_case.", "分页文档中有下划线命名的成员。", during="query")
def snake_case_member(work: Bench) -> None:
    @documents(work, LIST)
    def change(page: Any) -> None:
        page["links"] = [{**link, "link_type": "page"} for link in page["links"]]


@mutant("CORE-10", "A document begins with a byte order mark.", "JSON 文档以字节序标记开头。")
def byte_order_mark(work: Bench) -> None:
    @answers(work, "/grants")
    def change(answer: Answer) -> None:
        answer.reply.body = b"\xef\xbb\xbf" + answer.reply.body


@mutant("CORE-10", "Chinese text is sent as GBK.", "中文以 GBK 编码发送。")
def body_in_gbk(work: Bench) -> None:
    @answers(work, "/grants")
    def change(answer: Answer) -> None:
        answer.reply.body = answer.reply.body.replace(b"Conformance test of", "一致性测试".encode("gbk"))


@mutant("CORE-10", "A member occurs twice in one object.", "同一对象中成员重复出现。")
def member_twice(work: Bench) -> None:
    @answers(work, "/grants")
    def change(answer: Answer) -> None:
        answer.reply.body = b'{"numberReturned":0,' + answer.reply.body[1:]


@mutant(
    "CORE-10",
    "The instant of a page has no offset.",
    "分页时间戳缺少时区偏移。",
    entails="CORE-05 QRY-01",
    during="query",
)
def instant_without_offset(work: Bench) -> None:
    @documents(work, LIST)
    def change(page: Any) -> None:
        page["timeStamp"] = page["timeStamp"][:-6]


@mutant("CORE-11", "A method that a path does not have is refused without Allow.", "405 应答缺少 Allow。")
def allow_missing(work: Bench) -> None:
    @problems(work, "method-not-allowed")
    def change(answer: Answer) -> None:
        answer.set_header("allow", None)


@mutant("CORE-11", "A method that a path does not have is not found.", "路径不支持的方法返回 404。")
def method_not_found(work: Bench) -> None:
    @answers(work, "/conformance", method="PATCH", status=405)
    def change(answer: Answer) -> None:
        answer.reply.status = 404
        answer.document = {**answer.document, "status": 404, "code": "path-unknown"}


@mutant("CORE-11", "TRACE sends the request back.", "TRACE 方法回显请求。", entails="CORE-05 CORE-06")
def trace_echoed(work: Bench) -> None:
    @sent(work)
    def change(scope: Any, answer: Any) -> None:
        if scope["method"] == "TRACE":
            answer.status, answer.headers = 200, [(b"content-type", b"message/http")]
            answer.headers.append((b"gds-request-id", str(uuid4()).encode()))
            answer.body = b"TRACE / HTTP/1.1"


@mutant("CORE-11", "HEAD is refused.", "HEAD 请求被拒绝。", entails="CORE-05")
def head_refused(work: Bench) -> None:
    @sent(work)
    def change(scope: Any, answer: Any) -> None:
        if scope["method"] == "HEAD":
            answer.status = 405


@mutant("CORE-11", "HEAD says nothing of the tag that GET sends.", "HEAD 应答缺少 GET 所带的 ETag。")
def head_without_tag(work: Bench) -> None:
    @sent(work)
    def change(scope: Any, answer: Any) -> None:
        if scope["method"] == "HEAD":
            answer.set_header("etag", None)


@mutant("CORE-11", "HEAD says that the body is empty.", "HEAD 应答的 Content-Length 为零。")
def head_without_length(work: Bench) -> None:
    @sent(work)
    def change(scope: Any, answer: Any) -> None:
        if scope["method"] == "HEAD":
            answer.set_header("content-length", "0")


@mutant("CORE-11", "Reading the landing document changes it.", "读取入口文档会改变其内容。")
def reading_changes(work: Bench) -> None:
    numbers = count(1)

    @documents(work, "/")
    def change(document: Any) -> None:
        document["title"] += f" {next(numbers)}"


@mutant(
    "CORE-12", "The caller's request id is not taken over.", "未沿用调用方的请求标识。", entails="AUD-01 AUD-02 AUD-06"
)
def request_id_replaced(work: Bench) -> None:
    def identify(original: Callable[..., Any], exchange: Exchange) -> None:
        original(exchange)
        exchange.request_id = str(uuid4())

    work.wrap(Exchange, "identify", identify)


@mutant("CORE-12", "A malformed request id is sent back.", "格式错误的请求标识被原样返回。", entails="CORE-07")
def request_id_reflected(work: Bench) -> None:
    def identify(original: Callable[..., Any], exchange: Exchange) -> None:
        try:
            original(exchange)
        except Problem:
            exchange.request_id = exchange.header(b"gds-request-id")

    work.wrap(Exchange, "identify", identify)


@mutant("CORE-12", "A problem names another request than its header.", "问题文档中的请求标识与响应头不一致。")
def request_id_of_another(work: Bench) -> None:
    @problems(work, "path-unknown")
    def change(answer: Answer) -> None:
        answer.document = {**answer.document, "requestId": str(uuid4())}


@mutant("CORE-12", "No request id is made for a caller without one.", "调用方未给出请求标识时不自行生成。")
def request_id_missing(work: Bench) -> None:
    @sent(work)
    def change(scope: Any, answer: Any) -> None:
        if not any(name == b"gds-request-id" for name, _ in scope["headers"]) and scope["path"].endswith(
            "/conformance"
        ):
            answer.set_header("gds-request-id", None)


@mutant(
    "CORE-08", "The instance of a refusal is a path of the server's disk.", "问题文档的 instance 为服务器磁盘路径。"
)
def error_instance_on_disk(work: Bench) -> None:
    @answers(work, ONE, status=404)
    def change(answer: Answer) -> None:
        answer.document = {**answer.document, "instance": "/var/lib/adapter/records/1"}
