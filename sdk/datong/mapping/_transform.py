"""What every transform is: a frozen model of its options that compiles to a stage."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, WithJsonSchema, model_validator
from pydantic import Field as Described
from pydantic.alias_generators import to_camel

from datong.mapping._recordid import derive
from datong.mapping._stage import Stage
from datong.mapping._wire import plain_text
from datong.mapping._zone import Zone
from datong.model import Field, Text


@dataclass(frozen=True, slots=True)
class Place:
    """Where a transform stands: its dataset and field, the source's zone, the adapter's secret."""

    catalog_id: str
    name: str
    field: Field
    zone: Zone
    secret: bytes

    def key(self, purpose: str) -> bytes:
        return derive(self.secret, purpose, 32)


def _one_or_more(item: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": "array", "items": item, "minItems": 1}, item]})


Tokens = Annotated[tuple[str, ...], Described(min_length=1), _one_or_more({"type": ["string", "number", "boolean"]})]
"""Legacy values as texts; in a file one alone, and numbers and dates, may stand without quotes."""

Texts = Annotated[tuple[str, ...], Described(min_length=1), _one_or_more({"type": "string"})]
"""Texts; in a file one may stand alone."""


def several(given: Any) -> Any:
    return given if isinstance(given, list | tuple) else [given]


def tokens(given: Any) -> Any:
    """What YAML read as a number, a truth value or a date is compared by its text."""
    return tuple(plain_text(item) if isinstance(item, int | float | date | time) else item for item in several(given))


class OptionError(ValueError):
    """An option that cannot be used, and why, as the end of a sentence."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.text = Text(en, zh)


class Transform(BaseModel):
    """Written in `transforms` as a bare name, as `{name: value}` of its main option, or `{name: {option: value}}`."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True, use_attribute_docstrings=True
    )

    name: ClassVar[str]
    main: ClassVar[str | None] = None
    """The option that a value alone stands for."""
    bare: ClassVar[bool] = True
    """Whether the name alone says all."""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        if given is None:
            return {}
        if cls.main is not None and not isinstance(given, dict):
            return {cls.main: given}
        return given

    @abstractmethod
    def stage(self, place: Place) -> Stage: ...


def on_text(change: Callable[[str], Any]) -> Callable[[Any], Any]:
    """Changes text and leaves what is no text alone: dates and numbers of a driver need no trimming."""

    def apply(value: Any) -> Any:
        return change(value) if isinstance(value, str) else value

    return apply
