"""Make or refresh the virtual environment that `make` works in; instant when nothing changed.

usage: python3.11 .ci/environment.py run|dev|bench

`run` holds what the program needs, `dev` also what its tests and linters need, `bench` also the
peers it is measured against. The stamp in the
environment is a digest of what the environment was made from, so a repeated call does nothing.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / os.environ.get("VENV", ".venv")
INPUTS = ("pyproject.toml", "constraints.txt", ".ci/environment.py")
GROUPS = {"run": (), "dev": ("dev",), "bench": ("dev", "bench")}
OLDEST = (3, 11)


def digest(kind: str) -> str:
    """Everything that decides what is installed, and where the sources are."""
    parts = [kind, str(ROOT), sys.version]
    parts += [(ROOT / name).read_text(encoding="utf-8") for name in INPUTS]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def fresh(kind: str) -> bool:
    stamp = VENV / ".made"
    made = stamp.read_text(encoding="utf-8").split() if stamp.exists() else []
    enough = [each for each, groups in GROUPS.items() if set(groups) >= set(GROUPS[kind])]
    return any(digest(each) in made for each in enough)


def make_venv() -> None:
    if (VENV / "bin" / "python").exists():
        return
    done = subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(
            f"{sys.executable} cannot make a virtual environment. On Debian and Ubuntu install its part for it:\n"
            f"    apt-get install python3-venv\n\n{done.stdout}{done.stderr}"
        )


def pip(*arguments: str) -> None:
    """Run pip, showing one line for each package instead of pip's own dozens."""
    command = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]
    kept: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout or ():
            kept.append(line)
            if line.startswith("Collecting "):
                show(line.split()[1])
    show("")
    if process.returncode:
        sys.exit("".join(kept[-40:]) + f"\npip failed: {' '.join(command)}")


def show(package: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K  {package}" if package else "\r\033[K")
        sys.stderr.flush()


def main(kind: str) -> None:
    if sys.version_info < OLDEST:
        sys.exit(f"Datong needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}.")
    if fresh(kind):
        return
    began = time.monotonic()
    sys.stderr.write(f"Setting up {VENV.name} ({kind}): once, about a minute\n")
    make_venv()
    pip("install", "--upgrade", "pip>=25.1")
    groups = [part for name in GROUPS[kind] for part in ("--group", f"{ROOT / 'pyproject.toml'}:{name}")]
    pip("install", "--constraint", str(ROOT / "constraints.txt"), "--editable", f"{ROOT}[postgresql,mysql]", *groups)
    with (VENV / ".made").open("w", encoding="utf-8") as stamp:
        stamp.write(digest(kind) + "\n")
    sys.stderr.write(f"{VENV.name} is ready ({time.monotonic() - began:.0f} s)\n")


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in GROUPS:  # noqa: PLR2004 - the program and its one argument
        sys.exit(__doc__)
    main(sys.argv[1])
