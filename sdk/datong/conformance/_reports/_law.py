"""What the traced articles of Order 809 ask for, in short words of ours, and how they are cited."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from datong.model import Text

ARTICLES: Final[dict[str, Text]] = {
    "6": Text("Sharing follows one system of standards.", "政务数据共享工作依照统一的标准体系开展。"),
    "11": Text(
        "Each department names the office that is responsible for sharing.", "各部门明确负责数据共享工作的机构。"
    ),
    "11(3)": Text("Supplied data conforms to the sharing standards.", "提供的数据应当符合共享标准规范。"),
    "12": Text("Catalogs are compiled and managed in one way.", "政务数据目录实行统一管理。"),
    "13(2)": Text(
        "The catalog states name, items, provider, format, update cycle, sharing attribute and method, "
        "conditions of use, classification and grade.",
        "目录应当载明名称、数据项、提供单位、数据格式、更新频率、共享属性、共享方式、使用条件、分类分级等内容。",
    ),
    "14": Text(
        "There are three sharing attributes; data is withheld only where the law expressly says so.",
        "共享属性分为三类，不予共享须有明确规定。",
    ),
    "15(1)": Text("No conditions are added that hinder sharing.", "不得自行增设条件阻碍共享。"),
    "15(2)": Text(
        "Conditions name scope and purpose; withholding names its reason and legal basis.",
        "有条件共享应当列明使用范围和用途，不予共享应当列明理由和依据。",
    ),
    "16": Text("Departments share by the catalog that was published.", "依照公布的目录开展共享。"),
    "17": Text("The catalog is kept up to date, within set times.", "目录实行动态更新，并有时限要求。"),
    "18": Text("The quality of data is managed from collection to destruction.", "对数据实行全过程质量管理。"),
    "19": Text(
        "Nothing is collected twice; the source department keeps its data whole, accurate and usable.",
        "不得重复收集；数据源部门保证数据完整、准确、可用。",
    ),
    "20": Text(
        "An application states basis, scenario, scope, method and time; what is granted is bound to them.",
        "申请应当明确依据、场景、范围、方式和期限，授权以此为限。",
    ),
    "21": Text(
        "Applications are answered in time; what is missing is said at once, and a refusal gives its reasons.",
        "按期答复共享申请；材料不全一次性告知，不同意的说明理由。",
    ),
    "22": Text(
        "Data is delivered in time, by service interface, batch exchange, file download and the like.",
        "按期通过服务接口、批量交换、文件下载等方式提供数据。",
    ),
    "24": Text(
        "Data of an area is returned to it, promptly and completely.", "及时、完整地向下级回流其行政区域的数据。"
    ),
    "25(1)": Text(
        "Data is not used more widely, for other purposes, or passed on.",
        "不得擅自扩大使用范围、改变用途或者转交第三方。",
    ),
    "25(2)": Text("Leaks by gathering and linking data are prevented.", "防范数据汇聚、关联引发的泄露风险。"),
    "26": Text(
        "There is a channel for corrections; they are checked and answered in 10 working days.",
        "建立校核更正渠道，在 10 个工作日内核实、更正并反馈。",
    ),
    "27(1)": Text(
        "Access ends when its purpose is achieved or gone.", "目的已实现、无法实现或者不再需要的，使用随之终止。"
    ),
    "27(2)": Text("Use beyond the granted scope is suspended.", "超范围使用的，应当暂停提供。"),
    "27(3)": Text("A service is not ended or changed without good reason.", "无正当理由不得终止或者变更共享服务。"),
    "29": Text(
        "Use is recorded, and the records are kept for at least 3 years.", "使用过程留有记录，保存期限不少于 3 年。"
    ),
    "32": Text("Sharing goes through the national integrated system.", "共享工作通过全国一体化政务大数据体系开展。"),
    "34": Text(
        "Who manages and who uses is responsible, and can be named.", "谁管理谁负责，谁使用谁负责，责任主体明确。"
    ),
    "35": Text(
        "Data is protected against tampering, destruction, leaks and unlawful access.",
        "采取措施防止数据被篡改、破坏、泄露或者非法获取。",
    ),
    "36": Text(
        "Those who build and run a system for others may not see or keep the data, and keep it stable.",
        "受托建设、运维的单位不得擅自访问、留存、泄露数据，并保障安全稳定运行。",
    ),
    "38": Text(
        "Timeliness, quality, use and security of sharing are supervised.", "对共享的时效、质量、使用和安全进行监督。"
    ),
    "39": Text(
        "Late or missing catalogs, answers and corrections have legal consequences.",
        "未按规定履行职责的，承担相应责任。",
    ),
}
"""Article, or article with paragraph where paragraphs differ → what it asks for. No quotation."""

_WORDS: Final = (
    (re.compile(r"\s*\[K\]"), "", ""),
    (re.compile(r"^own text, after the IETF draft$"), "own text, after the IETF draft", "本标准自定，参照 IETF 草案"),
    (re.compile(r"^own text$"), "own text of the standard", "本标准自定"),
    (re.compile(r"^IETF draft$"), "IETF draft", "IETF 草案"),
    (re.compile(r"^FHIR \+ own$"), "FHIR, and own text", "FHIR 及本标准"),
    (re.compile(r"^extranet practice$"), "practice of the government extranet", "政务外网惯例"),
    (re.compile(r"^objection practice$"), "practice of data objections", "数据异议处理实践"),
    (re.compile(r"^practice\b.*"), "practice", "实践做法"),
    (re.compile(r"^2017 guide$"), "2017 guide to catalogs", "《政务信息资源目录编制指南（试行）》"),
    (re.compile(r"^national interface v0\.55$"), "national interface v0.55", "国家平台接口规范 v0.55"),
)
_LAWS: Final = {
    "PIPL": "《个人信息保护法》",
    "Network Data Security Reg.": "《网络数据安全管理条例》",
    "Commercial Cryptography Reg.": "《商用密码管理条例》",
}
_ORDER: Final = "《政务数据共享条例》"
_CITED: Final = re.compile(r"(\d+)((?:\(\d\))*)")
_ITEMS: Final = frozenset({"11", "39", "40"})
"""Articles whose numbered parts are items; of the others they are paragraphs, but for article 14."""
_DIGITS: Final = "零一二三四五六七八九十"
_NOTES: Final = {"time limit": "期限", "by analogy": "参照适用", "completeness idea": "完整性要求"}


def sources(trace: str) -> tuple[Text, ...]:
    """Where a requirement comes from, one each: articles of the order, other laws, standards."""
    return tuple(_source(part.strip()) for part in trace.split(";"))


def reasons(trace: str) -> tuple[Text, ...]:
    """What each traced article of the order asks for, once."""
    return tuple(dict.fromkeys(ARTICLES[key] for part in trace.split(";") for key in _keys(part.strip())))


def chinese_number(number: int) -> str:
    """1 to 99: 三十五."""
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else _DIGITS[tens] * (tens > 1) + "十") + (_DIGITS[ones] if ones or not tens else "")


def _keys(part: str) -> Iterator[str]:
    for article, points in _CITED.findall(part) if part.startswith("Art. ") else ():
        for point in re.findall(r"\(\d\)", points) or [""]:
            key = next((each for each in (article + point, article) if each in ARTICLES), None)
            if key is not None:
                yield key


def _source(part: str) -> Text:
    if part.startswith("Art. "):
        return Text(f"Order 809, {_noted(part)}", _ORDER + _cited(part.removeprefix("Art. ")))
    law, _, article = part.partition(" Art. ")
    if law in _LAWS:
        return Text(part, _LAWS[law] + (_article(article, "") if article else ""))
    for pattern, en, zh in _WORDS[1:]:
        if pattern.search(part):
            return Text(en, zh)
    plain = _WORDS[0][0].sub("", part)
    return Text(plain, plain)


def _noted(part: str) -> str:
    for note in _NOTES:
        part = part.replace(note, f"({note.removesuffix(' idea')})")
    return part


def _cited(text: str) -> str:
    return "、".join(
        _article(article, points) + "".join(f"（{zh}）" for en, zh in _NOTES.items() if en in part)
        for part in text.split(",")
        for article, points in _CITED.findall(part)
    )


def _article(article: str, points: str) -> str:
    named = f"第{chinese_number(int(article))}条"
    if article == "14" or not points:
        return named
    form = "第（{}）项" if article in _ITEMS else "第{}款"
    return named + "、".join(form.format(_DIGITS[int(point)]) for point in re.findall(r"\d", points))
