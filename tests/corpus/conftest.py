from __future__ import annotations

from collections.abc import Iterator

import pytest
from corpus import hostile


@pytest.fixture(scope="session")
def hostile_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with hostile.database("sqlite", tmp_path_factory.mktemp("hostile")) as url:
        yield url


@pytest.fixture(scope="session")
def hostile_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with hostile.database("postgresql", tmp_path_factory.mktemp("hostile")) as url:
        yield url


@pytest.fixture(scope="session")
def hostile_mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with hostile.database("mysql", tmp_path_factory.mktemp("hostile")) as url:
        yield url
