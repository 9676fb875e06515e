"""What a database holds, read by its bare driver, and what a record must show of it.

Nothing here comes from the product: each column type of the three databases has its own plain rule,
so that a mistake in introspection, mapping or serving cannot hide in the expectation too.
"""

from __future__ import annotations

import base64
import json
import math
import re
import sqlite3
import struct
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import databases
from pymysql.constants import FIELD_TYPE
from sqlalchemy import make_url

SHANGHAI = ZoneInfo("Asia/Shanghai")
SAFE = 2**53 - 1


class Unservable(Exception):
    """The value can be written in no form that loses nothing: its row must be reported as faulty."""


@dataclass(frozen=True)
class Broken:
    """A value of the database that no wire type holds, such as an infinite date; `text` is for messages."""

    text: str


@dataclass(frozen=True)
class Document:
    """A JSON value."""

    value: Any


Rows = list[dict[str, Any]]


# --- reading ----------------------------------------------------------------------------------------


def tables(url: str) -> set[str]:
    """Every table and view of the database, with its schema where that is not the default one."""
    kind = make_url(url).get_backend_name()
    if kind == "sqlite":
        question = (
            "SELECT name FROM pragma_table_list "
            "WHERE schema = 'main' AND type <> 'shadow' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
        )
        with closing(_sqlite(url)) as connection:
            return {name.decode() for (name,) in connection.execute(question)}
    if kind == "postgresql":
        question = (
            "SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname "
            "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE relkind IN ('r','v','m','p','f') "
            "AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%'"
        )
        with closing(databases.connect_postgres(url)) as connection:
            return {name for (name,) in connection.execute(question)}
    with closing(databases.connect_mariadb(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()")
        return {name for (name,) in cursor.fetchall()}


def columns(url: str, table: str, schema: str | None = None) -> list[str]:
    kind = make_url(url).get_backend_name()
    if kind == "sqlite":
        with closing(_sqlite(url)) as connection:
            return [row[0] for row in connection.execute(f"SELECT * FROM {_double(table)} LIMIT 0").description]
    if kind == "postgresql":
        with closing(databases.connect_postgres(url)) as connection:
            return [name for name, _ in _postgres_columns(connection, _qualified(table, schema))]
    with closing(databases.connect_mariadb(url)) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {_tick(table)} LIMIT 0")
        return [entry[0] for entry in cursor.description]


def rows(url: str, table: str, schema: str | None = None) -> Rows:
    """Every row, by column."""
    kind = make_url(url).get_backend_name()
    if kind == "sqlite":
        return _sqlite_rows(url, table)
    return _postgres_rows(url, _qualified(table, schema)) if kind == "postgresql" else _mariadb_rows(url, table)


def _double(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _tick(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _qualified(table: str, schema: str | None) -> str:
    return _double(table) if schema is None else f"{_double(schema)}.{_double(table)}"


def _sqlite(url: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{quote(str(make_url(url).database))}?mode=ro", uri=True)
    connection.text_factory = bytes
    return connection


@dataclass(frozen=True)
class Raw:
    """The bytes of a TEXT value, where a BLOB arrives as bytes."""

    text: bytes


def _sqlite_rows(url: str, table: str) -> Rows:
    with closing(_sqlite(url)) as connection:
        names = [entry[0] for entry in connection.execute(f"SELECT * FROM {_double(table)} LIMIT 0").description]
        kinds = ", ".join(f"typeof({_double(name)})" for name in names)
        found = connection.execute(f"SELECT *, {kinds} FROM {_double(table)}").fetchall()
    return [_sqlite_row(names, row) for row in found]


def _sqlite_row(names: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    values = zip(names, row[: len(names)], row[len(names) :], strict=True)
    return {name: _sqlite_text(value) if kind == b"text" else value for name, value, kind in values}


def _sqlite_text(value: bytes) -> Any:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return Broken("no UTF-8")


def _postgres_columns(connection: Any, table: str) -> list[tuple[str, str]]:
    return list(
        connection.execute(
            "SELECT attname, CASE WHEN t.typtype = 'd' THEN (SELECT typname FROM pg_type WHERE oid = t.typbasetype) "
            "WHEN t.typcategory = 'A' THEN 'array' ELSE t.typname END FROM pg_attribute a JOIN pg_type t ON t.oid = "
            "a.atttypid WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            (table,),
        )
    )


def _postgres_rows(url: str, table: str) -> Rows:
    with closing(databases.connect_postgres(url)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET IntervalStyle = 'iso_8601'")
        shown = _postgres_columns(connection, table)
        texts = [_POSTGRES_SHOWN.get(kind, "{}::text").format(_double(name)) for name, kind in shown]
        texts = [f"convert_to({text}, 'SQL_ASCII')" for text in texts]
        found = connection.execute(f"SELECT {', '.join(texts)} FROM {table}").fetchall()
    return [
        {
            name: None if value is None else _of_postgres(kind, value)
            for (name, kind), value in zip(shown, row, strict=True)
        }
        for row in found
    ]


_POSTGRES_SHOWN = {
    "inet": "abbrev({})",
    "money": "{}::numeric::text",
    "array": "to_jsonb({})::text",
    "record": "to_jsonb({})::text",
}


def _of_postgres(kind: str, raw: bytes) -> Any:  # noqa: PLR0911 - one line a type
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return Broken("no UTF-8")
    if kind in {"int2", "int4", "int8", "oid"}:
        return int(text)
    if kind in {"numeric", "money"}:
        return Decimal(text)
    if kind in {"float4", "float8"}:
        return float(text)
    if kind == "bool":
        return text == "true"
    if kind in {"json", "jsonb", "array", "record"}:
        return Document(json.loads(text))
    if kind == "bytea":
        return bytes.fromhex(text.removeprefix("\\x"))
    if kind in {"date", "timestamp", "timestamptz", "time"}:
        return _moment(text, kind)
    return int(text) if kind == "bit" and len(text) == 1 else text


def _moment(text: str, kind: str) -> Any:
    readers = {"date": date.fromisoformat, "time": time.fromisoformat}
    try:
        return readers.get(kind, datetime.fromisoformat)(text)
    except ValueError:
        return Broken(text)


def _mariadb_rows(url: str, table: str) -> Rows:
    with closing(databases.connect_mariadb(url)) as connection, connection.cursor() as cursor:
        connection.decoders = {}
        cursor.execute("SET time_zone = '+00:00'")
        cursor.execute(
            "SELECT COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS "
            "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = %s ORDER BY ORDINAL_POSITION",
            (table,),
        )
        declared = dict(cursor.fetchall())
        # A FLOAT is shown by the server with six digits, though it holds more
        texts = [_tick(name) + (" + 0e0" if kind == "float" else "") for name, kind in declared.items()]
        cursor.execute(f"SELECT {', '.join(texts)} FROM {_tick(table)}")
        shown = list(zip(declared, (entry[1] for entry in cursor.description), strict=True))
        found = cursor.fetchall()
    return [
        {
            name: None if value is None else _of_mariadb(kind, value, declared[name])
            for (name, kind), value in zip(shown, row, strict=True)
        }
        for row in found
    ]


_INTEGERS = {FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.LONG, FIELD_TYPE.INT24, FIELD_TYPE.LONGLONG, FIELD_TYPE.YEAR}


def _of_mariadb(kind: int, value: Any, declared: str) -> Any:  # noqa: PLR0911 - one line a type
    if kind == FIELD_TYPE.BIT:
        return int.from_bytes(value, "big")
    if isinstance(value, bytes) and kind not in _MARIADB_TEXTS:
        return value
    text = value.decode() if isinstance(value, bytes) else value
    if kind in _INTEGERS:
        return int(text)
    if kind in {FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL}:
        return Decimal(text)
    if kind in {FIELD_TYPE.FLOAT, FIELD_TYPE.DOUBLE}:
        return _single(float(text)) if declared == "float" else float(text)
    if kind in {FIELD_TYPE.DATE, FIELD_TYPE.DATETIME}:
        return _moment(text, "date" if kind == FIELD_TYPE.DATE else "timestamp")
    if kind == FIELD_TYPE.TIMESTAMP:
        found = _moment(text, "timestamp")
        return found if isinstance(found, Broken) else found.replace(tzinfo=UTC)
    return Document(json.loads(text)) if declared == "json" else text


_MARIADB_TEXTS = {FIELD_TYPE.DATE, FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP, FIELD_TYPE.TIME, FIELD_TYPE.NEWDECIMAL}
_MARIADB_TEXTS |= _INTEGERS | {FIELD_TYPE.FLOAT, FIELD_TYPE.DOUBLE}


def _single(value: float) -> float:
    """The shortest decimal that is the same number in four bytes."""
    held = struct.pack("f", value)
    return next(short for digits in range(1, 10) if _packed(short := float(f"{value:.{digits}g}")) == held)


def _packed(value: float) -> bytes:
    try:
        return struct.pack("f", value)
    except OverflowError:
        return b""


# --- what a record must show ------------------------------------------------------------------------


def record(row: Mapping[str, Any], fields: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The record of a row, masks applied; raises Unservable, with the item's name, where it is faulty."""
    shown = {}
    for name, field in fields.items():
        try:
            shown[name] = masked(wire(row[field["from"]], field), field)
        except Unservable:
            raise Unservable(name) from None
    return shown


def wire(value: Any, field: Mapping[str, Any]) -> Any:
    """The value on the wire, before any mask."""
    for step in field.get("transforms", ()):
        value = _step(value, step)
    if value is None:
        if field.get("nullable", True):
            return None
        raise Unservable
    if isinstance(value, Broken):
        raise Unservable
    return _WIRE[field["type"]](value, field)


def _step(value: Any, step: Any) -> Any:
    """The transforms that generated adapters use."""
    if step == "trim":
        return value.strip() if isinstance(value, str) else value
    ((name, options),) = step.items()
    if name == "nulls":
        text = value.text if isinstance(value, Broken) else str(value)
        return None if text in options else value
    if name == "trim":
        assert options == "right"
        return value.rstrip() if isinstance(value, str) else value
    assert name == "date", step
    return value if value is None or isinstance(value, Broken) else _dated(str(value), options["formats"])


def _dated(text: str, formats: Sequence[str]) -> Any:
    for form in formats:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return Broken(text)


def _string(value: Any, field: Mapping[str, Any]) -> str:
    if isinstance(value, str):
        if "\ufffd" in value:
            raise Unservable
        return value
    if isinstance(value, Document):
        return json.dumps(value.value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, bytes):
        raise Unservable
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _exact(value: Any) -> Decimal:
    try:
        number = Decimal(repr(value) if isinstance(value, float) else value)
    except (InvalidOperation, TypeError, ValueError):
        raise Unservable from None
    if not number.is_finite():
        raise Unservable
    return number


def _integer(value: Any, field: Mapping[str, Any]) -> Any:
    number = _exact(value)
    if number != number.to_integral_value():
        raise Unservable
    number = int(number)
    if abs(number) <= SAFE:
        return number
    if not field.get("wide"):
        raise Unservable
    return str(number)


def _decimal(value: Any, field: Mapping[str, Any]) -> str:
    number = _exact(value)
    shown = f"{number:f}"
    missing = field.get("scale", 0) - len(shown.partition(".")[2])
    if isinstance(value, Decimal | str) or missing <= 0:
        return shown
    return (shown if "." in shown else f"{shown}.") + "0" * missing


def _number(value: Any, field: Mapping[str, Any]) -> float:
    number = float(_exact(value))
    if not math.isfinite(number):
        raise Unservable
    return number


def _boolean(value: Any, field: Mapping[str, Any]) -> bool:
    known = {"1": True, "t": True, "true": True, "0": False, "f": False, "false": False}
    found = known.get(str(value).lower())
    if found is None:
        raise Unservable
    return found


def _date(value: Any, field: Mapping[str, Any]) -> str:
    if isinstance(value, datetime):
        if value.time() != time():
            raise Unservable
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    try:
        return _date(datetime.fromisoformat(value), field)
    except (TypeError, ValueError):
        raise Unservable from None


def _instant(value: Any, field: Mapping[str, Any]) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise Unservable from None
    if not isinstance(value, datetime):
        raise Unservable
    moment = value.replace(tzinfo=SHANGHAI) if value.tzinfo is None else value.astimezone(SHANGHAI)
    shown = moment.isoformat()
    # Local mean time has seconds in its offset, which RFC 3339 cannot write: the zone's standard offset stands for it.
    if len(shown.rpartition("+")[2]) > len("08:00"):
        standard = timedelta(hours=8)
        local = value if value.tzinfo is None else (value.astimezone(UTC) + standard).replace(tzinfo=None)
        shown = local.isoformat() + "+08:00"
    return shown


def _clock(value: Any, field: Mapping[str, Any]) -> str:
    if isinstance(value, str):
        try:
            value = time.fromisoformat(value)
        except ValueError:
            raise Unservable from None
    if not isinstance(value, time) or value.tzinfo is not None:
        raise Unservable
    return value.isoformat()


def _binary(value: Any, field: Mapping[str, Any]) -> str:
    if not isinstance(value, bytes):
        raise Unservable
    return base64.b64encode(value).decode()


def _json(value: Any, field: Mapping[str, Any]) -> Any:
    if isinstance(value, Document):
        return _wide(value.value)
    try:
        return _wide(json.loads(value))
    except (TypeError, ValueError):
        raise Unservable from None


def _wide(value: Any) -> Any:
    """Integers beyond 2^53-1 are strings inside of JSON too."""
    if isinstance(value, dict):
        return {name: _wide(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_wide(each) for each in value]
    return str(value) if isinstance(value, int) and abs(value) > SAFE else value


_WIRE = {
    "string": _string,
    "integer": _integer,
    "decimal": _decimal,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "dateTime": _instant,
    "time": _clock,
    "binary": _binary,
    "json": _json,
}

_STARS = "******"


def masked(value: Any, field: Mapping[str, Any]) -> Any:
    """What the declared mask leaves of a value; every generated mask is in force for every purpose."""
    mask = field.get("mask")
    if mask is None or value is None:
        return value
    assert mask in _MASKS, mask
    return _MASKS[mask](value) if isinstance(value, str) else _STARS


def _mask_name(value: str) -> str:
    return f"{value.strip()[0]}**" if len(value.strip()) > 1 else _STARS


def _mask_email(value: str) -> str:
    return re.sub(r"^(.)[^@]+", r"\1***", value) if re.fullmatch(r"[^@\s]{2,}@[^@\s]+\.[^@\s]+", value) else _STARS


def _mask_phone(value: str) -> str:
    return f"{value[:3]}****{value[-4:]}" if re.fullmatch(r"1[0-9]{10}", value) else _STARS


def _mask_resident(value: str) -> str:
    return f"{value[:4]}**********{value[-4:]}" if re.fullmatch(r"[0-9]{17}[0-9Xx]", value) else _STARS


_MASKS = {
    "personName": _mask_name,
    "email": _mask_email,
    "phone": _mask_phone,
    "residentId": _mask_resident,
    "address": lambda _: _STARS,
    "full": lambda _: _STARS,
    "bankCard": lambda value: f"************{value[-4:]}" if re.fullmatch(r"[0-9]{12,19}", value) else _STARS,
}
