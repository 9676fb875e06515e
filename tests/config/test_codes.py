from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from datong import config, mapping
from datong.config import FINDINGS

CALLS = {"add": 0, "_add": 0, "_finding": 0, "Finding": 0, "Unreadable": 0, "MappingFault": 1}


def used(package: Path) -> Iterator[str]:
    """Every literal code that the package's modules hand to what makes a finding."""
    for module in package.glob("_*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                place = CALLS.get(name, 9)
                code = node.args[place] if len(node.args) > place else None
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    yield code.value


def test_every_code_is_registered() -> None:
    """A finding has a code of the register, and the register has no code that nothing finds."""
    found = {code for package in (config, mapping) for code in used(Path(package.__file__).parent)}
    in_tables = {"key-missing", "key-unknown", "value-wrong"}
    in_errors = {"secret-missing", "secret-reference", "transform-shape", "transform-unknown"}
    assert found | in_tables | in_errors == set(FINDINGS)


def test_both_languages() -> None:
    """Each code says what it means in English and Chinese."""
    for text in FINDINGS.values():
        assert text.en.isascii()
        assert any("\u4e00" <= char <= "\u9fff" for char in text.zh)
