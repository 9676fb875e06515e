"""Code tables, each with its meaning in both languages. One form goes out; several come in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from datong.model import Level, SharingMethod, SharingType, Text, UpdateCycle, WireType


@dataclass(frozen=True, slots=True)
class Coded:
    """A token's national code and meaning."""

    code: str
    text: Text


@dataclass(frozen=True, slots=True)
class Cycle:
    """`days` is how old data may be before an entry owes a `delayedReason` (REQ-CAT-12); None: any age."""

    text: Text
    days: int | None


@dataclass(frozen=True, slots=True)
class Letter:
    """A data type of the catalog sheets, and the wire type it is read as."""

    text: Text
    wire: WireType


SHARING_TYPES: Final[Mapping[SharingType, Coded]] = MappingProxyType(
    {
        "unconditional": Coded("1", Text("shared unconditionally", "无条件共享")),
        "conditional": Coded("2", Text("shared conditionally", "有条件共享")),
        "notShared": Coded("3", Text("not shared", "不予共享")),
    }
)
"""Art. 14 of Order 809, widest first."""

SHARING_METHODS: Final[Mapping[SharingMethod, Text]] = MappingProxyType(
    {
        "serviceInterface": Text("service interface", "服务接口"),
        "batchExchange": Text("batch exchange", "批量交换"),
        "fileDownload": Text("file download", "文件下载"),
    }
)
"""Art. 22(2) of Order 809."""

METHOD_CLASSES: Final[Mapping[SharingMethod, str]] = MappingProxyType(
    {"serviceInterface": "query", "batchExchange": "batch", "fileDownload": "file"}
)
"""Sharing method → the conformance class that must be claimed for it to have an endpoint (REQ-CAT-07)."""

LEVELS: Final[Mapping[Level, Text]] = MappingProxyType(
    {
        "general": Text("general data", "一般数据"),
        "important": Text("important data", "重要数据"),
        "core": Text("core data", "核心数据"),
    }
)
"""GB/T 43697-2024, lowest first."""

UPDATE_CYCLES: Final[Mapping[UpdateCycle, Cycle]] = MappingProxyType(
    {
        "realtime": Cycle(Text("in real time", "实时"), 1),
        "daily": Cycle(Text("daily", "每日"), 1),
        "weekly": Cycle(Text("weekly", "每周"), 7),
        "monthly": Cycle(Text("monthly", "每月"), 31),
        "quarterly": Cycle(Text("quarterly", "每季度"), 92),
        "halfYearly": Cycle(Text("half-yearly", "每半年"), 184),
        "yearly": Cycle(Text("yearly", "每年"), 366),
        "irregular": Cycle(Text("irregularly", "不定期"), None),
    }
)

DATA_TYPES: Final[Mapping[str, Letter]] = MappingProxyType(
    {
        "C": Letter(Text("character", "字符型"), "string"),
        "N": Letter(Text("numeric", "数值型"), "decimal"),
        "Y": Letter(Text("currency", "货币型"), "decimal"),
        "D": Letter(Text("date", "日期型"), "date"),
        "T": Letter(Text("date and time", "日期时间型"), "dateTime"),
        "L": Letter(Text("logical", "逻辑型"), "boolean"),
        "M": Letter(Text("memo", "备注型"), "string"),
        "G": Letter(Text("general", "通用型"), "binary"),
        "B": Letter(Text("double", "双精度型"), "number"),
        "I": Letter(Text("integer", "整型"), "integer"),
        "F": Letter(Text("float", "浮点型"), "number"),
    }
)

WIRE_LETTERS: Final[Mapping[WireType, str]] = MappingProxyType(
    {
        "string": "C",
        "integer": "I",
        "decimal": "N",
        "number": "B",
        "boolean": "L",
        "date": "D",
        "dateTime": "T",
        "time": "C",
        "binary": "G",
        "json": "M",
    }
)
"""Wire type → the letter under which the catalog lists it."""

_SHARING_BY_CODE: Final = {coded.code: token for token, coded in SHARING_TYPES.items()}


def sharing_type(value: str | int) -> SharingType | None:
    """The token for a token, or for a code with or without its leading zero (1, "1", "01")."""
    text = str(value).strip()
    if text in SHARING_TYPES:
        return next(token for token in SHARING_TYPES if token == text)
    return _SHARING_BY_CODE.get(text.removeprefix("0"))
