from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FRAGMENTS = sorted(path for path in (ROOT / "changelog.d").glob("*.md") if path.name != "README.md")


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=lambda path: path.name)
def test_fragment(fragment: Path) -> None:
    """A fragment is one sentence on one line, in a file whose name says of which kind it is."""
    assert re.fullmatch(r"[a-z0-9-]+\.(added|changed|fixed|removed|security)\.md", fragment.name)
    text = fragment.read_text(encoding="utf-8")
    assert re.fullmatch(r"[^\n]{20,250}[.]\n", text)
    assert len(re.findall(r"[.!?](?= [A-Z])", text)) == 0
