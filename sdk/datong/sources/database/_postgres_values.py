"""Values of PostgreSQL: read as the text that the server writes, bound so that its indexes serve."""

from __future__ import annotations

import math
from functools import cache
from types import SimpleNamespace
from typing import Any, Final

import psycopg
from psycopg.adapt import AdaptersMap, Buffer, Dumper, Loader
from psycopg.types.string import TextLoader

from datong.sources.database._values import NEVER, Binder, as_decimal, as_float, as_text

_KEPT: Final = frozenset({"bool", "int2", "int4", "int8", "oid", "float4", "float8", "bytea"})
"""Types that arrive as Python's own; dates, numerics, ranges and all others arrive as text."""
_TEXTS: Final = ("text", "varchar", "bpchar", "name", "json", "jsonb", "xml", '"char"')
_SINGLE: Final = (1.2e-38, 3.4e38)
_NO_NUMBERS: Final = frozenset({"NaN", "Infinity", "-Infinity"})


class RawText(bytes):
    """A text in the server's own encoding."""

    __slots__ = ()


class _RawTextDumper(Dumper):
    def dump(self, obj: RawText) -> Buffer:
        return bytes(obj)


@cache
def text_values() -> Any:
    """The context of connections that read all but plain numbers, truth values and bytes as text.

    Nothing of the server's then fails to fit into a type of Python: infinity, years before
    Christ, NaN; and nothing is parsed only to be written again.
    """
    adapters = AdaptersMap(psycopg.adapters)
    for kind in psycopg.adapters.types:
        if kind.name not in _KEPT:
            adapters.register_loader(kind.oid, TextLoader)
    adapters.register_dumper(RawText, _RawTextDumper)
    return SimpleNamespace(adapters=adapters, connection=None)


@cache
def text_moments() -> Any:
    """The context of connections that look around: moments as text, for Python's cannot hold them all."""
    adapters = AdaptersMap(psycopg.adapters)
    for name in ("date", "time", "timetz", "timestamp", "timestamptz", "interval"):
        adapters.register_loader(name, TextLoader)
    return SimpleNamespace(adapters=adapters, connection=None)


def tolerate(adapters: AdaptersMap, encoding: str) -> None:
    """Read texts in this encoding, and those that do not decode as bytes."""

    class Tolerant(Loader):
        def load(self, data: Buffer) -> Any:
            raw = bytes(data)
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                return raw

    for name in _TEXTS:
        adapters.register_loader(name, Tolerant)
    adapters.register_loader(0, Tolerant)


def as_text_of(encoding: str) -> Binder:
    """A binder for texts of a server in this encoding; an empty one is UTF-8."""

    def bind(value: Any) -> Any:
        if encoding and isinstance(value, bytes):
            return RawText(value)
        text = as_text(value)
        if text is NEVER or "\0" in text:
            return NEVER
        if not encoding:
            return text
        try:
            return RawText(text.encode(encoding))
        except UnicodeEncodeError:
            return NEVER

    return bind


def as_bit(value: Any) -> Any:
    return str(int(value)) if isinstance(value, bool) else as_text(value)


def as_numeric(value: Any) -> Any:
    return value if value in _NO_NUMBERS else as_decimal(value)


def as_double(value: Any) -> Any:
    return as_float(float(value)) if value in _NO_NUMBERS else as_float(value)


def as_single(value: Any) -> Any:
    """A text, which the server reads as it reads the column's own values; else a wider number."""
    number = as_double(value)
    if number is NEVER:
        return NEVER
    fits = number == 0 or not math.isfinite(number) or _SINGLE[0] <= abs(number) <= _SINGLE[1]
    return repr(number) if fits else number
