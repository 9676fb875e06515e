"""Runs one block of a document, each language in its own way."""

from __future__ import annotations

import json
import shlex
import tomllib
from pathlib import Path
from typing import Any

import yaml
from docs.blocks import RUNNABLE, Block, agrees, steps
from docs.shell import Shell
from pydantic import TypeAdapter

import datong.model as parts
from datong.sources import source_kind


def run(block: Block, shell: Shell, folder: Path) -> None:
    assert block.language in RUNNABLE, (
        f'{block.place}: a block is one of {", ".join(sorted(RUNNABLE))}, or its first line says not-run="why"'
    )
    match block.language:
        case "bash":
            expect_success(block, shell, f"set -euo pipefail\n{block.text}\nset +euo pipefail")
        case "console":
            run_console(block, shell)
        case "python":
            script = folder / f"block-{block.line}.py"
            script.write_text(block.text, encoding="utf-8")
            expect_success(block, shell, f"python -W error {shlex.quote(str(script))}")
        case "yaml":
            validate_yaml(block)
        case "json":
            json.loads(block.text)
        case "toml":
            tomllib.loads(block.text)


def expect_success(block: Block, shell: Shell, command: str) -> None:
    output, status = shell.run(command)
    assert status == 0, f"{block.place}: exit status {status}\n{output}"


def run_console(block: Block, shell: Shell) -> None:
    for step in steps(block):
        output, _ = shell.run(step.command)
        assert agrees(step.shown, output), (
            f"{block.place}: `{step.command}` should print\n{step.shown}\n--- but printed\n{output}"
        )


def validate_yaml(block: Block) -> None:
    """A whole adapter.yaml, or members of the named part of one: ```yaml Dataset."""
    document = yaml.safe_load(block.text)
    if not block.part:
        parts.Adapter.model_validate(document)
        return
    if block.part == "SourceSection":
        section = parts.SourceSection.model_validate(document)
        source_kind(section.kind).options.model_validate(section.options | {"zone": section.zone})
        return
    members: dict[str, Any] = {}
    for name, field in getattr(parts, block.part).model_fields.items():
        members[field.alias or name] = TypeAdapter(field.rebuild_annotation())
    for name, value in document.items():
        assert name in members, f"{block.place}: {block.part} has no member {name!r}"
        members[name].validate_python(value)
