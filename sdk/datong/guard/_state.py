"""Grants and used tokens, shared by all workers and replicas of one adapter."""

from __future__ import annotations

import math
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, Final

import orjson
from sqlalchemy import (
    Connection,
    Engine,
    QueuePool,
    Row,
    create_engine,
    delete,
    event,
    insert,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from datong.guard._grant import Grant
from datong.guard._keys import private_folder
from datong.guard._tables import CHANGES, GRANTS, METADATA, MIGRATIONS, SETTINGS, USED_TOKENS, VERSION
from datong.model import EnvironmentProblem, Problem, Text

WAIT: Final = 2
"""Seconds that a connection, a lock or a statement may take."""
SWEEP: Final = 60
"""Seconds between two removals of tokens that have expired anyway."""
LOCK: Final = 8091  # any number, the same in every process: the advisory lock of PostgreSQL


@dataclass(frozen=True, slots=True)
class GrantChange:
    """One step in a grant's history: its state after the step, when (RFC 3339) and by whom."""

    grant: Grant
    at: str
    by: str


class StateStore:
    """Grants with their history, and one-time tokens, on SQLite or PostgreSQL.

    Connects at first use, so that a store which is down when the adapter starts delays nothing but
    the calls that need it. Every method raises Problem `state-unavailable` when it cannot answer:
    nothing is granted from memory. What one process writes every other sees with its next read.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._prepared = False
        self._lock = Lock()
        self._swept = 0.0

    @classmethod
    def open(cls, url: str, folder: Path = Path()) -> StateStore:
        """A store by its SQLAlchemy address (`sqlite:///…`, `postgresql://…`), without connecting.

        `folder` is where a relative SQLite file starts.

        Raises EnvironmentProblem (`state-address`) for another kind of store or a missing driver.
        """
        try:
            address = make_url(url)
            if address.get_backend_name() == "sqlite":
                return cls(_sqlite(address, folder))
            if address.get_backend_name() == "postgresql":
                return cls(_postgresql(address))
        except (ArgumentError, NoSuchModuleError, ImportError):
            pass
        raise EnvironmentProblem(
            Text("The address of the state store cannot be used.", "状态库地址不可用。"),
            Text(
                "Write state.url as sqlite:///FILE or postgresql://USER@HOST/NAME; the latter needs "
                "pip install 'datong[postgresql]'.",
                "请将 state.url 写为 sqlite:///文件 或 postgresql://用户@主机/库名；后者需安装 "
                "pip install 'datong[postgresql]'。",
            ),
            code="state-address",
        )

    @classmethod
    def embedded(cls, folder: Path) -> StateStore:
        """The store of an adapter folder itself: SQLite in `.datong/state.db`."""
        return cls.open(f"sqlite:///{private_folder(folder) / 'state.db'}")

    def close(self) -> None:
        self._engine.dispose()

    def ping(self) -> None:
        """Return when the store answers and has a shape this version knows."""
        with self._reading() as connection:
            connection.execute(select(SETTINGS.c.value).where(SETTINGS.c.name == "version")).scalar()

    def get_grant(self, grant_id: str) -> Grant | None:
        query = select(GRANTS.c.document, GRANTS.c.version).where(GRANTS.c.grant_id == grant_id)
        with self._reading() as connection:
            row = connection.execute(query).first()
        return _grant(row) if row is not None else None

    def grants_of(self, consumer_id: str | None = None) -> list[Grant]:
        """Grants of one consumer, or all of them, by grant id."""
        query = select(GRANTS.c.document, GRANTS.c.version).order_by(GRANTS.c.grant_id)
        if consumer_id is not None:
            query = query.where(GRANTS.c.consumer_id == consumer_id)
        with self._reading() as connection:
            return [_grant(row) for row in connection.execute(query)]

    def history(self, grant_id: str) -> list[GrantChange]:
        """Every state the grant has had, oldest first."""
        query = select(CHANGES).where(CHANGES.c.grant_id == grant_id).order_by(CHANGES.c.version)
        with self._reading() as connection:
            return [GrantChange(_grant(row), row.at, row.by) for row in connection.execute(query)]

    def put_grant(self, grant: Grant, *, by: str) -> tuple[Grant, bool]:
        """Create or replace a grant; the stored grant and whether it is new.

        A grant equal to the stored one changes nothing. Raises Problem `grant-terminated-final`
        when the stored one is terminated and `grant` differs from it.
        """
        with self._writing() as connection:
            _serialise(connection)
            row = connection.execute(
                select(GRANTS.c.document, GRANTS.c.version).where(GRANTS.c.grant_id == grant.grant_id)
            ).first()
            stored = _grant(row) if row is not None else None
            if stored is not None and stored.same_as(grant):
                return stored, False
            if stored is not None and stored.status == "terminated":
                raise Problem("grant-terminated-final", grant=grant.grant_id)
            return self._store(connection, grant, stored, by), stored is None

    def _store(self, connection: Connection, grant: Grant, stored: Grant | None, by: str) -> Grant:
        grant = replace(grant, version=stored.version + 1 if stored else 1)
        document = orjson.dumps(grant.to_wire()).decode()
        values = {
            "version": grant.version,
            "consumer_id": grant.consumer_id,
            "catalog_id": grant.catalog_id,
            "document": document,
        }
        if stored is None:
            connection.execute(insert(GRANTS).values(grant_id=grant.grant_id, **values))
        else:
            connection.execute(update(GRANTS).where(GRANTS.c.grant_id == grant.grant_id).values(**values))
        change = {"grant_id": grant.grant_id, "version": grant.version, "document": document}
        connection.execute(insert(CHANGES).values(at=datetime.now(UTC).isoformat(), by=by, **change))
        return grant

    def use_once(self, issuer: str, jti: str, *, expires: float, now: float) -> None:
        """Note that this token was used; Problem `token-replayed` if any replica noted it before."""
        digest = sha256(f"{issuer}\0{jti}".encode()).hexdigest()
        self._forget_expired(now)
        try:
            with self._writing() as connection:
                connection.execute(insert(USED_TOKENS).values(digest=digest, expires=math.ceil(expires)))
        except IntegrityError:
            raise Problem("token-replayed") from None

    def _forget_expired(self, now: float) -> None:
        if now < self._swept + SWEEP:
            return
        self._swept = now
        with self._writing() as connection:
            connection.execute(delete(USED_TOKENS).where(USED_TOKENS.c.expires < math.floor(now)))

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._translated():
            self._prepare()
            with self._engine.connect() as connection:
                yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._translated():
            self._prepare()
            with self._engine.connect().execution_options(write=True) as connection, connection.begin():
                yield connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except (SQLAlchemyError, OSError):
            # The driver's text may name hosts, users and statements: it stays here.
            raise _unavailable() from None

    def _prepare(self) -> None:
        if self._prepared:
            return
        with self._lock, self._engine.connect().execution_options(write=True) as connection, connection.begin():
            _serialise(connection)
            METADATA.create_all(connection)
            _migrate(connection)
        self._prepared = True


def _unavailable() -> Problem:
    return Problem("state-unavailable", headers={"Retry-After": "5"})


def _serialise(connection: Connection) -> None:
    """One writer at a time over all processes: what was read is still so when it is written."""
    if connection.dialect.name == "postgresql":  # a write transaction of SQLite is alone from its start
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def _migrate(connection: Connection) -> None:
    stored = connection.execute(select(SETTINGS.c.value).where(SETTINGS.c.name == "version")).scalar()
    if stored is None:
        connection.execute(insert(SETTINGS).values(name="version", value=str(VERSION)))
        return
    if int(stored) > VERSION:
        raise _unavailable()
    for version in range(int(stored), VERSION):
        MIGRATIONS[version](connection)
    connection.execute(update(SETTINGS).where(SETTINGS.c.name == "version").values(value=str(VERSION)))


def _grant(row: Row[Any, Any]) -> Grant:
    return Grant.from_wire(orjson.loads(row.document), version=row.version)


def _sqlite(address: URL, folder: Path) -> Engine:
    if not address.database or address.database == ":memory:":
        raise ArgumentError
    path = folder / address.database
    engine = create_engine("sqlite://", creator=lambda: _connect(path), poolclass=QueuePool, pool_timeout=WAIT)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes its lock at once: upgrading a read lock can only fail when another did.
        immediate = connection.get_execution_options().get("write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _connect(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(path, timeout=WAIT, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")  # a suspension outlives a power failure
    return connection


def _postgresql(address: URL) -> Engine:
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    milliseconds = WAIT * 1000
    return create_engine(
        address,
        pool_size=4,
        pool_timeout=WAIT,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": WAIT,
            "tcp_user_timeout": milliseconds,
            "options": f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds}",
        },
    )
