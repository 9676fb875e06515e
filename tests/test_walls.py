from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import datong

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = sorted(path.parent.name for path in Path(datong.__file__).parent.glob("*/__init__.py"))
HEAVY = {"sqlalchemy", "starlette", "pydantic", "zeep", "httpx", "cookiecutter", "uvicorn", "cryptography", "joserfc"}


def contracts() -> list[dict[str, list[str]]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    walls: list[dict[str, list[str]]] = settings["tool"]["importlinter"]["contracts"]
    return walls


def test_walls() -> None:
    """No package imports what its wall keeps from it."""
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("package", [name for name in PACKAGES if name != "model"])
def test_every_package_has_a_wall(package: str) -> None:
    """A new package cannot come without a word on who may import it."""
    assert any(f"datong.{package}" in wall.get("protected_modules", []) for wall in contracts())


@pytest.mark.parametrize("package", ["model", "standard", "mapping", "sources", "guard", "config", "interface"])
def test_served_path_knows_no_command(package: str) -> None:
    """What serves an adapter loads neither the commands nor what makes adapters."""
    program = f"import sys, datong.{package}; print([name for name in sys.modules if name.startswith('datong.')])"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert not any(f"datong.{above}" in done.stdout for above in ("cli", "demo", "scaffold"))


def test_commands_load_lazily() -> None:
    """The command line starts without a database library, a server or a cipher."""
    program = "import sys, datong.cli; print(' '.join({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert HEAVY.isdisjoint(done.stdout.split())
