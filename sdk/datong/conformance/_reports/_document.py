"""The report as one document for machines: what every other form is made of."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final, Literal

from pydantic import Field as Described

from datong.conformance._observations import Wait
from datong.conformance._registry import CHECKS
from datong.conformance._report import ClassStatus, Kit, Report, Target
from datong.conformance._reports._evidence import Shown, plain, shown
from datong.conformance._reports._how import how
from datong.conformance._reports._law import sources
from datong.conformance._reports._words import CLASSES, STATUSES
from datong.conformance._settings import Settings
from datong.conformance._verdict import Bilingual, Finding, Status, Verdict, Waiver
from datong.model import Part
from datong.standard import REQUIREMENTS

MOST_SHOWN: Final = 3
"""Exchanges of one finding that a report shows."""
SCHEMA_ID: Final = "urn:datong:conformance-report:1"


class ClassResult(Part):
    conformance: str
    title: Bilingual
    status: ClassStatus
    claimed: bool
    counts: dict[Status, int]


class Result(Part):
    """The verdict on one requirement, with all that a reader needs beside it."""

    requirement: str
    conformance: str
    level: Literal["MUST", "SHOULD"]
    status: Status
    text: Bilingual
    sources: tuple[Bilingual, ...]
    """Articles and standards that the requirement comes from."""
    tested: Bilingual
    """What the kit does to find out."""
    findings: tuple[Finding, ...] = ()
    reason: Bilingual | None = None
    """Why there is no pass or fail."""
    hint: Bilingual | None = None
    """How to put it right."""
    unproven: Bilingual | None = None
    """What a black box cannot prove of it."""
    cited: int = 0
    """Exchanges that the check looked at."""
    figures: dict[str, float] = Described(default_factory=dict)
    waiver: Waiver | None = None


class ReportDocument(Part):
    """The outcome of one run of the conformance kit.

    `exitCode`: 0 no failure, 1 at least one, 2 the kit or its fixtures failed. `evidence` holds the
    exchanges that findings name, at most three of each. `digest` is the SHA-256, in hexadecimal, of
    the canonical JSON (RFC 8785) of this document without `digest`.
    """

    conformance_report: Literal["1"] = "1"
    """Version of this document's format."""
    kit: Kit
    target: Target
    started_at: str
    seconds: float
    requests: int
    exit_code: Literal[0, 1, 2]
    claimed: tuple[str, ...]
    stopped: Bilingual | None = None
    """What ended the run early."""
    counts: dict[Status, int]
    classes: tuple[ClassResult, ...]
    results: tuple[Result, ...]
    evidence: dict[str, Shown]
    derived: dict[str, tuple[str, ...]]
    """Entry → fixtures that were taken from the target's own answers: they prove that it agrees with itself."""
    settings: Settings
    waits: tuple[Wait, ...]
    """Every wait of the kit, and why."""
    digest: str = ""

    @property
    def untested(self) -> tuple[ClassResult, ...]:
        """Classes of which not all was tested; such a class is never passed."""
        return tuple(each for each in self.classes if each.status == "notFullyTested")

    @property
    def excused(self) -> tuple[ClassResult, ...]:
        """Classes that pass only because a failure is waived."""
        return tuple(each for each in self.classes if each.status == "passed" and each.counts.get("waived"))


def report_document(report: Report) -> ReportDocument:
    """What a report tells people, as a document of its own; the exchanges that nobody needs are left out."""
    named = dict.fromkeys(id_ for verdict in report.verdicts for each in verdict.findings for id_ in _named(each))
    held = report.observations.by_id
    made = ReportDocument(
        kit=report.kit,
        target=report.target,
        started_at=report.started_at,
        seconds=report.seconds,
        requests=len(report.observations.exchanges),
        exit_code=_exit_code(report),
        claimed=report.claimed,
        stopped=report.stopped,
        counts=_counts(report.verdicts),
        classes=tuple(_class(report, each) for each in report.classes),
        results=tuple(_result(verdict) for verdict in report.verdicts),
        evidence={id_: shown(held[id_], report.observations.base) for id_ in named if id_ in held},
        derived={name: each.derived for name, each in report.observations.fixtures.entries.items() if each.derived},
        settings=report.observations.settings,
        waits=report.observations.waits,
    )
    clean = ReportDocument.model_validate(_cleaned(made.model_dump(mode="json", by_alias=True)))
    return clean.model_copy(update={"digest": report_digest(clean)})


def report_digest(document: ReportDocument) -> str:
    """What `digest` must be; a report whose digest differs was changed."""
    held = _plain_document(document)
    held.pop("digest", None)
    canonical = json.dumps(held, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def report_json(document: ReportDocument) -> str:
    return json.dumps(_plain_document(document), ensure_ascii=False, indent=2) + "\n"


def report_schema() -> dict[str, Any]:
    """JSON Schema of `report_json`."""
    made = ReportDocument.model_json_schema(by_alias=True, mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **made}


def _plain_document(document: ReportDocument) -> dict[str, Any]:
    held: dict[str, Any] = _whole(document.model_dump(mode="json", by_alias=True, exclude_none=True))
    return held


def _whole(value: Any) -> Any:
    """Numbers as RFC 8785 writes them: 6 and not 6.0."""
    if isinstance(value, dict):
        return {name: _whole(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_whole(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _cleaned(value: Any) -> Any:
    """Every text of it without what no report may hold."""
    if isinstance(value, dict):
        return {plain(name): _cleaned(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    return plain(value) if isinstance(value, str) else value


def _exit_code(report: Report) -> Literal[0, 1, 2]:
    return 2 if report.exit_code == 2 else 1 if report.exit_code else 0  # noqa: PLR2004 - the codes themselves


def _named(finding: Finding) -> tuple[str, ...]:
    return finding.exchanges[:MOST_SHOWN]


def _counts(verdicts: Iterable[Verdict]) -> dict[Status, int]:
    counted = Counter[Status](verdict.status for verdict in verdicts)
    return {status: counted[status] for status in STATUSES if counted[status]}


def _class(report: Report, summary: Any) -> ClassResult:
    return ClassResult(
        conformance=summary.conformance,
        title=CLASSES[summary.conformance],
        status=summary.status,
        claimed=summary.conformance in report.claimed,
        counts={status: summary.counts[status] for status in STATUSES if summary.counts.get(status)},
    )


def _result(verdict: Verdict) -> Result:
    about = REQUIREMENTS[verdict.requirement]
    check = CHECKS.get(verdict.requirement)
    return Result(
        requirement=about.id,
        conformance=about.conformance,
        level=about.level,
        status=verdict.status,
        text=about.text,
        sources=sources(about.trace),
        tested=how(about),
        findings=verdict.findings,
        reason=verdict.reason,
        hint=verdict.hint or (check.hint if check and verdict.findings else None),
        unproven=about.unproven,
        cited=len(verdict.exchanges),
        figures=verdict.figures,
        waiver=verdict.waiver,
    )
