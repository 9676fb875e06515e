from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from cli.process import datong

PERSONS = [
    (1, "王小明", "110101196001011234", "1960-01-01", "1", "13800000001"),
    (2, "欧阳娜娜", "11010119600202123X", "1960-02-02", "2", "13800000002"),
    (3, "李四", "110101196003031235", "bad date", "1", None),
    (4, "赵六", "110101196004041236", "1960-04-04", "9", "13800000004"),
]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with legacy.db and the adapter `pension` that `datong new` made of it."""
    folder = tmp_path_factory.mktemp("made")
    with closing(sqlite3.connect(folder / "legacy.db")) as database:
        database.execute(
            "CREATE TABLE person (id INTEGER PRIMARY KEY, xm TEXT NOT NULL, sfzh TEXT, csrq DATE, zt CHAR(1), dh TEXT)"
        )
        database.executemany("INSERT INTO person VALUES (?, ?, ?, ?, ?, ?)", PERSONS)
        database.execute("CREATE TABLE empty (id INTEGER PRIMARY KEY, note TEXT)")
        database.execute("CREATE TABLE 部门 (编号 INTEGER, 名称 TEXT, PRIMARY KEY (编号, 名称))")
        database.execute("INSERT INTO 部门 VALUES (1, '社保科')")
        database.commit()
    ran = datong("new", "pension", "--from", "legacy.db", "--yes", cwd=folder)
    assert ran.code == 0, ran.all
    return folder


@pytest.fixture
def adapter(made: Path, tmp_path: Path) -> Path:
    """A copy of the folder, for one test to change; the adapter is in `pension`."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    file = tmp_path / "pension" / "adapter.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace(str(made), str(tmp_path)), encoding="utf-8")
    return tmp_path


def change(folder: Path, old: str, new: str) -> None:
    """Change one place of the adapter.yaml of `pension`."""
    file = folder / "pension" / "adapter.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text, text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
