"""The outcome of a run as one document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from datong.conformance._observations import Observations
from datong.conformance._verdict import Bilingual, Status, Verdict
from datong.model import Part

ClassStatus = Literal["passed", "failed", "notFullyTested", "notTested"]


class Kit(Part):
    version: str
    interface: str
    register_digest: str
    """SHA-256 of the register of requirements, canonical JSON."""


class Target(Part):
    base: str
    adapter_id: str | None = None
    provider: str | None = None
    title: str | None = None
    version: str | None = None
    openapi_digest: str | None = None
    fingerprint: str | None = None
    """SHA-256 of the TLS certificate."""
    test_profile: bool = False
    """HTTP without TLS on loopback, which only a test may use."""


class ClassSummary(Part):
    conformance: str
    status: ClassStatus
    counts: dict[Status, int]


class Report(Part):
    """`stopped` says what ended the run early. `observations` hold all that the verdicts follow from."""

    report: Literal["1"] = "1"
    kit: Kit
    target: Target
    started_at: str
    seconds: float
    claimed: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    classes: tuple[ClassSummary, ...]
    stopped: Bilingual | None = None
    observations: Observations

    @property
    def exit_code(self) -> int:
        """0 no failure, 1 at least one, 2 the kit or its fixtures failed, or the run ended early without a failure."""
        statuses = {verdict.status for verdict in self.verdicts}
        if "error" in statuses:
            return 2
        if "fail" in statuses:
            return 1
        return 2 if self.stopped else 0


def summarise(verdicts: Sequence[Verdict], claimed: Sequence[str]) -> tuple[ClassSummary, ...]:
    """By class. One with a MUST that is inconclusive is not fully tested, and never passed."""
    found = []
    for name in dict.fromkeys(verdict.conformance for verdict in verdicts):
        own = [verdict for verdict in verdicts if verdict.conformance == name]
        counts = Counter(verdict.status for verdict in own)
        found.append(ClassSummary(conformance=name, status=_status(own, tested=name in claimed), counts=dict(counts)))
    return tuple(found)


def _status(verdicts: Sequence[Verdict], *, tested: bool) -> ClassStatus:
    must = {verdict.status for verdict in verdicts if verdict.level == "MUST"}
    if "fail" in must:
        return "failed"
    if not tested:
        return "notTested"
    return "notFullyTested" if must & {"inconclusive", "error"} else "passed"
