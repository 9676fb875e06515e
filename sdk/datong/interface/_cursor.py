"""Cursors: where a walk goes on, sealed so that nobody can read, change or borrow one.

AES-SIV (RFC 5297) seals the whole query with the last row's position. Entry, grant and consumer
are associated data, so a cursor opens only for the caller it was issued to. Because the query
travels inside, `next` is a plain GET link even where the filter holds sensitive values.
"""

from __future__ import annotations

import binascii
import datetime as dt
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from datong.model import Problem

_INT64: Final = 2**63
_WRITE: Final[dict[type, tuple[str, Callable[[Any], str]]]] = {
    int: ("i", str),
    Decimal: ("n", str),
    dt.datetime: ("t", dt.datetime.isoformat),
    dt.date: ("d", dt.date.isoformat),
    dt.time: ("h", dt.time.isoformat),
    dt.timedelta: ("s", lambda value: str(value // dt.timedelta(microseconds=1))),
    UUID: ("u", str),
    bytes: ("b", bytes.hex),
    memoryview: ("b", lambda value: bytes(value).hex()),
    bytearray: ("b", lambda value: bytes(value).hex()),
}
_READ: Final[dict[str, Callable[[str], Any]]] = {
    "i": int,
    "n": Decimal,
    "t": dt.datetime.fromisoformat,
    "d": dt.date.fromisoformat,
    "h": dt.time.fromisoformat,
    "s": lambda text: dt.timedelta(microseconds=int(text)),
    "u": UUID,
    "b": bytes.fromhex,
    "f": float,
}


@dataclass(frozen=True, slots=True)
class Cursor:
    """The first page's query, and the position after which the next page starts.

    `filters` holds wire values by parameter name; `fields` is None for all granted items;
    `after` holds values of the source: sort columns, then key columns.
    """

    filters: Mapping[str, Any]
    sort: tuple[str, ...]
    fields: tuple[str, ...] | None
    limit: int
    after: tuple[Any, ...]


class Cursors:
    """Seals and opens cursors; `key` has 64 bytes."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESSIV(key)

    def seal(self, cursor: Cursor, binding: tuple[str, ...]) -> str:
        body = [cursor.filters, cursor.sort, cursor.fields, cursor.limit, [_written(v) for v in cursor.after]]
        sealed = self._cipher.encrypt(orjson.dumps(body), _bound(binding))
        return _written_out(sealed)

    def open(self, text: str, binding: tuple[str, ...]) -> Cursor:
        """Raise Problem `cursor-invalid` for anything but a cursor sealed for this binding."""
        try:
            sealed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
            if _written_out(sealed) != text:  # base64 has several spellings of the same bytes
                raise Problem("cursor-invalid")
            body = orjson.loads(self._cipher.decrypt(sealed, _bound(binding)))
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise Problem("cursor-invalid") from error
        filters, sort, fields, limit, after = body
        shown = None if fields is None else tuple(fields)
        return Cursor(filters, tuple(sort), shown, limit, tuple(_read(value) for value in after))


def _written_out(sealed: bytes) -> str:
    return urlsafe_b64encode(sealed).rstrip(b"=").decode()


def _bound(binding: tuple[str, ...]) -> list[bytes]:
    return [part.encode() for part in binding]


def _written(value: Any) -> Any:
    kind = type(value)
    if value is None or kind in (str, bool) or (kind is int and -_INT64 <= value < _INT64):
        return value
    if isinstance(value, float):
        return {"f": repr(value)}
    for base, (tag, write) in _WRITE.items():
        if isinstance(value, base):
            return {tag: write(value)}
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"no cursor can hold a {kind.__name__}")


def _read(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((tag, text),) = value.items()
    return _READ[tag](text)
