"""Lines by the cells they take: English breaks at blanks, Chinese between characters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from rich.cells import cell_len, chop_cells

_PIECES: Final = re.compile(r"[!-~]+[ \t]*|[ \t]+|.", re.DOTALL)
_NO_END: Final = frozenset("（《「“‘")
_NO_START: Final = frozenset("，。；：！？、）》」”’%…")


def wrapped(text: str, width: int) -> Iterator[str]:
    """Lines of at most `width` cells, one at least. A mark stays with what it opens or closes."""
    for paragraph in text.splitlines() or [""]:
        line = ""
        for piece in _pieces(paragraph, width):
            if line and cell_len((line + piece).rstrip()) > width:
                yield line.rstrip()
                line = piece.lstrip()
            else:
                line += piece
        yield line.rstrip()


def _pieces(text: str, width: int) -> list[str]:
    out: list[str] = []
    for piece in _PIECES.findall(text):
        if out and (out[-1][-1] in _NO_END or piece[0] in _NO_START):
            out[-1] += piece
        else:
            out += chop_cells(piece, width) if cell_len(piece) > width else [piece]
    return out
