from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.cli._width import cells, pad, wrap

TEXTS = st.text(st.sampled_from("abc de 中文字，。（）《》x-1 "), max_size=80)


def test_cells() -> None:
    """A Chinese character takes two cells, a combining one none."""
    assert (cells("ab"), cells("中文"), cells("e\u0301"), cells("（")) == (2, 4, 1, 2)
    assert pad("中", 4) == "中  "


@given(TEXTS, st.integers(8, 40))
def test_wrapped_lines_fit(text: str, width: int) -> None:
    """No line is wider than asked, but for a word, or a run of marks, that is longer by itself."""
    longest = max((cells(word) for word in re.findall(r"[a-z0-9-]*.?[，。（）《》]*.?|\S+", text)), default=0)
    for line in wrap(text, width):
        assert cells(line) <= max(width, longest)


@given(TEXTS, st.integers(8, 40))
def test_nothing_is_lost(text: str, width: int) -> None:
    """Wrapping changes blanks alone."""
    assert "".join("".join(wrap(text, width)).split()) == "".join(text.split())


@pytest.mark.parametrize("mark", "，。）》")
def test_no_line_begins_with_a_closing_mark(mark: str) -> None:
    """A line begins with no closing mark and ends with no opening bracket."""
    lines = wrap("中" * 4 + mark + "文（字" * 8, 8)
    assert not any(line.startswith(mark) for line in lines)
    assert not any(line.endswith("（") for line in lines)
