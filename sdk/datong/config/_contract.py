"""The stage `contract`: what the interface would publish is valid by the standard's own schemas."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from datong.config._findings import Findings
from datong.config._load import Loaded
from datong.model import Text
from datong.standard import BASE_PATH, catalog_entry, openapi, record_schema, validator

_MOST = 20


def contract_findings(loaded: Loaded, found: Findings) -> None:
    """What is found here and by no earlier stage is most likely a defect of Datong; it is told all the same."""
    from jsonschema import Draft202012Validator, SchemaError  # noqa: PLC0415 - a server never needs it

    now = datetime.now(UTC)
    for catalog_id, dataset in loaded.adapter.datasets.items():
        entry = catalog_entry(loaded.adapter, catalog_id, base=BASE_PATH, now=now)
        for error in islice(validator("catalogEntry").iter_errors(entry), _MOST):
            message = Text(
                f"The catalog entry breaks its schema at {error.json_path}.",
                f"目录条目在 {error.json_path} 处不符合标准的结构。",
            )
            found.add("entry-invalid", ("datasets", catalog_id, "catalog"), message, key=True)
        try:
            Draft202012Validator.check_schema(record_schema(dataset))
        except SchemaError as error:
            message = Text(f"The record schema is none at {error.json_path}.", f"记录结构在 {error.json_path} 处无效。")
            found.add("record-schema-invalid", ("datasets", catalog_id, "fields"), message, key=True)
    document = openapi(loaded.adapter, base=BASE_PATH)
    for reference in sorted(set(_references(document))):
        if not _there(document, reference):
            message = Text(
                f"The OpenAPI document refers to {reference}, which it lacks.",
                f"OpenAPI 文档引用了不存在的 {reference}。",
            )
            found.add("openapi-invalid", (), message)


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        reference = part.get("$ref")
        if isinstance(reference, str):
            yield reference
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def _there(document: Any, reference: str) -> bool:
    """Whether a JSON pointer into the same document (`#/a/b`) leads somewhere."""
    if not reference.startswith("#/"):
        return False
    here = document
    for part in reference[2:].split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(here, dict) or name not in here:
            return False
        here = here[name]
    return True
