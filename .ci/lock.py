"""Write constraints.txt: the exact releases that the tests ran with.

Installs what pyproject.toml allows into a throw-away environment and notes what came.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = "# The releases that the tests run with; made by `make lock`. Names and versions only.\n"


def main() -> None:
    target = ROOT / "constraints.txt"
    with tempfile.TemporaryDirectory() as folder:
        target.write_text("", encoding="utf-8")
        environment = {**os.environ, "VENV": folder}
        subprocess.run([sys.executable, ".ci/environment.py", "bench"], cwd=ROOT, env=environment, check=True)
        freeze = [f"{folder}/bin/python", "-m", "pip", "freeze", "--exclude-editable"]
        frozen = subprocess.run(freeze, check=True, capture_output=True, text=True).stdout
    target.write_text(HEAD + frozen, encoding="utf-8")


if __name__ == "__main__":
    main()
