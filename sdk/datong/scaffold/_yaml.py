"""Writes a proposal as YAML that a person likes to read: comments, block style, short lists on one line.

Written here since the emitters at hand either know no comments or need minutes for a large
database; what may stay unquoted is decided by a short list of harmless forms, all else is quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

Path = tuple[str | int, ...]
Comments = Mapping[Path, Sequence[str]]

_FLOW: Final = frozenset({"from", "title", "classification", "page", "office"})
"""Short mappings that are written on one line."""

_APART: Final = ("datasets",)
"""Members of this are set apart by a blank line."""

_PLAIN = re.compile(r"[A-Za-z_\u3400-\u4dbf\u4e00-\u9fff][A-Za-z0-9_\u3400-\u4dbf\u4e00-\u9fff.+/-]*", re.ASCII)
_WORDS_OF_YAML: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"})
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def write(document: Mapping[str, Any], comments: Comments) -> str:
    """`comments` stand above the key that their path names; those of `()` open the file."""
    lines = [_comment(line, 0) for line in comments.get((), ())]
    lines += _mapping(document, (), 0, comments)
    return "\n".join(lines) + "\n"


def scalar(value: Any) -> str:
    """One value as YAML 1.2 that YAML 1.1 reads alike: nothing turns into a date, number or truth value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS_OF_YAML:
        return text
    return '"' + "".join(map(_quoted, text)) + '"'


def _quoted(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable() and char != "\ufeff":
        return char
    code = ord(char)
    if code <= 0xFF:  # noqa: PLR2004 - the width of the escape
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - the same


def _comment(text: str, depth: int) -> str:
    plain = "".join(char if char.isprintable() and char != "\ufeff" else " " for char in text)
    return f"{'  ' * depth}# {plain}".rstrip()


def _mapping(part: Mapping[str, Any], path: Path, depth: int, comments: Comments) -> Iterator[str]:
    for place, (key, value) in enumerate(part.items()):
        here = (*path, key)
        if place and path == _APART:
            yield ""
        yield from (_comment(line, depth) for line in comments.get(here, ()))
        yield from _entry(f"{'  ' * depth}{scalar(key)}:", key, value, here, depth, comments)


def _entry(head: str, key: str, value: Any, path: Path, depth: int, comments: Comments) -> Iterator[str]:
    if isinstance(value, Mapping) and value and not (key in _FLOW and _short(value)):
        yield head
        yield from _mapping(value, path, depth + 1, comments)
    elif isinstance(value, list | tuple) and any(isinstance(each, Mapping) for each in value):
        yield head
        yield from (f"{'  ' * (depth + 1)}- {_flow(each, nested=False)}" for each in value)
    else:
        yield f"{head} {_flow(value)}"


def _short(part: Mapping[str, Any]) -> bool:
    return all(not isinstance(value, Mapping | list | tuple) for value in part.values())


def _flow(value: Any, *, nested: bool = True) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{scalar(key)}: {_flow(each)}" for key, each in value.items())
        return f"{{{inner}}}" if nested or len(value) != 1 else inner
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_flow, value))}]"
    return scalar(value)
