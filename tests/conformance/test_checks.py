from __future__ import annotations

import random
from typing import Any

import pytest
from kit.edits import edited, respond, without
from kit.failures import BY_HAND, CASES, Case

from datong.conformance import CHECKS, Observations, Report
from datong.conformance._look import judge
from datong.standard import REQUIREMENTS

EXPECTED = {"REQ-CORE-02": "fail", "REQ-SEC-14": "warning"}
"""What the adapter of today is known not to have: the class corrections, signed requests."""
SILENT = BY_HAND - {"REQ-OPS-04"}


def verdict(requirement: str, observations: Observations) -> Any:
    return judge(CHECKS[requirement], observations)


@pytest.mark.parametrize("requirement", [each for each in REQUIREMENTS if each not in BY_HAND])
def test_passes(requirement: str, recorded: dict[str, Observations]) -> None:
    """A target that does as the requirement says passes it, with the exchanges that show it."""
    found = verdict(requirement, recorded[REQUIREMENTS[requirement].conformance])
    told = [(each.expected.en, each.found.en) for each in found.findings]
    assert found.status == EXPECTED.get(requirement, "pass"), (told, found.reason)
    assert found.exchanges


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.requirement} {case.label}")
def test_fails(case: Case, recorded: dict[str, Observations]) -> None:
    """A recording with one defect fails the requirement, and names expectation, finding and hint."""
    about = REQUIREMENTS[case.requirement]
    base = recorded[about.conformance]
    before = verdict(case.requirement, base)
    found = verdict(case.requirement, edited(base, case.edit, case.label, every=case.every, **case.tags))
    assert found.status == ("fail" if about.level == "MUST" else "warning"), found.reason
    assert found.findings != before.findings or case.requirement in EXPECTED
    assert found.hint is not None
    assert all(each.expected.en and each.expected.zh for each in found.findings)


def test_every_requirement_is_made_to_fail() -> None:
    """No check goes unproven: each has a recording on which it fails."""
    assert {case.requirement for case in CASES} | BY_HAND == set(REQUIREMENTS)


@pytest.mark.parametrize("requirement", [each for each in REQUIREMENTS if each not in BY_HAND])
def test_inconclusive(requirement: str, recorded: dict[str, Observations]) -> None:
    """Without the exchanges that it looked at, a check neither passes nor breaks."""
    base = recorded[REQUIREMENTS[requirement].conformance]
    found = verdict(requirement, without(base, set(verdict(requirement, base).exchanges)))
    assert found.status in ("inconclusive", "notApplicable")


@pytest.mark.parametrize("requirement", list(REQUIREMENTS))
def test_nothing_observed(requirement: str) -> None:
    """Nothing is ever passed on nothing."""
    nothing = Observations(base="http://127.0.0.1:1/v1", nonce="n", started_at="2026-01-01T00:00:00+00:00")
    assert verdict(requirement, nothing).status in ("inconclusive", "notApplicable")


ODD: tuple[Any, ...] = (None, [], {}, "text", 7, {"items": "x"}, {"items": [1, None]}, {"errors": 3, "links": 4})


@pytest.mark.parametrize("requirement", list(REQUIREMENTS))
def test_odd_answers(requirement: str, recorded: dict[str, Observations]) -> None:
    """Whatever a target sends in the place of a document, no check breaks."""
    base = recorded[REQUIREMENTS[requirement].conformance]
    cited = set(verdict(requirement, base).exchanges)
    for seed in range(3):
        chance = random.Random(seed)  # noqa: S311 - repeatable, no secret
        changed = tuple(
            respond(body=chance.choice(ODD))(each) if each.id in cited and chance.random() < 0.6 else each
            for each in base.exchanges
        )
        found = verdict(requirement, base.model_copy(update={"exchanges": changed}))
        assert found.status != "error", found.reason


def test_pure(adapter_report: Report) -> None:
    """Verdicts follow from the observations alone: read back from JSON they are the same."""
    text = adapter_report.model_dump_json(by_alias=True)
    again = Report.model_validate_json(text)
    assert again == adapter_report
    for each in adapter_report.verdicts[::7]:
        if each.status != "notApplicable":
            assert verdict(each.requirement, again.observations).status == each.status
