"""Text laid out by the cells it takes on a terminal: a Chinese character takes two."""

from __future__ import annotations

import re
import shutil
import unicodedata

_PIECES = re.compile(r"[ -~]+|.", re.DOTALL)
_NO_END = frozenset("（《「“‘")
_NO_START = frozenset("，。；：！？、）》」”’%")
NARROWEST = 40
WIDEST = 100


def cells(text: str) -> int:
    return sum(_cell(char) for char in text)


def _cell(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def pad(text: str, width: int) -> str:
    return text + " " * max(0, width - cells(text))


def terminal_width() -> int:
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size((80, 24)).columns))


def wrap(text: str, width: int, indent: str = "") -> list[str]:
    """Lines of at most `width` cells; English breaks at blanks, Chinese between characters."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if line and cells(indent + line + piece.rstrip()) > width:
            lines.append(indent + line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, indent + line.rstrip()] if line.strip() else lines


def _pieces(text: str) -> list[str]:
    out: list[str] = []
    for piece in _PIECES.findall(text):
        out += re.findall(r"\S+\s*|\s+", piece) if piece.isascii() else [piece]
    return _kept_together(out)


def _kept_together(pieces: list[str]) -> list[str]:
    """An opening bracket stays with what it opens, a closing mark with what it closes."""
    out: list[str] = []
    for piece in pieces:
        if out and (out[-1][-1] in _NO_END or piece[0] in _NO_START):
            out[-1] += piece
        else:
            out.append(piece)
    return out
