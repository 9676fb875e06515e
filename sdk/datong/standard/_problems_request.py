"""Requests that are wrong in themselves: 400, 404, 405, 406, 410, 413, 415, 422, 429."""

from __future__ import annotations

from typing import Final

from datong.model import Text
from datong.standard._problem_type import ProblemType, Table


def _bad(title: Text, detail: Text) -> ProblemType:
    return ProblemType(400, title, detail)


BAD_REQUEST_PROBLEMS: Final[Table] = {
    "parameter-unknown": _bad(
        Text("Unknown parameter", "参数未定义"),
        Text(
            "Not a parameter of this path: {name}. The OpenAPI document lists those that are.",
            "该路径未定义参数：{name}。可用参数见 OpenAPI 文档。",
        ),
    ),
    "parameter-invalid": _bad(
        Text("Invalid parameter", "参数无效"),
        Text(
            "The value of {name} is not valid; expected: {expected}.",
            "{name} 的值无效，应为：{expected}。",
        ),
    ),
    "parameter-duplicated": _bad(
        Text("Parameter given twice", "参数重复"),
        Text("{name} may be given once only.", "{name} 只能出现一次。"),
    ),
    "value-invalid": _bad(
        Text("Value of the wrong type", "值的类型或格式错误"),
        Text(
            "The value for {name} cannot be read as {expected}.",
            "{name} 的值无法按 {expected} 解析。",
        ),
    ),
    "body-invalid": _bad(
        Text("The body does not fit its schema", "请求体不符合规定的结构"),
        Text("Wrong in the body: {name}; expected: {expected}.", "请求体中有误：{name}，应为：{expected}。"),
    ),
    "body-not-json": _bad(
        Text("The body is not JSON", "请求体不是 JSON"),
        Text(
            "The body cannot be read as one JSON document in UTF-8 without repeated member names.",
            "请求体无法解析为 UTF-8 编码且成员名不重复的 JSON 文档。",
        ),
    ),
    "sensitive-in-uri": _bad(
        Text("Sensitive item in an address", "敏感数据项出现在地址中"),
        Text(
            "{name} may not travel in an address. Send it in the body of `POST …/records/_search`.",
            "{name} 不得出现在地址中，请改用 `POST …/records/_search` 在请求体中提交。",
        ),
    ),
    "not-filterable": _bad(
        Text("Item cannot be filtered by", "数据项不支持筛选"),
        Text(
            "{name} is not filterable; the catalog entry says which items are.",
            "{name} 不支持筛选，可筛选的数据项见目录条目。",
        ),
    ),
    "not-rangeable": _bad(
        Text("Item cannot be filtered by range", "数据项不支持范围筛选"),
        Text(
            "{name} takes no range filter (.gt, .gte, .lt, .lte); the catalog entry says which items do.",
            "{name} 不支持范围筛选（.gt、.gte、.lt、.lte），支持的数据项见目录条目。",
        ),
    ),
    "not-sortable": _bad(
        Text("Item cannot be sorted by", "数据项不支持排序"),
        Text(
            "{name} is not sortable; the catalog entry says which items are.",
            "{name} 不支持排序，可排序的数据项见目录条目。",
        ),
    ),
    "cursor-invalid": _bad(
        Text("The cursor is not valid", "游标无效"),
        Text(
            "The cursor was changed, or was issued for another entry, grant or consumer. Start again without one.",
            "游标已被改动，或系为其他条目、授权或使用部门签发，请不带游标重新开始查询。",
        ),
    ),
    "cursor-mismatch": _bad(
        Text("The cursor belongs to another query", "游标与查询条件不符"),
        Text(
            "With a cursor, filter, sort and fields must be those of the first page: {name} differs. Follow the "
            "`next` link as it is.",
            "使用游标时，筛选、排序及数据项须与首页一致，{name} 不一致。请直接使用 `next` 链接。",
        ),
    ),
    "claim-too-few-keys": _bad(
        Text("The claim names too few keys", "核验声明缺少必要标识项"),
        Text("Every claim must name all of: {keys}.", "每条核验声明均须包含以下全部标识项：{keys}。"),
    ),
    "claim-not-declared": _bad(
        Text("The item cannot be claimed", "数据项不可核验"),
        Text(
            "{name} is not declared for verification in this form; the catalog entry lists what is.",
            "{name} 未声明支持该形式的核验，可核验的内容见目录条目。",
        ),
    ),
    "batch-too-large": _bad(
        Text("Too many claims", "核验声明数量超限"),
        Text("At most {maximum} claims may be sent at once.", "一次最多提交 {maximum} 条核验声明。"),
    ),
    "request-id-invalid": _bad(
        Text("The request id is no UUID", "请求标识不是 UUID"),
        Text("`Gds-Request-Id` must be a UUID; or leave it out.", "`Gds-Request-Id` 须为 UUID，也可省略。"),
    ),
    "since-unsupported": _bad(
        Text("Changes cannot be dated", "不支持按变更时间导出"),
        Text(
            "The source of this entry does not date its changes, so `since` is refused. Ask for a full export.",
            "该条目的数据源不记录变更时间，不支持 `since`，请申请全量导出。",
        ),
    ),
}

