"""Stable pseudonyms in place of tokens, identity numbers and sensitive values.

Done when an exchange is recorded, before any check sees it: equality, sets and searches work on
pseudonyms, and a verdict can be recomputed from a bundle that holds no personal number.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64decode
from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import Any, Final

from datong.standard import credit_code_ok, resident_id_ok, resident_id_upgrade

MARKER: Final = re.compile(r"<(?:id|credit|phone|value):[0-9a-f]{12}>|<token:[^<>]*>|<number:[^<>]*>")
"""What stands where something was taken out."""
PERSONAL: Final = re.compile(r"<id:[0-9a-f]{12}>")
NUMBERED: Final = re.compile(r"<(?:id|credit|phone):[0-9a-f]{12}>")
"""A whole number of a person or unit, which nothing masked."""
UNITS: Final = frozenset({"providerId", "consumerId"})
"""Members whose credit codes stay: they name parties of the exchange, and audit digests cover them."""

_EDGE: Final = r"(?<![0-9A-Za-z])(?:{0})(?![0-9A-Za-z])"
# Within a digest in hexadecimal digits, fifteen decimal ones in a row are nobody's number.
_RESIDENT: Final = re.compile(r"(?<![0-9A-Fa-f])(?:[1-8][0-9]{16}[0-9Xx]|[1-8][0-9]{14})(?![0-9A-Fa-f])")
_CREDIT: Final = re.compile(_EDGE.format(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}"))
_PHONE: Final = re.compile(_EDGE.format(r"(?:\+?86[ -]?)?1[3-9][0-9]{9}"))
_TOKEN: Final = re.compile(r"eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*)?")
_CURSOR: Final = re.compile(r"(?<=cursor=)[A-Za-z0-9_.~%+/=-]{16,}")
_ENCODED: Final = re.compile(r"[A-Za-z0-9_-]{16,}")
_LOST: Final = "\ufffd"


class Redactor:
    """Replaces with a key of its run. `keep` are published codes of units that stay as they are."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._tokens: dict[str, str] = {}
        self.keep: set[str] = set()
        self.items: frozenset[str] = frozenset()
        """Sensitive and masked items: their values in records, filters and claims are replaced whole."""

    def learn(self, token: str, name: str) -> None:
        """Show this token as `<token:NAME>` wherever it occurs."""
        for part in (token, *(part for part in token.split(".")[1:2] if part)):
            self._tokens[part] = name

    def text(self, text: str) -> str:
        if "eyJ" in text:
            text = _TOKEN.sub(self._token, text)
        if "cursor=" in text:
            text = _CURSOR.sub(lambda found: self.cursor(found[0]), text)
        text = _RESIDENT.sub(self._resident, text)
        text = _CREDIT.sub(self._credit, text)
        return _PHONE.sub(lambda found: self._marker("phone", found[0]), text)

    def cursor(self, text: str) -> str:
        """A cursor in which anybody can read an identity number goes whole."""
        for part in _ENCODED.findall(text):
            read = urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode("latin-1") if len(part) % 4 != 1 else ""
            shown = _RESIDENT.sub(self._resident, read)
            marker = MARKER.search(shown) if shown != read else None
            if marker is not None:
                return marker[0]
        return text

    def value(self, value: Any, items: Collection[str] = ()) -> Any:
        """A JSON value with everything replaced; members named in `items` are replaced whole."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(each, items) for each in value]
        if isinstance(value, dict):
            return {self.text(name): self._member(name, each, items) for name, each in value.items()}
        return value

    def item(self, value: Any) -> Any:
        """The whole value of a sensitive item; what was lost in it stays to be seen."""
        if isinstance(value, list):
            return [self.item(each) for each in value]
        if (
            value is None
            or isinstance(value, bool | dict)
            or (isinstance(value, str) and (not value or _LOST in value))
        ):
            return value
        replaced = self.text(str(value))
        return replaced if MARKER.fullmatch(replaced) else self._marker("value", str(value))

    def members(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """A record, filter or claim: sensitive items whole, by their names with or without a suffix."""
        return {name: self._member(name, value, self.items) for name, value in values.items()}

    def _member(self, name: str, value: Any, items: Collection[str]) -> Any:
        if name in UNITS and isinstance(value, str) and credit_code_ok(value):
            return value
        if name == "cursor" and isinstance(value, str):
            value = self.cursor(value)
        if name.partition(".")[0] in items and not isinstance(value, dict):
            return self.item(value)
        return self.value(value, items)

    def _token(self, found: re.Match[str]) -> str:
        name = self._tokens.get(found[0]) or self._tokens.get(found[0].split(".")[1])
        return f"<token:{name}>" if name else found[0]

    def _resident(self, found: re.Match[str]) -> str:
        number = found[0].upper()
        known = resident_id_ok(number) if len(number) == 18 else resident_id_upgrade(number) is not None  # noqa: PLR2004
        return self._marker("id", found[0]) if known else found[0]

    def _credit(self, found: re.Match[str]) -> str:
        code = found[0]
        return code if code in self.keep or not credit_code_ok(code) else self._marker("credit", code)

    def _marker(self, kind: str, text: str) -> str:
        digest = hmac.new(self._key, text.encode("utf-8", "surrogatepass"), sha256).hexdigest()
        return f"<{kind}:{digest[:12]}>"


def redacted(value: Any) -> bool:
    """Whether something was taken out of this text."""
    return isinstance(value, str) and MARKER.search(value) is not None
