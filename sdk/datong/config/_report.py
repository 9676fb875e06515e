from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from datong.model import Finding, Language

STAGES = ("syntax", "mapping", "keys", "secrets", "reachability", "sample", "contract")
Outcome = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Stage:
    """`seconds` is how long it took; 0 where it was skipped because an earlier one failed."""

    name: str
    outcome: Outcome
    seconds: float


@dataclass(slots=True)
class Report:
    """What `datong check` found: every stage that could run, every finding of each."""

    folder: str
    stages: list[Stage] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def errors(self) -> int:
        return sum(finding.severity == "error" for finding in self.findings)

    @property
    def warnings(self) -> int:
        return sum(finding.severity == "warning" for finding in self.findings)

    @property
    def ok(self) -> bool:
        """No error, and nothing left unlooked at but what was asked to be left."""
        return self.errors == 0

    def document(self, language: Language) -> dict[str, Any]:
        """The report as JSON, its sentences in one language."""
        return {
            "ok": self.ok,
            "folder": self.folder,
            "errors": self.errors,
            "warnings": self.warnings,
            "stages": [asdict(stage) for stage in self.stages],
            "findings": [finding_document(finding, language) for finding in self.findings],
        }


def finding_document(finding: Finding, language: Language) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "stage": finding.stage,
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "message": finding.message.to(language),
        "hint": finding.hint.to(language) if finding.hint else None,
    }
