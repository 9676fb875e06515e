"""What verification can find, and how it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from datong.model import Text

SENTENCES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "damaged": Text("Its bytes are damaged.", "内容已损坏。"),
        "altered": Text("It is not what was signed.", "内容与签名时不一致。"),
        "invalid": Text("It is no such document.", "不是有效的文档。"),
        "signature-wrong": Text("The signature does not fit the manifest.", "签名与清单不符。"),
        "signer-other": Text(
            "It was signed by the key {thumbprint}, which is none of those given.",
            "签名所用密钥 {thumbprint} 不在给定的密钥之列。",
        ),
        "exchange-altered": Text("The exchange was altered.", "该次请求与应答的记录被改动。"),
        "exchange-removed": Text("The exchange was removed.", "该次请求与应答的记录被删除。"),
        "exchange-added": Text("The exchange was added.", "该次请求与应答的记录系后来添加。"),
        "exchange-moved": Text(
            "The exchange was moved: {other} stood here.", "该次请求与应答的记录被移动，此处原为 {other}。"
        ),
        "exchange-invalid": Text("The exchange cannot be read.", "该次请求与应答的记录无法读取。"),
        "chain-broken": Text("The chain of digests does not fit the exchanges.", "摘要链与各次记录不符。"),
        "register-other": Text(
            "The requirement is not as this kit's register has it.", "该项要求与本工具的要求登记表不一致。"
        ),
        "kit-other": Text(
            "The verdicts are those of another kit, {theirs}; this one is {ours}. Verify with that one.",
            "结论由另一版本的工具（{theirs}）作出，本工具为 {ours}。请用该版本核验。",
        ),
        "verdict-other": Text(
            "The verdict says {told}; the exchanges say {found}.", "报告结论为 {told}，依据记录重新判定为 {found}。"
        ),
        "verdict-detail": Text(
            "The verdict is {told} as the exchanges say, but {member} differs.",
            "结论 {told} 与记录相符，但其 {member} 不一致。",
        ),
        "verdict-missing": Text(
            "The verdict is missing: the exchanges say {found}.", "缺少结论，依据记录应为 {found}。"
        ),
        "verdict-added": Text("No such verdict follows from the exchanges.", "依据记录不应有此结论。"),
        "count-other": Text("`{member}` does not follow from the exchanges.", "`{member}` 与记录不符。"),
        "recompute-failed": Text("The verdicts cannot be recomputed from it.", "无法据此重新判定。"),
        "too-old": Text("The run of {at} is older than is allowed.", "检测时间 {at} 已超出允许的期限。"),
        "from-future": Text("The run of {at} lies in the future.", "检测时间 {at} 晚于当前时间。"),
        "nonce-other": Text("The nonce is not the one that was given out.", "随机数与下发的不一致。"),
        "nonce-unanswered": Text(
            "The target did not answer under the request id that follows from the nonce.",
            "被测系统的应答未返回由随机数得出的请求标识。",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Fault:
    """`file` is the member it was found in, `subject` the exchange, requirement or member of a document."""

    code: str
    file: str
    message: Text
    subject: str | None = None


def fault(code: str, file: str, subject: str | None = None, **params: Any) -> Fault:
    sentence = SENTENCES[code]
    return Fault(code, file, Text(sentence.en.format(**params), sentence.zh.format(**params)), subject)
