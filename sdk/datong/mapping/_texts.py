"""Transforms of text."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from itertools import product
from typing import Annotated, Any, ClassVar, Literal
from unicodedata import category

from pydantic import Field as Described
from pydantic import field_validator

from datong.mapping._faults import Fault
from datong.mapping._stage import Preimage, Stage
from datong.mapping._transform import OptionError, Place, Tokens, Transform, on_text, tokens
from datong.mapping._wire import plain_text, sound

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_MOST_BLANKS = 44
_MOST_LETTERS = 4
_FULL_WIDTH_LETTERS = frozenset(map(chr, [*range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)]))
_PRIVATE = str.maketrans(
    dict(
        zip(
            range(0xE78D, 0xE797),
            "\ufe10\ufe12\ufe11\ufe13\ufe14\ufe15\ufe16\ufe17\ufe18\ufe19",
            strict=True,
        )
    )
    | {
        0xE7C7: "\u1e3f",
        0xE7C8: "\u01f9",
        0xE816: "\U00020087",
        0xE817: "\U00020089",
        0xE818: "\U000200cc",
        0xE81E: "\u9fb4",
        0xE826: "\u9fb5",
        0xE82B: "\u9fb6",
        0xE82C: "\u9fb7",
        0xE831: "\U000215d7",
        0xE832: "\u9fb8",
        0xE83B: "\U0002298f",
        0xE843: "\u9fb9",
        0xE854: "\u9fba",
        0xE855: "\U000241fe",
        0xE864: "\u9fbb",
    }
)
"""Characters that Python's codec still reads into the private area, as GB 18030-2000 had them."""
_PUBLIC = {ord(character): chr(code) for code, character in _PRIVATE.items()}


def fold_width(text: str) -> str:
    """Full-width letters, digits, signs and the ideographic space as their ASCII forms."""
    return text if text.isascii() else text.translate(_WIDE)


class Trim(Transform):
    """Take blanks off the ends. Only `side: right` or `both` of plain spaces can be undone for filters."""

    name: ClassVar[str] = "trim"
    main: ClassVar[str | None] = "side"

    side: Literal["both", "left", "right"] = "both"
    blanks: Literal["space", "all"] = "space"
    """`all` also takes tabs, line ends, NUL and the ideographic space U+3000."""

    def stage(self, place: Place) -> Stage:
        taken = " " if self.blanks == "space" else " \t\n\r\v\f\0\u00a0\u3000\ufeff"
        method = {"both": "strip", "left": "lstrip", "right": "rstrip"}[self.side]
        length = place.field.length
        invertible = self.blanks == "space" and length is not None
        return Stage(
            self.name,
            on_text(lambda text: getattr(text, method)(taken)),
            preimage=self._padded(length) if invertible and length is not None else None,
            order="weak" if self.side == "right" else "lost",
            memo=True,
            text=f"{{0}}.{method}({{taken}})",
            constants={"taken": taken},
        )

    def _padded(self, length: int) -> Preimage:
        def preimage(text: Any) -> tuple[Any, ...]:
            if not isinstance(text, str):
                return (text,)
            if text != {"both": text.strip(" "), "left": text.lstrip(" "), "right": text.rstrip(" ")}[self.side]:
                return ()
            spare = max(0, length - len(text))
            if self.side != "both":
                pads: Iterator[tuple[int, int]] = ((0, n) if self.side == "right" else (n, 0) for n in range(spare + 1))
            elif spare < _MOST_BLANKS:
                pads = ((left, right) for left in range(spare + 1) for right in range(spare + 1 - left))
            else:
                return (None,)
            return tuple(" " * left + text + " " * right for left, right in pads)

        return preimage


class Collapse(Transform):
    """Every run of blanks, the ideographic space included, becomes one space; none at the ends."""

    name: ClassVar[str] = "collapse"

    def stage(self, _: Place) -> Stage:
        return Stage(self.name, on_text(lambda text: " ".join(text.split())), memo=True, text="' '.join({0}.split())")


