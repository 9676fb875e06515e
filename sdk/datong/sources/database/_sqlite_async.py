"""SQLite in the event loop: what is quick is read at once, all else in the source's one thread.

Handing a call to a thread and back costs more than most reads of a local file. A read that is not
done within QUICK is broken off by SQLite itself and begun again in the thread.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from datong.model import Call, Row, Selection
from datong.sources.database._backend import Backend
from datong.sources.database._options import DatabaseOptions
from datong.sources.database._source import DatabaseSource
from datong.sources.database._statement import flat, shape_of
from datong.sources.database._values import NEVER

T = TypeVar("T")

QUICK: Final = 0.01
"""Seconds for which a read may keep the event loop."""
_STEPS: Final = 2_000
"""Virtual machine steps between two looks at the clock: about 50 µs."""


class SQLiteSource(DatabaseSource):
    """Both variants of the contract; the asynchronous one is for one event loop."""

    def __init__(self, options: DatabaseOptions, backend: Backend) -> None:
        super().__init__(options, backend)
        self._own: sqlite3.Connection | None = None
        self._until = 0.0
        self._thread = ThreadPoolExecutor(1, "datong-sqlite")

    async def fetch_page(self, selection: Selection, call: Call) -> list[Row]:
        rows = self._at_once(selection, "rows", selection.after, call)
        if rows is None:
            rows = await self._beside(lambda: [row for batch in self.fetch(selection, call) for row in batch])
        return rows

    async def get_row(self, selection: Selection, key: Sequence[Any], call: Call) -> Row | None:
        if len(key) != len(selection.key):
            return None
        rows = self._at_once(selection, "get", key, call)
        if rows is None:
            return await self._beside(lambda: self.get(selection, key, call))
        return rows[0] if rows else None

    async def aclose(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)
        if self._own is not None:
            self._own.close()
            self._own = None
        self.close()

    async def _beside(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _at_once(self, selection: Selection, what: str, last: Sequence[Any] | None, call: Call) -> list[Row] | None:
        """The rows, or None where the thread must read them: it also says what is wrong."""
        statement = self._statements.get((self._place(selection.location), shape_of(selection, what, last)))
        if statement is None or call.remaining() <= QUICK or (what == "rows" and selection.limit is None):
            return None
        arguments = statement.arguments(flat(selection, last))
        if arguments is NEVER or selection.limit == 0:
            return []
        try:
            own = self._own or self._connect()
            self._until = time.monotonic() + QUICK
            return statement.mended(own.execute(statement.text, arguments).fetchall())
        except sqlite3.Error:  # broken off, locked, altered, gone, or text that does not decode
            return None

    def _connect(self) -> sqlite3.Connection:
        backend: Any = self.backend
        own: sqlite3.Connection = backend.connect()
        own.execute("PRAGMA busy_timeout = 0")
        own.set_progress_handler(lambda: time.monotonic() > self._until, _STEPS)
        self._own = own
        return own
