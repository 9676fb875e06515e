from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from datong.model import Column, EnvironmentProblem, KeyGuess, Structure, UsageError
from datong.scaffold import Proposal, propose, render

NASTY = '{{ cookiecutter }} {% raw %} "x" | `y` <b>'


@pytest.fixture
def proposal() -> Proposal:
    columns = (Column(NASTY, "integer"), Column("name", "string", comment="{{ 1 + 1 }} 名称"))
    good = Structure({"table": NASTY}, NASTY, columns, KeyGuess((NASTY,), "declared", "{{ x }}"))
    left = Structure({"table": "b|ad"}, "b|ad", columns, problem="原因 / {{ reason }}")
    return propose([good, left], name="old", source={"kind": "database", "url": "sqlite:///x.db"})


def test_files(proposal: Proposal, tmp_path: Path) -> None:
    """The folder holds the adapter, its schema, a README, its test, and keeps secrets out of git."""
    folder = render(proposal, tmp_path / "some where" / "适配器")
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert found == {".gitignore", "README.md", "adapter.schema.json", "adapter.yaml", "tests/test_adapter.py"}
    ignored = (folder / ".gitignore").read_text(encoding="utf-8").split()
    assert {".datong/", "*.key", "*.pem", ".env"} <= set(ignored)


def test_adapter_is_what_was_proposed(proposal: Proposal, tmp_path: Path) -> None:
    """Names that look like a template stay text, and the file reads back as proposed."""
    text = (render(proposal, tmp_path / "a") / "adapter.yaml").read_text(encoding="utf-8")
    assert text == proposal.yaml()
    assert yaml.safe_load(text) == proposal.document
    assert text.startswith("# yaml-language-server: $schema=adapter.schema.json\n")


def test_readme(proposal: Proposal, tmp_path: Path) -> None:
    """The README is rendered, in both languages, and no name of a table breaks it."""
    text = (render(proposal, tmp_path / "a") / "README.md").read_text(encoding="utf-8")
    assert "datong check ." in text
    assert "登记之前请核对" in text
    assert "Before you register it" in text
    assert '| {{ cookiecutter }} {% raw %} "x" \\| \\`y\\` \\<b\\> |' in text
    assert "| b\\|ad | 原因 / {{ reason }} |" in text
    assert text.count("{{") == 2


def test_full_folder_is_kept(proposal: Proposal, tmp_path: Path) -> None:
    """A folder with files is refused, and written into only when forced; other files stay."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="already holds files"):
        render(proposal, tmp_path / "a")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["mine.txt"]
    render(proposal, tmp_path / "a", force=True)
    assert (tmp_path / "a" / "mine.txt").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "a" / "adapter.yaml").is_file()


def test_empty_folder_is_used(proposal: Proposal, tmp_path: Path) -> None:
    """A folder that is there and empty needs no force."""
    (tmp_path / "a").mkdir()
    assert (render(proposal, tmp_path / "a") / "adapter.yaml").is_file()


def test_places_that_cannot_be(proposal: Proposal, tmp_path: Path) -> None:
    """A file in the way, or above, gives an error that names it."""
    (tmp_path / "a").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="is a file"):
        render(proposal, tmp_path / "a", force=True)
    with pytest.raises(EnvironmentProblem, match="cannot be written"):
        render(proposal, tmp_path / "a" / "b")


def test_leaves_no_trace(proposal: Proposal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a replay file nor a settings file of cookiecutter is written, and the current folder stays."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    render(proposal, Path("a"))
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert Path.cwd() == tmp_path
