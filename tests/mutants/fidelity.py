"""Mutants of the class fidelity: what happens to values on the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unicodedata import normalize

from mutants.mutant import LIST, SEARCH, documents, entries, mutant, records
from mutants.world import Bench

Item = Callable[[Any], Any]


def value(work: Bench, name: str, change: Item, *, nulls: bool = False) -> None:
    """Change the values of an item, wherever records are served."""

    @records(work)
    def changed(record: Any) -> None:
        if name in record and (nulls or record[name] is not None):
            record[name] = change(record[name])


# -- characters ------------------------------------------------------------------------------------


@mutant("FID-01", "Full-width letters are folded to half-width ones.", "全角字母被转换为半角。", may="QRY-04")
def width_folded(work: Bench) -> None:
    value(work, "name", lambda text: normalize("NFKC", text))


@mutant("FID-01", "A character beyond the basic plane becomes U+FFFD.", "四字节汉字变为替代字符。", may="QRY-04")
def character_replaced(work: Bench) -> None:
    value(work, "name", lambda text: text.replace("\U00020bb7", "\ufffd"))


@mutant("FID-01", "A rare surname becomes a question mark.", "生僻字变为问号。", may="QRY-04")
def character_questioned(work: Bench) -> None:
    value(work, "name", lambda text: text.encode("gb2312", "replace").decode("gb2312"))


@mutant("FID-01", "Names are read in the wrong character set.", "姓名按错误的字符集解码。", may="QRY-04")
def wrong_charset(work: Bench) -> None:
    value(work, "name", lambda text: text.encode("gb18030").decode("latin-1"))


@mutant("FID-01", "What cannot be written in GBK is left out.", "GBK 之外的字符被略去。", may="QRY-04")
def character_left_out(work: Bench) -> None:
    value(work, "name", lambda text: text.encode("gbk", "ignore").decode("gbk"))


@mutant("FID-01", "An ideographic space at the end is cut off.", "末尾的全角空格被删除。", may="QRY-04")
def wide_space_trimmed(work: Bench) -> None:
    value(work, "note", str.rstrip)


# -- numbers ---------------------------------------------------------------------------------------


@mutant("FID-02", "Codes lose their leading zeros.", "编码的前导零丢失。", entails="QRY-04")
def leading_zeros_lost(work: Bench) -> None:
    value(work, "personNumber", lambda text: text.lstrip("0"))


@mutant("FID-02", "Codes are numbers.", "编码以数值返回。", entails="QRY-04 CORE-05")
def code_as_number(work: Bench) -> None:
    value(work, "personNumber", int)


@mutant("FID-02", "Decimals are doubles.", "小数以双精度数返回。", entails="CORE-05")
def decimal_as_double(work: Bench) -> None:
    value(work, "amount", float)


@mutant("FID-02", "Decimals lose the zeros at their end.", "小数末尾的零丢失。")
def scale_lost(work: Bench) -> None:
    value(work, "amount", lambda text: text.rstrip("0"))


@mutant("FID-02", "Decimals beyond fifteen digits are rounded.", "超过十五位的小数被舍入。")
def decimal_rounded(work: Bench) -> None:
    value(work, "amount", lambda text: text if len(text) < 16 else f"{float(text):.6f}")


@mutant("FID-02", "Large decimals are written with an exponent.", "大数以科学计数法返回。", entails="CORE-05")
def decimal_with_exponent(work: Bench) -> None:
    value(work, "amount", lambda text: text if len(text) < 16 else f"{float(text):.17e}")


@mutant("FID-02", "Integers beyond 2^53 are numbers.", "超出 2^53 的整数以数值返回。", entails="CORE-05")
def wide_integer_as_number(work: Bench) -> None:
    value(work, "serial", int)


@mutant("FID-02", "Integers beyond 2^53 went through a double.", "超出 2^53 的整数经双精度数失真。")
def wide_integer_rounded(work: Bench) -> None:
    value(work, "serial", lambda text: str(int(float(text) / 1000) * 1000))


# -- nothing, in its several forms -----------------------------------------------------------------


@mutant("FID-03", "Null arrives as empty text.", "空值变成空字符串。")
def null_as_empty(work: Bench) -> None:
    value(work, "mark", lambda text: "" if text is None else text, nulls=True)


@mutant("FID-03", "Empty text arrives as null.", "空字符串变成空值。", may="QRY-04")
def empty_as_null(work: Bench) -> None:
    value(work, "note", lambda text: text or None)


@mutant("FID-03", "Null arrives as the word null.", "空值变成文本 null。", may="QRY-04")
def null_as_word(work: Bench) -> None:
    value(work, "unit", lambda text: "null" if text is None else text, nulls=True)


@mutant("FID-03", "Null arrives as nought.", "空值变成零。", may="QRY-04 QRY-05")
def null_as_nought(work: Bench) -> None:
    value(work, "months", lambda number: number or 0, nulls=True)


@mutant("FID-03", "A field of blanks arrives with its blanks.", "空白填充的定长字段未按声明处理。")
def blanks_kept(work: Bench) -> None:
    value(work, "mark", lambda text: " " * 8 if text is None else text.ljust(8), nulls=True)


@mutant("FID-03", "Items without a value are left out.", "没有值的数据项被省略。")
def null_left_out(work: Bench) -> None:
    @records(work)
    def change(record: Any) -> None:
        if "mark" in record and record["mark"] is None:
            del record["mark"]


# -- dates -----------------------------------------------------------------------------------------


def dates(work: Bench, change: Callable[[date], date]) -> None:
    value(work, "birthDate", lambda text: change(date.fromisoformat(text)).isoformat())


@mutant("FID-04", "Dates before 1970 are a day early.", "1970 年以前的日期提前一天。", entails="QRY-04 QRY-05")
def old_dates_shifted(work: Bench) -> None:
    dates(work, lambda day: day - timedelta(days=1) if day.year < 1970 else day)


@mutant("FID-04", "The year 1900 has a 29th of February.", "1900 年误作闰年。", may="QRY-04 QRY-05")
def leap_year_1900(work: Bench) -> None:
    dates(work, lambda day: day + timedelta(days=1) if day.year == 1900 else day)


@mutant("FID-04", "The last day of February of 2000 is lost.", "2000 年 2 月 29 日错为 28 日。", may="QRY-04 QRY-05")
def leap_year_2000(work: Bench) -> None:
    dates(work, lambda day: day.replace(day=28) if (day.month, day.day) == (2, 29) else day)


@mutant("FID-04", "Births of 1949 are of 2049.", "1949 年误作 2049 年。", may="QRY-02 QRY-04 QRY-05")
def century_wrong(work: Bench) -> None:
    dates(work, lambda day: day.replace(year=2049) if day.year == 1949 else day)


@mutant("FID-04", "Dates are written with slashes.", "日期以斜杠分隔。", entails="CORE-10", may="QRY-04 QRY-05")
def date_with_slashes(work: Bench) -> None:
    value(work, "birthDate", lambda text: text.replace("-", "/"))


@mutant("FID-04", "Local time is written as if it were UTC.", "本地时间被标为 UTC。", may="QRY-04 QRY-05")
def zone_mislabelled(work: Bench) -> None:
    value(work, "changedAt", lambda text: text.replace("+08:00", "Z"))


@mutant("FID-04", "An instant after midnight loses its day.", "零点后的时刻丢失日期换算。", may="QRY-04 QRY-05")
def midnight_lost(work: Bench) -> None:
    def change(text: str) -> str:
        moment = datetime.fromisoformat(text).astimezone(UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%S+08:00")

    value(work, "changedAt", change)


@mutant("FID-04", "Instants have no offset.", "时刻缺少时区偏移。", may="QRY-04 QRY-05")
def offset_missing(work: Bench) -> None:
    value(work, "changedAt", lambda text: re.sub(r"\+08:00$", "", text))


# -- rows ------------------------------------------------------------------------------------------


def pages(work: Bench, change: Callable[[Any], None]) -> None:
    documents(work, LIST)(change)
    documents(work, SEARCH, method="POST")(change)


@mutant("FID-05", "Rows that cannot be read are dropped in silence.", "无法转换的行被静默丢弃。")
def faulty_dropped(work: Bench) -> None:
    def change(page: Any) -> None:
        lost = len(page.pop("faulty", ()))
        if "numberMatched" in page:
            page["numberMatched"] -= lost

    pages(work, change)


@mutant("FID-05", "A row that is reported as faulty is served as well.", "错误行既报告又提供。")
def faulty_served(work: Bench) -> None:
    @documents(work, "/datasets/persons/records")
    def change(page: Any) -> None:
        for row in page.get("faulty", ())[:1]:
            row["recordId"] = page["items"][0].get("recordId")


@mutant("FID-05", "The entry says that no row is faulty.", "条目公布的错误行数为零。")
def faulty_unpublished(work: Bench) -> None:
    @entries(work, "persons")
    def change(entry: Any) -> None:
        if entry.get("quality"):
            entry["quality"]["faultyRows"] = 0


@mutant("FID-05", "The entry says nothing of the quality of its data.", "条目未公布数据质量信息。")
def quality_missing(work: Bench) -> None:
    @entries(work, "persons")
    def change(entry: Any) -> None:
        entry.pop("quality", None)


@mutant("FID-05", "The entry says that half of its rows are lost.", "条目公布的完整率有误。")
def completeness_wrong(work: Bench) -> None:
    @entries(work, "persons")
    def change(entry: Any) -> None:
        if entry.get("quality"):
            entry["quality"]["completeness"] = 0.5
