"""What a caller asks of a list: read from an address or from a `_search` body into one form."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qsl

from datong.interface._exchange import Exchange
from datong.interface._violations import Violations
from datong.model import Dataset, Field
from datong.standard import SAFE_INTEGER

RESERVED: Final = ("limit", "cursor", "fields", "sort")
SUFFIXES: Final = ("gte", "gt", "lte", "lt")
"""What a filter's name may end with; `in`, with a list of values, in a body only."""
LONGEST: Final = 1000
"""Characters of one filter value."""
MOST: Final = 200
"""Parameters of one address."""

_NO_CHOICES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})
_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]{0,39})")
_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")


@dataclass(slots=True)
class Asked:
    """`filters` holds wire values by parameter name; `in_address` whether they came in the clear.

    `pointers` says where each part stood, for the points of a problem.
    """

    filters: dict[str, Any] = field(default_factory=dict)
    sort: tuple[str, ...] = ()
    fields: tuple[str, ...] | None = None
    limit: int | None = None
    cursor: str | None = None
    in_address: bool = True

    def pointer(self, name: str) -> str:
        if self.in_address:
            return name
        return f"/{name}" if name in RESERVED else f"/filter/{name}"


def parameters(query_string: bytes, violations: Violations) -> dict[str, str]:
    """The parameters of an address, each once."""
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST)
    except ValueError:  # too many of them, or percent-encoding that is no UTF-8
        violations.invalid("query", f"UTF-8, ≤ {MOST}")
        return {}
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            violations.add(shown(name), "parameter-duplicated")
        found[name] = value
    return found


def shown(name: str) -> str:
    """A caller's own name, safe to repeat."""
    return re.sub(r"[^\w.\-$/]", "�", name[:80])


def from_address(query_string: bytes, dataset: Dataset, violations: Violations) -> Asked:
    asked = Asked()
    for name, value in parameters(query_string, violations).items():
        if name == "limit":
            asked.limit = _limit(int(value) if _INTEGER.fullmatch(value) else None, "limit", violations)
        elif name == "cursor":
            asked.cursor = value
        elif name == "fields":
            asked.fields = _names(value.split(","), "fields", violations)
        elif name == "sort":
            asked.sort = _names(value.split(","), "sort", violations)
        else:
            item = declared(name, dataset)
            if item is None:
                violations.add(shown(name), "parameter-unknown")
            elif item.sensitive:
                violations.add(name, "sensitive-in-uri")
            else:
                asked.filters[name] = _from_text(item, value, name, violations)
    return asked


def from_body(body: Any, dataset: Dataset, violations: Violations) -> Asked:
    asked = Asked(in_address=False)
    if not isinstance(body, dict):
        violations.add("", "body-invalid", expected="object")
        return asked
    for name, value in body.items():
        if name not in (*RESERVED, "filter"):
            violations.add(f"/{shown(name)}", "parameter-unknown")
        elif value is not None:
            _take(asked, name, value, dataset, violations)
    return asked


def _take(asked: Asked, name: str, value: Any, dataset: Dataset, violations: Violations) -> None:
    pointer = f"/{name}"
    if name == "limit":
        asked.limit = _limit(value if type(value) is int else None, pointer, violations)
    elif name == "cursor":
        if isinstance(value, str):
            asked.cursor = value
        else:
            violations.invalid(pointer, "string")
    elif name == "filter":
        asked.filters = _filters(value, dataset, violations)
    elif isinstance(value, list) and all(isinstance(each, str) for each in value):
        setattr(asked, name, _names(value, pointer, violations))
    else:
        violations.invalid(pointer, "[string, …]")


def _filters(value: Any, dataset: Dataset, violations: Violations) -> dict[str, Any]:
    if not isinstance(value, dict):
        violations.invalid("/filter", "object")
        return {}
    filters = {}
    for name, wanted in value.items():
        listed = name.endswith(".in")
        item = declared(name.removesuffix(".in"), dataset)
        if item is None or (listed and name.count(".") > 1):
            violations.add(f"/filter/{shown(name)}", "parameter-unknown")
        elif not (_values(wanted) if listed else _scalar(wanted)):
            violations.invalid(f"/filter/{name}", f"[{item.type}, …]" if listed else item.type)
        else:
            filters[name] = wanted
    return filters


def declared(name: str, dataset: Dataset) -> Field | None:
    """The item that a parameter name speaks of, with or without a suffix."""
    item, dot, suffix = name.partition(".")
    return dataset.fields.get(item) if not dot or suffix in SUFFIXES else None


def _values(wanted: Any) -> bool:
    return isinstance(wanted, list) and 0 < len(wanted) <= LONGEST and all(_scalar(each) for each in wanted)


def _scalar(wanted: Any) -> bool:
    return wanted is not None and not isinstance(wanted, dict | list) and _plain(wanted)


def _plain(value: Any) -> bool:
    return not isinstance(value, str) or (len(value) <= LONGEST and "\0" not in value)


def _limit(value: int | None, pointer: str, violations: Violations) -> int | None:
    if value is None or value < 1:
        violations.invalid(pointer, "integer ≥ 1")
        return None
    return value


def _names(value: list[str], pointer: str, violations: Violations) -> tuple[str, ...]:
    if not value or len({name.removeprefix("-") for name in value}) != len(value) or not all(value):
        violations.invalid(pointer, "a,b,c")
        return ()
    return tuple(value)


def _from_text(item: Field, text: str, name: str, violations: Violations) -> Any:
    """The wire value that a text in an address stands for."""
    value = _typed(item, text) if _plain(text) else None
    if value is None:
        violations.invalid(name, item.type)
    return value


def _typed(item: Field, text: str) -> Any:
    if item.type == "integer":
        number = int(text) if _INTEGER.fullmatch(text) else None
        return str(number) if number is not None and abs(number) > SAFE_INTEGER else number
    if item.type == "number":
        real = float(text) if _NUMBER.fullmatch(text) else math.inf
        return real if math.isfinite(real) else None
    if item.type == "boolean":
        return {"true": True, "false": False}.get(text)
    return text


def same(filters: Mapping[str, Any], others: Mapping[str, Any]) -> list[str]:
    """Names whose values differ between two sets of filters."""
    return [name for name in {**filters, **others} if filters.get(name) != others.get(name)]


def only(exchange: Exchange, *names: str, choices: Mapping[str, tuple[str, ...]] = _NO_CHOICES) -> dict[str, str]:
    """The parameters of a path that takes just these; Problem with all that is wrong otherwise.

    `limit` must be a positive integer; `choices` lists the values that a name may take.
    """
    query_string: bytes = exchange.scope["query_string"]
    if not query_string:
        return {}
    violations = Violations()
    given = parameters(query_string, violations)
    for name, value in given.items():
        if name not in names:
            violations.add(shown(name), "parameter-unknown")
        elif name == "limit":
            _limit(int(value) if _INTEGER.fullmatch(value) else None, name, violations)
        elif name in choices and value not in choices[name]:
            violations.invalid(name, " | ".join(choices[name]))
        elif not value or not _plain(value):
            violations.invalid(name, "text")
    violations.settle()
    return given
