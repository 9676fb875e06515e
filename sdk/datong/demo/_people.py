"""Names, numbers and dates of people who do not exist.

Every number carries its right check digit, and none can belong to anybody: the prefecture 3395 was
never assigned, nor was the mobile range 1400, nor the card issuer 999999.
"""

from __future__ import annotations

import string
from datetime import date, timedelta
from random import Random
from typing import Final

COUNTIES: Final = {
    "339501": "云溪区",
    "339502": "柳塘区",
    "339503": "石桥区",
    "339521": "梅岭县",
    "339522": "沧浪县",
    "339581": "古渡市",
}

_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周" * 12 + "徐孙马朱胡郭何林高罗" * 6 + "郑梁谢宋唐许韩邓冯曹" * 4 + "彭曾肖田董潘袁蔡蒋余"
    "于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴"
)
_DOUBLE_SURNAMES: Final = ("欧阳", "上官", "司马", "诸葛", "皇甫", "尉迟", "令狐", "东方")
_MALE: Final = "伟强磊军勇杰涛明超平刚辉鹏华飞波斌宇浩凯健俊帆宁国建志文海林德福永新成庆山龙祥清"
_FEMALE: Final = "芳娜敏静丽艳秀英娟霞玲桂兰凤洁梅琳素云莲真环雪荣爱妹香月莺媛瑞凡佳嘉琼勤珍贞莉"
_RARE: Final = "䶮㛃喆堃翀赟珺璟燚垚㵘𬭎𬍛𠅤𣲗𬱖𫖯𫍯𬘭𫄸𬬱"
_GIVEN_UYGHUR: Final = ("阿依古丽·买买提", "艾力·吐尔逊", "古丽娜尔·艾合买提", "买买提江·阿不都拉")
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(17))


def name(random: Random, *, male: bool) -> str:
    """A full name; one in 200 has a rare character, many of them four bytes long in UTF-8."""
    chance = random.random()
    if chance < 0.002:  # noqa: PLR2004 - shares of a population
        return random.choice(_GIVEN_UYGHUR)
    family = random.choice(_DOUBLE_SURNAMES) if chance > 0.993 else random.choice(_SURNAMES)  # noqa: PLR2004
    given = random.choice(_MALE if male else _FEMALE)
    if chance < 0.75:  # noqa: PLR2004
        given += random.choice(_MALE if male else _FEMALE)
    return family + (given[:-1] + random.choice(_RARE) if random.random() < 0.005 else given)  # noqa: PLR2004


def resident_id(county: str, born: date, sequence: int) -> str:
    """18 characters (GB 11643); `sequence` is odd for men, even for women, below 1000."""
    body = f"{county}{born:%Y%m%d}{sequence:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def credit_code(county: str, number: int) -> str:
    """18 characters (GB 32100) of an enterprise, numbered within the register."""
    body = f"91{county}MA{number:07d}"
    total = sum(_CREDIT_ALPHABET.index(char) * weight for char, weight in zip(body, _CREDIT_WEIGHTS, strict=True))
    return body + _CREDIT_ALPHABET[-total % 31]


def bank_card(number: int) -> str:
    """19 digits with the Luhn check of ISO/IEC 7812."""
    body = f"999999{number:012d}"
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(body))]
    return body + str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)  # noqa: PLR2004


def mobile(random: Random) -> str:
    return "1400" + "".join(random.choices(string.digits, k=7))


def birth_date(random: Random, today: date) -> date:
    """Of somebody between 18 and 95; about one in three is 60 or older."""
    years = random.triangular(18, 95, 48)
    return today - timedelta(days=int(years * 365.2425))
