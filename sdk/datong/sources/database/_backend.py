"""What differs between database servers; this base is what any SQLAlchemy dialect can do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, NoSuchTableError

from datong.model import EnvironmentProblem, Form, Row, Text, UsageError
from datong.sources.database._options import DatabaseOptions
from datong.sources.database._statement import Expression, Mend, bare
from datong.sources.database._table import Family, Item, Place, Table, missing
from datong.sources.database._values import (
    NEVER,
    Binder,
    as_boolean,
    as_bytes,
    as_date,
    as_decimal,
    as_float,
    as_integer,
    as_text,
    as_time,
    as_uuid,
    instants,
)

Failure = Literal["timeout", "busy", "lost", "refused", "unknown"]
"""`lost`: the connection is gone; `refused`: no connection can be had; `unknown`: the statement failed."""

BATCH: Final = 1000

_DRIVERS: Final = {
    "postgresql": "psycopg[binary]",
    "mysql": "pymysql",
    "mariadb": "pymysql",
    "oracle": "oracledb",
    "mssql": "pymssql",
    "db2": "ibm-db-sa",
    "ibm_db_sa": "ibm-db-sa",
    "dm": "dmSQLAlchemy dmPython",
}
_EXTRAS: Final = {
    "postgresql": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
    "oracle": "oracle",
    "mssql": "sqlserver",
    "db2": "db2",
    "ibm_db_sa": "db2",
    "dm": "dameng",
}

_FAMILIES: Final[tuple[tuple[type[Any], Family], ...]] = (
    (sa.Boolean, "boolean"),
    (sa.Integer, "integer"),
    (sa.Float, "float"),
    (sa.Numeric, "decimal"),
    (sa.DateTime, "local"),
    (sa.Date, "date"),
    (sa.Time, "time"),
    (sa.Uuid, "uuid"),
    (sa.LargeBinary, "bytes"),
    (sa.BINARY, "bytes"),
    (sa.VARBINARY, "bytes"),
    (sa.String, "text"),
)


class Backend:
    """A server reached through SQLAlchemy alone, for dialects that have no part of their own here."""

    row_values: bool = False
    nulls_last: bool = False
    plain_limit: bool = False
    asynchronous: bool = False
    """Whether there is a native asynchronous variant."""
    typed: bool = False
    """Whether `forms` has anything to say."""

    def __init__(self, options: DatabaseOptions, url: sa.URL) -> None:
        self.options = options
        self.url = url
        self.zone = ZoneInfo(options.zone)
        self.threads = options.pool
        self.engine = self.make_engine(pool_size=options.pool, max_overflow=0, pool_timeout=options.timeout)
        self.dialect: sa.Dialect = self.engine.dialect
        self.nulls_last = self.nulls_last or self.dialect.name in {"oracle", "db2", "ibm_db_sa", "dm"}

    def make_engine(self, **more: Any) -> sa.Engine:
        """An engine whose connections can only read; nothing is connected yet.

        Raises EnvironmentProblem (`driver-missing`) with the command that installs the driver.
        """
        try:
            engine = sa.create_engine(self.url, pool_use_lifo=True, **self.arguments(), **more)
        except (NoSuchModuleError, ImportError):
            raise driver_missing(self.url) from None
        except (ArgumentError, TypeError):
            raise UsageError(
                Text(
                    "The source's address has options that the driver does not know.",
                    "数据源地址含有驱动无法识别的参数。",
                ),
                Text(
                    "Look at what follows `?` in `url`, and at `connect`.",
                    "请检查 `url` 中 `?` 之后的部分及 `connect`。",
                ),
                code="source-address",
            ) from None
        return engine

    def looking_engine(self) -> sa.Engine:
        """An engine for introspection, with transactions and the driver's usual values; the caller disposes of it."""
        return self.make_engine(pool_size=1, max_overflow=1)

    def arguments(self) -> dict[str, Any]:
        """What create_engine is given for this kind of server."""
        return {"connect_args": dict(self.options.connect)}

    def limit(self, raw: Any, info: dict[str, Any], seconds: float) -> None:
        """Let the next statement take this long at most; `info` lives as long as the connection."""
        if self.dialect.name == "oracle":
            raw.call_timeout = int(seconds * 1000)

    def look_up(self, raw: Any, place: Place) -> Table:
        """The table's columns; raises SourceProblem where it is not there. `raw` is a connection in use."""
        inspector = sa.inspect(self.engine)
        try:
            columns = inspector.get_columns(place.table, schema=place.schema)
        except NoSuchTableError:
            names = [*inspector.get_table_names(schema=place.schema), *inspector.get_view_names(schema=place.schema)]
            raise missing("table", place.name, names) from None
        key = inspector.get_pk_constraint(place.table, schema=place.schema)["constrained_columns"]
        items = {column["name"]: _item(column) for column in columns}
        return Table(place, items, (frozenset(key),) if key else ())

    def rows(self, raw: Any, text: str, arguments: Any) -> list[Row]:
        with closing(raw.cursor()) as cursor:
            cursor.execute(text, arguments)
            rows: list[Row] = cursor.fetchall()
            return rows

    def stream(self, raw: Any, text: str, arguments: Any) -> Iterator[list[Row]]:
        """Batches from a cursor that keeps what is not read yet on the server."""
        with closing(raw.cursor()) as cursor:
            cursor.execute(text, arguments)
            while rows := cursor.fetchmany(BATCH):
                yield rows

    def failure(self, error: BaseException) -> tuple[Failure, Text | None]:
        """What happened, and the cause in words for the people who run the adapter."""
        if isinstance(error, TimeoutError):
            return "timeout", None
        try:
            gone = self.dialect.is_disconnect(error, None, None)  # type: ignore[arg-type]
        except (AttributeError, TypeError):
            gone = False
        return ("lost" if gone else "unknown"), None

    def forms(self, table: Table) -> dict[str, Form]:
        """Columns whose values have a sure form; see Capabilities."""
        return {}

    def repairable(self, error: BaseException) -> bool:
        """Whether the same statement can succeed on a new connection, or read in another way."""
        return False

    # --- words -----------------------------------------------------------

    def shown(self, item: Item) -> Expression:
        return bare(item)

    def mend(self, item: Item) -> Mend | None:
        return None

    def ranked(self, item: Item) -> Expression:
        if self.dialect.name == "mssql" and item.family == "text":
            return sa.collate(bare(item), "Latin1_General_BIN2")
        return bare(item)

    def rank(self, item: Item, value: Expression) -> Expression:
        return value

    def native(self, item: Item, value: Expression) -> Expression:
        return value

    def equal(self, item: Item, value: Expression) -> Expression:
        plain = bare(item) == value
        return sa.and_(plain, self.ranked(item) == value) if item.folding else plain

    def moment(self, item: Item) -> Item:
        return item

    def binder(self, item: Item) -> Binder:
        return self.binders()[item.family]

    def binders(self) -> dict[Family, Binder]:
        """Other drivers take moments as Python's own types."""
        return self.plain_binders() | {
            "date": _as(date, as_date),
            "instant": _as(datetime, instants(self.zone, zoned=True)),
            "local": _as(datetime, instants(self.zone, zoned=False)),
            "time": _as(time, as_time),
        }

    def plain_binders(self) -> dict[Family, Binder]:
        return {
            "text": as_text,
            "integer": as_integer,
            "decimal": as_decimal,
            "float": as_float,
            "boolean": as_boolean,
            "bytes": as_bytes,
            "date": as_date,
            "instant": instants(self.zone, zoned=True),
            "local": instants(self.zone, zoned=False),
            "time": as_time,
            "uuid": as_uuid,
            "other": as_text,
        }


