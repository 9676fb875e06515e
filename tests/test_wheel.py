"""The built wheel, installed where the source tree cannot be seen."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import databases
import pytest

pytestmark = pytest.mark.xdist_group("wheel")  # one worker builds it once
ROOT = Path(__file__).resolve().parents[1]
SUITES = ("demo", "mapping", "standard", "test_exported_members.py")
"""Suites that need nothing of the source tree but themselves."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy: a build leaves nothing behind in the tree, and sees nothing that git ignores."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    ignored = shutil.ignore_patterns(".*", "__pycache__", "tests", "node_modules")
    shutil.copytree(ROOT, source, ignore=ignored)
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], source)
    shutil.rmtree(source)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh environment that holds the wheel.

    In CI its dependencies are installed as a user would get them, so that one which pyproject.toml
    forgets is found; elsewhere, with no network, they are borrowed from the running environment,
    whose link to the source tree is not followed from there.
    """
    folder = tmp_path_factory.mktemp("environment")
    ci = bool(os.environ.get("CI"))
    venv.create(folder, with_pip=ci, symlinks=True)
    made = folder / "bin" / "python"
    if ci:
        install(made, f"datong[postgresql,mysql] @ {wheel.as_uri()}")
    else:
        packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(packages)
        (packages / "borrowed.pth").write_text("\n".join(site.getsitepackages()) + "\n", encoding="utf-8")
    return made


def install(python: Path, *wanted: str) -> None:
    constraints = ["--constraint", str(ROOT / "constraints.txt")]
    run([str(python), "-m", "pip", "install", "--quiet", *constraints, *wanted], python.parent)


def tools() -> list[str]:
    """What tests need beyond the package, as pyproject.toml lists it."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return [each for each in settings["dependency-groups"]["dev"] if not each.startswith("datong")]


def run(command: Sequence[str], folder: Path) -> str:
    """What the command prints; the test fails where it does not end well."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "DATONG"))}
    environment = {**kept, "NO_COLOR": "1", "LANG": "C.UTF-8"}
    if databases.corpus().is_dir():
        environment["DATONG_CORPUS"] = str(databases.corpus())
    done = subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


def datong(python: Path, folder: Path, *arguments: str) -> str:
    return run([str(python), "-m", "datong", *arguments], folder)


def test_contents(wheel: Path) -> None:
    """The wheel holds the package, its templates, the worked adapter and the licence, and no test, key or state."""
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "datong/py.typed",
        "datong/scaffold/templates/database/cookiecutter.json",
        "datong/demo/pension/adapter.yaml",
    ):
        assert wanted in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    strange = [
        n
        for n in names
        if "__pycache__" in n or "/.datong" in n or n.startswith(("tests", "docs")) or n.endswith(".key")
    ]
    assert strange == []


def test_sources_out_of_reach(python: Path, tmp_path: Path) -> None:
    """The package that is tested is the wheel's."""
    where = run([str(python), "-c", "import datong; print(datong.__file__)"], tmp_path).strip()
    assert Path(where).is_relative_to(python.parents[1])
    assert str(ROOT / "sdk") not in run([str(python), "-c", "import sys; print(sys.path)"], tmp_path)


def test_main_job(python: Path, tmp_path: Path) -> None:
    """new, check, try and schema work from the wheel alone, offline."""
    run([str(python), "-m", "datong.demo", "register.db", "--persons", "1000"], tmp_path)
    datong(python, tmp_path, "new", "pension", "--from", "sqlite:///register.db", "--yes")
    datong(python, tmp_path, "check", "pension")
    assert "rybh" in datong(python, tmp_path, "try", "pension", "cbry")
    assert '"$schema"' in datong(python, tmp_path, "schema")


def test_suites(python: Path, tmp_path: Path) -> None:
    """The package's own tests pass on the wheel; it comes last, since it brings in what only tests need."""
    if os.environ.get("CI"):
        install(python, *tools())
    shutil.copytree(ROOT / "tests", tmp_path / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    told = run(
        [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *(f"tests/{name}" for name in SUITES)], tmp_path
    )
    assert " passed" in told
