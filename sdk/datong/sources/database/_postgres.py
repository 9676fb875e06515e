"""PostgreSQL by psycopg 3: a session that can only read, values in the text that the server writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any, Final

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import MONEY

from datong.model import Form, Row, Text
from datong.sources.database._backend import BATCH, Backend, Failure, quoted
from datong.sources.database._options import DatabaseOptions
from datong.sources.database._postgres_values import (
    as_bit,
    as_double,
    as_numeric,
    as_single,
    as_text_of,
    text_moments,
    text_values,
    tolerate,
)
from datong.sources.database._statement import Expression, bare
from datong.sources.database._table import Family, Item, Place, Table, missing
from datong.sources.database._values import Binder, offset_text, standard_offset

_COLUMNS: Final = """
SELECT a.attname, COALESCE(b.typname, t.typname), COALESCE(b.typcategory, t.typcategory), a.attnotnull,
       COALESCE((to_jsonb(c) ->> 'collisdeterministic')::boolean, true)
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_type b ON t.typtype = 'd' AND b.oid = t.typbasetype
LEFT JOIN pg_catalog.pg_collation c ON c.oid = a.attcollation
WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""
_KEYS: Final = """
SELECT array_agg(a.attname::text)
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
WHERE i.indrelid = to_regclass($1) AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL
GROUP BY i.indexrelid
"""
_NEAR: Final = """
SELECT relname::text FROM pg_catalog.pg_class
WHERE relkind IN ('r', 'v', 'm', 'p', 'f') AND pg_catalog.pg_table_is_visible(oid)
"""

_FAMILIES: Final[dict[str, Family]] = {
    "int2": "integer",
    "int4": "integer",
    "int8": "integer",
    "numeric": "decimal",
    "money": "decimal",
    "float4": "float",
    "float8": "float",
    "bool": "boolean",
    "text": "text",
    "varchar": "text",
    "bpchar": "text",
    "name": "text",
    "citext": "text",
    "bytea": "bytes",
    "date": "date",
    "timestamp": "local",
    "timestamptz": "instant",
    "time": "time",
    "uuid": "uuid",
}
_FORMS: Final[dict[str, Form]] = {
    "int2": "integer",
    "int4": "integer",
    "text": "text",
    "varchar": "text",
    "bpchar": "text",
    "numeric": "decimalText",
    "timestamp": "momentText",
}
_TIMEOUT: Final = "57014"
_BUSY: Final = frozenset({"53300", "53400", "55P03"})
_STALE: Final = frozenset({"0A000", "26000"})
"""A prepared statement whose table changed, or that a pooler took away."""
_NO_PRIVILEGE: Final = "42501"


class Connection(psycopg.Connection[Any]):
    """A connection that waits for its server no longer than it is told."""

    patience: float | None = None

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        return super().wait(gen, interval, self.patience if timeout is None else timeout)


