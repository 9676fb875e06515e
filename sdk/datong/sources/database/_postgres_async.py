"""PostgreSQL in the event loop: the same statements, on connections of their own."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import psycopg

from datong.model import Call, Problem, Row, Selection, SourceProblem
from datong.sources.database._backend import Backend
from datong.sources.database._options import DatabaseOptions
from datong.sources.database._postgres_values import text_values
from datong.sources.database._source import RETRY_AFTER, DatabaseSource, limit_of
from datong.sources.database._statement import Statement, flat, shape_of
from datong.sources.database._table import Place
from datong.sources.database._values import NEVER

_SELECTIONS: Final = 256
"""Most selections whose statement is kept at hand."""


class AsyncConnection(psycopg.AsyncConnection[Any]):
    """A connection that waits for its server no longer than it is told."""

    patience: float | None = None
    limit: float = 0.0
    asking: psycopg.AsyncRawCursor[Any]
    """The one cursor of this connection: making one for each call would cost as much as the rest of our own work."""

    async def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:  # noqa: ASYNC109  its name in psycopg
        return await super().wait(gen, interval, self.patience if timeout is None else timeout)


class Connections:
    """At most `size` connections; the one used last is lent first, so that idle ones stay idle."""

    def __init__(self, size: int, connect: Callable[[], Awaitable[AsyncConnection]]) -> None:
        self._connect = connect
        self._free = size
        self._idle: list[AsyncConnection] = []
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self, call: Call) -> AsyncConnection:
        """Raises SourceProblem `source-busy` where none comes free before the deadline."""
        if self._free <= 0:
            await self._turn(call)
        else:
            self._free -= 1
        if self._idle:
            return self._idle.pop()
        try:
            return await self._connect()
        except BaseException:
            self._release()
            raise

    async def _turn(self, call: Call) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(call.remaining()):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self._release()  # the turn came at the very moment of giving up
            if isinstance(error, TimeoutError):
                raise SourceProblem("source-busy", headers=RETRY_AFTER["source-busy"]) from None
            raise

    def give(self, connection: AsyncConnection) -> None:
        self._idle.append(connection)
        self._release()

    def _release(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    async def drop(self, connection: AsyncConnection) -> None:
        self._release()
        await connection.close()

    async def clear(self) -> None:
        """Close those that nobody uses."""
        idle, self._idle = self._idle, []
        for connection in idle:
            await connection.close()


class PostgresSource(DatabaseSource):
    """Both variants of the contract, on two pools; the asynchronous one is for one event loop."""

    def __init__(self, options: DatabaseOptions, backend: Backend) -> None:
        super().__init__(options, backend)
        self._lent = Connections(backend.threads, self._connect)
        self._looking = asyncio.Lock()
        self._gets: dict[int, tuple[Selection, Statement]] = {}

    async def fetch_page(self, selection: Selection, call: Call) -> list[Row]:
        statement = await self._prepared(selection, "rows", selection.after, call)
        arguments = statement.arguments(flat(selection, selection.after))
        if arguments is NEVER or selection.limit == 0:
            return []
        return await self._ask(statement, arguments, selection, call)

    async def get_row(self, selection: Selection, key: Sequence[Any], call: Call) -> Row | None:
        if len(key) != len(selection.key):
            return None
        statement = await self._getting(selection, key, call)
        arguments = statement.arguments(flat(selection, key))
        if arguments is NEVER:
            return None
        rows = await self._ask(statement, arguments, selection, call)
        return rows[0] if rows else None

    async def _getting(self, selection: Selection, key: Sequence[Any], call: Call) -> Statement:
        """Callers ask again and again with the very same selection: its statement is kept at hand."""
        known = self._gets.get(id(selection))
        if known is not None and known[0] is selection and None not in key:
            return known[1]
        statement = await self._prepared(selection, "get", key, call)
        if None not in key:
            if len(self._gets) >= _SELECTIONS:
                self._gets.clear()
            self._gets[id(selection)] = selection, statement
        return statement

    def _forget(self, place: Place) -> None:
        super()._forget(place)
        self._gets.clear()

    async def aclose(self) -> None:
        await self._lent.clear()
        self.close()

    async def _prepared(self, selection: Selection, what: str, last: Sequence[Any] | None, call: Call) -> Statement:
        place, shape = self._place(selection.location), shape_of(selection, what, last)
        statement = self._statements.get((place, shape))
        if statement is None:
            async with self._looking:  # at the table, once, through the other pool
                statement = self._statements.get((place, shape))
                if statement is None:
                    statement = await asyncio.to_thread(self._compile, place, shape, call)
        return statement

    async def _connect(self) -> AsyncConnection:
        backend: Any = self.backend
        raw = await AsyncConnection.connect(
            **backend.target(), context=text_values(), cursor_factory=psycopg.AsyncRawCursor
        )
        await raw.execute(backend.session(), prepare=False)
        backend.speak(raw)
        raw.limit = self.options.timeout
        raw.asking = psycopg.AsyncRawCursor(raw)
        return raw

    async def _ask(self, statement: Statement, arguments: Any, selection: Selection, call: Call) -> list[Row]:
        for last in (False, True):
            try:
                rows = await self._once(statement.text, arguments, call)
                return statement.mended(rows)
            except Problem:
                raise
            except Exception as error:  # noqa: BLE001  none of a driver's words goes out
                if last or not self._again(error, call):
                    self._fail(error, self._place(selection.location))
                await self._lent.clear()
        raise AssertionError  # pragma: no cover

    async def _once(self, text: str, arguments: Any, call: Call) -> list[Row]:
        seconds = limit_of(call, self.options.timeout)
        connection = await self._lent.take(call)
        try:
            connection.patience = seconds + 1.0
            if connection.limit != seconds:
                await connection.execute(f"SET statement_timeout = {int(seconds * 1000)}", prepare=False)
                connection.limit = seconds
            await connection.asking.execute(text, arguments)
            rows: list[Row] = await connection.asking.fetchall()
        except psycopg.Error as error:
            if connection.closed or self._failure(error)[0] == "timeout" or self.backend.repairable(error):
                await self._lent.drop(connection)
            else:
                self._lent.give(connection)
            raise
        except BaseException:
            await self._lent.drop(connection)
            raise
        self._lent.give(connection)
        return rows
