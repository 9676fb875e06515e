from __future__ import annotations

from pathlib import Path

import pytest
from docs.blocks import REPOSITORY, Block, agrees, blocks, steps
from docs.running import run
from docs.shell import Shell


@pytest.mark.parametrize(
    ("shown", "happened"),
    [
        ("one\ntwo", "one\ntwo\n"),
        ("one …", "one 2026-01-01"),
        ("a … c … e", "a b c d e"),
        ("first\n…\nlast", "first\nx\ny\nlast"),
        ("first\n…\nlast", "first\nlast"),
        ("", ""),
    ],
)
def test_output_as_shown(shown: str, happened: str) -> None:
    """`…` stands for any text in a line, or alone for any lines."""
    assert agrees(shown, happened)


@pytest.mark.parametrize(
    ("shown", "happened"),
    [("one", "two"), ("one", "one\ntwo"), ("", "something"), ("a … c", "a b\nc"), ("first\n…\nlast", "first\nx")],
)
def test_output_unlike_shown(shown: str, happened: str) -> None:
    """What a wildcard does not cover must be there, and nothing else."""
    assert not agrees(shown, happened)


def test_console_block() -> None:
    """A console block is commands, with continued lines, each with its output."""
    block = Block(REPOSITORY / "README.md", 1, "console", "$ printf \\\n> x\nx\n$ true\n")
    assert [(step.command, step.shown) for step in steps(block)] == [("printf \\\nx", "x"), ("true", "")]


def test_reason(tmp_path: Path) -> None:
    """The info string names the part shown and the reason why a block is not run."""
    document = tmp_path / "a.md"
    document.write_text('```yaml Dataset not-run="why so"\na: 1\n```\n', encoding="utf-8")
    (block,) = blocks(document)
    assert (block.language, block.part, block.reason, block.line) == ("yaml", "Dataset", "why so", 1)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("bash", "false"),
        ("console", "$ echo one\ntwo"),
        ("python", "raise SystemExit(1)"),
        ("yaml", "datong: '1'"),
        ("yaml Limits", "deadline: never"),
        ("yaml Limits", "dedline: 1"),
        ("json", "{"),
        ("text", "anything"),
        ("", "anything"),
    ],
)
def test_wrong_block(words: str, text: str, tmp_path: Path) -> None:
    """A block that does not do what it says fails, whatever its language; so does one in no known language."""
    shell = Shell(tmp_path)
    try:
        with pytest.raises((AssertionError, ValueError)):
            run(Block(REPOSITORY / "README.md", 1, words, text), shell, tmp_path)
    finally:
        shell.close()


def test_shell_keeps_state(tmp_path: Path) -> None:
    """Variables, the folder and the port hold from one block to the next."""
    shell = Shell(tmp_path)
    try:
        shell.run("mkdir inner; cd inner; name=value; sleep 60 &")
        output, status = shell.run('echo "$name $(basename "$PWD") 8080"; false')
        assert (output.strip(), status) == ("value inner 8080", 1)
    finally:
        shell.close()


def test_shell_gives_up(tmp_path: Path) -> None:
    """A command that does not end is given up, and ended with the shell."""
    shell = Shell(tmp_path)
    try:
        assert shell.run("sleep 60", seconds=0.2)[1] == -1
    finally:
        shell.close()
