from __future__ import annotations

from mutants.matrix import PAGE, page
from mutants.registry import MUTANTS
from mutants.variants import VARIANTS


def test_page_is_current() -> None:
    """The published matrix is that of the mutants as they are; `make kill-matrix` writes it again."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_there_are_enough() -> None:
    """The kit is proven on at least 120 defects and 15 legal variants."""
    assert len(MUTANTS) >= 120
    assert len(VARIANTS) >= 15