class Nulls(Transform):
    """Texts that mean null, compared exactly; numbers by their digits."""

    name: ClassVar[str] = "nulls"
    main: ClassVar[str | None] = "tokens"

    tokens: Tokens = ("", "NULL", "null")

    @field_validator("tokens", mode="before")
    @classmethod
    def _texts(cls, given: Any) -> Any:
        return tokens(given)

    def stage(self, _: Place) -> Stage:
        known = frozenset(self.tokens)
        return Stage(
            self.name,
            lambda value: None if _token(value) in known else value,
            nulling=True,
            preimage=lambda value: () if _token(value) in known else (value,),
            order="exact",
            memo=True,
            tokens=known,
        )


def _token(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float | date | datetime | time) or hasattr(value, "as_tuple"):
        try:
            return plain_text(value)
        except Fault:
            return None
    return None


class Default(Transform):
    """The value of rows that have none."""

    name: ClassVar[str] = "default"
    main: ClassVar[str | None] = "value"
    bare: ClassVar[bool] = False

    value: str | int | bool | float

    def stage(self, _: Place) -> Stage:
        filled = self.value

        def preimage(value: Any) -> tuple[Any, ...]:
            return (None,) if plain_text(value) == plain_text(filled) else (value,)

        return Stage(
            self.name,
            lambda value: filled if value is None else value,
            takes_null=True,
            nulling=True,
            preimage=preimage,
            memo=True,
            text="{0}",
        )


def _cased(change: Callable[[str], str], strange: frozenset[str]) -> Preimage:
    """Every spelling that `change` makes this text, for few letters with a case, so that an index can find them.

    `strange` are the ASCII letters that characters beyond ASCII become (`ſ` → `S`): not worth the list.
    """

    def preimage(text: Any) -> tuple[Any, ...]:
        if not isinstance(text, str):
            return (text,)
        if text != change(text):
            return ()
        letters = [char for char in text if char != char.swapcase()]
        if len(letters) > _MOST_LETTERS or not strange.isdisjoint(letters) or not all(map(_paired, text)):
            return (None,)
        return tuple(map("".join, product(*(dict.fromkeys((char, char.swapcase())) for char in text))))

    return preimage


def _paired(char: str) -> bool:
    """Whether no other character but its `swapcase` becomes this one: digits, Han, plain and full-width letters."""
    return char.isascii() or char in _FULL_WIDTH_LETTERS or category(char) in {"Nd", "Lo"}


class Upper(Transform):
    name: ClassVar[str] = "upper"

    def stage(self, _: Place) -> Stage:
        preimage = _cased(str.upper, frozenset("FIS"))
        return Stage(self.name, on_text(str.upper), preimage=preimage, memo=True, text="{0}.upper()")


class Lower(Transform):
    name: ClassVar[str] = "lower"

    def stage(self, _: Place) -> Stage:
        preimage = _cased(str.lower, frozenset("k"))
        return Stage(self.name, on_text(str.lower), preimage=preimage, memo=True, text="{0}.lower()")


class Halfwidth(Transform):
    """Full-width letters, digits and signs become their ASCII forms (`１２３Ａ` → `123A`)."""

    name: ClassVar[str] = "halfwidth"

    def stage(self, _: Place) -> Stage:
        return Stage(self.name, on_text(fold_width), memo=True, text="{fold}({0})", constants={"fold": fold_width})


class Substring(Transform):
    """Some of the characters, counted from 0; null where the text ends before `offset`."""

    name: ClassVar[str] = "substring"
    bare: ClassVar[bool] = False

    offset: Annotated[int, Described(ge=0)] = 0
    length: Annotated[int, Described(ge=1)] | None = None

    def stage(self, _: Place) -> Stage:
        end = None if self.length is None else self.offset + self.length

        def apply(value: Any) -> Any:
            text = plain_text(value)
            return text[self.offset : end] if len(text) > self.offset else None

        return Stage(self.name, apply, nulling=True, yields="string", memo=True)


