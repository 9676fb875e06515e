from __future__ import annotations

import io

import pytest
from rich.console import Console

from datong.demo._screen import Screen
from datong.model import Language, Text


def screen(language: Language = "en") -> tuple[Screen, io.StringIO]:
    printed = io.StringIO()
    return Screen(language, Console(file=printed, width=80, highlight=False)), printed


@pytest.mark.parametrize(("language", "wanted"), [("en", "first"), ("zh", "第一步")])
def test_language(language: Language, wanted: str) -> None:
    """Everything is said in the one language that was chosen."""
    made, printed = screen(language)
    made.step(Text("first", "第一步"), Text("why", "缘由"))
    assert wanted in printed.getvalue()
    assert ("why" in printed.getvalue()) is (language == "en")


def test_steps_are_counted() -> None:
    """Steps are numbered from one."""
    made, printed = screen()
    for name in ("alpha", "beta"):
        made.step(Text(name, name), Text("", ""))
    assert "1  alpha" in printed.getvalue()
    assert "2  beta" in printed.getvalue()


def test_long_answer_says_what_it_leaves_out() -> None:
    """An answer longer than shown names the lines that are left out; a short one is whole."""
    made, printed = screen()
    made.answer(200, {"items": list(range(40))}, keep=5)
    assert "… 39 more lines" in printed.getvalue()
    made, printed = screen()
    made.answer(200, {"items": [1]}, keep=5)
    assert "more lines" not in printed.getvalue()


def test_markup_is_text() -> None:
    """What a server answers is never read as markup or colour."""
    made, printed = screen()
    made.answer(403, {"title": "[bold]x[/]"})
    made.request("GET", "/a?[b]=c")
    made.command("echo [red]", "[red]out[/red]", 5)
    for wanted in ("[bold]x[/]", "/a?[b]=c", "[red]out[/red]"):
        assert wanted in printed.getvalue()


def test_marks() -> None:
    """A met expectation and a missed one look different without colour."""
    made, printed = screen()
    made.mark(Text("met", "符合"), good=True)
    made.mark(Text("missed", "不符"), good=False)
    assert "✓ met" in printed.getvalue()
    assert "✗ missed" in printed.getvalue()


def test_progress_is_silent_in_a_file() -> None:
    """Nothing of a progress bar reaches a file or a pipe."""
    made, printed = screen()
    with made.progress(Text("people", "人员"), 10) as tell:
        tell(10)
    assert printed.getvalue() == ""
