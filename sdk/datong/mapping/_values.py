"""Transforms of codes and numbers, and those that replace the value."""

import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, field_validator, model_validator
from pydantic import Field as Described

from datong.mapping._faults import Fault
from datong.mapping._formats import CHECKS
from datong.mapping._masks import find, full
from datong.mapping._stage import Stage
from datong.mapping._transform import OptionError, Place, Tokens, Transform, several, tokens
from datong.mapping._wire import decimal_of, plain_text

Scalar = str | int | bool | float


class Codes(Transform):
    """A code list, legacy code → wire value."""

    name: ClassVar[str] = "codes"
    bare: ClassVar[bool] = False

    map: Annotated[dict[str, Scalar | None], Described(min_length=1)]
    unknown: Literal["faulty", "keep", "null"] = "faulty"
    """What becomes of a code that the list does not hold."""

    @model_validator(mode="before")
    @classmethod
    def _list_alone(cls, given: Any) -> Any:
        if isinstance(given, dict) and not isinstance(given.get("map"), dict):
            return {"map": given}
        return given

    @field_validator("map", mode="before")
    @classmethod
    def _keys(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {
            plain_text(key) if isinstance(key, int | float | date | time) else key: item for key, item in given.items()
        }

    def stage(self, place: Place) -> Stage:
        known = dict(self.map)
        nulling = self.unknown == "null" or None in known.values()

        def apply(value: Any) -> Any:
            code = plain_text(value)
            if code in known:
                return known[code]
            if self.unknown == "faulty":
                raise Fault("code-unknown")
            return code if self.unknown == "keep" else None

        def preimage(wanted: Any) -> tuple[Any, ...]:
            text = plain_text(wanted)
            found = [code for code, item in known.items() if item is not None and plain_text(item) == text]
            if self.unknown == "keep" and text not in known:
                found.append(text)
            return tuple(found)

        kind = place.field.type if place.field.type in {"integer", "boolean"} else "string"
        return Stage(self.name, apply, nulling=nulling, preimage=preimage, yields=kind, memo=True)


class Boolean(Transform):
    """Tokens of true and of false; anything else is faulty."""

    name: ClassVar[str] = "boolean"

    true: Tokens = ("1", "Y", "y", "T", "t", "TRUE", "True", "true", "是")
    false: Tokens = (
        "0", "N", "n", "F", "f", "FALSE", "False", "false", "否",
    )  # fmt: skip

    @field_validator("true", "false", mode="before")
    @classmethod
    def _several(cls, given: Any) -> Any:
        return tokens(given)

    @model_validator(mode="after")
    def _apart(self) -> "Boolean":
        if both := set(self.true) & set(self.false):
            raise OptionError(f"{min(both)} means both true and false", f"{min(both)} 同时表示“是”和“否”")
        return self

    def stage(self, _: Place) -> Stage:
        known = dict.fromkeys(self.true, True) | dict.fromkeys(self.false, False)

        def apply(value: Any) -> bool:
            if isinstance(value, bytes | bytearray | memoryview):
                value = int.from_bytes(bytes(value), "big")
            found = known.get(plain_text(value))
            if found is None:
                raise Fault("boolean-unknown")
            return found

        return Stage(
            self.name,
            apply,
            preimage=lambda wanted: self.true if wanted else self.false,
            yields="boolean",
            memo=True,
        )


class Numeric(Transform):
    """Shared by the transforms that read written numbers."""

    grouping: str | None = None
    """The character between groups of three digits."""
    point: Annotated[str, Described(min_length=1, max_length=1)] = "."
    currency: Annotated[tuple[str, ...], BeforeValidator(several)] = ("¥", "￥", "元", "RMB", "CNY")
    """Signs that may stand before or after the number."""
    sign: Literal["leading", "trailing", "parentheses"] = "leading"
    """Where the minus stands: -12, 12- or (12)."""

    def reader(self) -> Callable[[Any], Decimal]:
        group = re.escape(self.grouping) if self.grouping else ""
        whole = rf"[0-9]{{1,3}}(?:{group}[0-9]{{3}})+|[0-9]+" if group else "[0-9]+"
        body = rf"(?P<whole>{whole})(?:{re.escape(self.point)}(?P<rest>[0-9]*))?"
        pattern = {
            "leading": rf"(?P<minus>[+-])? ?{body}",
            "trailing": rf"{body} ?(?P<minus>[+-])?",
            "parentheses": rf"(?P<minus>\()?{body}(?(minus)\))",
        }[self.sign]
        match = re.compile(pattern, re.ASCII).fullmatch

        def read(value: Any) -> Decimal:
            if not isinstance(value, str):
                return decimal_of(value)
            found = match(self._bare(value))
            if found is None:
                raise Fault("number-invalid")
            digits = found["whole"].replace(self.grouping or "", "")
            minus = "-" if found["minus"] in {"-", "("} else ""
            return Decimal(f"{minus}{digits}.{found['rest'] or ''}" if found["rest"] else f"{minus}{digits}")

        return read

    def _bare(self, text: str) -> str:
        text = text.strip()
        for mark in self.currency:
            text = text.removeprefix(mark).removesuffix(mark).strip()
        return text


class DecimalNumber(Numeric):
    """Read a written number without losing its scale.

    `implied` is the number of digits after a point that is not written (`1234` → `12.34`); it is
    undone for filters only where `column: number` says that the legacy column compares as numbers.
    """

    name: ClassVar[str] = "decimal"

    implied: Annotated[int, Described(ge=0, le=30)] | None = None
    column: Literal["text", "number"] = "text"

    def stage(self, _: Place) -> Stage:
        read = self.reader()
        implied = self.implied

        def apply(value: Any) -> Decimal:
            number = read(value)
            if implied is None:
                return number
            if number != number.to_integral_value():
                raise Fault("number-invalid")
            return Decimal(f"{int(number)}E-{implied}")

        return Stage(
            self.name,
            apply,
            preimage=self._unscaled if self.column == "number" else None,
            yields="decimal",
            order="exact" if self.column == "number" else "lost",
        )

    def _unscaled(self, wanted: Decimal) -> tuple[Any, ...]:
        # Not scaleb: it rounds to the 28 digits of Decimal's context.
        sign, digits, exponent = wanted.as_tuple()
        return (Decimal((sign, digits, int(exponent) + (self.implied or 0))),)


class Integer(Numeric):
    """Read a written whole number."""

    name: ClassVar[str] = "integer"

    column: Literal["text", "number"] = "text"

    def stage(self, _: Place) -> Stage:
        read = self.reader()

        def apply(value: Any) -> int:
            number = read(value)
            if number != number.to_integral_value() or number.adjusted() > 1000:  # noqa: PLR2004 - a bound
                raise Fault("number-invalid")
            return int(number)

        numeric = self.column == "number"
        return Stage(
            self.name,
            apply,
            preimage=(lambda wanted: (wanted,)) if numeric else None,
            yields="integer",
            order="exact" if numeric else "lost",
        )


class Number(Numeric):
    """Read a written number as a double."""

    name: ClassVar[str] = "number"

    def stage(self, _: Place) -> Stage:
        return Stage(self.name, self.reader(), yields="number")


class Value(Transform):
    """A constant, for items that the legacy system does not hold; such a field has no `from`."""

    name: ClassVar[str] = "value"
    main: ClassVar[str | None] = "value"
    bare: ClassVar[bool] = False

    value: Scalar

    def stage(self, _: Place) -> Stage:
        return Stage(self.name, lambda _: self.value, many=True, takes_null=True)


class Digest(Transform):
    """A pseudonym: HMAC-SHA256 of the value under a key of the adapter, 128 bits as hexadecimal.

    Datasets that give the same `context` give equal values equal pseudonyms, so that they can be
    joined; without one nothing can be joined.
    """

    name: ClassVar[str] = "digest"
    main: ClassVar[str | None] = "context"

    context: str | None = None

    def stage(self, place: Place) -> Stage:
        own = f"{place.catalog_id}/{place.name}"
        key = place.key(f"digest {own}" if self.context is None else f"digest context {self.context}")

        def apply(value: Any) -> str:
            return hmac.new(key, plain_text(value).encode(), hashlib.sha256).hexdigest()[:32]

        return Stage(self.name, apply, yields="string")


class Masked(Transform):
    """Masks the value for everybody; `mask` of the field masks by purpose."""

    name: ClassVar[str] = "mask"
    main: ClassVar[str | None] = "mask"
    bare: ClassVar[bool] = False

    mask: str

    @field_validator("mask")
    @classmethod
    def _known(cls, given: str) -> str:
        if find(given) is None:
            raise OptionError("there is no such mask", "没有这种脱敏方式")
        return given

    def stage(self, _: Place) -> Stage:
        mask = find(self.mask) or full
        return Stage(self.name, lambda value: mask(plain_text(value)), yields="string", memo=True)


class Strict(Transform):
    """A value that fails the check of its format is a faulty row, not only a finding."""

    name: ClassVar[str] = "strict"
    main: ClassVar[str | None] = "format"

    format: Literal["residentId", "creditCode", "regionCode", "phone", "email", "bankCard"] | None = None
    """None is the field's own format."""

    def stage(self, place: Place) -> Stage:
        check = CHECKS.get(self.format or place.field.format or "")

        def apply(value: Any) -> Any:
            if check is None or not check(plain_text(value)):
                raise Fault("format-invalid")
            return value

        # A value that fails is no value of the wire, so it has no legacy value either.
        return Stage(self.name, apply, preimage=lambda value: (value,), order="exact", memo=True)
