"""MySQL and MariaDB by PyMySQL: a session that can only read, moments as the text that the server writes."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any, Final

import pymysql
import sqlalchemy as sa
from pymysql.constants import FIELD_TYPE
from pymysql.converters import conversions
from pymysql.cursors import SSCursor

from datong.model import Row, Text
from datong.sources.database._backend import BATCH, Backend, Failure
from datong.sources.database._options import DatabaseOptions
from datong.sources.database._statement import Expression, Mend, bare
from datong.sources.database._table import Family, Item, Place, Table, missing
from datong.sources.database._values import (
    NEVER,
    Binder,
    as_date,
    as_float,
    as_integer,
    as_text,
    as_time,
    instants,
    offset_text,
    standard_offset,
)

_COLUMNS: Final = """
SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE, CHARACTER_SET_NAME, COLLATION_NAME
FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = COALESCE(%s, DATABASE()) AND TABLE_NAME = %s
ORDER BY ORDINAL_POSITION
"""
_KEYS: Final = """
SELECT INDEX_NAME, COLUMN_NAME FROM information_schema.STATISTICS
WHERE TABLE_SCHEMA = COALESCE(%s, DATABASE()) AND TABLE_NAME = %s AND NON_UNIQUE = 0
"""
_NEAR: Final = "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = COALESCE(%s, DATABASE())"

_FAMILIES: Final[dict[str, Family]] = {
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "bigint", "year"), "integer"),
    **dict.fromkeys(("char", "varchar", "tinytext", "text", "mediumtext", "longtext"), "text"),
    "bit(1)": "integer",
    "bit": "integer",
    **dict.fromkeys(("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"), "bytes"),
    "decimal": "decimal",
    "float": "float",
    "double": "float",
    "date": "date",
    "datetime": "local",
    "timestamp": "instant",
    "time": "time",
}
_TEXT_TYPES: Final = (
    FIELD_TYPE.DATE,
    FIELD_TYPE.DATETIME,
    FIELD_TYPE.TIMESTAMP,
    FIELD_TYPE.TIME,
    FIELD_TYPE.DECIMAL,
    FIELD_TYPE.NEWDECIMAL,
)
_TIMEOUTS: Final = frozenset({1317, 1969, 3024})
_BUSY: Final = frozenset({1040, 1203, 1205, 1226})
_REFUSALS: Final = {
    1044: Text("The server does not admit this user to this database.", "服务器不允许该用户访问该数据库。"),
    1045: Text("The server refuses this user or password.", "服务器拒绝该用户名或密码。"),
    1049: Text("The server has no such database.", "服务器上没有该数据库。"),
    1698: Text("The server refuses this user or password.", "服务器拒绝该用户名或密码。"),
    2003: Text("No server answers at this host and port.", "该主机和端口没有服务器响应。"),
}
_NO_PRIVILEGE: Final = frozenset({1142, 1143})
_ZERO_DATE: Final = re.compile(r"[0-9]{4}-(?:0[0-9]|1[0-2])-[0-3][0-9]")
_ZERO_INSTANT: Final = re.compile(_ZERO_DATE.pattern + r" [0-2][0-9]:[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?")
_TIME: Final = re.compile(r"-?[0-9]{2,3}:[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?")


class MySQL(Backend):
    plain_limit = True

    def __init__(self, options: DatabaseOptions, url: sa.URL) -> None:
        super().__init__(options, url)
        self.offset = offset_text(standard_offset(self.zone))

    def arguments(self) -> dict[str, Any]:
        return {"creator": self.connect, "pool_reset_on_return": None}

    def looking_engine(self) -> sa.Engine:
        return sa.create_engine(self.url, creator=lambda: self.connect(autocommit=False, conv=conversions))

    def connect(self, **other: Any) -> Any:
        """Texts cross the wire as utf8mb4, which every character set of the server fits into."""
        url = self.url
        query = {name: value for name, value in url.query.items() if name not in {"charset", "use_unicode"}}
        arguments: dict[str, Any] = {
            **query,
            **self.options.connect,
            "host": url.host or "127.0.0.1",
            "port": url.port or 3306,
            "user": url.username,
            "password": url.password or "",
            "database": url.database,
            "charset": "utf8mb4",
            "connect_timeout": max(1, round(self.options.connect_timeout)),
            "read_timeout": self.options.connect_timeout,
            "write_timeout": self.options.timeout + 5,
            "autocommit": True,
            "conv": _CONVERSIONS,
            **other,
        }
        raw: Any = pymysql.connect(**arguments)
        with closing(raw.cursor()) as cursor:
            cursor.execute("SET SESSION TRANSACTION READ ONLY")
            cursor.execute(f"SET SESSION time_zone = '{self.offset}', max_sort_length = 65536")
            cursor.execute(self._limit(raw, self.options.timeout))
        raw._read_timeout = self.options.timeout + 5  # noqa: SLF001  the first answer is awaited no longer than connecting
        return raw

    def limit(self, raw: Any, info: dict[str, Any], seconds: float) -> None:
        if info.get("limit", self.options.timeout) != seconds:
            with closing(raw.cursor()) as cursor:
                cursor.execute(self._limit(raw, seconds))
            info["limit"] = seconds

    def _limit(self, raw: Any, seconds: float) -> str:
        if "MariaDB" in raw.server_version:
            return f"SET SESSION max_statement_time = {seconds:.3f}"
        return f"SET SESSION max_execution_time = {int(seconds * 1000)}"

    def look_up(self, raw: Any, place: Place) -> Table:
        with closing(raw.cursor()) as cursor:
            cursor.execute(_COLUMNS, tuple(place))
            columns = cursor.fetchall()
            if not columns:
                cursor.execute(_NEAR, (place.schema,))
                raise missing("table", place.name, [name for (name,) in cursor.fetchall()])
            cursor.execute(_KEYS, tuple(place))
            keys: dict[str, set[str]] = {}
            for index, column in cursor.fetchall():
                keys.setdefault(index, set()).add(column)
        unique = tuple(frozenset(names) for names in keys.values() if None not in names)
        return Table(place, {column[0]: _item(*column) for column in columns}, unique)

    def rows(self, raw: Any, text: str, arguments: Any) -> list[Row]:
        with closing(raw.cursor()) as cursor:
            cursor.execute(text, arguments)
            return list(cursor.fetchall())

    def stream(self, raw: Any, text: str, arguments: Any) -> Iterator[list[Row]]:
        cursor = raw.cursor(SSCursor)
        cursor.execute(text, arguments)
        while rows := cursor.fetchmany(BATCH):
            yield list(rows)
        cursor.close()

    def failure(self, error: BaseException) -> tuple[Failure, Text | None]:
        number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
        if number in _TIMEOUTS or (number in {2003, 2013} and "timed out" in str(error)):
            return "timeout", None
        if number in _BUSY:
            return "busy", Text("The server lends no further connection or lock.", "服务器已无可用连接或锁。")
        if number in _NO_PRIVILEGE:
            return "unknown", Text("The database user may not read this table.", "数据库用户无权读取该表。")
        if number in _REFUSALS:
            return "refused", _REFUSALS[number]
        return super().failure(error)

    # --- words -----------------------------------------------------------

    def shown(self, item: Item) -> Expression:
        column = bare(item)
        if item.family == "instant":
            zero: Expression = sa.cast(column, sa.CHAR())  # with as many digits as the column has
            offset: Expression = sa.literal_column(f"'{self.offset}'")
            return sa.Function(
                "IF", sa.func.year(column) == sa.literal_column("0"), zero, sa.func.concat(column, offset)
            )
        if item.native in {"float", "bit(1)"}:
            return column + sa.literal_column("0e0" if item.native == "float" else "0")
        return sa.cast(column, sa.LargeBinary()) if self._mislabelled(item) else column

    def mend(self, item: Item) -> Mend | None:
        if item.native == "float":
            return shortest_single
        return _decoder(self.options.charset) if self._mislabelled(item) and self.options.charset else None

    def _mislabelled(self, item: Item) -> bool:
        """Whether the column says a single-byte character set and `charset` says what its bytes are."""
        return self.options.charset is not None and item.charset in {"latin1", "ascii"}

    def ranked(self, item: Item) -> Expression:
        """UTF-8 bytes are in the order of code points."""
        column = bare(item)
        if item.family not in {"text", "other"}:
            return column
        if self._mislabelled(item):
            return sa.cast(column, sa.LargeBinary())
        return sa.cast(column if item.charset == "utf8mb4" else _converted(column, "utf8mb4"), sa.LargeBinary())

    def rank(self, item: Item, value: Expression) -> Expression:
        return sa.cast(value, sa.LargeBinary()) if item.family in {"text", "other"} else value

    def native(self, item: Item, value: Expression) -> Expression:
        """A text in the column's own character set, so that the index serves and nothing is mixed."""
        if item.family != "text" or not item.charset or item.charset == "utf8mb4":
            return value
        return sa.collate(_converted(value, item.charset), item.collation)

    def equal(self, item: Item, value: Expression) -> Expression:
        if item.family != "text" and item.native != "enum":
            return self.ranked(item) == self.rank(item, value)
        return sa.and_(bare(item) == self.native(item, value), self.ranked(item) == self.rank(item, value))

    def binder(self, item: Item) -> Binder:
        if item.native in {"float", "bit"}:
            return _as_single if item.native == "float" else _as_bits
        if self._mislabelled(item):
            return _encoder(self.options.charset or "utf-8")
        return _unpadded if item.padded else super().binder(item)

    def binders(self) -> dict[Family, Binder]:
        return self.plain_binders() | {
            "date": _or_zero(as_date, _ZERO_DATE),
            "local": _or_zero(instants(self.zone, zoned=False), _ZERO_INSTANT),
            "instant": self._instant,
            "time": lambda value: value if isinstance(value, str) and _TIME.fullmatch(value) else as_time(value),
        }

    def _instant(self, value: Any) -> Any:
        """TIMESTAMP is compared in the session's own offset."""
        if isinstance(value, str) and _ZERO_INSTANT.fullmatch(value) and "-00" in value:
            return value
        text = instants(self.zone, zoned=True)(value)
        try:
            moment = text if text is NEVER else datetime.fromisoformat(text).astimezone(standard_offset(self.zone))
        except ValueError:
            return NEVER
        return moment if moment is NEVER else moment.replace(tzinfo=None).isoformat(" ")


