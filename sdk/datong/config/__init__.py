"""adapter.yaml: read once, validated in stages, every error at its line and column."""

from __future__ import annotations

from pathlib import Path

from datong.config._load import FILE, Loaded, attempt, folder_of, open_source, refuse
from datong.config._report import STAGES, Report, Stage, finding_document
from datong.config._secrets import resolve
from datong.config._yaml import Positions

__all__ = [
    "FILE",
    "STAGES",
    "Loaded",
    "Positions",
    "Report",
    "Stage",
    "finding_document",
    "load",
    "open_source",
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
    return tried.loaded
