"""A caller's filter in the source's own terms."""

import base64
import binascii
import operator as compare
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from datong.mapping._faults import Fault, ValueInvalid
from datong.mapping._stage import Chain, Stage
from datong.mapping._wire import sound
from datong.mapping._zone import Zone, spellings
from datong.model import Condition, Field, Operator, WireType

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,37})").fullmatch
_DECIMAL = re.compile(r"-?[0-9]{1,65}(?:\.[0-9]{1,65})?").fullmatch
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?)(Z|[+ -][0-9]{2}:[0-9]{2})"
).fullmatch
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?").fullmatch
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": compare.eq,
    "gt": compare.gt,
    "gte": compare.ge,
    "lt": compare.lt,
    "lte": compare.le,
}
_UNORDERED: frozenset[WireType] = frozenset({"boolean", "binary", "json"})
_MOST = 1000
_ZEROS = frozenset({"0", "00000000", "0000-00-00", "0000-00-00 00:00:00"})


@dataclass(frozen=True, slots=True)
class Residual:
    """A filter that the source cannot be asked for exactly.

    `test` tells of a mapped, unmasked wire value whether it passes. The conditions of `narrow`
    hold for every row that passes: the source may be asked for them first.
    """

    field: str
    test: Callable[[Any], bool]
    narrow: tuple[Condition, ...] = ()


class _NotInvertible(Exception):
    """No finite set of legacy values stands for the wire value."""


def parse(name: str, declared: Field, value: Any, zone: Zone | None = None) -> Any:
    """A caller's value (query text or JSON) as a Python value of the item's type.

    Strings stay exact; decimals compare as numbers; instants are aware, in `zone` where given.
    Raises ValueInvalid.
    """
    try:
        return _PARSERS[declared.type](value, zone)
    except (Fault, ValueError, TypeError, OverflowError) as error:
        raise ValueInvalid(name, declared.type) from error


def _string(value: Any, _: Zone | None) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise TypeError
    return sound(value)


def _integer(value: Any, _: Zone | None) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**38 else ""
    if not isinstance(value, str) or not _INTEGER(value):
        raise TypeError
    return int(value)


def _decimal(value: Any, _: Zone | None) -> Decimal:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = f"{Decimal(repr(value)):f}"
    if not isinstance(value, str) or not _DECIMAL(value):
        raise TypeError
    return Decimal(value)


def _number(value: Any, _: Zone | None) -> float:
    if isinstance(value, str):
        if not re.fullmatch(r"-?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,3})?", value):
            raise TypeError
    elif not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError
    number = float(value)
    if number - number != 0.0:
        raise TypeError
    return number


def _boolean(value: Any, _: Zone | None) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}[value] if value in ("true", "false") else _refuse()


def _refuse() -> Any:
    raise TypeError


def _date(value: Any, _: Zone | None) -> date:
    return date.fromisoformat(value) if isinstance(value, str) and _DATE(value) else _refuse()


def _instant(value: Any, zone: Zone | None) -> datetime:
    found = _INSTANT(value) if isinstance(value, str) else None
    if found is None:
        raise TypeError
    day, clock, offset = found.groups()
    # An unescaped + in a query string arrives as a blank.
    moment = datetime.fromisoformat(f"{day}T{clock}{offset.replace(' ', '+').replace('Z', '+00:00')}")
    return moment if zone is None else zone.local(moment)


def _time(value: Any, _: Zone | None) -> time:
    return time.fromisoformat(value) if isinstance(value, str) and _TIME(value) else _refuse()


def _binary(value: Any, _: Zone | None) -> bytes:
    try:
        return base64.b64decode(value, validate=True) if isinstance(value, str) else _refuse()
    except binascii.Error as error:
        raise TypeError from error


_PARSERS: dict[WireType, Callable[[Any, Zone | None], Any]] = {
    "string": _string,
    "integer": _integer,
    "decimal": _decimal,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "dateTime": _instant,
    "time": _time,
    "binary": _binary,
    "json": lambda _value, _zone: _refuse(),
}


def condition(chain: Chain, operator: Operator, value: Any, zone: Zone) -> Condition | Residual:
    """Raises ValueInvalid. A list under `eq` means `in`; null under `eq` means `isNull`."""
    if operator == "eq" and isinstance(value, list | tuple):
        operator = "in"
    if operator == "isNull" or (operator == "eq" and value is None):
        return _null(chain, wanted=_flag(chain, operator, value))
    if operator == "in":
        return _membership(chain, _members(chain, value, zone))
    wanted = parse(chain.name, chain.field, value, zone)
    if operator == "eq":
        return _membership(chain, (wanted,), single=True)
    if chain.field.type in _UNORDERED:
        raise ValueInvalid(chain.name, "operator")
    return _range(chain, operator, wanted)


