"""The database as a source: statements compiled once, run on the raw cursor of a bounded pool."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final, NoReturn, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from datong.model import Call, Capabilities, Problem, Row, Selection, SourceProblem, Structure, Text
from datong.sources import Progress
from datong.sources.database._backend import Backend
from datong.sources.database._introspect import describe
from datong.sources.database._options import DatabaseOptions, TableLocation
from datong.sources.database._statement import Builder, Shape, Statement, flat, shape_of
from datong.sources.database._table import Place, Table
from datong.sources.database._values import NEVER

T = TypeVar("T")

_SILENT: Final = Text("The server does not answer at this address.", "该地址的服务器没有响应。")
_REFUSED: Final = Text(
    "The driver refuses the address or an option of `connect`.", "驱动不接受该地址或 `connect` 中的某个选项。"
)

_CAPABILITIES: Final = Capabilities(
    filters=frozenset({"eq", "in", "gt", "gte", "lt", "lte", "isNull"}), sort=True, keyset=True, count=True
)
_STATEMENTS: Final = 1024
"""Most statements kept compiled."""
_CODES: Final = {
    "timeout": "source-timeout",
    "busy": "source-busy",
    "lost": "source-unavailable",
    "refused": "source-unavailable",
    "unknown": "source-failed",
}
RETRY_AFTER: Final = {"source-busy": {"Retry-After": "2"}, "source-unavailable": {"Retry-After": "10"}}


class DatabaseSource:
    """Reads tables and views of one database; see Source for what its methods promise."""

    def __init__(self, options: DatabaseOptions, backend: Backend) -> None:
        self.options = options
        self.backend = backend
        self.threads = backend.threads
        self._slots = threading.BoundedSemaphore(backend.threads)
        self._tables: dict[Place, Table] = {}
        self._statements: dict[tuple[Place, Shape], Statement] = {}

    def describe(self, call: Call, progress: Progress | None = None) -> Sequence[Structure]:
        engine = self.backend.looking_engine()
        try:
            return describe(engine, schema=self.options.db_schema, call=call, progress=progress)
        except (sa.exc.SQLAlchemyError, OSError) as error:
            failure, cause = self._failure(error)
            raise self._problem("refused" if failure in {"lost", "timeout"} else failure, cause) from None
        finally:
            engine.dispose()

    def capabilities(self, location: Any) -> Capabilities:
        if not self.backend.typed:
            return _CAPABILITIES
        call = Call.within(self.options.timeout)
        table = self._table(self._place(location), (), call)
        return replace(_CAPABILITIES, forms=self.backend.forms(table))

    def fetch(self, selection: Selection, call: Call) -> Iterator[list[Row]]:
        statement = self._statement(selection, "rows", selection.after, call)
        arguments = statement.arguments(flat(selection, selection.after))
        if arguments is NEVER or selection.limit == 0:
            return
        if selection.limit is None:
            yield from self._stream(statement, arguments, selection, call)
            return
        rows = self._run(statement, arguments, selection, call)
        if rows:
            yield rows

    def get(self, selection: Selection, key: Sequence[Any], call: Call) -> Row | None:
        if len(key) != len(selection.key):
            return None
        statement = self._statement(selection, "get", key, call)
        arguments = statement.arguments(flat(selection, key))
        rows = [] if arguments is NEVER else self._run(statement, arguments, selection, call)
        return rows[0] if rows else None

    def count(self, selection: Selection, call: Call) -> int:
        statement = self._statement(selection, "count", None, call)
        arguments = statement.arguments(flat(selection, None))
        return 0 if arguments is NEVER else int(self._run(statement, arguments, selection, call)[0][0])

    def ping(self, call: Call) -> None:
        question = str(sa.select(sa.literal_column("1")).compile(dialect=self.backend.dialect))
        self._try(lambda raw: self.backend.rows(raw, question, ()), None, call)

    def close(self) -> None:
        self.backend.engine.dispose()

    # --- statements ------------------------------------------------------

    def _place(self, location: Any) -> Place:
        at = TableLocation.of(location)
        return Place(at.table_schema or self.options.db_schema, at.table)

    def _statement(self, selection: Selection, what: str, last: Sequence[Any] | None, call: Call) -> Statement:
        place, shape = self._place(selection.location), shape_of(selection, what, last)
        statement = self._statements.get((place, shape))
        if statement is None:
            statement = self._compile(place, shape, call)
        return statement

    def _compile(self, place: Place, shape: Shape, call: Call) -> Statement:
        table = self._table(place, (*shape.columns, *shape.key), call)
        statement = Builder(self.backend, table).build(shape)
        if len(self._statements) >= _STATEMENTS:
            self._statements.clear()
        self._statements[place, shape] = statement
        return statement

    def _table(self, place: Place, columns: Sequence[str], call: Call) -> Table:
        """The table as it was last looked at; it is looked at again for a column not known yet."""
        table = self._tables.get(place)
        if table is None or not table.items.keys() >= {*columns}:
            table = self._try(lambda raw: self.backend.look_up(raw, place), None, call)
            self._tables[place] = table
        return table

    def _forget(self, place: Place) -> None:
        """A table that a statement failed on may have changed."""
        self._tables.pop(place, None)
        for known in [known for known in self._statements if known[0] == place]:
            self._statements.pop(known, None)

    # --- running ---------------------------------------------------------

    def _run(self, statement: Statement, arguments: Any, selection: Selection, call: Call) -> list[Row]:
        place = self._place(selection.location)
        rows = self._try(lambda raw: self.backend.rows(raw, statement.text, arguments), place, call)
        return statement.mended(rows)

    def _try(self, work: Callable[[Any], T], place: Place | None, call: Call) -> T:
        """Run `work` on a connection; once more on a new one where the first was lost: it only reads."""
        for last in (False, True):
            try:
                with self._connection(call) as raw:
                    return work(raw)
            except Problem:
                raise
            except Exception as error:  # noqa: BLE001  drivers raise what they like; none of it goes out
                if last or not self._again(error, call):
                    self._fail(error, place)
        raise AssertionError  # pragma: no cover

    def _again(self, error: Exception, call: Call) -> bool:
        lost = self._failure(error)[0] == "lost" or self.backend.repairable(_original(error))
        if lost:
            self.backend.engine.dispose()
        return lost and call.remaining() > 0

    def _failure(self, error: BaseException) -> tuple[str, Text | None]:
        return self.backend.failure(_original(error))

    def _fail(self, error: BaseException, place: Place | None) -> NoReturn:
        failure, cause = self._failure(error)
        if place is not None and failure == "unknown":
            self._forget(place)
        raise self._problem(failure, cause) from None

    def _problem(self, failure: str, cause: Text | None) -> SourceProblem:
        code = _CODES[failure]
        hint = whereabouts(self.backend.url) if failure in {"refused", "lost"} else None
        return SourceProblem(code, cause=cause, hint=hint, headers=RETRY_AFTER.get(code))

    @contextmanager
    def _connection(self, call: Call, *, whole: bool = False) -> Iterator[Any]:
        """A connection in use; `whole` ones are given up where their answer was not read to its end."""
        seconds = limit_of(call, self.options.timeout)
        if not self._slots.acquire(timeout=call.remaining()):
            raise SourceProblem("source-busy", headers=RETRY_AFTER["source-busy"])
        try:
            pooled = self._pooled()
            try:
                raw = pooled.dbapi_connection
                self.backend.limit(raw, pooled.info, seconds)
                yield raw
            except BaseException as error:
                if whole or self._failure(error)[0] in {"lost", "timeout"} or self.backend.repairable(error):
                    pooled.invalidate()
                raise
            finally:
                pooled.close()
        finally:
            self._slots.release()

    def _pooled(self) -> sa.PoolProxiedConnection:
        """Raises SourceProblem where no connection can be had; to ask again at once would not help."""
        try:
            return self.backend.engine.raw_connection()
        except Exception as error:  # noqa: BLE001  as in _try
            failure, cause = self._failure(error)
            code = "source-busy" if failure == "busy" else "source-unavailable"
            cause = cause or (_REFUSED if failure == "unknown" else _SILENT)
            raise SourceProblem(code, cause=cause, headers=RETRY_AFTER[code]) from None

    def _stream(self, statement: Statement, arguments: Any, selection: Selection, call: Call) -> Iterator[list[Row]]:
        read = 0
        for last in (False, True):
            try:
                with self._connection(call, whole=True) as raw:
                    for rows in self.backend.stream(raw, statement.text, arguments):
                        read += len(rows)
                        _within(call, read)
                        yield statement.mended(rows)
            except Problem:
                raise
            except Exception as error:  # noqa: BLE001  as in _try
                if read or last or not self._again(error, call):
                    self._fail(error, self._place(selection.location))
            else:
                return


def _within(call: Call, read: int) -> None:
    if read > call.rows:
        raise Problem("budget-exceeded", rows=call.rows)
    if call.remaining() <= 0:
        raise SourceProblem("source-timeout")


def whereabouts(url: sa.URL) -> Text | None:
    """What was tried, without the password, and what to look at; None for a file, which is named already."""
    if not url.host:
        return None
    place = f"{url.get_backend_name()}, {url.host}:{url.port or '-'}, {url.database or '-'}, {url.username or '-'}"
    return Text(
        f"Tried (server, host, database, user): {place}. Check each, and that the server runs and admits this machine.",
        f"尝试的地址（类型、主机、数据库、用户）：{place}。请确认各项无误，服务器正在运行并允许本机连接。",
    )


def limit_of(call: Call, most: float) -> float:
    """Seconds for one statement, on a coarse scale: connections are told only when it changes."""
    left = call.remaining()
    if left <= 0:
        raise SourceProblem("source-timeout")
    coarse = math.ceil(left) if left >= 2 else math.ceil(left * 10) / 10  # noqa: PLR2004  seconds
    return min(most, coarse)


def _original(error: BaseException) -> BaseException:
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
