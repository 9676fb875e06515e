"""The worked adapter on a small register of the same making; run it with pytest."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from datong.demo import build_register

FOLDER = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy beside a register of its own, as adapter.yaml expects it."""
    place = tmp_path_factory.mktemp("adapter")
    build_register(place / "register.db", persons=1000)
    copy = place / "pension"
    copy.mkdir()
    shutil.copyfile(FOLDER / "adapter.yaml", copy / "adapter.yaml")
    return copy


def datong(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "datong", *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def test_check(adapter: Path) -> None:
    """`datong check` finds no error."""
    run = datong("check", str(adapter))
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("dataset", ["insured-persons", "employers", "benefit-payments", "contributions"])
def test_try(adapter: Path, dataset: str) -> None:
    """Each dataset's rows can be shown beside the records they become."""
    run = datong("try", str(adapter), dataset)
    assert run.returncode == 0, run.stdout + run.stderr