class Split(Transform):
    """One part of a text, counted from 0, or from -1 backwards."""

    name: ClassVar[str] = "split"
    bare: ClassVar[bool] = False

    separator: Annotated[str, Described(min_length=1)]
    index: int
    missing: Literal["null", "faulty"] = "null"

    def stage(self, _: Place) -> Stage:
        def apply(value: Any) -> Any:
            parts = plain_text(value).split(self.separator)
            if -len(parts) <= self.index < len(parts):
                return parts[self.index]
            if self.missing == "faulty":
                raise Fault("part-missing")
            return None

        return Stage(self.name, apply, nulling=True, yields="string", memo=True)


class Pad(Transform):
    """Fill up to a length: codes whose leading zeros were lost in a number."""

    name: ClassVar[str] = "pad"
    main: ClassVar[str | None] = "length"
    bare: ClassVar[bool] = False

    length: Annotated[int, Described(ge=1, le=200)]
    fill: Annotated[str, Described(min_length=1, max_length=1)] = "0"
    side: Literal["left", "right"] = "left"

    def stage(self, _: Place) -> Stage:
        def apply(value: Any) -> str:
            text = plain_text(value)
            return text.rjust(self.length, self.fill) if self.side == "left" else text.ljust(self.length, self.fill)

        return Stage(self.name, apply, preimage=self._shorter, yields="string", memo=True)

    def _shorter(self, text: str) -> tuple[Any, ...]:
        if len(text) != self.length:
            return (text,) if len(text) > self.length else ()
        left = self.side == "left"
        found = [text]
        while text and text[0 if left else -1] == self.fill:
            text = text[1:] if left else text[:-1]
            found.append(text)
        return tuple(found)


class Charset(Transform):
    """Repair text that was decoded with the wrong character set, or bytes that were not decoded.

    Strict: what does not decode is faulty, never replaced. GBK and GB2312 are read as GB18030, of
    which they are parts.
    """

    name: ClassVar[str] = "charset"
    main: ClassVar[str | None] = "encoding"
    bare: ClassVar[bool] = False

    encoding: str
    """What the bytes really are: gb18030, gbk, big5, utf-8 …"""
    misread: str | None = None
    """What they were taken for: latin-1, cp1252, gbk …; None where they arrive as bytes."""
    mixed: bool = False
    """Whether text that cannot come from `misread` is right already."""

    @field_validator("encoding", "misread")
    @classmethod
    def _known(cls, given: str | None) -> str | None:
        if given is not None:
            try:
                "".encode(given)
            except LookupError as error:
                raise OptionError("there is no such character set", "没有这个字符集") from error
        return given

    def stage(self, _: Place) -> Stage:
        return Stage(
            self.name, self._repair, preimage=None if self.mixed else self._damage, yields="string", order="lost"
        )

    @property
    def _codec(self) -> str:
        return "gb18030" if re.sub(r"[^a-z0-9]", "", self.encoding.lower()) in _GB else self.encoding

    def _repair(self, value: Any) -> Any:
        if isinstance(value, str):
            if self.misread is None or (self.misread in _ASCII_BASED and value.isascii()):
                return value
            try:
                value = value.encode(self.misread)
            except UnicodeEncodeError as error:
                if self.mixed:
                    return value
                raise Fault("charset") from error
        if not isinstance(value, bytes | bytearray | memoryview):
            return value
        try:
            text = bytes(value).decode(self._codec)
        except UnicodeDecodeError as error:
            raise Fault("charset") from error
        return sound(text.translate(_PRIVATE) if self._codec == "gb18030" else text)

    def _damage(self, text: Any) -> tuple[Any, ...]:
        forms = dict.fromkeys([text, text.translate(_PUBLIC)] if self._codec == "gb18030" else [text])
        found: list[Any] = []
        for form in forms:
            try:
                damaged = form.encode(self._codec)
                found.append(damaged if self.misread is None else damaged.decode(self.misread))
            except UnicodeError:
                continue
        return tuple(found)


_GB = frozenset({"gbk", "gb2312", "cp936", "gb18030", "euccn", "ms936", "936"})
_ASCII_BASED = frozenset({"latin-1", "latin1", "iso-8859-1", "cp1252", "ascii", "gbk", "gb18030", "utf-8"})