class Postgres(Backend):
    row_values = True
    nulls_last = True
    plain_limit = True
    typed = True
    asynchronous = True

    def __init__(self, options: DatabaseOptions, url: sa.URL) -> None:
        super().__init__(options, url)
        self.encoding = ""
        """Python's encoding of texts where the server's is not UTF-8."""

    def arguments(self) -> dict[str, Any]:
        return {"creator": self.connect, "paramstyle": "numeric_dollar", "pool_reset_on_return": None}

    def target(self) -> dict[str, Any]:
        """Where and how to connect, for psycopg, sync or async."""
        url = self.url
        given = {"host": url.host, "port": url.port, "user": url.username, "password": url.password}
        named = {name: value for name, value in given.items() if value is not None}
        if url.database:
            named["dbname"] = url.database
        more = {"connect_timeout": max(1, round(self.options.connect_timeout)), "application_name": "datong"}
        prepare = {"prepare_threshold": 0 if self.options.prepare else None}
        return {**more, **dict(url.query), **self.options.connect, **named, **prepare, "autocommit": True}

    def looking_engine(self) -> sa.Engine:
        def connect() -> Any:
            target = self.target() | {"autocommit": True, "prepare_threshold": None}
            raw = self._ready(psycopg.connect(**target, context=text_moments()))
            raw.autocommit = False
            return raw

        return sa.create_engine(self.url, creator=connect, pool_size=1)

    def connect(self) -> Any:
        target = self.target()
        return self._ready(Connection.connect(**target, context=text_values(), cursor_factory=psycopg.RawCursor))

    def _ready(self, raw: Any) -> Any:
        raw.execute(self.session(), prepare=False)
        self.speak(raw)
        return raw

    def session(self) -> str:
        """The statements that open a session."""
        offset = offset_text(standard_offset(self.zone))
        settings = {
            "default_transaction_read_only": "on",
            "TimeZone": f"<{offset}>{_west(offset)}",
            "DateStyle": "ISO, YMD",
            "IntervalStyle": "iso_8601",
            "bytea_output": "hex",
            "extra_float_digits": "3",
            "statement_timeout": f"{int(self.options.timeout * 1000)}",
        }
        return "; ".join(f"SET {name} = '{value}'" for name, value in settings.items())

    def speak(self, raw: Any) -> None:
        """Read texts as the server holds them: by default a connection speaks its server's encoding."""
        if raw.info.parameter_status("server_encoding") != "UTF8":
            known = raw.info.encoding
            self.encoding = self.options.charset or ("utf-8" if known == "ascii" else known)
            tolerate(raw.adapters, self.encoding)

    def limit(self, raw: Any, info: dict[str, Any], seconds: float) -> None:
        raw.patience = seconds + 1.0
        if info.get("limit", self.options.timeout) != seconds:
            raw.execute(f"SET statement_timeout = {int(seconds * 1000)}", prepare=False)
            info["limit"] = seconds

    def look_up(self, raw: Any, place: Place) -> Table:
        named = ".".join(quoted(part) for part in place if part)
        columns = raw.execute(_COLUMNS, (named,), prepare=False).fetchall()
        if not columns:
            names = [name for (name,) in raw.execute(_NEAR, prepare=False).fetchall()]
            raise missing("table", place.name, names)
        keys = raw.execute(_KEYS, (named,), prepare=False).fetchall()
        return Table(place, {column[0]: _item(*column) for column in columns}, tuple(frozenset(key) for (key,) in keys))

    def forms(self, table: Table) -> dict[str, Form]:
        forms = {name: form for name, item in table.items.items() if (form := _FORMS.get(item.native))}
        if self.encoding:  # texts that do not decode arrive as bytes
            return {name: form for name, form in forms.items() if form != "text"}
        return forms

    def rows(self, raw: Any, text: str, arguments: Any) -> list[Row]:
        rows: list[Row] = raw.execute(text, arguments).fetchall()
        return rows

    def stream(self, raw: Any, text: str, arguments: Any) -> Iterator[list[Row]]:
        with raw.transaction(), closing(psycopg.RawServerCursor(raw, "datong")) as cursor:
            cursor.execute(text, arguments)
            while rows := cursor.fetchmany(BATCH):
                yield rows

    def failure(self, error: BaseException) -> tuple[Failure, Text | None]:
        state = getattr(error, "sqlstate", None)
        if state == _TIMEOUT or type(error).__name__ in {"_WaitTimeout", "ConnectionTimeout", "TimeoutError"}:
            return "timeout", None
        if state in _BUSY:
            return "busy", Text("The server lends no further connection or lock.", "服务器已无可用连接或锁。")
        if state == _NO_PRIVILEGE:
            return "unknown", Text("The database user may not read this table.", "数据库用户无权读取该表。")
        if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            return "lost", why_refused(str(error))
        return "unknown", None

    def repairable(self, error: BaseException) -> bool:
        return getattr(error, "sqlstate", None) in _STALE

    # --- words -----------------------------------------------------------

    def shown(self, item: Item) -> Expression:
        return sa.cast(bare(item), sa.Numeric()) if item.native == "money" else bare(item)

    def ranked(self, item: Item) -> Expression:
        column = bare(item)
        if item.native == "inet":
            column = sa.func.abbrev(column)  # as the server writes it: a cast to text would add /32
        elif item.family == "other" or item.native == "citext":
            column = sa.cast(column, sa.Text())
        if item.native == "money":
            return sa.cast(column, sa.Numeric())
        return sa.collate(column, "C") if item.family in {"text", "other"} else column

    def rank(self, item: Item, value: Expression) -> Expression:
        return sa.cast(value, sa.Text()) if item.family == "other" or item.native == "citext" else value

    def native(self, item: Item, value: Expression) -> Expression:
        return sa.cast(sa.cast(value, sa.Numeric()), MONEY()) if item.native == "money" else value

    def equal(self, item: Item, value: Expression) -> Expression:
        if item.family == "other":
            return self.ranked(item) == self.rank(item, value)
        exact = self.ranked(item) == self.rank(item, value)
        if item.native == "money":
            return exact
        return sa.and_(bare(item) == value, exact) if item.folding else bare(item) == value

    def binder(self, item: Item) -> Binder:
        if item.family == "float":
            return as_single if item.native == "float4" else as_double
        return as_bit if item.native == "bit" else super().binder(item)

    def binders(self) -> dict[Family, Binder]:
        text = as_text_of(self.encoding)
        return self.plain_binders() | {"text": text, "other": text, "decimal": as_numeric}


def _item(name: str, native: str, category: str, notnull: bool, deterministic: bool) -> Item:  # noqa: FBT001  a row
    family = "other" if category == "A" else _FAMILIES.get(native, "other")
    folding = not deterministic or native == "citext"
    return Item(name, family, native, nullable=not notnull, folding=folding, padded=native == "bpchar")


def _west(offset: str) -> str:
    """POSIX counts hours west of Greenwich."""
    return ("-" if offset[0] == "+" else "+") + offset[1:]


def why_refused(message: str) -> Text:
    """libpq gives no code when it cannot connect; its words are English unless the server's differ."""
    for words, cause in _REFUSALS:
        if words in message:
            return cause
    return Text("The server does not answer at this address.", "该地址的服务器没有响应。")


_REFUSALS: Final = (
    ("password", Text("The server refuses this user or password.", "服务器拒绝该用户名或密码。")),
    ("pg_hba.conf", Text("The server does not admit this user from this host.", "服务器不允许该用户从本机连接。")),
    ("database", Text("The server has no such database.", "服务器上没有该数据库。")),
    ("role", Text("The server knows no such user.", "服务器上没有该用户。")),
    ("resolve", Text("The host's name cannot be resolved.", "无法解析主机名。")),
    (
        "refused",
        Text("The host refuses the connection: no server listens at this port.", "主机拒绝连接：该端口没有服务。"),
    ),
)
