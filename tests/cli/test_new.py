from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import psycopg
import pytest
from cli.process import command, datong, environment, same

from datong.config import load

CODE = "91350100M000100Y43"


def test_whole_output(made: Path, tmp_path: Path) -> None:
    """What was made is listed, and the next commands are given."""
    ran = datong("new", "pension", "--from", made / "legacy.db", "--yes", cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    same("new", ran.out)
    assert load(tmp_path / "pension").adapter.adapter.id == "pension"


def test_facts_given(made: Path, tmp_path: Path) -> None:
    """What is given on the command line stands in the file."""
    options = ("--provider-name", "某市社保局", "--provider-code", CODE, "--office-name", "数据科")
    more = ("--office-phone", "0571-87654321", "--purposes", "待遇核验，监督检查", "--out", "somewhere")
    ran = datong("new", "x", "--from", made / "legacy.db", "--yes", *options, *more, cwd=tmp_path)
    assert ran.code == 0
    adapter = load(tmp_path / "somewhere").adapter
    assert (adapter.provider.name, adapter.provider.code) == ("某市社保局", CODE)
    assert (adapter.provider.office.name, adapter.provider.office.phone) == ("数据科", "0571-87654321")
    assert adapter.datasets["person"].catalog.use_conditions.purposes == ("待遇核验", "监督检查")


def test_unconditional(made: Path, tmp_path: Path) -> None:
    """An unconditional adapter lists no conditions, and check has no error."""
    ran = datong("new", "x", "--from", made / "legacy.db", "--yes", "--sharing-type", "unconditional", cwd=tmp_path)
    assert ran.code == 0
    assert datong("check", "x", cwd=tmp_path).code == 0


def test_full_folder(made: Path, tmp_path: Path) -> None:
    """A folder that holds files is not written into, unless it is forced."""
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "mine.txt").write_text("keep", encoding="utf-8")
    ran = datong("new", "x", "--from", made / "legacy.db", "--yes", cwd=tmp_path)
    assert ran.code == 2
    assert "--force" in ran.err
    assert datong("new", "x", "--from", made / "legacy.db", "--yes", "--force", cwd=tmp_path).code == 0
    assert (tmp_path / "x" / "mine.txt").read_text(encoding="utf-8") == "keep"


def test_nobody_to_ask(made: Path, tmp_path: Path) -> None:
    """Without a terminal and without --yes nothing is guessed and nothing hangs."""
    ran = datong("new", "x", "--from", made / "legacy.db", cwd=tmp_path)
    assert ran.code == 2
    assert "--yes" in ran.err
    assert not (tmp_path / "x").exists()


def test_wrong_code(made: Path, tmp_path: Path) -> None:
    """A credit code with a wrong check character is refused before anything is looked at."""
    ran = datong("new", "x", "--from", made / "legacy.db", "--yes", "--provider-code", CODE[:-1] + "4", cwd=tmp_path)
    assert ran.code == 2
    assert "unified social credit code" in ran.err


def test_as_json(made: Path, tmp_path: Path) -> None:
    """Machines get the datasets, what was left out and the next commands."""
    made_of = datong("new", "x", "--from", made / "legacy.db", "--yes", "--json", cwd=tmp_path).document
    assert made_of["datasets"][1] == {"id": "person", "table": "person", "key": ["id"], "items": 6}
    assert made_of["next"] == ["datong check x", "datong serve x"]
    assert made_of["leftOut"] == []


def test_password_is_kept_apart(postgres_database: str, tmp_path: Path) -> None:
    """A password of the address is in no file that can be committed; the adapter works with no edit."""
    with psycopg.connect(postgres_database.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE TABLE t (id integer PRIMARY KEY)")
    address = with_password(postgres_database, "hunter2")
    ran = datong("new", "x", "--from", address, "--yes", cwd=tmp_path)
    assert ran.code == 0, ran.all
    secret = tmp_path / "x" / ".datong" / "source-password"
    assert secret.read_text(encoding="utf-8") == "hunter2"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    others = [path for path in (tmp_path / "x").rglob("*") if path.is_file() and path != secret]
    assert [path for path in others if b"hunter2" in path.read_bytes()] == []
    assert (tmp_path / "x" / ".datong" / ".gitignore").read_text(encoding="utf-8") == "*\n"
    assert datong("check", "x", cwd=tmp_path).code == 0


def with_password(address: str, password: str) -> str:
    scheme, rest = address.split("://")
    account, host = rest.split("@")
    return f"{scheme}://{account.split(':')[0]}:{password}@{host}"


@pytest.mark.parametrize(("arguments", "said"), [((), "legacy.db"), (("--json",), "legacy.db")])
def test_missing_file(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    """A SQLite file that is not there is an environment fault; nothing is written."""
    ran = datong("new", "x", "--from", "legacy.db", "--yes", *arguments, cwd=tmp_path)
    assert ran.code == 3
    assert said in ran.all
    assert list(tmp_path.iterdir()) == []


def test_questions(made: Path, tmp_path: Path) -> None:
    """At a terminal the facts are asked for; an empty answer takes the default, a wrong code is asked again."""
    master, terminal = os.openpty()
    running = subprocess.Popen(
        command("new", "x", "--from", made / "legacy.db"),
        cwd=tmp_path, env=environment(), stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    os.write(master, f"某市社保局\n{CODE[:-1]}4\n{CODE}\n\n0571-87654321\n".encode())
    shown, _ = running.communicate(timeout=60)
    os.close(master)
    os.close(terminal)
    assert running.returncode == 0, shown
    assert shown.count("Its unified social credit code") == 2
    provider = load(tmp_path / "x").adapter.provider
    assert (provider.name, provider.code, provider.office.phone) == ("某市社保局", CODE, "0571-87654321")
    assert provider.office.name