OTHER_REQUEST_PROBLEMS: Final[Table] = {
    "path-unknown": ProblemType(
        404,
        Text("No such path", "路径不存在"),
        Text(
            "Nothing is served at this path. The OpenAPI document at /v1/openapi.json lists all paths.",
            "该路径不存在，全部路径见 /v1/openapi.json。",
        ),
    ),
    "entry-unknown": ProblemType(
        404,
        Text("No such catalog entry", "目录条目不存在"),
        Text(
            "This adapter publishes no such entry. See /v1/catalog.", "本适配器未发布该目录条目，请查看 /v1/catalog。"
        ),
    ),
    "record-unknown": ProblemType(
        404,
        Text("No such record", "记录不存在"),
        Text("There is no such record within your grant.", "授权范围内没有该记录。"),
    ),
    "grant-not-found": ProblemType(
        404,
        Text("No such grant", "授权不存在"),
        Text("There is no such grant that you may see.", "没有您可查看的该项授权。"),
    ),
    "method-not-allowed": ProblemType(
        405,
        Text("Method not allowed", "请求方法不被允许"),
        Text("This path answers {allowed} only.", "该路径仅支持 {allowed}。"),
    ),
    "not-acceptable": ProblemType(
        406,
        Text("No acceptable representation", "无法提供所要求的格式"),
        Text("Available here: {available}. Adjust `Accept`.", "此处可提供：{available}。请调整 `Accept` 请求头。"),
    ),
    "grant-terminated-final": ProblemType(
        409,
        Text("The grant is terminated for good", "授权已终止，不可变更"),
        Text(
            "The grant {grant} is terminated and cannot be changed any more. Push a new grant with another id.",
            "授权 {grant} 已终止，不能再变更。请使用新的标识下发新的授权。",
        ),
    ),
    "cursor-expired": ProblemType(
        410,
        Text("The cursor is too old", "游标已过期"),
        Text(
            "Changes are kept for {retention} only. Start with a new export.",
            "变更记录仅保留 {retention}，请重新发起导出。",
        ),
    ),
    "body-too-large": ProblemType(
        413,
        Text("The body is too large", "请求体过大"),
        Text("At most {maximum} bytes are accepted.", "请求体不得超过 {maximum} 字节。"),
    ),
    "media-type-unsupported": ProblemType(
        415,
        Text("Media type not supported", "不支持的媒体类型"),
        Text("The body must be sent as {supported}.", "请求体须以 {supported} 发送。"),
    ),
    "budget-exceeded": ProblemType(
        422,
        Text("The query reads too much", "查询读取量超限"),
        Text(
            "Answering would read more than {rows} rows of the source. Narrow the filter, or use an indexed item.",
            "该查询需从数据源读取超过 {rows} 行，请缩小筛选范围或改用有索引的数据项筛选。",
        ),
    ),
    "rate-limited": ProblemType(
        429,
        Text("Too many requests", "请求过于频繁"),
        Text(
            "The quota of this grant is used up. Try again after {seconds} s.",
            "该授权的调用配额已用完，请在 {seconds} 秒后重试。",
        ),
    ),
    "probing-limited": ProblemType(
        429,
        Text("Too many claims about one subject", "对同一对象的核验过于频繁"),
        Text(
            "The same subject was asked about too often. Try again after {seconds} s.",
            "对同一对象的核验次数过多，请在 {seconds} 秒后重试。",
        ),
    ),
}
