"""本适配器自身的检查，用 pytest 运行。/ This adapter's own check; run it with pytest."""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent


def test_check() -> None:
    """`datong check` 没有发现错误。/ `datong check` finds no error."""
    run = subprocess.run(
        [sys.executable, "-m", "datong", "check", str(FOLDER)], capture_output=True, encoding="utf-8", check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
