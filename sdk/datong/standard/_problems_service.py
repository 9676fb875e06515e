"""Failures behind the request: 500, 502, 503, 504."""

from __future__ import annotations

from typing import Final

from datong.model import Text
from datong.standard._problem_type import ProblemType, Table

SERVICE_PROBLEMS: Final[Table] = {
    "internal": ProblemType(
        500,
        Text("Internal error", "内部错误"),
        Text(
            "The adapter failed. Give `requestId` to the provider's sharing office.",
            "适配器内部错误，请将 `requestId` 告知数据提供部门的政务数据共享工作机构。",
        ),
    ),
    "loss-unbalanced": ProblemType(
        500,
        Text("Rows do not balance", "行数核对不平衡"),
        Text(
            "Rows read, served and reported as faulty do not add up, so nothing is sent. Give `requestId` to the "
            "provider's sharing office.",
            "读取行数与送出、报错行数之和不一致，为防止数据缺失未予发送，请将 `requestId` "
            "告知数据提供部门的政务数据共享工作机构。",
        ),
    ),
    "not-ready": ProblemType(
        503,
        Text("The adapter is not ready", "适配器未就绪"),
        Text(
            "A check failed: {checks}. Try again after the time in `Retry-After`.",
            "以下检查未通过：{checks}，请在 `Retry-After` 所示时间后重试。",
        ),
    ),
    "source-failed": ProblemType(
        502,
        Text("The source answered with an error", "数据源返回错误"),
        Text(
            "The legacy system refused or failed this query. Give `requestId` to the provider's sharing office.",
            "原业务系统拒绝或未能完成本次查询，请将 `requestId` 告知数据提供部门的政务数据共享工作机构。",
        ),
        "source",
    ),
    "record-faulty": ProblemType(
        502,
        Text("The record cannot be converted", "记录无法转换"),
        Text(
            "The record exists, but the stored value of {item} cannot be written as declared, so it is not sent. "
            "Report it to the provider's sharing office.",
            "记录存在，但数据项 {item} 的存储值无法按声明转换，未予发送，请向数据提供部门的政务数据共享工作机构反映。",
        ),
        "source",
    ),
    "source-unavailable": ProblemType(
        503,
        Text("The source cannot be reached", "数据源暂不可用"),
        Text(
            "The legacy system does not answer. Try again after the time in `Retry-After`.",
            "原业务系统暂时无法连接，请在 `Retry-After` 所示时间后重试。",
        ),
        "source",
    ),
    "source-busy": ProblemType(
        503,
        Text("The source is busy", "数据源繁忙"),
        Text(
            "All connections to the legacy system are in use. Try again after the time in `Retry-After`.",
            "原业务系统的连接均被占用，请在 `Retry-After` 所示时间后重试。",
        ),
        "source",
    ),
    "audit-unavailable": ProblemType(
        503,
        Text("The audit log cannot be written", "审计日志无法写入"),
        Text(
            "No data is served without an audit record. Try again after the time in `Retry-After`.",
            "无法记录审计日志时不提供数据，请在 `Retry-After` 所示时间后重试。",
        ),
    ),
    "state-unavailable": ProblemType(
        503,
        Text("The state store cannot be reached", "状态存储暂不可用"),
        Text(
            "Grants cannot be checked just now. Try again after the time in `Retry-After`.",
            "暂时无法核对授权，请在 `Retry-After` 所示时间后重试。",
        ),
    ),
    "source-timeout": ProblemType(
        504,
        Text("The source was too slow", "数据源响应超时"),
        Text(
            "The legacy system did not answer within the deadline. Try again later, or narrow the filter.",
            "原业务系统未在规定时间内响应，请稍后重试或缩小筛选范围。",
        ),
        "source",
    ),
    "outcome-unknown": ProblemType(
        504,
        Text("The outcome is unknown", "调用结果未知"),
        Text(
            "The legacy system did not answer after the request was sent; it may have taken effect. It was not "
            "repeated. Ask the provider before you repeat it.",
            "请求已送达原业务系统但未获响应，可能已经生效，系统未自动重试。重试前请向数据提供部门确认。",
        ),
        "source",
    ),
}
