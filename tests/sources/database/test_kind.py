from __future__ import annotations

import subprocess
import sys
from urllib.parse import quote

import pytest
from databases import MARIADB, POSTGRES, run_sqlite
from pydantic import ValidationError
from reading import all_rows, select

from datong.model import Call, Defect, EnvironmentProblem, SecretRef, SourceProblem, UsageError
from datong.sources import source_kind
from datong.sources.database import KIND, DatabaseOptions, TableLocation


def test_it_is_found_by_its_name():
    """The plugin is registered as `database`."""
    assert source_kind("database") is KIND


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql://u@h:5433/d", "postgresql+psycopg://u@h:5433/d"),
        ("postgresql+psycopg://u@h/d?sslmode=require", "postgresql+psycopg://u@h/d?sslmode=require"),
        ("mysql://u@h/d", "mysql+pymysql://u@h/d"),
        ("mariadb://u@h:3307/d?charset=utf8", "mariadb+pymysql://u@h:3307/d?charset=utf8"),
        ("MySQL://u@h/d", "mysql+pymysql://u@h/d"),
        ("oracle://u@h/?service_name=x", "oracle+oracledb://u@h/?service_name=x"),
        ("mssql://u@h/d", "mssql+pymssql://u@h/d"),
        ("dm://u@h:5236", "dm://u@h:5236"),
    ],
)
def test_addresses_as_people_type_them(address, url, tmp_path):
    """Common forms are accepted and get the driver that serves them."""
    assert KIND.accepts(address)
    assert KIND.options_for(address, folder=tmp_path) == {"url": url}
    assert KIND.secrets_for(address, folder=tmp_path) == {}
    assert DatabaseOptions.model_validate(KIND.options_for(address, folder=tmp_path)).url == url


@pytest.mark.parametrize("address", ["chinook.sqlite", "./chinook.sqlite", "sqlite:///chinook.sqlite"])
def test_paths_of_files(address, tmp_path, monkeypatch):
    """A SQLite file is given by its path alone, from wherever the command is run."""
    run_sqlite(f"sqlite:///{tmp_path}/chinook.sqlite", "CREATE TABLE t (id integer); INSERT INTO t VALUES (1);")
    monkeypatch.chdir(tmp_path)
    assert KIND.accepts(address)
    section = KIND.options_for(address, folder=tmp_path / "adapter")
    assert section == {"url": f"sqlite:///{tmp_path}/chinook.sqlite"}
    source = KIND.open(DatabaseOptions.model_validate(section), folder=tmp_path / "adapter")
    assert all_rows(source, select("t", "id")) == [(1,)]
    source.close()


def test_a_file_without_a_telling_name(tmp_path):
    """A SQLite file is known by its contents, another file is not taken for one."""
    path = tmp_path / "register"
    run_sqlite(f"sqlite:///{path}", "CREATE TABLE t (id integer);")
    assert KIND.accepts(str(path))
    path.write_text("id,name\n")
    assert not KIND.accepts(str(path))


@pytest.mark.parametrize(
    "address", ["http://h/service?wsdl", "https://h/x.wsdl", "drop/*.csv", "sftp://h/in", "service.wsdl"]
)
def test_addresses_of_other_kinds(address):
    """What is no database is left to the other kinds."""
    assert not KIND.accepts(address)


@pytest.mark.parametrize("password", ["hunter2", "p@ss:w/rd", "密码"])
def test_a_password_is_taken_out(password, tmp_path):
    """A password on the command line becomes a reference; the section holds it in no form."""
    address = f"postgresql://u:{quote(password, safe='')}@h/d"
    section = KIND.options_for(address, folder=tmp_path)
    assert section == {"url": "postgresql+psycopg://u@h/d", "password": {"env": "DATONG_SOURCE_PASSWORD"}}
    assert KIND.secrets_for(address, folder=tmp_path) == {"DATONG_SOURCE_PASSWORD": password}


