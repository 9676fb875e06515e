from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from callers import adapter_document, signer

from datong.guard import AuditLog, Guard, Principal, StateStore
from datong.model import Adapter


@pytest.fixture(scope="session")
def adapter() -> Adapter:
    return Adapter.model_validate(adapter_document())


@pytest.fixture
def make_guard(adapter: Adapter, tmp_path: Path) -> Iterator[Callable[..., Guard]]:
    """Builds guards over one folder, as several workers would; all are closed afterwards."""
    made: list[Guard] = []

    def make(**more: Any) -> Guard:
        options: dict[str, Any] = {
            "folder": tmp_path,
            "issuers": [signer("ES256").trusted()],
            "state": StateStore.embedded(tmp_path),
            "audit": AuditLog(tmp_path / "audit"),
        }
        made.append(Guard(more.pop("adapter", adapter), **(options | more)))
        return made[-1]

    yield make
    for guard in made:
        guard.close()


@pytest.fixture
def guard(make_guard: Callable[..., Guard]) -> Guard:
    return make_guard()


@pytest.fixture
def exchange(guard: Guard) -> Principal:
    return guard.authenticate(f"Bearer {signer('ES256').token(role='exchange', sub='exchange-1')}")
