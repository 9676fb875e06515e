from __future__ import annotations

import os
from collections import Counter

import pytest
from mutants.mutant import NOISY, Mutant, broken, marks
from mutants.registry import CLAIMED, MUTANTS, SHORT, UNKILLED
from mutants.variants import VARIANTS, Variant
from mutants.world import Bench, examined

from datong.conformance import Report
from datong.standard import REQUIREMENTS

WHOLE = os.environ.get("KILL_MATRIX") == "whole"
"""Every class for every mutant, as `make kill-matrix` does; otherwise the classes that a mutant is about."""


def test_reference_passes(reference: Report, sound: dict[str, set[str]]) -> None:
    """The reference adapter claims what the matrix is about, and passes all of it but what is named."""
    assert set(reference.claimed) == set(CLAIMED)
    assert set(sound) - {"REQ-OPS-05"} - NOISY == set(SHORT)
    assert not reference.observations.facts["failed"]


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=lambda mutant: mutant.id)
def test_mutant_is_killed(mutant: Mutant, work: Bench, sound: dict[str, set[str]]) -> None:
    """A defect fails the requirements that it violates, and no others."""
    mutant.apply(work)
    report = examined(work, () if WHOLE else mutant.classes)
    found = broken(report, sound, (*mutant.violates, *mutant.entails))
    told = {name: sorted(marks(report)[name])[:3] for name in mutant.collateral(found)}
    assert not mutant.missed(found), f"survived; failed: {report.observations.facts['failed']}"
    assert not told


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=lambda variant: variant.id)
def test_variant_is_not_flagged(variant: Variant, work: Bench, sound: dict[str, set[str]]) -> None:
    """What the standard allows is not found fault with, however odd."""
    variant.apply(work)
    report = examined(work)
    found = set(broken(report, sound)) - NOISY
    assert {name: sorted(marks(report)[name])[:3] for name in found} == {}


def test_every_must_has_a_mutant() -> None:
    """Each requirement of the claimed classes is violated by a mutant, or it is said why not."""
    killed = {name for mutant in MUTANTS.values() for name in mutant.violates}
    asked = {each.id for each in REQUIREMENTS.values() if each.conformance in CLAIMED}
    assert killed <= asked
    assert asked - killed == set(UNKILLED)
    assert all(REQUIREMENTS[name].level == "SHOULD" for name in UNKILLED)


def test_names_tell_mutants_apart() -> None:
    """Each mutant and variant has a sentence of its own in both languages."""
    for language in ("en", "zh"):
        told = Counter(getattr(each.text, language) for each in (*MUTANTS.values(), *VARIANTS.values()))
        assert max(told.values()) == 1, told.most_common(3)
