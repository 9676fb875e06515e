"""How a value is shown to a purpose that may not see it.

Null stays null: that a value is absent is told, so that no reader takes a mask for a value. What a
mask keeps is fixed for its kind and so is the number of its stars, whatever the value's length; a
value that is not of the kind, or too short to hide enough of it, is hidden as a whole. So are wire
values that are no strings: a masked number is the string of stars, as the record's schema allows.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from datong.mapping._wire import sound
from datong.model import Field

Mask = Callable[[Any], Any]

FULL = "******"
_KEEP = re.compile(r"keep\(\s*([0-9]{1,2})\s*,\s*([0-9]{1,2})\s*\)").fullmatch
_RESIDENT_ID = re.compile(r"[0-9]{17}[0-9Xx]").fullmatch
_MOBILE = re.compile(r"(?:\+?86[- ]?)?(1[0-9]{2})[0-9]{4}([0-9]{4})").fullmatch
_CARD = re.compile(r"[0-9]{12,19}").fullmatch
_EMAIL = re.compile(r"([^@\s])[^@\s]+@([^@\s]+\.[^@\s]+)").fullmatch
_SURNAMES = """
欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶
太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 令狐 轩辕 呼延 西门 百里 东郭 歐陽 司馬 諸葛
"""
_COMPOUND = frozenset(_SURNAMES.split())
_PROVINCES = """
北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南
四川 贵州 云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门
"""
_PLACE = re.compile(
    rf"\s*((?:{'|'.join(_PROVINCES.split())})(?:维吾尔自治区|壮族自治区|回族自治区|自治区|特别行政区|省|市)?"
    r"(?:[^\W\d_路街道镇乡村号巷弄楼超城商集]{2,10}?(?:自治州|地区|盟|市))?)"
)


def full(_: str) -> str:
    return FULL


def keep(first: int, last: int) -> Mask:
    """The first and last characters around four stars; at least half of the value is hidden."""

    def mask(value: str) -> str:
        if 2 * (first + last) > len(value):
            return FULL
        return f"{value[:first]}****{value[len(value) - last :]}"

    return mask


def resident_id(value: str) -> str:
    """Province and city, and the last four; the date of birth never."""
    return f"{value[:4]}**********{value[-4:]}" if _RESIDENT_ID(value) else FULL


def person_name(value: str) -> str:
    """The surname only, a compound one whole if more follows."""
    name = value.rstrip()
    if len(name) > 2:  # noqa: PLR2004 - a surname of two characters leaves something to hide
        return surname(name[:2])
    return f"{name[0]}**" if len(name) == 2 and not name[0].isspace() else FULL  # noqa: PLR2004 - one of two is hidden


def surname(start: str) -> str:
    """The mask of a longer name that starts with these two characters."""
    if start[0].isspace():
        return FULL
    return f"{start}**" if start in _COMPOUND else f"{start[0]}**"


def phone(value: str) -> str:
    found = _MOBILE(value)
    return f"{found[1]}****{found[2]}" if found else FULL


def bank_card(value: str) -> str:
    digits = value.replace(" ", "").replace("-", "")
    return f"************{digits[-4:]}" if _CARD(digits) else FULL


def address(value: str) -> str:
    """Province and, where it follows, the prefecture-level city."""
    found = _PLACE.match(value)
    return f"{found[1]}{FULL}" if found and found.end() < len(value) else FULL


def email(value: str) -> str:
    found = _EMAIL(value)
    return f"{found[1]}***@{found[2]}" if found else FULL


def year(value: str) -> str:
    """The first day of the date's year."""
    return f"{value[:4]}-01-01"


MASKS: dict[str, Mask] = {
    "address": address,
    "bankCard": bank_card,
    "email": email,
    "full": full,
    "personName": person_name,
    "phone": phone,
    "residentId": resident_id,
}


def find(name: str) -> Mask | None:
    """The mask of that name, `keep(first, last)` included; None if there is none."""
    found = _KEEP(name)
    if found:
        return keep(int(found[1]), int(found[2]))
    return MASKS.get(name)


@dataclass(frozen=True, slots=True)
class Inline:
    """A mask as an expression over `{v}`, which is exactly str; `{rest}` is for values it is not made for."""

    expression: str
    memo: Callable[[str], str] | None = None
    """Fills `{memo}`, a table of what has been seen."""


INLINE: dict[str, Inline] = {
    "full": Inline(repr(FULL)),
    "personName": Inline("{memo}[{v}[:2]] if {v}[2:3].isalpha() else {rest}", surname),
    "phone": Inline(
        "{v}[:3] + '****' + {v}[7:] if len({v}) == 11 and {v}.isascii() and {v}.isdigit() and {v}[0] == '1' else {rest}"
    ),
    "residentId": Inline(
        "{v}[:4] + '**********' + {v}[14:] if len({v}) == 18 and {v}.isascii() and {v}[:17].isdigit()"
        " and {v}[17] in '0123456789Xx' else {rest}"
    ),
}
"""The same masks, for generated code, where nearly every value is of the kind."""


def masker(field: Field) -> Mask:
    """The field's mask for wire values. An undeclared or unknown mask hides everything."""
    mask = year if field.mask == "year" and field.type == "date" else find(field.mask or "full") or full

    def masked(value: Any) -> Any:
        if value is None:
            return None
        # A mask would hide that the text is damaged, and the row must be faulty for every caller alike.
        return mask(sound(value)) if isinstance(value, str) else FULL

    return masked