def _as(kind: type[date | time], binder: Binder) -> Binder:
    def bind(value: Any) -> Any:
        text = binder(value)
        try:
            return text if text is NEVER else kind.fromisoformat(text)
        except ValueError:
            return NEVER

    return bind


def quoted(name: str) -> str:
    """As an identifier of standard SQL."""
    return '"' + name.replace('"', '""') + '"'


def _item(column: Any) -> Item:
    kind = column["type"]
    family: Family = next((family for known, family in _FAMILIES if isinstance(kind, known)), "other")
    if family == "local" and getattr(kind, "timezone", False):
        family = "instant"
    padded = isinstance(kind, sa.CHAR | sa.NCHAR)
    return Item(column["name"], family, str(kind), column.get("nullable", True), family == "text", padded)


def driver_missing(url: sa.URL) -> EnvironmentProblem:
    """The driver of this address is not installed, or the kind of database is not known at all."""
    backend = url.get_backend_name()
    if backend not in _DRIVERS:
        return EnvironmentProblem(
            Text(
                f"No SQLAlchemy dialect {backend!r} is installed.",
                f"未安装名为 {backend!r} 的 SQLAlchemy 方言。",
            ),
            Text(
                f"Install the package that brings it, or write one of: sqlite, {', '.join(sorted(_DRIVERS))}.",
                f"请安装提供该方言的软件包，或改用：sqlite、{'、'.join(sorted(_DRIVERS))}。",
            ),
            code="driver-missing",
        )
    return EnvironmentProblem(
        Text(f"The driver for {backend} is not installed.", f"未安装 {backend} 的数据库驱动。"),
        Text(
            f"Run: pip install 'datong[{_EXTRAS[backend]}]' (that is: {_DRIVERS[backend]})",
            f"请运行：pip install 'datong[{_EXTRAS[backend]}]'（即 {_DRIVERS[backend]}）",
        ),
        code="driver-missing",
    )
