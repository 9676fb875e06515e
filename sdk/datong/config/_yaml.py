"""Reads YAML as data with the place of every key and value: no tags, no anchors, no templating.

libyaml's parser is used for events only (twenty times faster than a parser in Python, and every
start of a replica pays for it); what the events mean is decided here, by the YAML 1.2 core schema,
so that 否, no, 2025-08-01 and 0123 stay what a person wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from datong.model import Finding, Text

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 40
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Path = tuple[str | int, ...]
Place = tuple[int, int]

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Positions:
    """Line and column, from 1, of every key and value of a file; `raw` is text that was read as a number."""

    keys: Mapping[Path, Place] = field(default_factory=dict)
    values: Mapping[Path, Place] = field(default_factory=dict)
    raw: Mapping[Path, str] = field(default_factory=dict)

    def key(self, path: Path) -> Place:
        """Place of the key, or of the nearest thing around it that is in the file."""
        return self.keys.get(path) or self.value(path)

    def value(self, path: Path) -> Place:
        for end in range(len(path), -1, -1):
            found = self.values.get(path[:end])
            if found:
                return found
        return (0, 0)


@dataclass(frozen=True, slots=True)
class Document:
    data: Any
    positions: Positions
    findings: tuple[Finding, ...]


def dotted(path: Path) -> str:
    """`datasets.album.fields.title.transforms[0]`"""
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else str(part)
    return out


def read(content: bytes) -> Document:
    """Everything wrong with the file as YAML is in `findings`; `data` is what could be read all the same."""
    text, findings = _decode(content)
    if text is None:
        return Document(None, Positions(), tuple(findings))
    reader = _Reader(findings)
    data = reader.document(text)
    return Document(data, Positions(reader.keys, reader.values, reader.raw), tuple(reader.findings))


def _finding(code: str, message: Text, place: Place = (0, 0), hint: Text | None = None, path: Path = ()) -> Finding:
    return Finding(code, "error", message, dotted(path), place[0], place[1], hint, "syntax")


def _decode(content: bytes) -> tuple[str | None, list[Finding]]:
    if len(content) > MAX_BYTES:
        message = Text("The file holds {n} bytes; the most is {most}.", "文件有 {n} 字节，上限为 {most} 字节。")
        return None, [_finding("file-too-large", message.fill(n=len(content), most=MAX_BYTES))]
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None, [_not_utf8("UTF-16", (1, 1))]
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        before = content[: error.start]
        column = error.start - (before.rfind(b"\n") + 1) + 1
        return None, [_not_utf8(_likely_charset(content), (before.count(b"\n") + 1, column))]


def _likely_charset(content: bytes) -> str:
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return "GB18030"


def _not_utf8(guess: str, place: Place) -> Finding:
    message = Text("The file is not UTF-8.", "文件不是 UTF-8 编码。")
    if guess:
        message = Text(
            f"The file is not UTF-8; it looks like {guess}.", f"文件不是 UTF-8 编码，看起来是 {guess} 编码。"
        )
    return _finding(
        "file-not-utf8", message, place, Text("Save it as UTF-8 in your editor.", "请在编辑器中另存为 UTF-8 编码。")
    )


class _Reader:
    """Builds data from the parser's events; goes on after a fault wherever the events go on."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        self.keys: dict[Path, Place] = {}
        self.values: dict[Path, Place] = {}
        self.raw: dict[Path, str] = {}
        self._depth = 0

    def document(self, text: str) -> Any:
        events: Iterator[Any] = iter(())
        data: Any = None
        try:
            events = yaml.parse(text, Loader=_PARSER)
            next(events)
            if isinstance(next(events), yaml.StreamEndEvent):
                message = Text("The file is empty.", "文件是空的。")
                self._add("file-empty", message, (1, 1), hint=_NEW)
                return None
            data = self._node(next(events), events, ())
            next(events)
            after = next(events)
            if not isinstance(after, yaml.StreamEndEvent):
                message = Text("The file holds more than one document.", "文件中包含多个 YAML 文档。")
                remedy = Text("Keep one; remove the line `---`.", "只保留一个文档，并删除“---”行。")
                self._add("yaml-documents", message, _place(after), hint=remedy)
        except yaml.YAMLError as error:
            self._syntax(error, text)
        except _TooDeepError as deep:
            message = Text(f"More than {MAX_DEPTH} levels of nesting.", f"嵌套超过 {MAX_DEPTH} 层。")
            self._add("yaml-too-deep", message, deep.place)
        return data

    def _add(self, code: str, message: Text, place: Place, *, hint: Text | None = None, path: Path = ()) -> None:
        self.findings.append(_finding(code, message, place, hint, path))

    def _syntax(self, error: yaml.YAMLError, text: str) -> None:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        place = (mark.line + 1, mark.column + 1) if mark else _odd_character(error, text)
        line = text.splitlines()[place[0] - 1] if 0 < place[0] <= len(text.splitlines()) else ""
        if "\t" in line[: max(place[1], len(line) - len(line.lstrip()))]:
            message = Text("A tab stands where YAML wants spaces.", "此处使用了制表符，YAML 只允许用空格缩进。")
            remedy = Text("Indent with spaces, two a level.", "请改用空格缩进，每级两个空格。")
            self._add("yaml-tab", message, place, hint=remedy)
            return
        said = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed")
        remedy = Text(
            "Look at the colons, quotes, brackets and indentation here and in the line above.",
            "请检查此处及上一行的冒号、引号、括号和缩进。",
        )
        message = Text(f"This is no valid YAML: {said}.", f"YAML 语法错误：{said}。")
        self._add("yaml-syntax", message, place, hint=remedy)

    def _node(self, event: Any, events: Iterator[Any], path: Path) -> Any:
        self.values[path] = _place(event)
        if isinstance(event, yaml.AliasEvent):
            self._refuse_anchor(event, path)
            return None
        if event.anchor is not None:
            self._refuse_anchor(event, path)
        if event.tag is not None and not (isinstance(event, yaml.ScalarEvent) and event.tag in {"!", _STR}):
            message = Text("Tags such as {tag} are not accepted.", "不接受 {tag} 这类标签。").fill(tag=event.tag)
            remedy = Text("Write the plain value.", "请直接写出值。")
            self._add("yaml-tag", message, _place(event), path=path, hint=remedy)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        return self._nested(event, events, path)

    def _nested(self, event: Any, events: Iterator[Any], path: Path) -> Any:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _TooDeepError(_place(event))
        mapping = isinstance(event, yaml.MappingStartEvent)
        made = self._mapping(events, path) if mapping else self._sequence(events, path)
        self._depth -= 1
        return made

    def _refuse_anchor(self, event: Any, path: Path) -> None:
        message = Text(
            f"Anchors and aliases (&{event.anchor}, *{event.anchor}) are not accepted.",
            f"不接受锚点与别名（&{event.anchor}、*{event.anchor}）。",
        )
        remedy = Text("Write the value out in each place.", "请在每处完整写出该值。")
        self._add("yaml-anchor", message, _place(event), path=path, hint=remedy)

    def _scalar(self, event: Any, path: Path) -> Any:
        if not event.implicit[0]:
            return event.value
        value = plain(event.value)
        if type(value) in {int, float}:
            self.raw[path] = event.value
        return value

    def _sequence(self, events: Iterator[Any], path: Path) -> list[Any]:
        out: list[Any] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            out.append(self._node(event, events, (*path, len(out))))
        return out

    def _mapping(self, events: Iterator[Any], path: Path) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            name = self._key(event, events, path)
            here = (*path, name)
            if name in out:
                self._duplicate(name, event, here)
                self._node(next(events), events, (*path, name, "\0"))
                continue
            self.keys[here] = _place(event)
            out[name] = self._node(next(events), events, here)
        return out

    def _key(self, event: Any, events: Iterator[Any], path: Path) -> str:
        if isinstance(event, yaml.ScalarEvent):
            if event.value == "<<" and event.implicit[0]:
                message = Text("Merge keys (<<) are not accepted.", "不接受合并键（<<）。")
                self._add("yaml-anchor", message, _place(event), path=path)
            return str(event.value)
        message = Text("A key must be plain text.", "键必须是普通文本。")
        self._add("yaml-key", message, _place(event), path=path)
        self._node(event, events, (*path, "\0"))
        return "\0"

    def _duplicate(self, name: str, event: Any, path: Path) -> None:
        first = self.keys[path][0]
        message = Text(
            f"The key {name!r} stands here a second time; first in line {first}.",
            f"键 {name!r} 在此重复出现；首次出现在第 {first} 行。",
        )
        remedy = Text("Keep one of the two.", "请只保留其中一个。")
        self._add("yaml-duplicate-key", message, _place(event), path=path, hint=remedy)


_STR = "tag:yaml.org,2002:str"
_NEW = Text(
    "Make an adapter with `datong new NAME --from ADDRESS`.", "请用 `datong new NAME --from ADDRESS` 生成适配器。"
)


class _TooDeepError(Exception):
    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place


def _place(event: Any) -> Place:
    return (event.start_mark.line + 1, event.start_mark.column + 1)


def _odd_character(error: yaml.YAMLError, text: str) -> Place:
    at = getattr(error, "position", None)
    if not isinstance(at, int):
        return (0, 0)
    before = text[:at]
    return (before.count("\n") + 1, at - before.rfind("\n"))


def plain(text: str) -> Any:
    """The YAML 1.2 core schema, without octal, hexadecimal, infinity and dates: those stay text."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if len(text) <= 40:  # noqa: PLR2004  longer digits are a code, and int() refuses 4300
        if _INT.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(text)
    return text
