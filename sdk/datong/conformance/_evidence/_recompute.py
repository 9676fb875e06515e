"""Judges the exchanges of a bundle once more, and compares with what its report says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from datong.conformance._engine import conclude
from datong.conformance._evidence._container import MANIFEST, REPORT
from datong.conformance._evidence._documents import Manifest, Outcome, plain
from datong.conformance._evidence._faults import Fault, fault
from datong.conformance._evidence._identity import echo, target
from datong.conformance._observations import Observations
from datong.conformance._report import Report
from datong.conformance._verdict import Verdict


def recomputed(observations: Observations, outcome: Outcome, manifest: Manifest) -> Iterator[Fault]:
    """Every point in which the report or the manifest says other than follows from the exchanges."""
    report = conclude(observations)
    yield from _verdicts(outcome, report)
    for name in ("report", "target", "started_at", "claimed", "stopped", "classes"):
        if getattr(outcome, name) != getattr(report, name):
            yield fault("count-other", REPORT, _place(outcome, report, name), member=_wire(name))
    counts = dict(Counter(each.status for each in report.verdicts))
    follows = {
        "nonce": observations.nonce,
        "started_at": observations.started_at,
        "target": target(observations, report.target),
        "echo": echo(observations),
        "verdicts": counts,
    }
    for name, value in follows.items():
        if getattr(manifest, name) != value:
            yield fault("count-other", MANIFEST, _wire(name), member=_wire(name))


def _verdicts(outcome: Outcome, report: Report) -> Iterator[Fault]:
    told = {each.requirement: each for each in outcome.verdicts}
    found = {each.requirement: each for each in report.verdicts}
    for id_, verdict in found.items():
        if id_ not in told:
            yield fault("verdict-missing", REPORT, id_, found=verdict.status)
        elif told[id_] != verdict:
            yield _differs(told[id_], verdict)
    for id_ in [each.requirement for each in outcome.verdicts]:
        if id_ not in found:
            yield fault("verdict-added", REPORT, id_)
    if len(outcome.verdicts) != len(told) or list(told) != [each for each in found if each in told]:
        yield fault("count-other", REPORT, "verdicts", member="verdicts")


def _differs(told: Verdict, found: Verdict) -> Fault:
    id_ = found.requirement
    if told.status != found.status:
        return fault("verdict-other", REPORT, id_, told=told.status, found=found.status)
    one, other = plain(told), plain(found)
    return fault("verdict-detail", REPORT, id_, told=told.status, member=next(n for n in other if one[n] != other[n]))


def _place(outcome: Outcome, report: Report, name: str) -> str:
    """The class whose counts differ, else the member itself."""
    if name == "classes":
        held = {each.conformance: each for each in report.classes}
        names = [each.conformance for each in outcome.classes if held.get(each.conformance) != each]
        return names[0] if names else name
    return _wire(name)


def _wire(name: str) -> str:
    return {"started_at": "startedAt"}.get(name, name)
