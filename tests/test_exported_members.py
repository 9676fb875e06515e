from __future__ import annotations

import importlib
import os
import pkgutil
import re
from pathlib import Path

import pytest

import datong

LISTED = Path(__file__).with_name("exported_members.txt")


def public_packages() -> list[str]:
    """`datong` and every package below it whose name has no underscore in front."""
    found = pkgutil.walk_packages(datong.__path__, "datong.")
    return ["datong", *sorted(m.name for m in found if m.ispkg and "._" not in m.name)]


@pytest.mark.parametrize("name", public_packages())
def test_exports(name: str) -> None:
    """A package states its public names, each once, and each is there; the linter holds their order."""
    package = importlib.import_module(name)
    names = package.__all__
    assert len(names) == len(set(names))
    assert [each for each in names if not hasattr(package, each) or re.match("_[a-z]", each)] == []


def test_modules_are_private() -> None:
    """A module is reached through its package: only packages, `__main__` and commands have public names."""
    modules = [m.name for m in pkgutil.walk_packages(datong.__path__, "datong.") if not m.ispkg]
    public = [name for name in modules if "._" not in name and not name.startswith("datong.cli.")]
    assert [name for name in public if not name.endswith("__main__")] == []


def test_listed() -> None:
    """The public names are those of the list, so that a change of them is seen in review.

    After a wanted change: DATONG_UPDATE=1 pytest tests/test_exported_members.py
    """
    lines = [f"{name}.{each}" for name in public_packages() for each in importlib.import_module(name).__all__]
    text = "\n".join(lines) + "\n"
    if os.environ.get("DATONG_UPDATE"):
        LISTED.write_text(text, encoding="utf-8")
    assert LISTED.read_text(encoding="utf-8").splitlines() == lines
