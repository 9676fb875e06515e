from __future__ import annotations

from pathlib import Path

from cli.conftest import change
from cli.process import datong, same


def test_whole_output(adapter: Path) -> None:
    """Legacy value, each transform and what is served stand side by side; personal values are masked."""
    change(adapter, "name: 状态\n        type: string", "name: 状态\n        transforms: [trim, {codes: {map: {'1': 在职, '2': 退休, '9': 其他}}}]\n        type: string")  # fmt: skip  # noqa: E501
    ran = datong("try", "pension", "person", "--rows", 2, cwd=adapter)
    assert (ran.code, ran.err) == (0, ""), ran.all
    same("try", ran.out)
    for secret in ("王小明", "110101196001011234", "13800000001"):
        assert secret not in ran.out


def test_reveal(adapter: Path) -> None:
    """--reveal shows personal values as they are."""
    shown = datong("try", "pension", "person", "--reveal", cwd=adapter).out
    assert "王小明" in shown
    assert "110101196001011234" in shown


def test_faulty(adapter: Path) -> None:
    """Rows that cannot be converted are shown with the reason, and found by --faulty among good ones."""
    change(adapter, "name: 出生日期\n        type: string", "name: 出生日期\n        type: date")
    ran = datong("try", "pension", "person", "--faulty", cwd=adapter)
    assert ran.code == 0
    same("try-faulty", ran.out)
    faults = datong("try", "pension", "person", "--faulty", "--json", cwd=adapter).document["rows"]
    assert [row["faults"] for row in faults] == [{"csrq": "date-invalid"}]
    assert [row["record"] for row in faults] == [None]


def test_by_key(adapter: Path) -> None:
    """One row is found by its key, whose text is read in the type of the column."""
    (row,) = datong("try", "pension", "person", "--key", 2, "--reveal", "--json", cwd=adapter).document["rows"]
    assert row["record"]["xm"] == "欧阳娜娜"
    (row,) = datong("try", "pension", "bu-men", "--key", 1, "--key", "社保科", "--json", cwd=adapter).document["rows"]
    assert row["record"]["mingCheng"] == "社保科"


def test_wrong_key(adapter: Path) -> None:
    """A key of another type, with too few parts, or of no row is told."""
    assert "--key does not fit id" in datong("try", "pension", "person", "--key", "x", cwd=adapter).err
    assert "The key has 2 columns: 编号, 名称." in datong("try", "pension", "bu-men", "--key", 1, cwd=adapter).err
    ran = datong("try", "pension", "person", "--key", 77, cwd=adapter)
    assert (ran.code, "There is no row with this key." in ran.err) == (2, True)


def test_unknown_dataset(adapter: Path) -> None:
    """A misspelt dataset names the nearest."""
    ran = datong("try", "pension", "persn", cwd=adapter)
    assert (ran.code, ran.err) == (2, "Error: There is no dataset `persn`.\n  Did you mean `person`?\n")


def test_empty(adapter: Path) -> None:
    """A table without rows says so."""
    assert datong("try", "pension", "empty", cwd=adapter).out == "There is no row.\n"


def test_own_python(adapter: Path) -> None:
    """A transform in Python beside adapter.yaml is found and run."""
    (adapter / "pension" / "own.py").write_text("def shout(row):\n    return row['xm'] + '!'\n", encoding="utf-8")
    change(adapter, "name: 姓名", "name: 姓名\n        transforms: [{python: 'own:shout'}]")
    ran = datong("try", "pension", "person", "--rows", 1, "--reveal", "--json", cwd=adapter)
    assert ran.code == 0, ran.all
    assert ran.document["rows"][0]["record"]["xm"] == "王小明!"
