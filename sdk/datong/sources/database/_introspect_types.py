"""From a reflected SQLAlchemy type to the neutral kind of a column."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.sql.sqltypes import _Binary
from sqlalchemy.types import TypeEngine

from datong.model import Column

_SAFE_DIGITS: Final = 15
"""Decimal digits that always fit a JSON number; NUMBER(16) and more may pass 2^53-1."""

_SAFE_BITS: Final = 53

_NAMED: Final = {
    "BFILE": "binary",
    "IMAGE": "binary",
    "MONEY": "decimal",
    "OID": "integer",
    "RAW": "binary",
    "ROWVERSION": "binary",
    "SMALLMONEY": "decimal",
    "YEAR": "integer",
}
_SPATIAL: Final = frozenset({"GEOMETRY", "GEOGRAPHY", "POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "SDO_GEOMETRY"})


def column_of(reflected: dict[str, Any], *, dialect: str, native: str = "") -> Column:
    """One entry of `Inspector.get_columns` as a Column; `native` is the type's own name where known."""
    kind: TypeEngine[Any] = reflected["type"]
    base = _unwrapped(kind)
    column = Column(
        name=str(reflected["name"]),
        kind=_kind(base, dialect, native),
        native=native or _native(kind),
        nullable=bool(reflected.get("nullable", True)),
        comment=str(reflected.get("comment") or "").strip(),
    )
    return _sized(column, base)


def _unwrapped(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type that a PostgreSQL domain stands for, through domains of domains."""
    while isinstance(inner := getattr(kind, "data_type", None), TypeEngine):
        kind = inner
    return kind


def _native(kind: TypeEngine[Any]) -> str:
    if isinstance(kind, sa.types.NullType):
        return ""
    try:
        return str(kind)
    except Exception:  # noqa: BLE001 - a dialect's type may refuse to print outside its dialect
        return type(kind).__name__


def _kind(kind: TypeEngine[Any], dialect: str, native: str) -> str:
    name = type(kind).__name__.upper()
    if name == "BIT":
        return _bit(kind, dialect)
    if isinstance(kind, sa.types.NullType):
        return _unknown(dialect, native)
    if name == "TIMESTAMP" and dialect == "mssql":  # a row version there, and no time at all
        return "binary"
    return _NAMED.get(name) or next((neutral for family, neutral in _FAMILIES if isinstance(kind, family)), "string")


_FAMILIES: Final[tuple[tuple[type[TypeEngine[Any]], str], ...]] = (
    (sa.ARRAY, "json"),
    (sa.JSON, "json"),
    (sa.Boolean, "boolean"),
    (sa.Integer, "integer"),
    (sa.Float, "number"),
    (sa.Numeric, "decimal"),
    (sa.DateTime, "dateTime"),
    (sa.Date, "date"),
    (sa.Time, "time"),
    (_Binary, "binary"),
)


def _bit(kind: TypeEngine[Any], dialect: str) -> str:
    """SQL Server's BIT and a BIT(1) elsewhere are truth values; MySQL's longer ones are numbers."""
    if dialect == "mssql" or ((getattr(kind, "length", None) or 1) == 1 and not getattr(kind, "varying", False)):
        return "boolean"
    return "string" if dialect == "postgresql" else "integer"


def _unknown(dialect: str, native: str) -> str:
    """A type that SQLAlchemy does not know: text in PostgreSQL's own notation, bytes in MySQL."""
    word = native.split("(", maxsplit=1)[0].strip().upper()
    if dialect in {"mysql", "mariadb", "mssql", "oracle"} and (word in _SPATIAL or not word):
        return "binary"
    return "string"


def _sized(column: Column, kind: TypeEngine[Any]) -> Column:
    name = type(kind).__name__.upper()
    if column.kind == "string":
        return replace(
            column,
            length=getattr(kind, "length", None) if isinstance(kind, sa.String) else None,
            padded=isinstance(kind, sa.CHAR | sa.NCHAR),
            values=tuple(str(value) for value in getattr(kind, "enums", None) or getattr(kind, "values", None) or ()),
        )
    if column.kind == "decimal":
        return _decimal(column, kind, money=name.endswith("MONEY"))
    if column.kind == "integer":
        bits = (getattr(kind, "length", None) or 0) if name == "BIT" else 0
        return replace(column, wide=isinstance(kind, sa.BigInteger) or bits > _SAFE_BITS)
    if column.kind in {"dateTime", "time"}:
        return replace(column, zoned=bool(getattr(kind, "timezone", False)))
    return column


def _decimal(column: Column, kind: TypeEngine[Any], *, money: bool) -> Column:
    precision, scale = getattr(kind, "precision", None), getattr(kind, "scale", None)
    if money:
        return replace(column, precision=19, scale=2 if "SMALL" not in column.native.upper() else 4)
    if scale == 0 and precision:
        return replace(column, kind="integer", precision=precision, scale=0, wide=precision > _SAFE_DIGITS)
    return replace(column, precision=precision, scale=scale)
