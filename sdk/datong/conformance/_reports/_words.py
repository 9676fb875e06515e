"""Words of every report, in both languages."""

from __future__ import annotations

from typing import Final

from datong.conformance._report import ClassStatus
from datong.conformance._verdict import Status
from datong.model import Text

STATUSES: Final[dict[Status, Text]] = {
    "fail": Text("failed", "不符合"),
    "error": Text("error of the kit", "检测出错"),
    "warning": Text("warning", "警告"),
    "inconclusive": Text("inconclusive", "无法判定"),
    "waived": Text("waived", "已豁免"),
    "pass": Text("passed", "符合"),
    "notApplicable": Text("not applicable", "不适用"),
}
"""In the order in which a reader wants them."""

MEANINGS: Final[dict[Status, Text]] = {
    "fail": Text("A MUST is not met.", "未满足必须项。"),
    "error": Text(
        "The kit or its fixtures failed: nothing is said of the target.",
        "检测工具或测试数据出错，不构成对被测系统的判定。",
    ),
    "warning": Text("A SHOULD is not met.", "未满足建议项。"),
    "inconclusive": Text(
        "Nothing was seen that could show it. This is no pass.", "未观察到可供判断的内容，不等于符合。"
    ),
    "waived": Text("It is not met, and that is accepted until a day.", "未满足，但在期限内予以豁免。"),
    "pass": Text("It was tried, and it holds.", "经检测，满足要求。"),
    "notApplicable": Text("It does not arise at this target.", "不适用于该被测系统。"),
}

CLASS_STATUSES: Final[dict[ClassStatus, Text]] = {
    "passed": Text("passed", "符合"),
    "failed": Text("failed", "不符合"),
    "notFullyTested": Text("not fully tested", "未完整检测"),
    "notTested": Text("not tested", "未检测"),
}

CLASSES: Final[dict[str, Text]] = {
    "core": Text("Core", "基础"),
    "catalog": Text("Catalog", "目录"),
    "query": Text("Records and query", "记录与查询"),
    "verify": Text("Verification", "核验"),
    "batch": Text("Batch exchange", "批量交换"),
    "file": Text("File download", "文件下载"),
    "changes": Text("Change feed", "变更流"),
    "corrections": Text("Corrections", "校核更正"),
    "security": Text("Security and authorisation", "安全与授权"),
    "audit": Text("Audit log", "审计日志"),
    "ops": Text("Operations and health", "运行与健康"),
    "applications": Text("Applications and registration", "申请与注册"),
    "service": Text("Service operations", "服务操作"),
    "fidelity": Text("Fidelity of legacy data", "数据保真"),
}

PURPOSES: Final[dict[str, Text]] = {
    "core": Text(
        "Every adapter looks the same from outside, so that one client reaches them all.",
        "各适配器对外形态一致，同一客户端即可接入全部适配器。",
    ),
    "catalog": Text(
        "The catalog is what the law lets others share by: what it leaves out cannot be asked for.",
        "共享依照已发布的目录进行，目录未列明的内容无从申请。",
    ),
    "query": Text(
        "A consumer gets every record that it was granted, once, and nothing beyond it.",
        "使用部门完整取得授权范围内的每条记录，不重复，亦不超出授权范围。",
    ),
    "verify": Text(
        "A question is answered by yes or no, so that no value has to leave.",
        "以“一致”或“不一致”作答，数据值无须流出。",
    ),
    "batch": Text("Large amounts arrive whole and can be counted.", "大批量数据完整送达，且数量可核对。"),
    "file": Text("A file arrives as it was published, and can be proven so.", "文件与发布内容一致，并可加以验证。"),
    "changes": Text(
        "A copy that follows the feed never differs from the source.", "依变更流更新的副本始终与数据源一致。"
    ),
    "corrections": Text(
        "Whoever finds an error has a channel, and gets an answer in time.",
        "发现错误的部门有渠道提出，并按期得到答复。",
    ),
    "security": Text(
        "Data leaves only to whom, for what and for as long as it was granted.",
        "数据仅提供给获得授权的部门，并限于授权的目的和期限。",
    ),
    "audit": Text("What was done can be shown afterwards, and cannot be denied.", "事后可以查证，且不可抵赖。"),
    "ops": Text(
        "Those who depend on an adapter see how it is, and are told before it changes.",
        "依赖适配器的各方可了解其状态，并事先获知变更。",
    ),
    "applications": Text(
        "An application is answered in the time that the law gives.", "共享申请在法定时限内得到答复。"
    ),
    "service": Text(
        "A legacy call that is no table is guarded and described like one.",
        "不属于数据集的原业务调用同样受到保护并有完整描述。",
    ),
    "fidelity": Text(
        "A wrong value that looks right does more harm than a missing one.",
        "看似正确的错误数据，比缺失的数据危害更大。",
    ),
}

LEVELS: Final[dict[str, Text]] = {"MUST": Text("MUST", "必须"), "SHOULD": Text("SHOULD", "建议")}

TEST_PROFILE: Final = Text(
    "Test profile: HTTP without TLS on loopback. Nothing is said of how the target is reached in operation.",
    "测试配置：本机回环地址上未加密的 HTTP。不构成对实际运行中传输安全的判定。",
)
