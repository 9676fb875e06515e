from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from kit import fake, legacy
from kit.edits import edited, put, refuse

from datong.conformance import (
    CHECKS,
    PROBES,
    UNCHECKED,
    Event,
    ExchangeRecorded,
    Finished,
    Issuer,
    Judged,
    Observations,
    Planned,
    ProbeStarted,
    Report,
    Settings,
    Waiver,
    conclude,
    run,
    verdicts,
)
from datong.standard import CLASS_PREFIXES, REQUIREMENTS


def test_every_requirement_has_a_check() -> None:
    """A requirement has a check or a stated reason for none, and every check a requirement."""
    assert set(CHECKS) | set(UNCHECKED) == set(REQUIREMENTS)
    assert not set(CHECKS) & set(UNCHECKED)
    assert all(each.hint.en and each.hint.zh for each in CHECKS.values())


def test_every_class_has_probes() -> None:
    """Each conformance class has probes, under names of its own."""
    assert {each.conformance for each in PROBES.values()} == set(CLASS_PREFIXES)
    assert all(name.startswith(f"{each.conformance}.") for name, each in PROBES.items())


def test_adapter_is_proven(adapter_report: Report) -> None:
    """The real adapter passes whatever it claims, as far as a run without a hook can tell."""
    assert adapter_report.stopped is None
    assert adapter_report.observations.facts["failed"] == {}
    failed = {each.requirement for each in adapter_report.verdicts if each.status in ("fail", "error")}
    assert failed == {"REQ-CORE-02"}


def test_unclaimed_mandatory_class(adapter_report: Report) -> None:
    """A mandatory class that is not claimed is one clear failure; its own requirements are not tested."""
    own = [each for each in adapter_report.verdicts if each.conformance == "corrections"]
    assert {each.status for each in own} == {"notApplicable"}
    (finding,) = next(each for each in adapter_report.verdicts if each.requirement == "REQ-CORE-02").findings
    assert "corrections" in finding.found.en
    summary = {each.conformance: each.status for each in adapter_report.classes}
    assert summary["corrections"] == "notTested"
    assert summary["core"] == "failed"
    assert summary["catalog"] == "passed"
    assert summary["audit"] == "notFullyTested"


def test_derived_fixtures(served: legacy.Served) -> None:
    """Without fixtures the kit derives what it can; fidelity stays open, since nobody says what the source holds."""
    settings = Settings(population=40, cases=2, classes=("verify", "fidelity", "query"), budget=60)
    report = run(fake.BASE, None, settings, issuer=served.issuer, transport=served.transport)
    given = report.observations.fixtures.entry("persons")
    assert {"claims", "region", "rows", "sensitive"} <= set(given.derived)
    assert {each.kind for each in given.claims} == {"true", "wrong", "absent", "width", "trim", "case"}
    found = {each.requirement: each.status for each in report.verdicts}
    assert {found[f"REQ-FID-0{number}"] for number in range(1, 6)} == {"inconclusive"}
    assert {found[f"REQ-VER-0{number}"] for number in range(1, 9)} == {"pass"}
    assert {each.conformance for each in report.verdicts} == {"query", "verify", "fidelity"}


def test_untrusted_issuer(served: legacy.Served) -> None:
    """A target that does not trust the kit ends the run with that reason; what is public is judged all the same."""
    report = run(fake.BASE, None, Settings(budget=30), issuer=Issuer.generate(), transport=served.transport)
    assert report.observations.stopped == "untrusted"
    found = {each.requirement: each for each in report.verdicts}
    assert found["REQ-CORE-04"].status == "pass"
    assert found["REQ-QRY-01"].status == "inconclusive"
    assert found["REQ-QRY-01"].reason == report.stopped


def test_events() -> None:
    """Listeners hear the plan, every probe, every exchange, every verdict and the end."""
    heard: list[Event] = []
    settings = Settings(classes=("service",))
    report = run(fake.BASE, fake.known(), settings, transport=fake.Fake().transport, listener=heard.append)
    plan = next(each for each in heard if isinstance(each, Planned))
    started = [each.name for each in heard if isinstance(each, ProbeStarted)]
    assert started[-len(plan.probes) :] == list(plan.probes)
    assert set(plan.requirements) == {name for name, each in REQUIREMENTS.items() if each.conformance == "service"}
    exchanges = [each.exchange for each in heard if isinstance(each, ExchangeRecorded)]
    assert tuple(exchanges) == report.observations.exchanges
    assert tuple(each.verdict for each in heard if isinstance(each, Judged)) == report.verdicts
    assert isinstance(heard[-1], Finished)


def test_recomputed(adapter_report: Report) -> None:
    """Whoever has the observations gets the same verdicts."""
    again = Observations.model_validate_json(adapter_report.observations.model_dump_json(by_alias=True))
    assert verdicts(again) == adapter_report.verdicts


def waived(observations: Observations, requirement: str, until: date) -> Any:
    waiver = Waiver(requirement=requirement, reason="agreed with the exchange", until=until)
    settings = observations.settings.model_copy(update={"waivers": (waiver,), "requirements": (requirement,)})
    return conclude(observations.model_copy(update={"settings": settings})).verdicts[0]


def test_waivers(adapter_report: Report) -> None:
    """A waiver holds until its day, and one whose failure does not happen is a failure itself."""
    observations = adapter_report.observations
    assert waived(observations, "REQ-CORE-02", date(2999, 1, 1)).status == "waived"
    assert waived(observations, "REQ-CORE-02", date(2020, 1, 1)).status == "fail"
    unneeded = waived(observations, "REQ-CORE-01", date(2999, 1, 1))
    assert (unneeded.status, unneeded.waiver.reason) == ("fail", "agreed with the exchange")


@pytest.mark.parametrize(("level", "status"), [("MUST", "fail"), ("SHOULD", "warning")])
def test_levels(adapter_report: Report, level: str, status: str) -> None:
    """A MUST that is not met fails, a SHOULD warns; warnings alone leave the exit code at 0."""
    label, edit = ("query.record", put("/note", "x")) if level == "SHOULD" else ("verify.only", refuse(200))
    changed = edited(adapter_report.observations, edit, label)
    requirement = "REQ-QRY-10" if level == "SHOULD" else "REQ-VER-08"
    settings = changed.settings.model_copy(update={"requirements": (requirement,)})
    report = conclude(changed.model_copy(update={"settings": settings}))
    assert [each.status for each in report.verdicts] == [status]
    assert report.exit_code == (1 if level == "MUST" else 0)


def test_kit_failures_are_errors(adapter_report: Report) -> None:
    """When a probe of the kit breaks, what it would have shown is an error and never a pass."""
    kept = tuple(each for each in adapter_report.observations.exchanges if not each.label.startswith("verify."))
    facts = {**adapter_report.observations.facts, "failed": {"verify.claims": "KeyError"}}
    broken = adapter_report.observations.model_copy(update={"exchanges": kept, "facts": facts})
    settings = broken.settings.model_copy(update={"requirements": ("REQ-VER-05",)})
    report = conclude(broken.model_copy(update={"settings": settings}))
    assert report.verdicts[0].status == "error"
    assert report.exit_code == 2
