"""Writes the one function that maps a page of rows.

A page of clean rows is one list comprehension over a dict display: a plain column costs its index
and a type test. Whatever a dirty value raises is caught by the caller, which goes row by row.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from datong.mapping._masks import INLINE
from datong.mapping._quick import DAYS, SECONDS, Memo, clock_with, decimals, instants, plain_decimal, settled_day
from datong.mapping._recordid import PLAIN_INTEGERS, RecordIds
from datong.mapping._stage import Chain, Stage
from datong.mapping._wire import SAFE, Convert
from datong.mapping._zone import Zone
from datong.model import Form, Row, WireType

_FEW: frozenset[WireType] = frozenset({"boolean", "date", "time"})
PageFunction = Callable[[Sequence[Row]], list[dict[str, Any]]]
Probe = Callable[[Sequence[Row]], list[Row]]


class Writer:
    """Collects the names that generated code refers to."""

    def __init__(self, zone: Zone, forms: Mapping[str, Form] | None = None) -> None:
        self.zone = zone
        self.forms = forms or {}
        self.relied: dict[str, type] = {}
        """Columns whose form was relied on, and the type that comes with it."""
        self.probes: list[str] = []
        self.names: dict[str, Any] = {"type": type, "str": str, "int": int, "float": float, "len": len}

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
        if chain.field.type == "string" and all(stage.text or stage.tokens for stage in chain.stages):
            return self._texts(chain, column)
        return f"{self.name(chain.convert)}({column})"

    def masked(self, chain: Chain, columns: Sequence[str], mask: Convert) -> str:
        """What the encoder would refuse is out of its sight behind a mask, so it is looked for before.

        Texts are probed, all of a page at once; everything else is converted the careful way.
        """
        if not _probed(chain):
            column = columns[0] if columns else ""
            value = f"{self.name(chain.convert)}({column})" if not chain.many else self._many(chain, columns)
            return f"{self.name(mask)}({value})"
        column = columns[0]
        self.probes.append(column)
        inline = INLINE.get(chain.field.mask or "full")
        if chain.stages or inline is None:
            return f"{self.name(mask)}({self.field(chain, columns)})"
        rest = f"{self.name(mask)}({self.name(chain.convert)}({column}))"
        memo = self.name(Memo(inline.memo)) if inline.memo else ""
        shown = inline.expression.format(v=column, rest=rest, memo=memo)
        return f"({shown}) if type({column}) is str else {rest}"

    def _many(self, chain: Chain, columns: Sequence[str]) -> str:
        if not columns:
            return self.name(chain.convert(()))
        return f"{self.name(chain.convert)}(({','.join(columns)},))"

    def _texts(self, chain: Chain, column: str) -> str:
        """Text in, text out: one expression, or one function of as many lines as there are steps."""
        convert = self.name(chain.convert)
        if len(chain.stages) > 1 or chain.stages[0].tokens is not None:
            return f"{self.name(self._text_function(chain, convert))}({column})"
        return f"{self._step(chain.stages[0], column)} if type({column}) is str else {convert}({column})"

    def _step(self, stage: Stage, subject: str) -> str:
        constants = {key: self.name(value) for key, value in stage.constants.items()}
        return (stage.text or "{0}").format(subject, **constants)

    def _text_function(self, chain: Chain, convert: str) -> Convert:
        lines = [
            "def text(value):",
            "    if type(value) is not str:",
            f"        return {convert}(value)",
            "    v = value",
        ]
        for stage in chain.stages:
            if stage.tokens is not None:
                lines += [f"    if v in {self.name(stage.tokens)}:", f"        return {convert}(value)"]
            else:
                lines.append(f"    v = {self._step(stage, 'v')}")
        function: Convert = _define("\n".join([*lines, "    return v", ""]), "text", self.names)
        return function

    def _plain(self, chain: Chain, column: str) -> str:
        declared = chain.field
        if sure := self._sure(chain, column):
            return sure
        if declared.type in _FEW:
            return f"{self.name(Memo(chain.convert))}[{column}]"
        if declared.type == "dateTime" and self.zone.settled is not None:
            return self._instant(chain, column, self.zone.settled)
        if declared.type == "decimal":
            quick = self.name(decimals(chain.convert, declared.scale))
            return f"{column} if type({column}) is str and {self.name(plain_decimal)}({column}) else {quick}({column})"
        test = self._test(chain, column)
        if test is None:
            return f"{self.name(chain.convert)}({column})"
        null = f" or {column} is None" if declared.nullable else ""
        return f"{column} if {test}{null} else {self.name(chain.convert)}({column})"

    def _sure(self, chain: Chain, column: str) -> str | None:
        """Where the source guarantees the form of a column, only what the form leaves open is tested."""
        form, convert = self.forms.get(column), self.name(chain.convert)
        shown: str | None = column if (chain.field.type, form) in {("string", "text"), ("integer", "integer")} else None
        if (chain.field.type, form) == ("decimal", "decimalText"):
            # The second character tells digits from NaN, Infinity and -Infinity
            shown = f"({column} if {column}[1:2] < ':' else {convert}({column}))"
        elif (chain.field.type, form) == ("dateTime", "momentText") and self.zone.settled is not None:
            since, offset = self.zone.settled
            test = f"len({column}) == {SECONDS} and {column} >= {since.isoformat(' ', 'seconds')!r}"
            shown = f"({column}.replace(' ', 'T') + {offset!r} if {test} else {self._plain_instant(chain, column)})"
        if shown is None:
            return None
        self.relied[column] = int if form == "integer" else str
        if shown == column and chain.field.nullable:
            return column
        return f"{shown} if {column} is not None else {convert}({column})"

    def _plain_instant(self, chain: Chain, column: str) -> str:
        return self._instant(chain, column, self.zone.settled) if self.zone.settled else column

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

    def _instant(self, chain: Chain, column: str, settled: tuple[datetime, str]) -> str:
        """Text of a day and a second is looked up in two parts; everything else has a function."""
        days, clocks = Memo(settled_day(self.zone, settled[1])), Memo(clock_with(settled[1]))
        rest = self.name(instants(chain.convert, days, clocks, settled))
        day = self.name("day").replace("n", "d")
        looked_up = f"{day} + {self.name(clocks)}[{column}[{DAYS}:]] if ({day} := {self.name(days)}[{column}[:{DAYS}]])"
        long = f"{rest}({column})"
        return f"({looked_up} else {long}) if type({column}) is str and len({column}) == {SECONDS} else {long}"

    def record_id(self, ids: RecordIds, columns: Sequence[str]) -> str:
        """Short plain keys are written at once, all others by `RecordIds.encode`."""
        encode = f"{self.name(lambda *key: ids.encode(key))}({','.join(columns)})"
        if ids.sealed:
            return encode
        plain = " and ".join(self._part(column, hint) for column, hint in zip(columns, ids.integers, strict=True))
        joined = "~".join(f"{{{column}}}" for column in columns)
        return f"f'{joined}' if {plain} else {encode}"

    def _part(self, column: str, integers: bool | None) -> str:  # noqa: FBT001 - as RecordIds.integers has it
        if self.forms.get(column) == "integer" and integers is not False:
            self.relied[column] = int
            return f"{column} is not None"
        return _plain_part(column, integers)


def _plain_part(column: str, integers: bool | None) -> str:  # noqa: FBT001 - as RecordIds.integers has it
    if integers is not False:
        return f"type({column}) is int and -{PLAIN_INTEGERS} < {column} < {PLAIN_INTEGERS}"
    return f"type({column}) is str and {column}.isalnum() and {column}.isascii() and len({column}) < 15"


def _probed(chain: Chain) -> bool:
    texts = all(stage.text or stage.tokens for stage in chain.stages)
    return chain.field.type == "string" and not chain.many and texts


def _remembers(chain: Chain) -> bool:
    few = chain.field.type in _FEW or any(stage.name == "codes" for stage in chain.stages)
    return few and all(stage.memo for stage in chain.stages)


def page_function(members: Sequence[tuple[str, str]], width: int, writer: Writer) -> PageFunction:
    """Compile `members` (name, expression over v0, v1, …) into a function of a page of rows."""
    display = "{" + ", ".join(f"{name!r}: {expression}" for name, expression in members) + "}"
    page: PageFunction = _comprehension(display, width, writer.names, _believable(writer.relied))
    return page


def _believable(relied: Mapping[str, type]) -> str:
    """Whether the first row still has the forms relied on: a column may have been altered since."""
    return " and ".join(f"({column} is None or type({column}) is {kind.__name__})" for column, kind in relied.items())


def probe_function(columns: Sequence[str], width: int, names: Mapping[str, Any]) -> Probe:
    """The values of some columns of a page, row by row."""
    probe: Probe = _comprehension("(" + "".join(f"{column}, " for column in columns) + ")", width, names)
    return probe


def _comprehension(each: str, width: int, names: Mapping[str, Any], test: str = "") -> Any:
    target = "".join(f"v{index}, " for index in range(width))
    lines = ["def page(rows):"]
    if test:
        lines += [f"    for ({target}) in rows[:1]:", f"        if not ({test}): raise TypeError"]
    return _define("\n".join([*lines, f"    return [{each} for ({target}) in rows]", ""]), "page", names)


def _define(source: str, name: str, names: Mapping[str, Any]) -> Any:
    scope = dict(names)
    exec(compile(source, "<datong mapping>", "exec"), scope)  # noqa: S102 - our own text: names numbered, keys literals
    return scope[name]
