"""JUnit XML, as build servers read it: a suite for each class, a test case for each requirement."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from datong.conformance._reports._document import ClassResult, ReportDocument, Result
from datong.conformance._reports._told import Told
from datong.conformance._reports._words import MEANINGS, STATUSES
from datong.model import Language

_SKIPPED: Final = frozenset({"inconclusive", "notApplicable", "waived"})


def report_junit(document: ReportDocument, language: Language) -> str:
    """What is inconclusive, not applicable or waived is skipped, with its reason; a warning passes and is told."""
    return _Suites(document, language).text()


class _Suites:
    def __init__(self, document: ReportDocument, language: Language) -> None:
        self.document = document
        self.language: Language = language
        self.told = Told(document, language)

    def text(self) -> str:
        root = Element("testsuites", {"name": self.told.title, **_tally(self.document.results)})
        root.set("time", f"{self.document.seconds:.3f}")
        for each in self.document.classes:
            self._suite(root, each)
        indent(root)
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"

    def _suite(self, root: Element, each: ClassResult) -> None:
        results = [result for result in self.document.results if result.conformance == each.conformance]
        head = {"name": each.conformance, **_tally(results), "timestamp": self.document.started_at[:19]}
        suite = SubElement(root, "testsuite", head)
        properties = SubElement(suite, "properties")
        for name, value in self._properties(each):
            SubElement(properties, "property", {"name": name, "value": value})
        for result in results:
            self._case(suite, result)

    def _properties(self, each: ClassResult) -> list[tuple[str, str]]:
        target, kit = self.document.target, self.document.kit
        return [
            ("target", target.base),
            ("class", each.title.to(self.language)),
            ("outcome", each.status),
            ("kit", kit.version),
            ("interface", kit.interface),
            ("digest", self.document.digest),
        ]

    def _case(self, suite: Element, result: Result) -> None:
        name = f"{result.requirement} {result.text.to(self.language)}"
        case = SubElement(suite, "testcase", {"classname": f"gds.{result.conformance}", "name": name, "time": "0"})
        reason = result.reason.to(self.language) if result.reason else MEANINGS[result.status].to(self.language)
        if result.status in ("fail", "error"):
            kind = "failure" if result.status == "fail" else "error"
            found = result.findings[0].found.to(self.language) if result.findings else reason
            SubElement(case, kind, {"message": found, "type": result.level}).text = self._detail(result)
        elif result.status in _SKIPPED:
            told = "; ".join([STATUSES[result.status].to(self.language), *(self.told.remarks(result) or [reason])])
            SubElement(case, "skipped", {"message": told})
        elif result.findings:
            SubElement(case, "system-out").text = self._detail(result)

    def _detail(self, result: Result) -> str:
        say, language = self.told.say, self.language
        lines = [self.told.sources(result), *self.told.remarks(result)]
        for finding in result.findings:
            lines.append(say("expected: ", "应为：") + finding.expected.to(language))
            lines.append(say("found: ", "实为：") + finding.found.to(language))
        for shown in self.told.evidence(result):
            lines += [f"{shown.request} -> {shown.outcome}", shown.curl]
        if result.hint:
            lines.append(say("remedy: ", "处理建议：") + result.hint.to(language))
        return "\n".join(lines)


def _tally(results: tuple[Result, ...] | list[Result]) -> dict[str, str]:
    statuses = [result.status for result in results]
    return {
        "tests": str(len(statuses)),
        "failures": str(statuses.count("fail")),
        "errors": str(statuses.count("error")),
        "skipped": str(sum(status in _SKIPPED for status in statuses)),
    }
