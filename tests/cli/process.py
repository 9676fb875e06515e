"""Runs commands as a person would, and compares what they print."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from datong.cli import main

SNAPSHOTS = Path(__file__).parent / "snapshots"
_LEAKS = re.compile(
    r"(?a)Traceback|File \"|\bSELECT\b|\bFROM \w+\b|psycopg\.|pymysql\.|sqlite3\.|sqlalche\.me|site-packages|hunter2",
    re.ASCII,
)


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err

    @property
    def document(self) -> Any:
        return json.loads(self.out)


def environment(**more: str) -> dict[str, str]:
    """Nothing of the machine the tests run on decides language, colour or width."""
    dropped = ("DATONG_", "LC_", "LANG", "COLUMNS", "NO_COLOR", "FORCE_COLOR", "LEGACY_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(dropped)}
    return {**kept, "COLUMNS": "100", "LANG": "en_GB.UTF-8", "PYTHONWARNINGS": "error", **more}


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "datong", *map(str, arguments)]


def datong(*arguments: object, cwd: Path | None = None, **env: str) -> Ran:
    """Run a command within this process, which is quicker; see `process` for what holds of the output."""
    out, err = io.StringIO(), io.StringIO()
    changed = mock.patch.dict(os.environ, environment(**env), clear=True)
    silent = mock.patch.object(sys, "stdin", io.StringIO())
    with changed, silent, chdir(cwd or Path.cwd()), redirect_stdout(out), redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    return _clean(Ran(code, out.getvalue(), err.getvalue()), arguments)


def process(*arguments: object, cwd: Path | None = None, **env: str) -> Ran:
    """Run the real command to its end. What is printed holds no traceback, SQL, driver text or password."""
    done = subprocess.run(
        command(*arguments),
        cwd=cwd,
        env=environment(**env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    return _clean(Ran(done.returncode, done.stdout, done.stderr), arguments)


def _clean(ran: Ran, arguments: tuple[object, ...]) -> Ran:
    found = _LEAKS.search(ran.all)
    assert not found or "--debug" in arguments, f"{found and found[0]!r} in: {ran.all}"
    return ran


@contextmanager
def serving(*arguments: object, cwd: Path | None = None, **env: str) -> Iterator[dict[str, Any]]:
    """`datong serve … --port 0 --json` until the block ends; yields what it printed, `pid` added."""
    server = subprocess.Popen(
        command("serve", *arguments, "--port", 0, "--json"),
        cwd=cwd,
        env=environment(**env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        lines = []
        for line in server.stdout:
            lines.append(line)
            if line == "}\n":
                break
        assert lines, server.communicate()[1]
        yield {**json.loads("".join(lines)), "pid": server.pid}
    finally:
        server.send_signal(signal.SIGTERM)
        out, err = server.communicate(timeout=20)
    told = [line for line in err.splitlines() if "Reloading" not in line]
    assert (server.returncode, out, told) == (0, "", [])


def same(name: str, text: str) -> None:
    """Compare a whole output with its snapshot; DATONG_UPDATE=1 writes it anew, for review."""
    path = SNAPSHOTS / f"{name}.txt"
    text = re.sub(r" +\d+ ms", " N ms", text)
    text = re.sub(r"(?m) +$", "", text)
    if os.environ.get("DATONG_UPDATE"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
