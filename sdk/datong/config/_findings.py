from __future__ import annotations

from datong.config._yaml import Path, Positions, dotted
from datong.model import Finding, Severity, Text


class Findings:
    """Collects what one stage finds, each at its place in the file."""

    def __init__(self, stage: str, positions: Positions) -> None:
        self.stage = stage
        self.all: list[Finding] = []
        self._positions = positions

    def add(
        self,
        code: str,
        path: Path,
        message: Text,
        hint: Text | None = None,
        *,
        severity: Severity = "error",
        key: bool = False,
    ) -> None:
        """`key` points at the name rather than at its value."""
        line, column = self._positions.key(path) if key else self._positions.value(path)
        self.all.append(Finding(code, severity, message, dotted(path), line, column, hint, self.stage))
