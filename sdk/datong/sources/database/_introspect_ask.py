"""Questions put to a legacy database while looking around: each read-only, each with its own time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool, QueuePool

from datong.model import Call, Row

_STEPS: Final = 20_000
"""SQLite virtual machine steps between two looks at the clock: well under a millisecond."""


class NotInTime(Exception):
    """The question was given up, since its time was over."""


class Refused(Exception):
    """The database answered with an error; its text stays here, for it may hold values."""


class Asker:
    """Runs one statement at a time on one connection and leaves no transaction open."""

    def __init__(self, connection: sa.Connection, call: Call) -> None:
        self.connection = connection
        self.dialect = connection.dialect.name
        self._call = call
        self._limit = 0

    def ask(self, statement: sa.Executable, *, seconds: float) -> list[Row]:
        """All rows, as the driver gives them; raises NotInTime or Refused."""
        allowed = min(seconds, self._call.remaining())
        if allowed <= 0:
            raise NotInTime
        started = time.monotonic()
        try:
            with self._clock(allowed):
                return [tuple(row) for row in self.connection.execute(statement).fetchall()]
        except (SQLAlchemyError, OverflowError, ValueError, UnicodeError) as error:
            if time.monotonic() - started >= allowed * 0.45:  # the steps of the clock halve it at most
                raise NotInTime from error
            raise Refused from error
        finally:
            self._settle()

    def scalar(self, statement: sa.Executable, *, seconds: float) -> Any:
        rows = self.ask(statement, seconds=seconds)
        return rows[0][0] if rows else None

    def maybe(self, statement: sa.Executable, *, seconds: float) -> list[Row] | None:
        """As `ask`, with None where there was no answer, whatever the reason."""
        try:
            return self.ask(statement, seconds=seconds)
        except (NotInTime, Refused):
            return None

    def _settle(self) -> None:
        try:
            self.connection.rollback()
        except SQLAlchemyError:
            self.connection.invalidate()

    @contextmanager
    def _clock(self, seconds: float) -> Iterator[None]:
        if self.dialect == "sqlite":
            with self._sqlite_clock(seconds):
                yield
            return
        # coarse steps, so that the limit is rarely told anew: on most servers that is a round trip
        milliseconds = 1 << max(0, int(seconds * 1000).bit_length() - 1)
        if milliseconds != self._limit:
            self._tell(milliseconds)
            self._limit = milliseconds
        yield

    def _tell(self, milliseconds: int) -> None:
        if self.dialect == "postgresql":
            self.connection.exec_driver_sql(f"SET statement_timeout = {milliseconds}")
        elif getattr(self.connection.dialect, "is_mariadb", False):
            self.connection.exec_driver_sql(f"SET SESSION max_statement_time = {milliseconds / 1000}")
        elif self.dialect == "mysql":
            self.connection.exec_driver_sql(f"SET SESSION max_execution_time = {milliseconds}")
        elif self.dialect == "oracle":
            driver: Any = self.connection.connection.driver_connection
            driver.call_timeout = milliseconds
        self.connection.commit()

    @contextmanager
    def _sqlite_clock(self, seconds: float) -> Iterator[None]:
        driver: Any = self.connection.connection.driver_connection
        end = time.monotonic() + seconds
        driver.set_progress_handler(lambda: int(time.monotonic() > end), _STEPS)
        try:
            yield
        finally:
            driver.set_progress_handler(None, 0)


@contextmanager
def asking(engine: sa.Engine, call: Call) -> Iterator[Asker]:
    """A connection for questions, closed afterwards where it can be: its time limit was changed."""
    with engine.connect() as connection:
        asker = Asker(connection, call)
        if asker.dialect == "sqlite":
            driver: Any = connection.connection.driver_connection
            driver.text_factory = _decoded
        try:
            yield asker
        finally:
            # other pools keep a database in memory alive, which a closed connection would end
            if isinstance(engine.pool, QueuePool | NullPool) and not connection.invalidated:
                connection.detach()


def _decoded(raw: bytes) -> str | bytes:
    """Texts that are no UTF-8 arrive as bytes instead of ending the whole answer."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw
