"""Write the invented register alone: python -m datong.demo FILE [--persons N]."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from datong.demo import build_register


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m datong.demo", description="Write an invented pension register.")
    parser.add_argument("file", type=Path, help="the SQLite file to write; an old one is replaced")
    parser.add_argument("--persons", type=int, default=100_000, help="how many people it holds, at least 1000")
    given = parser.parse_args()
    register = build_register(given.file, persons=given.persons)
    sys.stdout.write(", ".join(f"{table}: {rows} rows" for table, rows in register.rows.items()) + "\n")


if __name__ == "__main__":
    main()
