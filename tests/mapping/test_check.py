from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from mapping import build
from mapping.build import field
from mapping.test_transforms import EXAMPLES

from datong.mapping import TRANSFORMS, compile_dataset, faults, transforms_schema
from datong.model import ConfigError


def found(**fields: dict[str, Any]) -> list[tuple[tuple[str | int, ...], str, str]]:
    return [(fault.path, fault.code, fault.severity) for fault in faults(build.dataset(fields))]


BROKEN = [
    (field(transforms=["trimm"]), ("transforms", 0), "transform-unknown", "`trim`"),
    (field(transforms=[{"trim": {"sid": "left"}}]), ("transforms", 0, "trim", "sid"), "transform-option", "`side`"),
    (field(transforms=[{"trim": "middle"}]), ("transforms", 0, "trim", "side"), "transform-option", "'both'"),
    (field(transforms=["pad"]), ("transforms", 0), "transform-option", "length"),
    (field(transforms=[{"trim": "left", "pad": 3}]), ("transforms", 0), "transform-shape", "trim, pad"),
    (field("date", transforms=[{"date": "%y%m%d"}]), ("transforms", 0, "date"), "transform-option", "pivot"),
    (field("date", transforms=[{"date": "%Q"}]), ("transforms", 0, "date"), "transform-option", "%Y"),
    (field("date", transforms=[{"date": "%Y%Y"}]), ("transforms", 0, "date"), "transform-option", "twice"),
    (field("dateTime", transforms=[{"zone": "Asia/X"}]), ("transforms", 0, "zone", "zone"), "transform-option", "zone"),
    (field(transforms=[{"charset": "gkb"}]), ("transforms", 0, "charset", "encoding"), "transform-option", "set"),
    (field("boolean", transforms=[{"boolean": {"false": 1}}]), ("transforms", 0, "boolean"), "transform-option", "1"),
    (field(transforms=[{"mask": "fulll"}]), ("transforms", 0, "mask", "mask"), "transform-option", "mask"),
    (field(transforms=["strict"]), ("transforms", 0), "transform-option", "residentId"),
    (field(transforms=[{"python": "no.such:thing"}]), ("transforms", 0, "python"), "transform-python", "no.such:thing"),
    (field(transforms=["trim", {"join": "-"}]), ("transforms", 1), "transform-order", "first"),
    (field(column=["A", "B"]), ("from",), "field-columns", "join"),
    (field(column=None), (), "field-empty", "from"),
    (field(transforms=[{"value": 1}]), ("from",), "field-constant", "from"),
    (field("date", transforms=["boolean"]), ("type",), "type-mismatch", "boolean"),
    (field(mask="fulll"), ("mask",), "mask-unknown", "personName"),
    (field("integer", mask="year"), ("mask",), "mask-unknown", "integer"),
    (field("json", filterable=True), ("filterable",), "field-incomparable", "JSON"),
]  # fmt: skip


@pytest.mark.parametrize(("declared", "path", "code", "said"), BROKEN)
def test_a_mistake_is_named_with_its_place_and_remedy(
    declared: dict[str, Any], path: tuple[str | int, ...], code: str, said: str
) -> None:
    """Each mistake gives one error at its own place, in both languages, naming what would be right."""
    made = build.dataset({"x": declared})
    (fault,) = faults(made)
    assert (fault.path, fault.code, fault.severity) == (("fields", "x", *path), code, "error")
    assert said in f"{fault.message.en} {fault.hint.en if fault.hint else ''}"
    assert any("\u4e00" <= char <= "\u9fff" for char in fault.message.zh)
    with pytest.raises(ConfigError) as caught:
        compile_dataset("people", made, zone=build.ZONE, secret=build.SECRET)
    assert [finding.code for finding in caught.value.findings] == [code]


def test_all_mistakes_come_together() -> None:
    """One look finds the mistakes of every field and of every entry."""
    places = [path for path, _, _ in found(a=field(transforms=["trimm", "uper"]), b=field(mask="x"))]
    assert places == [("fields", "a", "transforms", 0), ("fields", "a", "transforms", 1), ("fields", "b", "mask")]


def test_what_cannot_be_pushed_down_is_a_note_not_an_error() -> None:
    """A filter that reads rows is told of, an order that is lost is warned of, and both compile."""
    declared = field(transforms=["collapse"], filterable=True, sortable=True)
    assert found(x=declared) == [
        (("fields", "x", "filterable"), "filter-residual", "note"),
        (("fields", "x", "sortable"), "sort-lost", "warning"),
    ]
    build.plan({"x": declared})


def test_clean_chains_give_no_findings() -> None:
    """Every example of the transforms is free of findings."""
    for kind, _, transforms, _ in EXAMPLES:
        assert found(x=field(kind, transforms=transforms)) == []


def test_a_short_secret_is_refused() -> None:
    """Record ids are only as secret as the key material is long."""
    with pytest.raises(ValueError, match="32 bytes"):
        compile_dataset("people", build.dataset({"x": field()}), zone=build.ZONE, secret=b"short")


SCHEMA = jsonschema.Draft202012Validator(transforms_schema())


def test_the_published_schema_takes_what_the_program_takes() -> None:
    """Every example in YAML's types is valid by the JSON Schema, which is itself valid and self-contained."""
    SCHEMA.check_schema(SCHEMA.schema)
    assert "$ref" not in json.dumps(SCHEMA.schema)
    for _, _, transforms, _ in EXAMPLES:
        SCHEMA.validate(json.loads(json.dumps(transforms)))
    SCHEMA.validate([{"join": "-"}, {"value": "x"}, {"python": "a.b:c"}, {"digest": "person"}, "digest"])


def test_the_published_schema_refuses_what_the_program_refuses() -> None:
    """Unknown names and options, and names that need options, are refused by both."""
    refused = [
        entry for declared, path, code, _ in BROKEN if code == "transform-unknown" for entry in declared["transforms"]
    ]
    refused += ["pad", "codes", {"trim": {"sid": "left"}}, {"pad": 3, "trim": "left"}, {"split": {"separator": "-"}}, 5]
    for entry in refused:
        assert not SCHEMA.is_valid([entry]), entry


def test_every_transform_is_described_in_the_schema() -> None:
    """The schema names exactly the transforms that exist."""
    entries = SCHEMA.schema["items"]["anyOf"][1:]
    assert [next(iter(entry["properties"])) for entry in entries] == sorted(TRANSFORMS)
