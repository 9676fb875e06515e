"""The one run of the kit behind the items of pytest, shared by all workers of pytest-xdist."""

from __future__ import annotations

import fcntl
import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from datong.cli._conform import target
from datong.cli._session import begin
from datong.conformance import (
    Fixtures,
    ReportDocument,
    Settings,
    load_fixtures,
    report_document,
    report_json,
    run,
)
from datong.conformance._reports._told import Told
from datong.conformance._reports._words import CLASS_STATUSES, STATUSES
from datong.model import DatongError, Problem, Text
from datong.standard import CLASS_PREFIXES, REQUIREMENTS

REPORT, FAILURE, LOCK = "report.json", "failure.txt", "lock"


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line of pytest."""

    url: str | None
    adapter: str | None
    fixtures: str | None
    key: str | None
    classes: tuple[str, ...]
    language: str | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """One verdict in words: `text` all of it, `reason` one line."""

    status: str
    text: str
    reason: str


class Impossible(Exception):
    """There is no run; the text says why."""


class Runner:
    """Runs the kit once: in this process, or, with a folder, in the first worker that gets there."""

    def __init__(self, options: Options, folder: Path | None) -> None:
        self.options = options
        self.folder = folder if folder is not None and folder.is_dir() else None
        self.language = begin(["--lang", options.language] if options.language else []).language
        self._why: str | None = None

    def judgement(self, requirement: str) -> Judgement:
        """Raises Impossible where there is no run; skips what comes after that was told once."""
        if self._why is not None:
            pytest.skip(f"no run: {self._why}")
        try:
            result = next((each for each in self._told.document.results if each.requirement == requirement), None)
        except Impossible as why:
            self._why = str(why).partition("\n")[0]
            raise
        if result is None:
            return Judgement("notApplicable", "", "-")
        return Judgement(result.status, "\n".join(_detail(self._told, result)), _line(self._told, result))

    def summary(self) -> list[str]:
        """The run as a whole and each class, if there was a run."""
        made = "_told" in self.__dict__ or (self.folder is not None and (self.folder / REPORT).is_file())
        if not made:
            return []
        told, language = self._told, self.language
        facts = [" · ".join(told.facts)]
        rows = [f"{each.conformance:13}{CLASS_STATUSES[each.status].to(language)}" for each in told.document.classes]
        return [*facts, *rows, *told.summary]

    @cached_property
    def _told(self) -> Told:
        text = self._made() if self.folder is None else self._once(self.folder)
        return Told(ReportDocument.model_validate_json(text), self.language)

    def _once(self, folder: Path) -> str:
        """What the first worker wrote; the others wait for it, and take over that there is no run too."""
        with (folder / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            report, failure = folder / REPORT, folder / FAILURE
            if failure.is_file():
                raise Impossible(failure.read_text(encoding="utf-8"))
            if not report.is_file():
                try:
                    report.write_text(self._made(), encoding="utf-8")
                except Impossible as why:
                    failure.write_text(str(why), encoding="utf-8")
                    raise
            return report.read_text(encoding="utf-8")

    def _made(self) -> str:
        """The report as JSON. Filters for warnings are meant for the session's own tests: none stops the kit."""
        options = self.options
        asked = {"adapter": options.adapter, "fixtures": options.fixtures, "key": options.key}
        try:
            fixtures = load_fixtures(Path(options.fixtures)) if options.fixtures else Fixtures()
            with warnings.catch_warnings(), target(options.url, asked, fixtures) as (base, known, issuer):
                warnings.simplefilter("ignore")
                report = run(base, known, Settings(classes=options.classes), issuer=issuer)
        except DatongError as error:
            raise Impossible("\n".join(each.to(self.language) for each in (error.title, error.hint) if each)) from None
        except (Problem, OSError) as error:
            raise Impossible(getattr(error, "code", type(error).__name__)) from None
        return report_json(report_document(report))


def chosen(classes: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Requirements and their levels by class; pytest.UsageError for a class that is none."""
    unknown = [name for name in classes if name not in CLASS_PREFIXES]
    if unknown:
        raise pytest.UsageError(f"--datong-class {unknown[0]}: one of {', '.join(CLASS_PREFIXES)}")
    found: dict[str, dict[str, str]] = {}
    for each in REQUIREMENTS.values():
        if not classes or each.conformance in classes:
            found.setdefault(each.conformance, {})[each.id] = each.level
    return found


def _line(told: Told, result: Any) -> str:
    remarks = told.remarks(result)
    return f"{STATUSES[result.status].to(told.language)}: {' '.join(remarks) or result.text.to(told.language)}"


def _detail(told: Told, result: Any) -> list[str]:
    """Requirement, where it comes from, what was expected and found, the requests as curl, the remedy."""
    say = told.say
    lines = [f"{result.requirement} ({told.level(result)}) {result.text.to(told.language)}", told.sources(result)]
    lines += told.remarks(result)
    for finding in result.findings:
        lines.append(say("expected: ", "应为：") + _both(told, finding.expected))
        lines.append(say("found:    ", "实为：") + _both(told, finding.found))
    for shown in told.evidence(result):
        lines += [f"{shown.id} {shown.request} -> {shown.outcome}", f"    {shown.curl}"]
    return [*lines, *([say("remedy: ", "处理建议：") + _both(told, result.hint)] if result.hint else [])]


def _both(told: Told, text: Text) -> str:
    return text.to(told.language)
