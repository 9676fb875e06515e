"""Record ids: stable, and the key can be had back from them without an index."""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from datong.mapping._faults import Fault
from datong.model import Dataset, Field

Key = tuple[Any, ...]

PLAIN_DIGITS = 14
PLAIN_INTEGERS = 10**PLAIN_DIGITS
"""Integers below are written as they are; longer ones may be identity numbers."""

_PLAIN = re.compile(
    # No dot segment, which clients take out of a path, and no name of the interface's own (`_search`).
    r"(?!\.+\Z|_|[0-9]{15}\Z|[0-9]{17}[0-9Xx]\Z|[0-9A-Z]{18}\Z)[A-Za-z0-9_.-]+"
).fullmatch
_CANONICAL_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,13}").fullmatch
_MEMO = 20_000
_LONGEST = 2048
_PERSONAL = frozenset({"residentId", "creditCode", "phone", "bankCard", "email", "personName", "address"})
_TEXT_ONLY = frozenset({"trim", "collapse", "nulls", "upper", "lower", "halfwidth", "charset", "strict"})


def derive(secret: bytes, purpose: str, length: int = 64) -> bytes:
    """A key of its own for each purpose (HKDF-SHA256, RFC 5869)."""
    return HKDF(hashes.SHA256(), length, salt=None, info=f"datong {purpose}".encode()).derive(secret)


class RecordIds:
    """Keys of one dataset to ids and back.

    An id takes one of three forms. Plain: the parts joined by `~`, where that can be read back
    and no part looks like an identity number. Typed: `~` and base64url of JSON. Sealed: `~~` and
    base64url of the same JSON under AES-SIV (RFC 5297), which is deterministic and authenticated;
    always used when a key column feeds an item that is sensitive, masked, of a personal format
    or narrower shared than the entry, or feeds no item at all, since an id must tell nothing that
    the record may not tell (REQ-QRY-10).
    """

    def __init__(self, catalog_id: str, dataset: Dataset, secret: bytes) -> None:
        self.size = len(dataset.key)
        self.sealed = any(_confidential(column, dataset) for column in dataset.key)
        self.integers = tuple(_reads_as(column, dataset) for column in dataset.key)
        self._digits = not self.sealed and self.integers == (True,)
        self._cipher = AESSIV(derive(secret, f"record id {catalog_id}"))
        self._associated = [b"datong record id", catalog_id.encode()]
        self._memo: dict[Key, str] = {}

    def encode(self, key: Sequence[Any]) -> str:
        """Raises Fault `key-unusable` for a key that no id can carry."""
        key = tuple(key)
        if not self.sealed:
            return self._open(key)
        if any(type(part) is not str and type(part) is not int for part in key):
            return self._seal(key)  # values of other types can be equal and yet differ in form
        found = self._memo.get(key)
        if found is None:
            found = self._seal(key)
            if len(self._memo) >= _MEMO:
                self._memo.clear()
            self._memo[key] = found
        return found

    def decode(self, record_id: str) -> Key | None:
        """None for anything that `encode` would not have written exactly so."""
        if self._digits and record_id.isdecimal() and record_id.isascii() and len(record_id) <= PLAIN_DIGITS:
            return (int(record_id),) if record_id[0] != "0" or record_id == "0" else None
        if not record_id.isascii() or len(record_id) > _LONGEST:
            return None
        try:
            key = self._decode(record_id)
            return key if len(key) == self.size and self.encode(key) == record_id else None
        except (Fault, ValueError, TypeError, KeyError, InvalidTag, InvalidOperation, ArithmeticError):
            return None

    def _decode(self, record_id: str) -> Key:
        if record_id.startswith("~~"):
            return _load(self._cipher.decrypt(_unbase(record_id[2:]), self._associated))
        if record_id.startswith("~"):
            return _load(_unbase(record_id[1:]))
        parts = record_id.split("~")
        return tuple(
            int(part) if integers is not False and _CANONICAL_INTEGER(part) else part
            for part, integers in zip(parts, self.integers, strict=True)
        )

    def _open(self, key: Key) -> str:
        parts = []
        for part, integers in zip(key, self.integers, strict=True):
            text = _plain_part(part, integers=integers)
            if text is None:
                return self._seal(key) if _telling(key) else "~" + _base(_dump(key))
            parts.append(text)
        return "~".join(parts)

    def _seal(self, key: Key) -> str:
        return "~~" + _base(self._cipher.encrypt(_dump(key), self._associated))


def _confidential(column: str, dataset: Dataset) -> bool:
    fields = [field for field in dataset.fields.values() if column in field.columns]
    return not fields or any(_guarded(field, dataset) for field in fields)


def _guarded(field: Field, dataset: Dataset) -> bool:
    narrower = field.sharing_type not in (None, dataset.sharing)
    return field.sensitive or field.mask is not None or field.format in _PERSONAL or narrower


def _reads_as(column: str, dataset: Dataset) -> bool | None:
    """Whether digits in an id mean an integer: True, False for text, None where not known."""
    for field in dataset.fields.values():
        if field.columns == (column,):
            if field.type == "integer" and not field.transforms:
                return True
            names = {item if isinstance(item, str) else next(iter(item), "") for item in field.transforms}
            if field.type == "string" and names <= _TEXT_ONLY:
                return False
    return None


def _plain_part(part: Any, *, integers: bool | None) -> str | None:
    if type(part) is int:
        return str(part) if integers is not False and -PLAIN_INTEGERS < part < PLAIN_INTEGERS else None
    if type(part) is str and _PLAIN(part) and (integers is False or not _CANONICAL_INTEGER(part)):
        return part
    return None


def _telling(key: Key) -> bool:
    """Whether a part could be an identity number: base64 would only seem to hide it."""
    return any(
        (type(part) is int and not -PLAIN_INTEGERS < part < PLAIN_INTEGERS)
        or (type(part) is str and len(part.strip()) in {15, 18})
        or type(part) in {Decimal, bytes}
        for part in key
    )


def _dump(key: Key) -> bytes:
    return orjson.dumps([_typed(part) for part in key])


def _typed(part: Any) -> Any:  # noqa: PLR0911 - one line a type
    if part is None or isinstance(part, bool):
        return part
    if isinstance(part, str):
        return _encodable(part)
    if isinstance(part, int):
        return {"i": str(part)}
    if isinstance(part, float):
        return {"f": repr(float(part))}
    if isinstance(part, Decimal):
        return {"d": str(part)}
    if isinstance(part, bytes | bytearray | memoryview):
        return {"b": _base(bytes(part))}
    for kind, mark in ((UUID, "u"), (datetime, "s"), (date, "D"), (time, "t")):
        if isinstance(part, kind):
            return {mark: str(part)}
    raise Fault("key-unusable")


def _encodable(part: str) -> str:
    try:
        part.encode()
    except UnicodeEncodeError as error:
        raise Fault("key-unusable") from error
    return str(part)


def _load(data: bytes) -> Key:
    return tuple(_untyped(part) for part in orjson.loads(data))


def _untyped(part: Any) -> Any:
    if isinstance(part, dict):
        ((mark, text),) = part.items()
        return _READ[mark](text)
    if part is None or isinstance(part, str | bool):
        return part
    raise ValueError("not a key part")


def _base(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unbase(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error


_READ: dict[str, Callable[[str], Any]] = {
    "i": int,
    "f": float,
    "d": Decimal,
    "b": _unbase,
    "u": UUID,
    "s": datetime.fromisoformat,
    "D": date.fromisoformat,
    "t": time.fromisoformat,
}
