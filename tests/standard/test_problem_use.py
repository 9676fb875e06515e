from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import datong
from datong.standard import PROBLEMS

CODE_AT = {"Problem": 0, "SourceProblem": 0, "Violation": 1}


def raised(source: str) -> Iterator[tuple[str, set[str] | None]]:
    """Code and given params of each problem made in a module; None where params come by `**`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CODE_AT:
            place = CODE_AT[node.func.id]
            code = node.args[place] if len(node.args) > place else None
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                names = {word.arg for word in node.keywords}
                open_ended = None in names or "errors" in names or node.func.id == "Violation"
                yield code.value, None if open_ended else {name for name in names if name}


def test_codes_and_params_in_use() -> None:
    """Every problem that the program makes is registered, and gets each param that its detail names."""
    wrong = []
    found = 0
    for file in sorted(Path(datong.__file__).parent.rglob("*.py")):
        for code, params in raised(file.read_text(encoding="utf-8")):
            found += 1
            if code not in PROBLEMS:
                wrong.append(f"{file.name}: {code} is not registered")
            elif params is not None and (left := PROBLEMS[code].places - params):
                wrong.append(f"{file.name}: {code} lacks {sorted(left)}")
    assert found
    assert wrong == []
