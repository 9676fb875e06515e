from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import interface_world as worlds
import pytest

PERSONS = 60


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[worlds.World]:
    """The register with 60 persons, two of them faulty, on SQLite; shared by the tests of a module."""
    folder = tmp_path_factory.mktemp("world")
    worlds.fill(folder / "legacy.db", PERSONS)
    made = worlds.World(worlds.write(folder / "adapter", f"sqlite:///{folder / 'legacy.db'}"))
    yield made
    made.close()


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[Callable[..., worlds.World]]:
    """A world of the test's own, with other limits, another source or another number of persons."""
    made: list[worlds.World] = []

    def make(*, persons: int = PERSONS, url: str | None = None, **options: Any) -> worlds.World:
        folder = tmp_path / f"world{len(made)}"
        folder.mkdir()
        if url is None:
            worlds.fill(folder / "legacy.db", persons)
            url = f"sqlite:///{folder / 'legacy.db'}"
        parts = {name: options.pop(name) for name in ("source", "guard") if name in options}
        made.append(worlds.World(worlds.write(folder / "adapter", url, **options), **parts))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "datong.interface")
