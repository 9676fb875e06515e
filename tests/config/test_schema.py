from __future__ import annotations

from config import legacy
from jsonschema import Draft202012Validator

from datong.config import json_schema
from datong.config._yaml import read


def test_is_a_schema(kind: legacy.Kind) -> None:
    """The published schema is valid by the meta-schema, and every reference in it leads somewhere."""
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert list(validator.iter_errors({"datong": "1"}))


def test_accepts_the_valid_file(kind: legacy.Kind) -> None:
    """A file that check accepts is valid by the schema."""
    document = read(legacy.YAML.encode()).data
    assert list(Draft202012Validator(json_schema()).iter_errors(document)) == []


def test_knows_the_options_of_the_kind(kind: legacy.Kind) -> None:
    """An option that the source kind does not have is refused, as is a foreign kind."""
    schema = json_schema()
    source = Draft202012Validator({"$defs": schema["$defs"], "$ref": "#/$defs/SourceSection"})
    assert source.is_valid({"kind": "memory", "secret": {"env": "X"}, "rooms": 1})
    assert not source.is_valid({"kind": "memory", "secret": {"env": "X"}, "romms": 1})
    assert not source.is_valid({"kind": "other", "secret": {"env": "X"}})


def test_knows_the_transforms(kind: legacy.Kind) -> None:
    """A transform that mapping does not have is refused by the schema too."""
    schema = json_schema()
    item = Draft202012Validator({"$defs": schema["$defs"], "$ref": "#/$defs/Field"})
    assert item.is_valid({"from": "A", "name": "甲", "type": "string", "transforms": ["trim"]})
    assert not item.is_valid({"from": "A", "name": "甲", "type": "string", "transforms": ["trimm"]})


def test_every_option_is_described(kind: legacy.Kind) -> None:
    """Every member of the model says what it is, for editors and for the reference."""
    schema = json_schema()
    own = {"Options", "memorySource", "memoryFrom", "SourceSection"}
    parts = {"the file": schema, **{name: part for name, part in schema["$defs"].items() if name not in own}}
    silent = [
        f"{name}.{member}"
        for name, part in parts.items()
        for member, option in part.get("properties", {}).items()
        if not option.get("description")
    ]
    assert silent == []
