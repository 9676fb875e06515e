"""The JSON Schema of adapter.yaml, for editors: the model, with the options of every installed source kind."""

from __future__ import annotations

from typing import Any

from datong.config._shape import members
from datong.mapping import transforms_schema
from datong.model import Adapter, SourceSection
from datong.sources import SourceKind, installed_kinds, source_kind

ID = "urn:datong:schema:adapter"


def json_schema() -> dict[str, Any]:
    """Draft 2020-12. What it accepts may still be refused by `check`; what it refuses `check` refuses too."""
    schema: dict[str, Any] = Adapter.model_json_schema(by_alias=True, mode="validation")
    kinds = {name: source_kind(name) for name in installed_kinds()}
    sections, locations = [], []
    for name, kind in kinds.items():
        sections.append(_section(name, kind, schema["$defs"]))
        locations.append(_embedded(kind.location, schema["$defs"], f"{name}From"))
    schema["$defs"]["SourceSection"] = _either(sections) | {
        "description": schema["$defs"]["SourceSection"].get("description", "")
    }
    schema["$defs"]["Dataset"]["properties"]["from"] = _either(locations) | {
        "description": schema["$defs"]["Dataset"]["properties"]["from"].get("description", "")
    }
    items = schema["$defs"]["Field"]["properties"]
    items["transforms"] = {**items["transforms"], **transforms_schema()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        **schema,
        "title": "adapter.yaml",
    }


def _section(name: str, kind: SourceKind, definitions: dict[str, Any]) -> dict[str, Any]:
    """One kind's `source:` section: the members that all kinds share, and its own."""
    shared = SourceSection.model_json_schema(by_alias=True)["properties"]
    own = kind.options.model_json_schema(by_alias=True, mode="validation")
    definitions |= own.get("$defs", {})
    properties = shared | {key: value for key, value in own["properties"].items() if key not in members(SourceSection)}
    properties["kind"] = {**shared["kind"], "const": name}
    definitions[f"{name}Source"] = {
        "type": "object",
        "title": f"source of kind {name}",
        "description": own.get("description", ""),
        "properties": properties,
        "required": ["kind", *own.get("required", [])],
        "additionalProperties": False,
    }
    return {"$ref": f"#/$defs/{name}Source"}


def _embedded(model: Any, definitions: dict[str, Any], name: str) -> dict[str, Any]:
    document = model.model_json_schema(by_alias=True, mode="validation")
    definitions |= document.pop("$defs", {})
    definitions[name] = document
    return {"$ref": f"#/$defs/{name}"}


def _either(choices: list[dict[str, Any]]) -> dict[str, Any]:
    return dict(choices[0]) if len(choices) == 1 else {"oneOf": choices}
