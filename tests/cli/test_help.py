from __future__ import annotations

import resource
import subprocess
import sys

import pytest
from cli.process import command, datong, environment, same

from datong.cli._main import COMMANDS

SHIPPED = {"click", "datong"}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("columns", [80, 40])
def test_whole_help(language: str, columns: int) -> None:
    """The list of commands, in both languages, on a usual and on a narrow terminal."""
    ran = datong("--help", DATONG_LANG=language, COLUMNS=str(columns))
    assert (ran.code, ran.err) == (0, "")
    same(f"help-{language}-{columns}", ran.out)


@pytest.mark.parametrize("name", COMMANDS)
def test_command_help(name: str) -> None:
    """Each command has help in both languages, and no line is wider than the terminal."""
    for language in ("en", "zh"):
        ran = datong(name, "--help", "--lang", language, COLUMNS="60")
        assert (ran.code, ran.err) == (0, "")
        assert ("Usage:" in ran.out) == (language == "en")
        assert max(map(cells, ran.out.splitlines())) <= 60


def cells(line: str) -> int:
    return sum(2 if "\u2e80" <= char <= "\uffef" else 1 for char in line)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_speaks_two_languages(name: str) -> None:
    """Help says something of every argument and option, in Chinese too."""
    shown = datong(name, "--help", "--lang", "zh", COLUMNS="200").out
    for line in shown.split("选项：")[1].strip().splitlines():
        assert any("\u4e00" <= char <= "\u9fff" for char in line) or line.rstrip().endswith("]"), line


def test_alone() -> None:
    """Without a command the help is shown."""
    assert datong().out == datong("--help").out


def test_version() -> None:
    """--version prints one line."""
    assert datong("--version").out.startswith("datong ")


def test_help_is_quick() -> None:
    """`datong --help` takes less than 0.15 s: of the processor, the best of five, for the machine may be busy."""
    times = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command("--help"), env=environment(), check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(times) < 0.15


def test_help_imports_little() -> None:
    """Help loads click and nothing of what commands need."""
    code = "import sys; from datong.cli import main; main(['--help']); print(sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], env=environment(), check=True, capture_output=True, text=True)
    loaded = {name.partition(".")[0] for name in eval(done.stderr)}  # noqa: S307 - our own list
    foreign = loaded - set(sys.stdlib_module_names) - SHIPPED
    assert {name for name in foreign if not name.startswith(("_", "sitecustomize"))} == set()
    assert {name for name in eval(done.stderr) if name.startswith("datong.")} == {  # noqa: S307 - the same
        "datong.cli", "datong.cli._command", "datong.cli._main", "datong.cli._session", "datong.cli._width"
    }  # fmt: skip
