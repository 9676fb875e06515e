"""Taking up an audit chain where an earlier process left it, perhaps in the middle of a line."""

from __future__ import annotations

import fcntl
import os
import platform
import re
import time
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any, Final

from datong.guard._segments import GENESIS, LOCK, parsed

TAIL: Final = 1 << 20
"""Bytes from the end of a segment in which its last record begins."""


def claim(folder: Path) -> tuple[Path, int]:
    """A chain of this host that no living process writes to, old or new, and the handle that locks it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    host = re.sub(r"[^A-Za-z0-9-]", "-", platform.node()).strip("-")[:40] or "host"
    for ordinal in count(1):
        chain = folder / f"{host}-{ordinal}"
        chain.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(chain / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
        except BaseException:
            os.close(handle)
            raise
        else:
            return chain, handle
    raise AssertionError


def end(segments: list[Path]) -> tuple[int, str]:
    """Number and digest of the last record, as it states them: a false one is for `verify` to find."""
    for segment in reversed(segments):
        tail = _tail(segment).rstrip(b"\n")
        if tail:
            record = parsed(tail[tail.rfind(b"\n") + 1 :])
            if record is None:
                raise OSError
            return record["seq"], record["digest"]
    return 0, GENESIS


def set_aside(segment: Path) -> dict[str, Any] | None:
    """Move what follows the last whole record into a file beside the segment; a note for the chain."""
    tail = _tail(segment)
    whole = len(tail)
    while whole and (tail[whole - 1 : whole] != b"\n" or parsed(_last_line(tail[:whole])) is None):
        whole = tail.rfind(b"\n", 0, whole - 1) + 1
    torn = tail[whole:]
    if not torn:
        return None
    size = segment.stat().st_size - len(torn)
    aside = segment.with_name(f"{segment.name}.torn-{time.time_ns()}")
    with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:  # noqa: PTH123 - a mode from the start needs os.open
        file.write(torn)
        file.flush()
        os.fsync(file.fileno())
    os.truncate(segment, size)
    return {"tornBytes": len(torn), "tornDigest": sha256(torn).hexdigest()}


def _last_line(lines: bytes) -> bytes:
    return lines[lines.rfind(b"\n", 0, len(lines) - 1) + 1 :]


def _tail(segment: Path) -> bytes:
    with segment.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
        return file.read()
