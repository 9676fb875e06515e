"""Checks of the class fidelity: what the source holds is what arrives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from datong.conformance._checks._shared import (
    DATE,
    DATE_TIME,
    OK,
    SAFE,
    equal,
    grouped,
    items,
    population,
    population_pages,
    text_of,
)
from datong.conformance._exchange import Exchange
from datong.conformance._fixtures import KnownRecord
from datong.conformance._look import Look, shown
from datong.conformance._redact import redacted
from datong.conformance._registry import check
from datong.model import Text

LOST: Final = "\ufffd"
_DECIMAL: Final = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
_GIVEN: Final = Text(
    "No fixture says what the source holds: the target's own answers prove no more than that it agrees with itself.",
    "测试数据未给出数据源中的实际值；仅凭被测系统自身的应答，只能说明其前后一致。",
)


def _known(look: Look, *about: str) -> Iterator[tuple[Exchange, KnownRecord, dict[str, Any], str]]:
    """Known records of these kinds with each answer that shows them."""
    for entry, given in look.obs.fixtures.entries.items():
        for number, record in enumerate(given.records):
            if not set(about) & set(record.about) or "records" in given.derived:
                continue
            for each in look.at("fidelity.found", entry=entry, number=number):
                rows = items([each])
                if look.expect(each.status == OK and len(rows) == 1, Text("the record", "该记录"), shown(each), each):
                    yield each, record, rows[0], entry
            for each in look.at("fidelity.record", entry=entry, number=number):
                if look.status(each, OK):
                    yield each, record, dict(each.document), entry


def _compared(look: Look, *about: str, exact: bool = True) -> int:
    """Compare every value of the known records; how many there were."""
    count = 0
    for each, record, got, entry in _known(look, *about):
        for name, wanted in record.values.items():
            count += 1
            kind = str(look.obs.items(entry).get(name, {}).get("wireType"))
            value = got.get(name)
            text = text_of(value)
            same = text == wanted if exact or wanted is None or value is None else equal(kind, value, wanted)
            look.expect(name in got and same, f"{name}: {wanted!r}", f"{name}: {text!r}", each)
    return count


def _records(look: Look) -> Iterator[tuple[Exchange, str, dict[str, Any]]]:
    """Every record of the populations with its page."""
    for entry in look.obs.entries:
        for page in population_pages(look, entry):
            for record in items([page]):
                yield page, entry, record


@check(
    "REQ-FID-01",
    "Decode with the source's real character set, keep every character, and report what cannot be decoded as faulty.",
    "应按数据源实际字符集解码并保留全部字符；无法解码的内容须报告为错误行，不得以替代字符填充。",
)
def characters(look: Look) -> None:
    for each in [each for label in ("population", "fidelity.") for each in look.at(label)]:
        lost = LOST in str(each.body)
        look.expect(not lost, Text("no U+FFFD", "不含 U+FFFD"), "U+FFFD", each)
    if not _compared(look, "hardCharacters") and not look.findings:
        look.inconclusive(_GIVEN)


@check(
    "REQ-FID-02",
    "Keep numbers exactly: codes with their zeros, decimals with their scale, wide integers as strings.",
    "数值须精确：带前导零的编码与高精度小数、超大整数应以字符串保持原值与小数位。",
)
def numbers(look: Look) -> None:
    for page, entry, record in _records(look):
        for name, item in look.obs.items(entry).items():
            value = record.get(name)
            if value is None or redacted(value):
                continue
            fault = _number_fault(str(item.get("wireType")), value, item.get("scale"))
            look.expect(fault is None, str(fault), f"{name}: {value!r}", page)
    if not _compared(look, "leadingZeros", "wideDecimal") and not look.findings:
        look.inconclusive(_GIVEN)


def _number_fault(kind: str, value: Any, scale: Any) -> str | None:
    """What a value of this type should have been."""
    if kind == "string":
        return None if isinstance(value, str) else "string"
    if kind == "integer":
        whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= SAFE
        return None if whole or (isinstance(value, str) and re.fullmatch(r"-?\d{16,}", value)) else "integer ≤ 2^53−1"
    if kind == "decimal":
        if not isinstance(value, str) or _DECIMAL.fullmatch(value) is None:
            return "decimal string"
        digits = len(value.partition(".")[2])
        return f"scale ≤ {scale}" if isinstance(scale, int) and digits > scale else None
    return None


@check(
    "REQ-FID-03",
    "Tell null, empty and blank apart as the entry declares.",
    "应按条目声明区分空值、空字符串与空白填充。",
)
def nulls(look: Look) -> None:
    for page, entry, record in _records(look):
        for name, item in look.obs.items(entry).items():
            wrong = item.get("nullable") is False and name in record and record[name] is None
            look.expect(not wrong, f"{name}: nullable false", f"{name}: null", page)
    if not _compared(look, "null", "empty", "blank") and not look.findings:
        look.inconclusive(_GIVEN)


@check(
    "REQ-FID-04",
    "Read dates without shifting them: no time zone on plain dates, the right epoch, instants with their offset.",
    "日期不得偏移：纯日期不做时区换算，起算日正确，时刻须带时区偏移。",
)
def dates(look: Look) -> None:
    forms = {"date": DATE, "dateTime": DATE_TIME}
    for page, entry, record in _records(look):
        for name, item in look.obs.items(entry).items():
            value, form = record.get(name), forms.get(str(item.get("wireType")))
            if form is not None and isinstance(value, str) and not redacted(value) and "*" not in value:
                look.expect(form.fullmatch(value), str(item.get("wireType")), f"{name}: {value}", page)
    if not _compared(look, "beforeEpoch", "calendar", "midnight", exact=False) and not look.findings:
        look.inconclusive(_GIVEN)


@check(
    "REQ-FID-05",
    "Serve or report every row: rows in the source = records served + rows reported; publish the figures.",
    "每一行要么提供、要么报告：数据源行数 = 已提供记录数 + 已报告错误行数，并公布质量数据。",
)
def balance(look: Look) -> None:
    counted = 0
    for (entry,), pages in grouped(look.at("fidelity.walk"), "entry").items():
        bad = next((page for page in pages if page.status != OK), None)
        if bad is not None:
            look.wrong("HTTP 200", shown(bad), bad)
            continue
        if pages[-1].links("next"):
            continue
        served, faulty = len(items(pages)), sum(len(page.document.get("faulty") or ()) for page in pages)
        given = look.obs.fixtures.entry(str(entry))
        if given.count is not None and "count" not in given.derived:
            counted += 1
            told = f"{entry}: {served} + {faulty}"
            look.expect(served + faulty == given.count, f"{given.count}", told, pages[-1])
        right = given.faulty in (None, faulty)
        look.expect(right, f"faulty {given.faulty}", f"{entry}: faulty {faulty}", pages[-1])
        for page in pages:
            _faulty(look, page)
        _published(look, str(entry), served, faulty)
    for entry in look.obs.entries:
        _twice(look, entry)
    if not counted and not look.findings:
        look.inconclusive(_GIVEN)


def _faulty(look: Look, page: Exchange) -> None:
    listed = page.document.get("faulty")
    for row in listed if isinstance(listed, list) else ():
        look.schema(page, "faulty", row)


def _published(look: Look, entry: str, served: int, faulty: int) -> None:
    for each in look.answered("fidelity.entry", entry=entry):
        quality = each.document.get("quality")
        part = quality if isinstance(quality, dict) else {}
        stated = {"completeness", "faultyRows", "lastProfiledAt"} <= set(part)
        if look.expect(stated, "quality{completeness, faultyRows, lastProfiledAt}", str(part), each):
            rows = part.get("faultyRows")
            look.expect(rows in (None, faulty), f"faultyRows {faulty}", f"faultyRows {rows}", each)
            share = part.get("completeness")
            whole = served / (served + faulty) if served + faulty else 1.0
            close = share is None or (isinstance(share, int | float) and abs(share - whole) < 0.02)  # noqa: PLR2004
            look.expect(close, f"completeness {whole:.3f}", f"completeness {share}", each)


def _twice(look: Look, entry: str) -> None:
    """A row is served or reported as faulty, never both."""
    served = {str(record.get("recordId")) for record in population(look.obs, entry)[0]}
    for page in population_pages(look, entry):
        listed = page.document.get("faulty")
        rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
        both = [row.get("recordId") for row in rows if row.get("recordId") in served]
        look.expect(not both, Text("served or faulty, not both", "不得既提供又报告为错误"), str(both[:3]), page)
