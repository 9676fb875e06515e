"""From observations to verdicts: the part that an exchange repeats to see whether a report is true."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from datong.conformance._look import NOTHING, judge
from datong.conformance._observations import Observations
from datong.conformance._registry import CHECKS, Check
from datong.conformance._stops import STOPS
from datong.conformance._verdict import Verdict, Waiver
from datong.model import Text
from datong.standard import REQUIREMENTS, Requirement

NOT_CLAIMED = Text("The target does not claim this class.", "被测系统未声明符合该一致性类。")
UNCHECKED: dict[str, Text] = {}
"""Requirements that no check is written for, and why; every other one has a check."""


def verdicts(observations: Observations) -> tuple[Verdict, ...]:
    """One verdict for each requirement in question: a pure function of the observations."""
    return tuple(_waived(_verdict(each, observations), observations) for each in asked(observations))


def asked(observations: Observations) -> Iterator[Requirement]:
    """The requirements in question, in the order of the specification."""
    settings = observations.settings
    for each in REQUIREMENTS.values():
        if (not settings.classes or each.conformance in settings.classes) and (
            not settings.requirements or each.id in settings.requirements
        ):
            yield each


def _verdict(requirement: Requirement, observations: Observations) -> Verdict:
    claimed = observations.claimed
    check = CHECKS.get(requirement.id)
    if check is None:
        return _untested(requirement, UNCHECKED[requirement.id])
    if claimed and requirement.conformance not in ("core", *claimed):
        return _untested(requirement, NOT_CLAIMED)
    return _explained(check, judge(check, observations), observations)


def _untested(requirement: Requirement, reason: Text) -> Verdict:
    return Verdict(
        requirement=requirement.id,
        conformance=requirement.conformance,
        level=requirement.level,
        status="notApplicable",
        reason=reason,
    )


def _explained(check: Check, verdict: Verdict, observations: Observations) -> Verdict:
    """Why nothing was seen: the run ended early, or a probe of the class failed."""
    if verdict.status != "inconclusive" or verdict.reason != NOTHING:
        return verdict
    failed = observations.facts.get("failed", {})
    names = [name for name in failed if name.partition(".")[0] == check.about.conformance]
    if names:
        text = ", ".join(f"{name}: {failed[name]}" for name in names)
        reason = Text(f"A probe of the kit failed ({text}).", f"测试工具的探测程序出错（{text}）。")
        return verdict.model_copy(update={"status": "error", "reason": reason})
    if observations.stopped is not None:
        return verdict.model_copy(update={"reason": STOPS[observations.stopped]})
    return verdict


def _waived(verdict: Verdict, observations: Observations) -> Verdict:
    waiver = next((each for each in observations.settings.waivers if each.requirement == verdict.requirement), None)
    if waiver is None or not _holds(waiver, observations):
        return verdict
    if verdict.status in ("fail", "warning"):
        return verdict.model_copy(update={"status": "waived", "waiver": waiver})
    if verdict.status == "pass":
        reason = Text(
            "A failure is waived that does not happen: remove the waiver.", "所豁免的不符合项并未出现，请删除该豁免。"
        )
        return verdict.model_copy(update={"status": "fail", "waiver": waiver, "reason": reason})
    return verdict


def _holds(waiver: Waiver, observations: Observations) -> bool:
    return datetime.fromisoformat(observations.started_at).date() <= waiver.until
