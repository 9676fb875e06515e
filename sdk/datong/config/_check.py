from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from datong.config._contract import contract_findings
from datong.config._findings import Findings
from datong.config._live import reach, sample
from datong.config._load import Attempt, Loaded, attempt, folder_of
from datong.config._report import STAGES, Outcome, Report, Stage
from datong.config._static import secret_findings, static_findings
from datong.sources import Source

Progress = Callable[[str], None]


def _silent(stage: str) -> None:
    """Whoever gives no progress hears nothing."""


def check(folder: Path | str, *, offline: bool = False, progress: Progress = _silent) -> Report:
    """Every stage that the earlier ones allow, all findings of each.

    `offline` leaves the legacy system alone: `reachability` and `sample` are skipped. `progress` is
    told the name of each stage as it starts. Raises UsageError where there is no adapter.yaml.
    """
    place = folder_of(Path(folder))
    run = _Run(Report(str(place)), progress)
    loaded = run.file(place)
    if loaded is not None:
        run.rest(loaded, offline=offline)
    run.skip_the_rest()
    return run.report


class _Run:
    def __init__(self, report: Report, progress: Progress) -> None:
        self.report = report
        self._progress = progress

    def file(self, folder: Path) -> Loaded | None:
        """Syntax and shape are read in one pass; the time is told for the second."""
        start = time.perf_counter()
        self._progress("syntax")
        tried: Attempt = attempt(folder)
        seconds = time.perf_counter() - start
        self.report.findings += tried.findings
        if tried.reached == "syntax":
            self.report.stages.append(Stage("syntax", "failed", seconds))
            return None
        self.report.stages.append(Stage("syntax", "passed", tried.parse_seconds))
        outcome: Outcome = "passed" if tried.loaded else "failed"
        self.report.stages.append(Stage("mapping", outcome, seconds - tried.parse_seconds))
        return tried.loaded

    def rest(self, loaded: Loaded, *, offline: bool) -> None:
        with self._stage("keys", loaded) as found:
            found.all += static_findings(loaded)
        with self._stage("secrets", loaded) as found:
            found.all += secret_findings(loaded)
        secrets = not self._failed("secrets")
        keys = not self._failed("keys")
        if secrets and not offline and not self._has("password-in-file"):
            self._live(loaded)
        if keys:
            with self._stage("contract", loaded) as found:
                contract_findings(loaded, found)

    def _live(self, loaded: Loaded) -> None:
        source: Source | None = None
        with self._stage("reachability", loaded) as found:
            source = reach(loaded, found)
        if source is None:
            return
        try:
            with self._stage("sample", loaded) as found:
                sample(loaded, source, found)
        finally:
            source.close()

    @contextmanager
    def _stage(self, name: str, loaded: Loaded) -> Iterator[Findings]:
        self._progress(name)
        start = time.perf_counter()
        found = Findings(name, loaded.positions)
        yield found
        failed = any(finding.severity == "error" for finding in found.all)
        self.report.findings += found.all
        self.report.stages.append(Stage(name, "failed" if failed else "passed", time.perf_counter() - start))

    def _failed(self, name: str) -> bool:
        return any(stage.name == name and stage.outcome == "failed" for stage in self.report.stages)

    def _has(self, code: str) -> bool:
        return any(finding.code == code for finding in self.report.findings)

    def skip_the_rest(self) -> None:
        done = {stage.name: stage for stage in self.report.stages}
        self.report.stages = [done.get(name, Stage(name, "skipped", 0.0)) for name in STAGES]
