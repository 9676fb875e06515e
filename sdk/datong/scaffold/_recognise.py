"""What the values of a column mean: told by its Chinese name, and proved or refused by samples."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from datong.model import Format
from datong.standard import credit_code_ok, phone_ok, region_code_ok, resident_id_ok, resident_id_upgrade

PERSONAL: Final[frozenset[Format]] = frozenset({"residentId", "phone", "personName", "address", "email", "bankCard"})

_NO_VALUE: Final = re.compile(r"编号|编码|代码|类型|类别|状态|标志|性质|时间|日期|数量|是否|网址|(?i:IP|MAC|URL)地址")
_HINTS: Final[tuple[tuple[Format, re.Pattern[str]], ...]] = (
    ("residentId", re.compile(r"身份证|公民身份|社会保障号|居民身份")),
    ("creditCode", re.compile(r"信用代码")),
    ("regionCode", re.compile(r"行政区划(?!名)")),
    ("bankCard", re.compile(r"银行账号|银行账户|银行卡|卡号|开户账号|银行帐号")),
    ("email", re.compile(r"邮箱|电子邮件|邮件地址")),
    ("phone", re.compile(r"电话|手机|传真")),
    ("personName", re.compile(r"姓名|^(姓|名|中间名)$|联系人$|法定代表人$|负责人$|经办人$|申请人$|户主$|曾用名")),
    ("address", re.compile(r"地址|住址|住所|居住地|户籍地")),
)
_CREDENTIAL: Final = re.compile(r"密码|口令|密钥|令牌")

_CERTAIN: Final = 0.8
"""Share of the samples that must pass before a name is believed."""
_MANY: Final = 10
"""Values without which samples alone prove nothing."""
_UNNAMED: Final = 0.95

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_CARD = re.compile(r"\d{16,19}", re.ASCII)
_SURNAMES: Final = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖"
    "石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文庞樊兰殷施洪翟安颜倪牛温芦季"
)
_PERSON = re.compile(r"[\u3400-\u9fff·]{2,4}")


@dataclass(frozen=True, slots=True)
class Meaning:
    """`format` where the samples bear it out; `personal` also where only the name says so."""

    format: Format | None
    personal: Format | None
    evidence: str


def is_credential(chinese: str) -> bool:
    """Whether a column holds passwords or keys, which are no data to share."""
    return _CREDENTIAL.search(chinese) is not None


def meaning(chinese: str, values: Sequence[str]) -> Meaning | None:
    """What the column is by its name and samples; None where it is nothing in particular."""
    texts = [text for value in values if (text := value.strip())]
    named = _hinted(chinese)
    if named is None:
        found = _unnamed(texts)
        return _told(found, texts, "样本 / by samples") if found else None
    passed = sum(map(_PROOFS[named], texts))
    if not texts or named in {"personName", "address"}:
        return Meaning(named, named if named in PERSONAL else None, f"{named}：列名 / by its name")
    if passed >= _CERTAIN * len(texts):
        return _told(named, texts, "列名与样本 / by name and samples")
    personal = named if named in PERSONAL else None
    if personal is None:
        return None
    evidence = (
        f"疑似 {named}：列名；样本 {len(texts)} 个中仅 {passed} 个合规 / "
        f"perhaps {named} by its name; only {passed} of {len(texts)} samples pass"
    )
    return Meaning(None, personal, evidence)


def _hinted(chinese: str) -> Format | None:
    for found, pattern in _HINTS:
        if pattern.search(chinese) and (found in {"creditCode", "regionCode"} or not _NO_VALUE.search(chinese)):
            return found
    return None


def _unnamed(texts: Sequence[str]) -> Format | None:
    """Without a telling name only values that chance cannot make count, and enough of them."""
    if len(set(texts)) < _MANY:
        return None
    for found in ("residentId", "creditCode", "bankCard", "phone", "email", "personName"):
        proof = _STRICT.get(found, _PROOFS[found])
        if sum(map(proof, texts)) >= _UNNAMED * len(texts):
            return found
    return None


def _told(found: Format, texts: Sequence[str], how: str) -> Meaning:
    passed = sum(map(_PROOFS[found], texts))
    evidence = f"{found}：{how}；{passed}/{len(texts)}"
    return Meaning(found, found if found in PERSONAL else None, evidence)


def _luhn(text: str) -> bool:
    if not _CARD.fullmatch(text):
        return False
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(text)))
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0  # noqa: PLR2004 - Luhn


def _chinese_person(text: str) -> bool:
    return _PERSON.fullmatch(text) is not None and text[0] in _SURNAMES


def _resident_id(text: str) -> bool:
    """Of either generation; lower-case check characters are common in old registers."""
    return resident_id_ok(text.upper()) or resident_id_upgrade(text) is not None


def _any(text: str) -> bool:
    return bool(text)


_PROOFS: Final[dict[Format, Callable[[str], bool]]] = {
    "residentId": _resident_id,
    "creditCode": lambda text: credit_code_ok(text.upper()),
    "regionCode": region_code_ok,
    "bankCard": _luhn,
    "email": lambda text: _EMAIL.fullmatch(text) is not None,
    "phone": phone_ok,
    "personName": _any,
    "address": _any,
}
_STRICT: Final[dict[Format, Callable[[str], bool]]] = {
    "phone": lambda text: _MOBILE.fullmatch(text) is not None,
    "personName": _chinese_person,
}

_DATE_NAME = re.compile(r"日期|时间|出生|rq$|sj$|date|time|birth|_at$", re.IGNORECASE)
_FORMATS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (form, re.compile(pattern, re.ASCII))
    for form, pattern in (
        ("%Y-%m-%d", r"\d{4}-\d{2}-\d{2}"),
        ("%Y%m%d", r"\d{8}"),
        ("%Y/%m/%d", r"\d{4}/\d{1,2}/\d{1,2}"),
        ("%Y.%m.%d", r"\d{4}\.\d{1,2}\.\d{1,2}"),
        ("%Y年%m月%d日", r"\d{4}年\d{1,2}月\d{1,2}日"),
        ("%Y-%m-%d %H:%M:%S", r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}"),
        ("%Y-%m-%d %H:%M:%S.%f", r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{1,6}"),
        ("%Y-%m-%dT%H:%M:%S", r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}"),
        ("%Y-%m-%dT%H:%M:%S.%f", r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{1,6}"),
        ("%Y-%m-%d %H:%M", r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}"),
        ("%Y/%m/%d %H:%M:%S", r"\d{4}/\d{1,2}/\d{1,2} \d{1,2}:\d{2}:\d{2}"),
        ("%Y%m%d%H%M%S", r"\d{14}"),
    )
)
_NO_DATES: Final = frozenset({"", "0", "00000000", "0000-00-00", "0000/00/00", "00000000000000", "0000-00-00 00:00:00"})
_SERVER_DATE = re.compile(r"-?infinity$|\d{4,6}-\d{2}-\d{2}", re.ASCII)
_YEARS: Final = range(1800, 2200)


@dataclass(frozen=True, slots=True)
class Dates:
    """How dates are written as text: their formats, and what stands where there is none."""

    formats: tuple[str, ...]
    nulls: tuple[str, ...]
    timed: bool
    evidence: str


def dates(name: str, chinese: str, values: Sequence[str], *, declared: bool) -> Dates | None:
    """How this column writes dates; None where it holds none, or too few to be sure.

    `declared` says that the database calls it a date, which then only samples can refuse.
    """
    texts = [value.strip() for value in values]
    nulls = tuple(dict.fromkeys(text for text in texts if text in _NO_DATES))
    rest = [text for text in texts if text not in _NO_DATES]
    found = [form for text in rest if (form := _date_format(text))]
    if not found or len(found) < len(rest) * 0.9:
        return None
    named = _DATE_NAME.search(name) or _DATE_NAME.search(chinese)
    if not declared and not named and (len(found) < len(rest) or len(set(rest)) < 2 * _MANY):
        return None
    formats = tuple(dict.fromkeys(form for form, _ in _FORMATS if form in found))
    evidence = f"日期样本 {len(found)}/{len(rest)} / {len(found)} of {len(rest)} samples are dates"
    return Dates(formats, nulls, any("%H" in form for form in formats), evidence)


def as_servers_write(values: Iterable[str]) -> bool:
    """Whether all of this is how a server writes its own dates, infinity and years BC included."""
    return all(_SERVER_DATE.match(value) for value in values)


def _date_format(text: str) -> str | None:
    for form, pattern in _FORMATS:
        if pattern.fullmatch(text):
            try:
                moment = datetime.strptime(text, form)  # noqa: DTZ007 - only whether it is a date matters
            except ValueError:
                return None
            return form if moment.year in _YEARS else None
    return None


def zero_dates(values: Iterable[object]) -> tuple[str, ...]:
    """MySQL's zero dates, which its driver hands over as text among real dates."""
    found = (value for value in values if isinstance(value, str) and value.startswith("0000-00-00"))
    return tuple(dict.fromkeys(found))
