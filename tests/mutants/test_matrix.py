from __future__ import annotations

from mutants.matrix import PAGE, page


def test_page_is_current() -> None:
    """The published matrix is that of the mutants as they are; `make kill-matrix` writes it again."""
    assert PAGE.read_text(encoding="utf-8") == page()
