from __future__ import annotations

from pathlib import Path

from cli.conftest import change
from cli.process import datong, same


def shown(folder: Path, *arguments: object, **env: str) -> str:
    return datong("check", "pension", *arguments, cwd=folder, **env).all.replace(str(folder), "FOLDER")


def test_good(adapter: Path) -> None:
    """A generated adapter passes with no edits; what is worth knowing is said."""
    ran = datong("check", "pension", cwd=adapter)
    assert (ran.code, ran.err) == (0, "")
    same("check-good", ran.out)


def test_bad(adapter: Path) -> None:
    """All errors of the file come together, each at its place, with the nearest valid choice."""
    change(adapter, "kind: database", "kind: database\n  pol: 4")
    change(adapter, "updateCycle: daily", "updateCycle: dayly")
    change(adapter, "filterable: true", "filterabel: true")
    ran = datong("check", "pension", cwd=adapter)
    assert (ran.code, ran.err) == (1, "")
    same("check-bad-en", ran.out)
    same("check-bad-zh", shown(adapter, "--lang", "zh"))
    same("check-bad-narrow", shown(adapter, "--lang", "zh", COLUMNS="48"))


def test_stages_go_on(adapter: Path) -> None:
    """A placeholder, a missing column and a faulty row are told in one run, by three stages."""
    change(adapter, "name: 人员", "name: 待定")
    change(adapter, "from: dh", "from: dhua")
    ran = datong("check", "pension", "--json", cwd=adapter)
    assert ran.code == 1
    errors = [(each["stage"], each["code"]) for each in ran.document["findings"] if each["severity"] == "error"]
    assert errors == [("keys", "placeholder"), ("sample", "column-unknown")]


def test_offline(adapter: Path) -> None:
    """Offline the legacy system may be away."""
    (adapter / "legacy.db").unlink()
    ran = datong("check", "pension", "--offline", "--json", cwd=adapter)
    assert ran.code == 0
    outcomes = {stage["name"]: stage["outcome"] for stage in ran.document["stages"]}
    assert outcomes["reachability"] == outcomes["sample"] == "skipped"


def test_here(adapter: Path) -> None:
    """Without a folder the one here is meant."""
    assert datong("check", cwd=adapter / "pension").code == 0


def test_file_by_name(adapter: Path) -> None:
    """The file itself may be named."""
    assert datong("check", "pension/adapter.yaml", cwd=adapter).code == 0


def test_faulty_rows(adapter: Path) -> None:
    """Rows that cannot be converted are counted with the reason, and no value."""
    change(adapter, "name: 出生日期\n        type: string", "name: 出生日期\n        type: date")
    ran = datong("check", "pension", cwd=adapter)
    assert ran.code == 0
    assert "1 of 4 rows cannot be converted" in ran.out
    assert "bad date" not in ran.out


def test_no_folder_named(tmp_path: Path) -> None:
    """Where no folder is named, this one is meant, and said to hold no adapter."""
    ran = datong("check", cwd=tmp_path)
    assert (ran.code, "There is no adapter.yaml in this folder." in ran.err) == (2, True)
