from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from mutants.mutant import marks
from mutants.world import Bench, bench, examined

from datong.conformance import Report


@pytest.fixture(autouse=True, scope="session")
def _quiet() -> None:
    logging.getLogger("datong").setLevel(logging.CRITICAL)


@pytest.fixture(scope="session")
def _asked_for() -> None:
    """A run of the kit for each of hundreds of mutants takes minutes, so it is a command of its own."""
    if not os.environ.get("KILL_MATRIX"):
        pytest.skip("hundreds of runs of the kit: `make kill-matrix` makes them")


@pytest.fixture
def work(_asked_for: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return bench(tmp_path, monkeypatch)


@pytest.fixture(scope="session")
def reference(_asked_for: None, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """What the kit says of the reference adapter as it is."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        return examined(bench(tmp_path_factory.mktemp("reference"), monkeypatch))


@pytest.fixture(scope="session")
def sound(reference: Report) -> dict[str, set[str]]:
    return marks(reference)
