"""Reports: they listen to a run or render what came of it, and judge nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from datong.conformance._reports._document import (
    ReportDocument,
    report_digest,
    report_document,
    report_json,
    report_schema,
)
from datong.conformance._reports._explain import Explanation, explain, requirement_id
from datong.conformance._reports._html import report_html
from datong.conformance._reports._junit import report_junit
from datong.conformance._reports._terminal import Progressing, print_report
from datong.conformance._reports._words import CLASSES as CLASS_TITLES
from datong.model import Language

FORMATS: Final[Mapping[str, tuple[str, Callable[[ReportDocument, Language], str]]]] = {
    "html": ("conformance.html", report_html),
    "junit": ("conformance.junit.xml", report_junit),
    "json": ("conformance.json", lambda document, _: report_json(document)),
}
"""Name of a format → the file it is written to, and how."""


def write_reports(document: ReportDocument, formats: Iterable[str], folder: Path, language: Language) -> list[Path]:
    """Write each format of `FORMATS` that is named into the folder, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in formats:
        file, render = FORMATS[name]
        (folder / file).write_text(render(document, language), encoding="utf-8")
        written.append(folder / file)
    return written


__all__ = [
    "CLASS_TITLES",
    "FORMATS",
    "Explanation",
    "Progressing",
    "ReportDocument",
    "explain",
    "print_report",
    "report_digest",
    "report_document",
    "report_html",
    "report_json",
    "report_junit",
    "report_schema",
    "requirement_id",
    "write_reports",
]
