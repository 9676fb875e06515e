"""The JSON Schemas (2020-12) of every wire document, as files, read when first asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

_URN: Final = "urn:gds:schema:"


class _Schemas(Mapping[str, dict[str, Any]]):
    def __getitem__(self, name: str) -> dict[str, Any]:
        if name not in _names():
            raise KeyError(name)
        return schema(name)

    def __iter__(self) -> Iterator[str]:
        return iter(_names())

    def __len__(self) -> int:
        return len(_names())


SCHEMAS: Final[Mapping[str, dict[str, Any]]] = _Schemas()
"""Name (`catalogEntry`, `problem`, …) → schema. A schema's `$id` is `urn:gds:schema:NAME`."""


@cache
def schema(name: str) -> dict[str, Any]:
    """The schema of one wire document; KeyError for an unknown name. Shared: do not change it."""
    file = files("datong.standard") / "schemas" / f"{name}.json"
    if not file.is_file():
        raise KeyError(name)
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return document


@cache
def validator(name: str) -> Draft202012Validator:
    """A validator of one wire document that follows references and checks formats."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - a server answers without ever loading it
    from referencing import Registry, Resource  # noqa: PLC0415 - the same

    resources = [(f"{_URN}{each}", Resource.from_contents(document)) for each, document in SCHEMAS.items()]
    registry: Registry[Any] = Registry().with_resources(resources)
    checker = Draft202012Validator.FORMAT_CHECKER
    return Draft202012Validator(schema(name), registry=registry, format_checker=checker)


@cache
def _names() -> tuple[str, ...]:
    folder = files("datong.standard") / "schemas"
    return tuple(sorted(file.name.removesuffix(".json") for file in folder.iterdir() if file.name.endswith(".json")))