@pytest.mark.parametrize("base", [POSTGRES, MARIADB], ids=["postgresql", "mysql"])
def test_a_resolved_password_reaches_the_driver(base, tmp_path):
    """The password, once resolved, is what the driver sends."""
    options = DatabaseOptions(url=base.render_as_string(), password=SecretRef(env="X"))
    source = KIND.open(options.model_copy(update={"password": "p@ss:w/rd"}), folder=tmp_path)
    assert source.backend.url.password == "p@ss:w/rd"
    assert "p@ss" not in repr(source.backend.url)
    source.close()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("postgrsql://u@h/d", "postgresql://user@host:5432/database"),
        ("mysqll://u@h/d", "mysql://user@host:3306/database"),
        ("postgresql://u@h:port/d", "postgresql://user@host:5432/database"),
        ("postgresql://u@h", "postgresql://user@host:5432/database"),
        ("mysql://u:secret@h:x/d", "%40"),
    ],
)
def test_a_wrong_address_names_the_right_form(address, words, tmp_path):
    """An address that cannot be used is told with the form to write, and without its password."""
    assert KIND.accepts(address)
    with pytest.raises(UsageError) as raised:
        KIND.options_for(address, folder=tmp_path)
    assert words in raised.value.hint.en
    assert words in raised.value.hint.zh
    assert "secret" not in f"{raised.value.title} {raised.value.hint}"


def test_a_missing_file_names_its_neighbour(tmp_path, monkeypatch):
    """A misspelt file is told with the nearest one that is there."""
    (tmp_path / "chinook.sqlite").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EnvironmentProblem) as raised:
        KIND.options_for("chinok.sqlite", folder=tmp_path)
    assert "chinook.sqlite" in raised.value.hint.en


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("oracle+oracledb://u@h/d", "datong[oracle]"),
        ("mssql+pymssql://u@h/d", "datong[sqlserver]"),
        ("db2+ibm_db://u@h/d", "datong[db2]"),
        ("dm://u@h:5236", "dmPython"),
        ("kingbase://u@h/d", "postgresql"),
    ],
)
def test_a_missing_driver_names_the_command(url, words, tmp_path):
    """A driver that is not installed is told with the command that installs it."""
    with pytest.raises(EnvironmentProblem) as raised:
        KIND.open(DatabaseOptions(url=url), folder=tmp_path)
    assert raised.value.code == "driver-missing"
    assert words in raised.value.hint.en
    assert words in raised.value.hint.zh


@pytest.mark.parametrize("driver", ["psycopg", "pymysql"])
def test_the_package_works_without_its_drivers(driver, tmp_path):
    """Neither driver is needed for the other, nor for SQLite."""
    url = "postgresql://u@h/d" if driver == "psycopg" else "mysql://u@h/d"
    code = f"""
import sys; sys.modules[{driver!r}] = None
from pathlib import Path
from datong.model import EnvironmentProblem
from datong.sources.database import KIND, DatabaseOptions
try:
    KIND.open(DatabaseOptions(url={url!r}), folder=Path("."))
except EnvironmentProblem as problem:
    print(problem.hint.en)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert "pip install 'datong[" in done.stdout


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "postgresql://u:secret@h/d"},
        {"url": "no address"},
        {"pool": 0},
        {"pool": 1000},
        {"timeout": 0},
        {"charset": "gb99999"},
        {"zone": "Mars/Olympus"},
        {"tabel": "x"},
    ],
    ids=str,
)
def test_wrong_options_are_refused(wrong):
    """Options are checked before anything is opened; the message holds no password."""
    with pytest.raises(ValidationError) as raised:
        DatabaseOptions.model_validate({"url": "sqlite:///x.db"} | wrong)
    assert "secret" not in "".join(error["msg"] for error in raised.value.errors())


def test_names_on_file():
    """The members are written as the rest of adapter.yaml is."""
    options = DatabaseOptions.model_validate({"url": "sqlite:///x.db", "schema": "s", "connectTimeout": 2})
    assert (options.db_schema, options.connect_timeout) == ("s", 2)
    assert TableLocation.model_validate({"table": "t", "schema": "s"}).table_schema == "s"
    with pytest.raises(ValidationError):
        TableLocation.model_validate({"tabel": "t"})


def test_a_secret_that_was_not_read(tmp_path):
    """A source is never opened with a reference in place of its secret."""
    with pytest.raises(Defect):
        KIND.open(DatabaseOptions(url=SecretRef(env="URL")), folder=tmp_path)


def test_options_that_the_driver_does_not_know(tmp_path):
    """A connection option that the driver does not know is told as such."""
    source = KIND.open(DatabaseOptions(url=POSTGRES.render_as_string(), connect={"no_such": "x"}), folder=tmp_path)
    with pytest.raises(SourceProblem) as raised:
        source.ping(Call.within(5))
    source.close()
    assert raised.value.code == "source-unavailable"
    assert "`connect`" in raised.value.cause.en
