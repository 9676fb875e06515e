"""Why a row, or a value of a caller, cannot be converted."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from datong.model import Text

FAULTS: Mapping[str, Text] = MappingProxyType(
    {
        "charset": Text(
            "text that is not valid in its character set, or was already damaged (U+FFFD)",
            "文本不符合其字符集，或者早已损坏（含 U+FFFD）",
        ),
        "type": Text("a value of a kind that the item's type cannot hold", "值的类别与数据项类型不符"),
        "null": Text("empty although the item is declared not nullable", "数据项声明为非空，但值为空"),
        "number-invalid": Text("not a number of the declared form", "不是所声明形式的数字"),
        "integer-wide": Text(
            "beyond 2^53-1 although the item is not declared `wide`", "超过 2^53-1，但数据项未声明 `wide`"
        ),
        "number-not-finite": Text("not a finite number (NaN or infinity)", "不是有限数（NaN 或无穷大）"),
        "date-invalid": Text("not a date of the declared form", "不是所声明形式的日期"),
        "time-invalid": Text("not a time of the declared form", "不是所声明形式的时间"),
        "time-gap": Text("a local time that the zone skipped", "该时区不存在的当地时间"),
        "time-lost": Text("a date with a time of day that the item would lose", "日期带有时刻，转换会丢失该时刻"),
        "boolean-unknown": Text(
            "neither a token of true nor one of false", "既不是表示“是”的取值，也不是表示“否”的取值"
        ),
        "code-unknown": Text("a code that the code list does not hold", "代码不在代码表中"),
        "json-invalid": Text("not JSON, or JSON that loses precision", "不是合法的 JSON，或者转换会损失精度"),
        "format-invalid": Text("fails the check of its format", "未通过其格式的校验"),
        "part-missing": Text("a part of the value that is not there", "值中缺少所取的部分"),
        "transform-failed": Text("the adapter's own transform failed", "适配器自带的转换失败"),
        "key-unusable": Text("the key of the row cannot become a record id", "该行的主键无法生成记录标识"),
    }
)
"""Code of a faulty row → what it means; closed, and part of the documentation."""


class Fault(Exception):
    """A legacy value that cannot be converted; never carries the value."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ValueInvalid(Exception):
    """A caller's value does not fit the item: `reason` is the wire type it should have had.

    `operator` as the reason means that the item's type has no such comparison.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Faulty:
    """A row that is reported instead of served: where it is and why, never a value of it.

    `row_ref` is the record id, or `row-N` (counted from 1 within the page) where the key itself
    is unusable.
    """

    row_ref: str
    field: str
    code: str
    record_id: str | None = None

    def wire(self) -> dict[str, Any]:
        """The member of `faulty` in a page."""
        document = {"rowRef": self.row_ref, "field": self.field, "code": self.code}
        return document if self.record_id is None else {"recordId": self.record_id, **document}


class FaultyRow(Exception):
    """The one row that was asked for cannot be converted."""

    def __init__(self, faulty: Faulty) -> None:
        super().__init__(f"{faulty.field}: {faulty.code}")
        self.faulty = faulty
