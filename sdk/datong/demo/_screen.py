"""How the walk looks on a terminal: numbered steps, real requests and answers, a mark for each expectation."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text as Line

from datong.model import Language, Text

_INDENT = 4
_CLIENT_ERROR = 400
_JSON = Syntax("", "json", theme="ansi_dark", background_color="default")


class Screen:
    """Prints in one language; counts its steps."""

    def __init__(self, language: Language, console: Console | None = None) -> None:
        self.language = language
        self._console = console or Console(highlight=False, soft_wrap=False)
        self._steps = 0

    def title(self, text: Text, below: Text) -> None:
        self._console.print()
        self._console.print(Line(f"  {text.to(self.language)}", style="bold"))
        self._console.print(Line(f"  {below.to(self.language)}", style="dim"))

    def step(self, title: Text, why: Text) -> None:
        """A numbered heading and the sentence that says what it is about."""
        self._steps += 1
        self._console.print()
        self._console.rule(f"[bold] {self._steps}  {title.to(self.language)} [/]", align="left", style="cyan")
        self.say(why)

    def say(self, text: Text, style: str = "") -> None:
        self._put(Line(text.to(self.language), style=style))

    def joined(self, texts: Iterable[Text]) -> str:
        return ("；" if self.language == "zh" else "; ").join(text.to(self.language) for text in texts)

    def mark(self, text: Text, *, good: bool) -> None:
        """An expectation, and whether it was met."""
        sign, style = ("✓", "green") if good else ("✗", "bold red")
        self._put(Line(f"{sign} {text.to(self.language)}", style=style))

    def command(self, command: str, output: str, keep: int) -> None:
        """A command as it was run, and the first lines of what it printed."""
        self._put(Line(f"$ {command}", style="bold cyan"))
        self._lines([line.rstrip() for line in output.rstrip().splitlines()], keep, _dim)

    def request(self, method: str, path: str, *, body: Any = None, note: str = "") -> None:
        line = Line(f"{method} {path}", style="bold cyan")
        self._put(line.append(f"   {note}", style="dim") if note else line)
        if body is not None:
            self._json(body, 40)

    def answer(self, status: int, document: Any, *, keep: int = 24) -> None:
        style = "bold green" if status < _CLIENT_ERROR else "bold yellow"
        self._put(Line(str(status), style=style))
        if document is not None:
            self._json(document, keep)

    def table(self, head: Sequence[Text], rows: Sequence[Sequence[str]]) -> None:
        """Rows of text; columns whose every cell is a number are set to the right."""
        made = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
        for place, name in enumerate(head):
            numeric = all(row[place].replace(",", "").isdigit() for row in rows)
            made.add_column(name.to(self.language), justify="right" if numeric else "left", overflow="fold")
        for row in rows:
            made.add_row(*(Line(cell) for cell in row))
        self._console.print(Padding(made, (0, 0, 0, _INDENT), expand=False))

    @contextmanager
    def progress(self, text: Text, total: int) -> Iterator[Callable[[int], None]]:
        """A bar while the work runs, on a terminal only; the yielded function is told how far it is."""
        label = " " * _INDENT + text.to(self.language)
        columns = (TextColumn(label), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self._console, transient=True, disable=not self._console.is_terminal) as bar:
            task = bar.add_task("", total=total)
            yield lambda done: bar.update(task, completed=done)

    def raw(self, text: str) -> None:
        """A line to copy: never wrapped by us."""
        self._console.print(Line(text, style="bold cyan"), soft_wrap=True)

    def _json(self, document: Any, keep: int) -> None:
        lines = list(_pretty(document, self._console.width - _INDENT - 4))
        self._lines(lines, keep, _JSON.highlight if self._console.is_terminal else Line)

    def _lines(self, lines: list[str], keep: int, made: Callable[[str], Line]) -> None:
        shown, left = (lines, 0) if len(lines) <= keep + 1 else (lines[:keep], len(lines) - keep)
        for line in made("\n".join(shown)).split("\n"):
            self._put(line, 2)
        if left:
            more = Text(f"… {left} more lines", f"……另有 {left} 行")
            self._put(Line(more.to(self.language), style="dim italic"), 2)

    def _put(self, line: Line, more: int = 0) -> None:
        """Wrapped at the width, indented, with no blanks at the end."""
        indent = _INDENT + more
        for part in line.wrap(self._console, self._console.width - indent):
            part.rstrip()
            self._console.print(Line(" " * indent).append_text(part), soft_wrap=True)


def _dim(text: str) -> Line:
    return Line(text, style="dim")


def _pretty(document: Any, width: int, head: str = "", tail: str = "") -> Iterator[str]:
    """JSON in which whatever fits into a line stays in one."""
    line = f"{head}{json.dumps(document, ensure_ascii=False)}{tail}"
    if cell_len(line) <= width or not isinstance(document, dict | list) or not document:
        yield line
        return
    depth = " " * (len(head) - len(head.lstrip(" ")) + 2)
    opening, closing = ("{", "}") if isinstance(document, dict) else ("[", "]")
    yield head + opening
    parts = list(_parts(document))
    for place, (name, value) in enumerate(parts, 1):
        yield from _pretty(value, width, depth + name, "," if place < len(parts) else "")
    yield depth[2:] + closing + tail


def _parts(document: dict[str, Any] | list[Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(document, dict):
        yield from ((f"{json.dumps(name, ensure_ascii=False)}: ", value) for name, value in document.items())
    else:
        yield from (("", value) for value in document)
