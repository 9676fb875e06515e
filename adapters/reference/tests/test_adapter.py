"""The conformance reference: its configuration is sound, and its fixtures say what its database holds."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with a database of its own."""
    place = tmp_path_factory.mktemp("adapter") / "reference"
    place.mkdir()
    for name in ("adapter.yaml", "build.py"):
        shutil.copyfile(FOLDER / name, place / name)
    subprocess.run([sys.executable, str(place / "build.py")], check=True)
    return place


def datong(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "datong", *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def test_check(adapter: Path) -> None:
    """`datong check` finds nothing but the two rows that are broken on purpose."""
    run = datong("check", str(adapter))
    assert run.returncode == 0, run.stdout + run.stderr
    assert "1 warning" in run.stdout


@pytest.mark.parametrize("dataset", ["persons", "offices", "inspections"])
def test_try(adapter: Path, dataset: str) -> None:
    """Each dataset's rows can be shown beside the records they become."""
    run = datong("try", str(adapter), dataset)
    assert run.returncode == 0, run.stdout + run.stderr
