"""adapter.yaml: read once, validated in stages, every error at its line and column."""

from __future__ import annotations

from pathlib import Path

from datong.config._check import check
from datong.config._codes import FINDINGS
from datong.config._load import FILE, Loaded, attempt, folder_of, open_section, open_source, refuse, require_secrets
from datong.config._report import STAGES, Report, Stage, finding_document
from datong.config._schema import json_schema
from datong.config._secrets import resolve
from datong.config._shape import choices
from datong.config._static import static_findings
from datong.config._yaml import Positions

__all__ = [
    "FILE",
    "FINDINGS",
    "STAGES",
    "Loaded",
    "Positions",
    "Report",
    "Stage",
    "check",
    "choices",
    "finding_document",
    "json_schema",
    "load",
    "open_section",
    "open_source",
    "require_secrets",
    "resolve",
]


def load(folder: Path | str) -> Loaded:
    """The compiled adapter of this folder (or of the adapter.yaml that is named).

    Raises ConfigError with every finding of the static stages; UsageError where there is no file.
    Nothing is connected to.
    """
    place = folder_of(Path(folder))
    tried = attempt(place)
    if tried.loaded is None:
        raise refuse(tried.findings, place)
    findings = static_findings(tried.loaded)
    if any(finding.severity == "error" for finding in findings):
        raise refuse(findings, place)
    return tried.loaded
