from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from config import legacy

from datong.config import Report, check
from datong.sources import _registry

Write = Callable[[str], Path]


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> legacy.Kind:
    """The source kind `memory`, installed for one test."""
    made = legacy.Kind()
    monkeypatch.setattr(legacy, "KIND", made, raising=False)
    point = EntryPoint("memory", "config.legacy:KIND", _registry.GROUP)
    monkeypatch.setattr(_registry, "_entry_points", lambda: {"memory": point})
    monkeypatch.setenv("LEGACY_SECRET", "hunter2")
    return made


@pytest.fixture
def write(tmp_path: Path, kind: legacy.Kind) -> Write:
    """Writes adapter.yaml into a folder of its own."""

    def written(text: str = legacy.YAML) -> Path:
        folder = tmp_path / "pension"
        folder.mkdir(exist_ok=True)
        (folder / "adapter.yaml").write_text(text, encoding="utf-8")
        return folder

    return written


@pytest.fixture
def changed(write: Write) -> Callable[..., Report]:
    """The report on the valid file with texts replaced, each of which must be there."""

    def report(*changes: tuple[str, str], offline: bool = True) -> Report:
        text = legacy.YAML
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        return check(write(text), offline=offline)

    return report
