from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("arguments", [("--help",), ("schema",), ("check", "nowhere"), ("version",)])
def test_reader_that_leaves(arguments: tuple[str, ...]) -> None:
    """`datong … | head` says nothing on the other stream and is no failure of its own."""
    command = [sys.executable, "-m", "datong", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        said = process.stderr.read()
        assert process.wait() == (2 if arguments[0] == "check" else 0)
    assert "Traceback" not in said
    assert "BrokenPipe" not in said
