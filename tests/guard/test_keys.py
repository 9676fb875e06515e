from __future__ import annotations

import multiprocessing
import os
import stat
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
import workers
from callers import adapter_document

from datong.guard import private_folder, secret_material, subkey
from datong.model import Adapter, EnvironmentProblem, SecretRef

SPAWN = multiprocessing.get_context("spawn")


def resolve(ref: SecretRef, folder: Path) -> str:
    return os.environ[ref.env or ""]


def configured(name: str) -> Adapter:
    return Adapter.model_validate(adapter_document() | {"state": {"secret": {"env": name}}})


def test_generated(adapter: Adapter, tmp_path: Path) -> None:
    """Without a reference a key is made at first use, kept for its user alone, and stays the same."""
    first = secret_material(adapter, tmp_path, resolve)
    path = tmp_path / ".datong" / "secret.key"
    assert len(first) >= 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert secret_material(adapter, tmp_path, resolve) == first == path.read_bytes()
    assert secret_material(adapter, tmp_path / "other", resolve) != first


def test_not_committable(tmp_path: Path) -> None:
    """The private folder is closed to other users and to git."""
    folder = private_folder(tmp_path)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert (folder / ".gitignore").read_text() == "*\n"
    assert [path.name for path in folder.iterdir()] == [".gitignore"]


def test_made_once(tmp_path: Path) -> None:
    """Workers that start at once all get the same key, and leave no draft behind."""
    with ProcessPoolExecutor(4, mp_context=SPAWN) as pool:
        made = set(pool.map(workers.secret, [str(tmp_path)] * 8))
    assert len(made) == 1
    assert {path.name for path in (tmp_path / ".datong").iterdir()} == {".gitignore", "secret.key"}


def test_second_to_finish(adapter: Adapter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that finds the key made while it made its own takes the one that is there."""
    path = private_folder(tmp_path) / "secret.key"
    monkeypatch.setattr("secrets.token_hex", lambda n: (path.write_text("w" * 64), "l" * 64)[1])
    assert secret_material(adapter, tmp_path, resolve) == b"w" * 64 == path.read_bytes()


def test_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A configured secret is used as it is, and nothing is written."""
    monkeypatch.setenv("DATONG_SECRET", "s" * 40)
    assert secret_material(configured("DATONG_SECRET"), tmp_path, resolve) == b"s" * 40
    assert list(tmp_path.iterdir()) == []


def test_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that is too short is refused without being repeated."""
    monkeypatch.setenv("DATONG_SECRET", "hunter2")
    with pytest.raises(EnvironmentProblem) as caught:
        secret_material(configured("DATONG_SECRET"), tmp_path, resolve)
    assert caught.value.code == "secret-short"
    assert "hunter2" not in f"{caught.value.title}{caught.value.hint}"


def test_unwritable(adapter: Adapter, tmp_path: Path) -> None:
    """A folder that cannot be written is told with its place."""
    (tmp_path / ".datong").write_text("in the way")
    with pytest.raises(EnvironmentProblem) as caught:
        secret_material(adapter, tmp_path, resolve)
    assert caught.value.code == "folder-unwritable"
    assert str(tmp_path / ".datong") in caught.value.title.en


def test_subkeys() -> None:
    """Each purpose has a key of its own, always the same for the same material (RFC 5869)."""
    keys = {subkey(b"m" * 32, purpose) for purpose in ("record-id", "cursor", "probing")}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {64}
    assert subkey(b"m" * 32, "cursor", 32) == subkey(b"m" * 32, "cursor")[:32]
    assert subkey(b"n" * 32, "cursor") != subkey(b"m" * 32, "cursor")