_CONVERSIONS: Final = {kind: convert for kind, convert in conversions.items() if kind not in _TEXT_TYPES}
"""Moments and decimals stay the text that the server writes: zero dates and 838:59:59 included."""


def _item(name: str, native: str, full: str, nullable: str, charset: str | None, collation: str | None) -> Item:
    native = "bit(1)" if full == "bit(1)" else native
    family = _FAMILIES.get(native, "other")
    return Item(
        name,
        family,
        native,
        nullable=nullable == "YES",
        folding=family == "text" and not (collation or "").endswith(("_nopad_bin", "_0900_bin")),
        padded=native == "char",
        charset=charset or "",
        collation=collation or "",
    )


def _converted(value: Expression, charset: str) -> Expression:
    return sa.Function("CONVERT", value.op("USING")(sa.literal_column(charset)))


def _or_zero(binder: Binder, zero: re.Pattern[str]) -> Binder:
    """MySQL holds days and months that are zero."""

    def bind(value: Any) -> Any:
        return value if isinstance(value, str) and "-00" in value and zero.fullmatch(value) else binder(value)

    return bind


def _unpadded(value: Any) -> Any:
    text = as_text(value)
    return text if text is NEVER else text.rstrip(" ")


def _as_single(value: Any) -> Any:
    """The number that a FLOAT holds in its place."""
    number = as_float(value)
    try:
        return number if number is NEVER else struct.unpack("f", struct.pack("f", number))[0]
    except OverflowError:
        return number


def shortest_single(value: float | None) -> float | None:
    """The shortest number that a FLOAT holds as this one: 0.1, where a wider number reads 0.10000000149."""
    if value is None:
        return None
    return next((short for digits in range(6, 9) if _as_single(short := float(f"{value:.{digits}g}")) == value), value)


def _as_bits(value: Any) -> Any:
    """BIT columns are compared as the numbers that their bytes are."""
    return int.from_bytes(value, "big") if isinstance(value, bytes | bytearray) else as_integer(value)


def _encoder(charset: str) -> Binder:
    def bind(value: Any) -> Any:
        if isinstance(value, bytes):
            return value
        text = as_text(value)
        try:
            return text if text is NEVER else text.encode(charset)
        except UnicodeEncodeError:
            return NEVER

    return bind


def _decoder(charset: str) -> Mend:
    def decode(value: bytes | None) -> Any:
        try:
            return None if value is None else value.decode(charset)
        except UnicodeDecodeError:
            return value

    return decode
