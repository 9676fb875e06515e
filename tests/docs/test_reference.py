from __future__ import annotations

import pytest

from docs.reference import FOLDER, PAGES


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page_is_current(name: str) -> None:
    """A derived page says what the program does; `make reference` writes it again."""
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name]()
