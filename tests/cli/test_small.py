"""schema, version and demo: what is printed, and what is called."""

from __future__ import annotations

from typing import Any

import pytest
from cli.process import datong

from datong import __version__, demo
from datong.cli import main
from datong.config import json_schema
from datong.standard import INTERFACE_VERSION


def test_schema() -> None:
    """`datong schema` prints the JSON Schema of adapter.yaml."""
    assert datong("schema").document == json_schema()


def test_version() -> None:
    """`datong version` names Datong, the interface and what it runs on."""
    versions = datong("version", "--json").document
    assert versions["datong"] == __version__
    assert versions["interface"] == INTERFACE_VERSION
    assert {"python", "pydantic", "starlette", "sqlalchemy"} <= versions.keys()
    assert f"datong      {__version__}\n" in datong("version").out


def test_demo_is_wired(monkeypatch: pytest.MonkeyPatch) -> None:
    """`datong demo` hands language and --once over, and its answer is the exit code."""
    heard: list[dict[str, Any]] = []

    def run(**given: Any) -> int:
        heard.append(given)
        return 1

    monkeypatch.setattr(demo, "run", run)
    assert main(["demo", "--once", "--lang", "zh"]) == 1
    assert heard == [{"once": True, "language": "zh"}]