def tested(chain: Chain, operator: Operator, value: Any, zone: Zone) -> Residual:
    """The filter of `condition` as a test of mapped values alone. Raises ValueInvalid."""
    if operator == "isNull" or (operator == "eq" and value is None):
        wanted_null = _flag(chain, operator, value)
        return Residual(chain.name, lambda found: (found is None) is wanted_null)
    if operator == "in" or isinstance(value, list | tuple):
        members = _members(chain, value, zone)
        return _residual(chain, lambda found: found in members)
    wanted = parse(chain.name, chain.field, value, zone)
    if operator != "eq" and chain.field.type in _UNORDERED:
        raise ValueInvalid(chain.name, "operator")
    test = _COMPARE[operator]
    return _residual(chain, lambda found: test(found, wanted))


def _flag(chain: Chain, operator: Operator, value: Any) -> bool:
    if operator == "eq" or value is True or value == "true":
        return True
    if value is False or value == "false":
        return False
    raise ValueInvalid(chain.name, "boolean")


def _members(chain: Chain, value: Any, zone: Zone) -> tuple[Any, ...]:
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not items or len(items) > _MOST:
        raise ValueInvalid(chain.name, "list")
    return tuple(dict.fromkeys(parse(chain.name, chain.field, item, zone) for item in items))


def _null(chain: Chain, *, wanted: bool) -> Condition | Residual:
    column = _column(chain)
    if column is not None and not chain.nulling:
        return Condition(column, "isNull", wanted)
    narrow = () if wanted or column is None or _fills(chain) else (Condition(column, "isNull", False),)
    return Residual(chain.name, lambda found: (found is None) is wanted, narrow)


def _fills(chain: Chain) -> bool:
    return any(stage.takes_null for stage in chain.stages)


def _membership(chain: Chain, wanted: tuple[Any, ...], *, single: bool = False) -> Condition | Residual:
    try:
        legacy = tuple(dict.fromkeys(item for one in wanted for item in preimage(chain, one)))
    except _NotInvertible:
        return _residual(chain, lambda found: found in wanted)
    column = chain.columns[0]
    if single and len(legacy) == 1:
        return Condition(column, "eq", legacy[0])
    return Condition(column, "in", legacy)


def preimage(chain: Chain, wanted: Any) -> tuple[Any, ...]:
    """Every legacy value that becomes the wanted one."""
    kind = chain.kind()
    if _column(chain) is None or (kind is not None and kind != chain.field.type) or chain.field.type == "json":
        raise _NotInvertible
    values: tuple[Any, ...] = spellings(wanted) if isinstance(wanted, datetime) else (wanted,)
    for stage in reversed(chain.stages):
        if stage.preimage is None:
            raise _NotInvertible
        values = tuple(item for value in values for item in _back(stage.preimage, value))
        if len(values) > _MOST:
            raise _NotInvertible
    return values


def _back(step: Callable[[Any], tuple[Any, ...]], value: Any) -> tuple[Any, ...]:
    found = step(value)
    if None in found:
        raise _NotInvertible
    return found


def _range(chain: Chain, operator: Operator, wanted: Any) -> Condition | Residual:
    test = _COMPARE[operator]
    try:
        legacy = preimage(chain, wanted)
    except _NotInvertible:
        legacy = ()
    ordered = all(stage.order == "exact" for stage in chain.stages)
    if len(legacy) != 1 or not ordered:
        return _residual(chain, lambda found: test(found, wanted))
    pushed = Condition(chain.columns[0], operator, legacy[0])
    if chain.nulling:
        return _residual(chain, lambda found: test(found, wanted), (pushed,))
    return pushed


def _residual(chain: Chain, test: Callable[[Any], bool], narrow: tuple[Condition, ...] = ()) -> Residual:
    declared = chain.field

    def passes(found: Any) -> bool:
        return found is not None and test(_PARSERS[declared.type](found, None))

    return Residual(chain.name, passes, narrow)


def _column(chain: Chain) -> str | None:
    """The one column behind the field, None where there are several or none."""
    return chain.columns[0] if len(chain.columns) == 1 and not chain.many else None


def sortable(chain: Chain) -> str | None:
    """The column whose order is the field's order; None where there is no such column."""
    kind = chain.kind()
    if _column(chain) is None or (kind is not None and kind != chain.field.type):
        return None
    lost = any(stage.order == "lost" or not _lowest(stage, chain) for stage in chain.stages)
    return None if lost or chain.field.type == "json" else chain.columns[0]


def _lowest(stage: Stage, chain: Chain) -> bool:
    """Whether the tokens of null sort before every value, where null itself belongs."""
    zeros = _ZEROS if chain.field.type in {"date", "dateTime"} else frozenset()
    return stage.tokens is None or stage.tokens <= {"", *zeros}
