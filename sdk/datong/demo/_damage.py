"""What decades do to a register: damage planted on purpose, a known number of each kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from datong.model import Text

Cells = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of damage: `spoil` changes a person's row in place.

    `faulty` says what a reviewed mapping must do with it: report the row (True), or read it right.
    """

    name: str
    text: Text
    faulty: bool
    spoil: Callable[[Cells], None]


def _set(column: str, value: Any) -> Callable[[Cells], None]:
    def spoil(row: Cells) -> None:
        row[column] = value

    return spoil


def _change(column: str, function: Callable[[str], Any]) -> Callable[[Cells], None]:
    def spoil(row: Cells) -> None:
        row[column] = function(row[column])

    return spoil


def _full_width(value: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) for char in value)


def _wrong_check(value: str) -> str:
    return value[:17] + ("0" if value[17] != "0" else "1")


def _fifteen(row: Cells) -> None:
    """The number of before 1999: no century, no check digit; only those born in the 1900s had one."""
    number = row["SFZH"]
    row["SFZH"] = number[:6] + number[8:17]


KINDS: Final = (
    Kind("zero-date", Text("birth date 00000000", "出生日期填 00000000"), False, _set("CSRQ", "00000000")),
    Kind("impossible-date", Text("birth date 20230230", "出生日期 20230230，不存在"), True, _set("CSRQ", "20230230")),
    Kind("old-id", Text("15-digit identity number", "15 位旧身份证号"), False, _fifteen),
    Kind(
        "lower-x",
        Text("identity number with a lower-case x", "身份证号末位为小写 x"),
        False,
        _change("SFZH", str.lower),
    ),
    Kind(
        "full-width",
        Text("identity number in full-width digits", "身份证号为全角数字"),
        True,
        _change("SFZH", _full_width),
    ),
    Kind("wrong-check", Text("wrong check digit", "身份证号校验位错误"), True, _change("SFZH", _wrong_check)),
    Kind("padded", Text("name padded with blanks", "姓名尾部补空格"), False, _change("XM", lambda name: f"{name:<20}")),
    Kind("null-token", Text("phone holds the word 无", "联系电话填“无”"), False, _set("LXDH", "无")),
    Kind(
        "gbk", Text("name in GBK bytes", "姓名为 GBK 字节"), False, _change("XM", lambda name: name.encode("gb18030"))
    ),
    Kind("amount", Text("letter O in an amount", "金额中混入字母 O"), True, _set("ZHYE", "00000O123456")),
)


def plant(people: Sequence[Cells], random: Random, *, each: int) -> dict[str, int]:
    """Spoil so many rows with each kind, no row twice; how many of each.

    `people` are rows that may be spoilt: whoever the demonstration looks up must not be among them.
    """
    with_x = [row for row in people if row["SFZH"].endswith("X")]
    before_2000 = [row for row in people if row["CSRQ"][:2] == "19"]
    spoilt: set[int] = set()
    for kind in KINDS:
        pool = {"lower-x": with_x, "old-id": before_2000}.get(kind.name, people)
        chosen = 0
        while chosen < each:
            row = random.choice(pool)
            if id(row) not in spoilt:
                spoilt.add(id(row))
                kind.spoil(row)
                chosen += 1
    return {kind.name: each for kind in KINDS}
