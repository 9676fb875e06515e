from __future__ import annotations

import logging
from pathlib import Path

import pytest
from mutants.mutant import marks
from mutants.world import Bench, bench, examined

from datong.conformance import Report


@pytest.fixture(autouse=True, scope="session")
def _quiet() -> None:
    logging.getLogger("datong").setLevel(logging.CRITICAL)


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return bench(tmp_path, monkeypatch)


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """What the kit says of the reference adapter as it is."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        return examined(bench(tmp_path_factory.mktemp("reference"), monkeypatch))


@pytest.fixture(scope="session")
def sound(reference: Report) -> dict[str, set[str]]:
    return marks(reference)
