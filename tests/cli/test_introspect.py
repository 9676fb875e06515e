from __future__ import annotations

from pathlib import Path

from cli.process import datong, same


def test_whole_output(made: Path) -> None:
    """Tables with rows, keys and columns, Chinese names included."""
    ran = datong("introspect", "legacy.db", "--columns", cwd=made)
    assert (ran.code, ran.err) == (0, "")
    same("introspect", ran.out)


def test_as_json(made: Path) -> None:
    """Machines get everything but values of rows."""
    ran = datong("introspect", "legacy.db", "--json", cwd=made)
    person = next(each for each in ran.document if each["name"] == "person")
    assert person["key"]["columns"] == ["id"]
    assert [column["name"] for column in person["columns"]] == ["id", "xm", "sfzh", "csrq", "zt", "dh"]
    assert "王小明" not in ran.out
