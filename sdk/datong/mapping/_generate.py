"""Writes the one function that maps a page of rows.

A page of clean rows is one list comprehension over a dict display: a plain column costs its index
and a type test. Whatever a dirty value raises is caught by the caller, which goes row by row.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import NoneType
from typing import Any

from datong.mapping._recordid import PLAIN_INTEGERS, RecordIds
from datong.mapping._stage import Chain
from datong.mapping._wire import SAFE, Convert
from datong.mapping._zone import Zone
from datong.model import Row

PageFunction = Callable[[Sequence[Row]], list[dict[str, Any]]]

_REMEMBERED = frozenset({str, int, bool, bytes, date, NoneType})
_MOST = 65_536


class Memo(dict[Any, Any]):
    """Legacy value → wire value, for fields of few different values: dates, codes, booleans."""

    def __init__(self, convert: Convert) -> None:
        super().__init__()
        self.convert = convert

    def __missing__(self, key: Any) -> Any:
        value = self.convert(key)
        if type(key) in _REMEMBERED:
            if len(self) >= _MOST:
                self.clear()
            self[key] = value
        return value


class Writer:
    """Collects the names that generated code refers to."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self.names: dict[str, Any] = {"type": type, "str": str, "int": int, "float": float, "datetime": datetime}

    def name(self, value: Any) -> str:
        name = f"n{len(self.names)}"
        self.names[name] = value
        return name

    def field(self, chain: Chain, columns: Sequence[str]) -> str:
        """The expression of one field's wire value."""
        if chain.many:
            return self._many(chain, columns)
        column = columns[0]
        if not chain.stages:
            return self._plain(chain, column)
        if _remembers(chain):
            return f"{self.name(Memo(chain.convert))}[{column}]"
        texts = [stage.text for stage in chain.stages]
        if chain.field.type == "string" and all(text is not None for text in texts):
            return self._texts(chain, column)
        return f"{self.name(chain.convert)}({column})"

    def _many(self, chain: Chain, columns: Sequence[str]) -> str:
        if not columns:
            return self.name(chain.convert(()))
        return f"{self.name(chain.convert)}(({','.join(columns)},))"

    def _texts(self, chain: Chain, column: str) -> str:
        expression = column
        for stage in chain.stages:
            constants = {key: self.name(value) for key, value in stage.constants.items()}
            expression = (stage.text or "{}").format(expression, **constants)
        return f"{expression} if type({column}) is str else {self.name(chain.convert)}({column})"

    def _plain(self, chain: Chain, column: str) -> str:
        declared = chain.field
        if declared.type in {"date", "boolean"}:
            return f"{self.name(Memo(chain.convert))}[{column}]"
        instant = self._instant(chain, column)
        if instant is not None:
            return instant
        test = self._test(chain, column)
        if test is None:
            convert = decimal_fast(chain.convert) if declared.type == "decimal" else chain.convert
            return f"{self.name(convert)}({column})"
        null = f" or {column} is None" if declared.nullable else ""
        return f"{column} if {test}{null} else {self.name(chain.convert)}({column})"

    def _test(self, chain: Chain, column: str) -> str | None:
        """What must hold for a value to be served as it is."""
        if chain.field.type == "string":
            return f"type({column}) is str"
        if chain.field.type == "integer":
            # Elsewhere the encoder refuses what is too large, and the page is gone over again.
            bound = f" and -{SAFE} <= {column} <= {SAFE}" if chain.field.wide else ""
            return f"type({column}) is int{bound}"
        if chain.field.type == "number":
            return f"type({column}) is float and {column} - {column} == 0.0"
        return None

    def _instant(self, chain: Chain, column: str) -> str | None:
        """A timestamp without offset, since the zone settled, needs only the offset's text."""
        if chain.field.type != "dateTime" or self.zone.settled is None:
            return None
        since, offset = self.zone.settled
        test = f"type({column}) is datetime and {column}.tzinfo is None and {column} >= {self.name(since)}"
        return f"{column}.isoformat() + {offset!r} if {test} else {self.name(chain.convert)}({column})"

    def record_id(self, ids: RecordIds, columns: Sequence[str]) -> str:
        encode = f"{self.name(lambda *key: ids.encode(key))}({','.join(columns)})"
        if ids.sealed or len(columns) > 1:
            return encode
        column = columns[0]
        if ids.integers[0] is not False:
            test = f"type({column}) is int and -{PLAIN_INTEGERS} < {column} < {PLAIN_INTEGERS}"
            return f"str({column}) if {test} else {encode}"
        test = f"type({column}) is str and {column}.isalnum() and {column}.isascii() and len({column}) < 15"
        return f"{column} if {test} else {encode}"


def decimal_fast(convert: Convert) -> Convert:
    def decimal(value: Any) -> Any:
        if type(value) is Decimal:
            text = str(value)
            if "E" not in text and value.is_finite():
                return text
        return convert(value)

    return decimal


def _remembers(chain: Chain) -> bool:
    few = chain.field.type in {"date", "boolean"} or any(stage.name == "codes" for stage in chain.stages)
    return few and all(stage.memo for stage in chain.stages)


def page_function(members: Sequence[tuple[str, str]], width: int, names: dict[str, Any]) -> PageFunction:
    """Compile `members` (name, expression over v0, v1, …) into a function of a page of rows."""
    target = "".join(f"v{index}, " for index in range(width))
    source = f"def page(rows):\n    return [{_display(members)} for ({target}) in rows]\n"
    scope = dict(names)
    exec(compile(source, "<datong mapping>", "exec"), scope)  # noqa: S102 - our own text: names are numbered, keys are literals
    page: PageFunction = scope["page"]
    return page


def _display(members: Sequence[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{name!r}: {expression}" for name, expression in members) + "}"
