"""The command `datong`: one module a command, imported when that command runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 ok, 1 findings, 2 usage, 3 environment, 4 a bug."""
    from datong.cli._main import run

    return run(list(sys.argv[1:] if arguments is None else arguments))
