from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest
from cli.process import command, datong, environment

from datong.cli import main


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chekc"], ["There is no command `chekc`.", "Did you mean `datong check`?", "Try: datong --help"]),
        (["zzz"], ["There is no command `zzz`.", "Try: datong --help"]),
        (["check", "--ofline"], ["There is no option `--ofline`", "Did you mean `--offline`?", "datong check --help"]),
        (["try"], ["DIR is missing.", "Try: datong try --help"]),
        (["new", "x"], ["--from is missing.", "datong new --help"]),
        (["check", "a", "b"], ["One argument too many: b.", "datong check --help"]),
        (["serve", "--port", "70000"], ["--port is wrong: a whole number from 0 to 65535 is wanted."]),
        (["serve", "--workers", "many"], ["--workers is wrong"]),
        (["token", "x", "--role", "king"], ["--role is wrong: one of consumer, exchange, provider, operator"]),
        (["--lang", "fr"], ["--lang is wrong: one of zh, en is wanted."]),
        (["check", "--key"], ["There is no option `--key`"]),
    ],
)
def test_usage(arguments: list[str], said: list[str]) -> None:
    """A wrong call is told in one sentence with what was meant and the command to try; exit code 2."""
    ran = datong(*arguments)
    assert (ran.code, ran.out) == (2, "")
    for part in said:
        assert part in ran.err


def test_in_chinese() -> None:
    """The language is that of --lang, DATONG_LANG or LANG, in this order."""
    wanted = "错误：没有 `chekc` 命令。\n  是否想用 `datong check`？请查看：datong --help\n"
    assert datong("chekc", "--lang", "zh").err == wanted
    assert datong("chekc", "--lang=zh", DATONG_LANG="en").err == wanted
    assert datong("chekc", DATONG_LANG="zh").err == wanted
    assert datong("chekc", LANG="zh_CN.UTF-8").err == wanted
    assert datong("chekc", LANG="zh_CN.UTF-8", DATONG_LANG="en").err.startswith("Error:")


def test_as_json() -> None:
    """With --json a failure is JSON on stdout, with a stable code."""
    ran = datong("chekc", "--json")
    assert (ran.code, ran.err) == (2, "")
    assert ran.document == {
        "ok": False,
        "error": {
            "code": "usage",
            "title": "There is no command `chekc`.",
            "hint": "Did you mean `datong check`? Try: datong --help",
        },
    }


def test_no_folder(tmp_path: Path) -> None:
    """A folder without adapter.yaml is told with the command that makes one."""
    ran = datong("check", tmp_path)
    assert ran.code == 2
    assert "There is no adapter.yaml in" in ran.err
    assert "datong new NAME --from ADDRESS" in ran.err


def test_near_folder(adapter: Path) -> None:
    """Where a folder within has one, that is named."""
    assert f"Did you mean `{adapter / 'pension'}`?" in datong("check", adapter, COLUMNS="300").err


def test_defect(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """An unexpected failure is exit code 4: its kind and our own line, never its text; --debug shows all."""

    def broken() -> dict[str, str]:
        raise RuntimeError("110101196001011234")

    monkeypatch.setattr("datong.cli._version._versions", broken)
    assert main(["version", "--lang", "en"]) == 4
    said = capsys.readouterr().err
    assert "Datong met a defect of its own: RuntimeError at _version.py:" in said
    assert "--debug" in said
    assert "110101196001011234" not in said
    assert main(["version", "--debug"]) == 4
    assert "Traceback" in capsys.readouterr().err


def test_interrupted(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C ends a command with one word."""

    def interrupted() -> dict[str, str]:
        raise KeyboardInterrupt

    monkeypatch.setattr("datong.cli._version._versions", interrupted)
    assert main(["version", "--lang", "en"]) == 130
    assert capsys.readouterr().err.strip() == "Stopped."


def test_reader_that_leaves() -> None:
    """`datong schema | head -1` ends quietly."""
    done = subprocess.run(
        ["sh", "-c", f"{shlex.join(command('schema'))} | head -n 1"],
        env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("{\n", "")


def test_no_colour_where_nobody_looks(adapter: Path) -> None:
    """What is not a terminal gets no escape sequences, with or without NO_COLOR."""
    assert "\x1b" not in datong("check", adapter / "pension").all
    assert "\x1b" not in datong("chekc", NO_COLOR="1").all
