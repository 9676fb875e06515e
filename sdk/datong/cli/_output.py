"""What commands print: plain where nobody looks at a terminal, in colour where somebody does."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.text import Text as Styled

from datong.cli._session import session
from datong.cli._width import NARROWEST, terminal_width, wrap
from datong.model import Finding

_STYLES = {"error": "bold red", "warning": "yellow", "note": "cyan"}
_NAMES = {"error": ("error", "错误"), "warning": ("warning", "警告"), "note": ("note", "提示")}


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the group; rich would exit with 1, as if something had been found."""
        raise BrokenPipeError


def console(*, err: bool = False) -> Console:
    """Made anew for each use: tests and pipes change the streams under us."""
    stream = sys.stderr if err else sys.stdout
    width = terminal_width() if stream.isatty() else max(NARROWEST, int(os.environ.get("COLUMNS", "100")))
    return _Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=False, width=width)


def line(text: str = "", style: str = "", *, err: bool = False) -> None:
    """One paragraph, wrapped by cells; what a person copies (commands, tokens) goes through `raw`."""
    out = console(err=err)
    for each in wrap(text, out.width) or [""]:
        out.print(Styled(each, style=style), soft_wrap=True)


def raw(text: str, style: str = "") -> None:
    """Never wrapped: a command, an address or a token that must be copied in one piece."""
    console().print(Styled(text, style=style), soft_wrap=True)


def echo_json(document: Any) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n")


def error_line(text: str) -> None:
    line(session().say("Error: ", "错误：") + text, "bold red", err=True)


def hint_line(text: str) -> None:
    for each in wrap(text, console(err=True).width, "  "):
        console(err=True).print(Styled(each), soft_wrap=True)


def next_command(command: str) -> None:
    raw(session().say("Next: ", "下一步：") + command, "bold")


def show_findings(findings: Sequence[Finding], *, err: bool = False) -> None:
    """`adapter.yaml:12:5  error  path` and below it the sentence and the remedy."""
    out = console(err=err)
    for finding in findings:
        where = f"adapter.yaml:{finding.line}:{finding.column}" if finding.line else "adapter.yaml"
        head = Styled(f"{where}  ")
        head.append(session().pick(_NAMES[finding.severity]), _STYLES[finding.severity])
        head.append(f"  {finding.path}" if finding.path else "")
        head.append(f"  [{finding.code}]", "dim")
        out.print(head, soft_wrap=True)
        for text in (finding.message, finding.hint):
            for each in wrap(text.to(session().language), out.width, "    ") if text else ():
                out.print(Styled(each), soft_wrap=True)


def counted(findings: Iterable[Finding]) -> str:
    """`2 errors, 1 warning`"""
    counts = Counter[str](finding.severity for finding in findings)
    if session().language == "zh":
        return "、".join(f"{counts[each]} 个{_NAMES[each][1]}" for each in _NAMES if counts[each]) or "没有发现问题"
    told = [f"{counts[each]} {_NAMES[each][0]}{'s' * (counts[each] != 1)}" for each in _NAMES if counts[each]]
    return ", ".join(told) or "nothing found"


@contextmanager
def working() -> Iterator[Callable[[str], None]]:
    """While something takes long: the yielded function says what is being done, on a terminal only."""
    out = console(err=True)
    if session().json or not out.is_terminal:
        yield _silent
        return
    with out.status("") as status:
        yield lambda text: status.update(text + " …")


def _silent(text: str) -> None:
    """Nobody watches."""
