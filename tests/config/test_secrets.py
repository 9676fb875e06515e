from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from config import legacy

from datong.config import Report, check, open_source, require_secrets, resolve
from datong.config import load as load_adapter
from datong.model import EnvironmentProblem, SecretRef, UsageError


def test_from_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reference to a variable gives its value."""
    monkeypatch.setenv("MY_SECRET", "s3cret")
    assert resolve(SecretRef(env="MY_SECRET"), tmp_path) == "s3cret"


def test_from_file(tmp_path: Path) -> None:
    """A reference to a file starts at the adapter's folder; the closing line break is no part of the secret."""
    (tmp_path / "pw").write_text("s3 cret \r\n", encoding="utf-8")
    assert resolve(SecretRef(file="pw"), tmp_path) == "s3 cret "


@pytest.mark.parametrize("ref", [SecretRef(env="DATONG_NOT_SET"), SecretRef(file="gone"), SecretRef(file=".")])
def test_missing(tmp_path: Path, ref: SecretRef) -> None:
    """A reference that leads nowhere is a fault of the environment, with the remedy."""
    with pytest.raises(EnvironmentProblem) as caught:
        resolve(ref, tmp_path)
    assert caught.value.code == "secret-missing"
    assert caught.value.hint is not None


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"x" * 70_000])
def test_unusable_file(tmp_path: Path, content: bytes) -> None:
    """A file that holds no text, or far too much, is refused without being shown."""
    (tmp_path / "pw").write_bytes(content)
    with pytest.raises(EnvironmentProblem, match="pw"):
        resolve(SecretRef(file="pw"), tmp_path)


@pytest.mark.parametrize("ref", [SecretRef(), SecretRef(env="A", file="b")])
def test_one_of_two(tmp_path: Path, ref: SecretRef) -> None:
    """A reference names an environment variable or a file, not both and not neither."""
    with pytest.raises(UsageError):
        resolve(ref, tmp_path)


def test_stage_names_every_reference(write: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The stage reports each reference that leads nowhere, of the source and of the rest."""
    monkeypatch.delenv("LEGACY_SECRET")
    folder = write(legacy.YAML + "state: {secret: {file: gone.key}}\n")
    report = check(folder)
    found = [(finding.path, finding.code) for finding in report.findings if finding.stage == "secrets"]
    assert found == [("state.secret", "secret-missing"), ("source.secret", "secret-missing")]
    assert {stage.name: stage.outcome for stage in report.stages}["reachability"] == "skipped"


def test_readable_by_others(write: Callable[[str], Path]) -> None:
    """A secret file that other users may read is a warning, with the command that closes it."""
    folder = write(legacy.YAML.replace("{env: LEGACY_SECRET}", "{file: pw}"))
    (folder / "pw").write_text("x", encoding="utf-8")
    (folder / "pw").chmod(0o644)
    (finding,) = check(folder, offline=True).findings
    assert (finding.code, finding.severity) == ("secret-readable", "warning")
    assert "chmod 600 pw" in finding.hint.en
    (folder / "pw").chmod(0o600)
    assert check(folder, offline=True).findings == []


@pytest.mark.parametrize(
    "value", ["mysql://root:hunter2@db/x", "postgresql://db/x?user=a&password=hunter2", "jdbc:dm://u:hunter2@h"]
)
def test_password_in_address(changed: Callable[..., Report], value: str) -> None:
    """A password in an address is refused, not repeated, and the remedy is a reference."""
    report = changed(("secret: {env: LEGACY_SECRET}", f"secret: {value}"), offline=False)
    (finding,) = report.findings
    assert (finding.code, finding.path) == ("password-in-file", "source.secret")
    assert "hunter2" not in str(finding)
    assert {stage.name: stage.outcome for stage in report.stages}["reachability"] == "skipped"


def test_password_by_name(changed: Callable[..., Report]) -> None:
    """A value under the name of a secret is one, whatever it looks like."""
    report = changed(("rooms: 2", "password: hunter2"))
    assert [finding.code for finding in report.findings] == ["password-in-file"]


def test_source_gets_the_secret(write: Callable[[str], Path], kind: legacy.Kind) -> None:
    """A source is built with the secret itself; the loaded adapter keeps the reference."""
    loaded = load_adapter(write(legacy.YAML))
    open_source(loaded)
    assert kind.source.opened == [legacy.Options(secret="hunter2", rooms=2)]
    assert "hunter2" not in repr(loaded)


def test_required_before_start(write: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """What is about to serve can ask for all secrets first."""
    loaded = load_adapter(write(legacy.YAML))
    require_secrets(loaded)
    monkeypatch.delenv("LEGACY_SECRET")
    with pytest.raises(EnvironmentProblem, match="LEGACY_SECRET"):
        require_secrets(loaded)
