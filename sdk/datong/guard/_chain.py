"""The writing end of one audit chain: one process appends, a lock keeps every other one out."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any, Final

import orjson

from datong.guard._recovery import claim, end, set_aside
from datong.guard._segments import CHECKPOINT, GENESIS, Head, number, seal, segments

NANOSECONDS: Final = 1_000_000_000
DAY: Final = 86_400 * NANOSECONDS
SYNC_SECONDS: Final = 1.0
LINE_BYTES: Final = 1 << 16


class Chain:
    """Appends records; every method raises OSError where the log cannot be written.

    A record is in the file, for every reader of this host, when `append` returns; it is on the disk
    within about a second (`fdatasync` in a thread of its own). After each sync `checkpoint.json`
    names the last record that is surely on the disk.
    """

    def __init__(self, folder: Path, segment_bytes: int) -> None:
        self.path, self._held = claim(folder)
        self._replica = self.path.name
        self._segment_bytes = segment_bytes
        self._lock = Lock()
        self._fd, self._size, self._day = -1, 0, -1
        self._seq, self._digest = 0, GENESIS
        self._second, self._clock_text = -1, ""
        self._retired: list[int] = []
        self._dirty = self._failed = False
        self._wake, self._stop = Event(), Event()
        try:
            self._open()
        except BaseException:
            self._release()
            raise
        self._syncer = Thread(target=self._sync_forever, name="datong-audit-sync", daemon=True)
        self._syncer.start()

    @property
    def head(self) -> Head:
        with self._lock:
            return Head(self._replica, self._seq, self._digest)

    def check(self) -> None:
        """Return when a record could be appended now."""
        with self._lock:
            self._ready()

    def append(self, record: Mapping[str, Any]) -> str:
        """Write one record by one call of the system; its digest."""
        with self._lock:
            self._ready()
            return self._append(record)

    def close(self) -> None:
        """Bring everything to the disk and leave the chain to the next process."""
        self._stop.set()
        self._wake.set()
        self._syncer.join()
        with suppress(OSError):
            self._sync()
        self._release()

    def _append(self, record: Mapping[str, Any]) -> str:
        now = time.time_ns()
        if self._size and (self._size >= self._segment_bytes or now // DAY != self._day):
            self._rotate()
        full = {name: value for name, value in record.items() if value is not None}
        full["seq"] = self._seq + 1
        full["time"] = self._instant(now)
        full["replica"] = self._replica
        full["prevDigest"] = self._digest
        line, digest = seal(full)
        self._write(line)
        self._seq += 1
        self._digest = digest
        if not self._dirty:
            self._dirty = True
            self._wake.set()
        return digest

    def _instant(self, now: int) -> str:
        second, rest = divmod(now, NANOSECONDS)
        if second != self._second:
            self._second, self._clock_text = second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        return f"{self._clock_text}.{rest // 1000:06d}Z"

    def _write(self, line: bytes) -> None:
        if len(line) > LINE_BYTES:
            raise ValueError(len(line))
        written = os.write(self._fd, line)
        if written != len(line):
            # A full disk takes a part; opening again sets that part aside before anything follows it.
            self._retire()
            raise OSError
        self._size += written

    def _ready(self) -> None:
        if self._failed:
            raise OSError
        if self._fd >= 0 and not os.fstat(self._fd).st_nlink:
            self._retire()
        if self._fd < 0:
            self._open()

    def _open(self) -> None:
        found = segments(self.path)
        torn = set_aside(found[-1]) if found else None
        ends = end(found)
        if self._seq and ends != (self._seq, self._digest):
            # Records that this process wrote are gone from the disk; to go on would hide it.
            raise OSError
        self._seq, self._digest = ends
        self._open_segment(found[-1] if found else self._named(1))
        if torn is not None:
            self._append({"event": "tornTail", **torn})

    def _open_segment(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._size = os.fstat(self._fd).st_size
        self._day = time.time_ns() // DAY if path == self._named(number(path)) else -1

    def _named(self, ordinal: int) -> Path:
        return self.path / f"{ordinal:06d}-{time.strftime('%Y%m%d', time.gmtime())}.ndjson"

    def _rotate(self) -> None:
        last = number(segments(self.path)[-1])
        self._retire()
        self._open_segment(self._named(last + 1))

    def _retire(self) -> None:
        self._retired.append(self._fd)
        self._fd = -1

    def _sync_forever(self) -> None:
        while not self._stop.is_set():
            self._wake.wait()
            self._wake.clear()
            try:
                self._sync()
                self._failed = False
            except OSError:
                self._failed = True
                self._wake.set()
            self._stop.wait(SYNC_SECONDS)

    def _sync(self) -> None:
        with self._lock:
            handles = [*self._retired, *([os.dup(self._fd)] if self._fd >= 0 else [])]
            self._retired.clear()
            self._dirty = False
            seq, digest = self._seq, self._digest
        try:
            for handle in handles:
                os.fdatasync(handle)
        finally:
            for handle in handles:
                os.close(handle)
        self._checkpoint(seq, digest)

    def _checkpoint(self, seq: int, digest: str) -> None:
        draft = self.path / f"{CHECKPOINT}.new"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            os.write(handle, orjson.dumps({"seq": seq, "digest": digest}))
        finally:
            os.close(handle)
        draft.replace(self.path / CHECKPOINT)

    def _release(self) -> None:
        for handle in (*self._retired, self._fd, self._held):
            if handle >= 0:
                os.close(handle)
        self._retired, self._fd, self._held = [], -1, -1
