"""What the walk says at each step: a heading, and why it matters."""

from __future__ import annotations

from typing import Final

from datong.model import Text

Words = tuple[Text, Text]

REGISTER: Final[Words] = (
    Text("A legacy register", "遗留登记库"),
    Text(
        "An invented pension-insurance register as the 1990s left it: pinyin initials for names, text for dates, "
        "fen for yuan, and damage planted on purpose. Nobody in it exists.",
        "一个虚构的养老保险登记库，保留上世纪九十年代的样貌：以拼音首字母命名、日期存为文本、金额以分计，"
        "并特意埋入损坏数据。库中人员均不存在。",
    ),
)
NEW: Final[Words] = (
    Text("From database to adapter, by one command", "一条命令，由数据库生成适配器"),
    Text(
        "Tables, keys, types and code lists are looked at; nothing is written to the database.",
        "探查表、主键、类型与代码；对数据库只读不写。",
    ),
)
REVIEW: Final[Words] = (
    Text("What a person adds", "人工审核"),
    Text(
        "The generated file serves as it is. A person who knows the register then names the items, says who may see "
        "them, and states the legal facts of Art. 13(2).",
        "生成的文件可直接运行。熟悉业务的人员再为数据项命名、确定共享范围，并填写第十三条第二款要求的目录事项。",
    ),
)
GRANT: Final[Words] = (
    Text("The exchange grants access", "共享平台下发授权"),
    Text(
        "Nobody reads anything yet. The exchange pushes one grant: who, which entry, for what purpose, which items, "
        "until when.",
        "此时任何人都不能读取数据。共享平台推送一份授权：何人、何目录、何用途、哪些数据项、有效期至何时。",
    ),
)
CATALOG: Final[Words] = (
    Text("Catalog", "目录"),
    Text(
        "What there is, under which conditions, whom to ask: the facts of Art. 13(2).",
        "有什么数据、以何种条件共享、向谁联系：第十三条第二款规定的目录事项。",
    ),
)
SEARCH: Final[Words] = (
    Text("Search, and one record", "查询与单条读取"),
    Text(
        "Filters travel in the body. This purpose sees identity numbers masked; the account number is not granted, "
        "so it is not there.",
        "查询条件放在请求体中。该用途只能看到脱敏的身份证号；银行账号未获授权，因此不出现。",
    ),
)
VERIFY: Final[Words] = (
    Text("Verify: entitled or not, without a value disclosed", "核验：只答是否符合，不披露数值"),
    Text(
        "Is this person 60 or older, and receiving a pension? The answer is match or noMatch, and nothing else. "
        "The name's second character takes four bytes, which many systems lose.",
        "此人是否年满六十周岁且正在领取养老金？答案只有 match 或 noMatch，别无其他。"
        "姓名第二个字占四个字节，许多系统会将其丢失。",
    ),
)
REFUSALS: Final[Words] = (
    Text("Refused, each for its own reason", "拒绝访问，各有其由"),
    Text(
        "Every refusal says which rule it broke, in the caller's language, and reveals nothing of any record.",
        "每次拒绝都以调用方的语言说明违反了哪条规则，且不透露任何记录是否存在。",
    ),
)
SUSPENSION: Final[Words] = (
    Text("Suspended, effective at once", "暂停授权，立即生效"),
    Text(
        "Art. 27(2): misuse ends access. The same token worked a moment ago:",
        "第二十七条第二款：发现违规使用的，应当中止共享。以下令牌片刻之前仍可使用：",
    ),
)
BALANCE: Final[Words] = (
    Text("Nothing is lost: every row is served or reported", "不丢一行：或已提供，或已报告"),
    Text(
        "All pages from the first to the last, following `next`. What cannot be converted is listed, never dropped.",
        "沿 `next` 从第一页走到最后一页。无法转换的行逐一列出，绝不丢弃。",
    ),
)
AUDIT: Final[Words] = (
    Text("Audit: every call left a record in a chain", "审计：每次调用均留下记录，环环相扣"),
    Text(
        "The refused call of before, found by its request id; then the whole chain, recomputed here from outside.",
        "按请求标识找到刚才被拒绝的调用；再从外部重新计算整条链。",
    ),
)
STAY: Final[Words] = (
    Text("The adapter stays open", "适配器保持运行"),
    Text(
        "Open it in a browser, or call it from another terminal. Ctrl-C ends it.",
        "可用浏览器打开，或在另一终端调用。按 Ctrl-C 结束。",
    ),
)

TABLES: Final = (Text("table", "表"), Text("holds", "内容"), Text("rows", "行数"))
CALLS: Final = (Text("call", "调用"), Text("status", "状态"), Text("code", "代码"), Text("title", "说明"))
SUMS: Final = (
    Text("rows of CBRY", "CBRY 行数"),
    Text("served", "已提供"),
    Text("reported", "已报告"),
    Text("pages", "页数"),
)
FAULTS: Final = (Text("item", "数据项"), Text("reported because", "报告原因"), Text("rows", "行数"))
