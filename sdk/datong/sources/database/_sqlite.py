"""SQLite: a file that is opened read-only, used from one thread."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import sqlalchemy as sa

from datong.model import Row, Text
from datong.sources.database._backend import BATCH, Backend, Failure, quoted
from datong.sources.database._options import DatabaseOptions
from datong.sources.database._statement import Expression, bare
from datong.sources.database._table import Family, Item, Place, Table, missing
from datong.sources.database._values import NEVER, Binder, as_decimal, as_integer, as_text, instants, standard_offset

_STEPS: Final = 20_000
"""Virtual machine steps between two looks at the clock: well under a millisecond."""
_WIDEST: Final = 2**63


class SQLite(Backend):
    """One connection for one thread: with several, the interpreter's lock changes hands at each row."""

    row_values = True
    plain_limit = True
    asynchronous = True

    def __init__(self, options: DatabaseOptions, url: sa.URL) -> None:
        self._path = Path(url.database or "")
        super().__init__(options.model_copy(update={"pool": 1}), url)
        self._decode = _decoder(options.charset)
        # In double quotes, the name of a column that is gone would be a text, and served as such.
        names: Any = self.dialect.identifier_preparer
        names.initial_quote = names.final_quote = names.escape_quote = "`"
        names.escape_to_quote = "``"

    def arguments(self) -> dict[str, Any]:
        return {"creator": self.connect, "poolclass": sa.QueuePool}

    def connect(self) -> sqlite3.Connection:
        address = f"file:{quote(str(self._path))}?mode=ro"
        raw = sqlite3.connect(address, uri=True, check_same_thread=False, isolation_level=None, timeout=1.0)
        raw.execute("PRAGMA query_only = ON")
        if self.options.charset:
            raw.text_factory = self._decode
        return raw

    def limit(self, raw: Any, info: dict[str, Any], seconds: float) -> None:
        end = time.monotonic() + seconds
        if info.get("clock") is None:
            info["clock"] = clock = [end]
            raw.set_progress_handler(lambda: time.monotonic() > clock[0], _STEPS)
            raw.execute(f"PRAGMA busy_timeout = {int(min(seconds, 1.0) * 1000)}")
        info["clock"][0] = end

    def look_up(self, raw: Any, place: Place) -> Table:
        table, schema = quoted(place.table), quoted(place.schema or "main")
        found = raw.execute(f"PRAGMA {schema}.table_xinfo({table})").fetchall()
        if not found:
            names = raw.execute(f"SELECT name FROM {schema}.sqlite_master WHERE type IN ('table', 'view')").fetchall()  # noqa: S608  quoted
            raise missing("table", place.name, [name for (name,) in names])
        items = {name: _item(name, native, bool(notnull)) for _, name, native, notnull, *_ in found}
        return Table(place, items, tuple(_unique(raw, schema, table, found)))

    def rows(self, raw: Any, text: str, arguments: Any) -> list[Row]:
        try:
            rows: list[Row] = raw.execute(text, arguments).fetchall()
        except sqlite3.OperationalError as error:
            if "decode" not in str(error):
                raise
            return self._undecoded(raw, text, arguments)
        return rows

    def _undecoded(self, raw: Any, text: str, arguments: Any) -> list[Row]:
        """Read again: texts that are no UTF-8 arrive as bytes, and the others as they are."""
        before, raw.text_factory = raw.text_factory, self._decode
        try:
            rows: list[Row] = raw.execute(text, arguments).fetchall()
            return rows
        finally:
            raw.text_factory = before

    def stream(self, raw: Any, text: str, arguments: Any) -> Iterator[list[Row]]:  # noqa: ARG002  it opens its own
        """On a connection of its own, so that a long reading holds nobody up."""
        with closing(self.connect()) as own:
            own.text_factory = self._decode
            end = time.monotonic() + self.options.timeout
            own.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
            cursor = own.execute(text, arguments)
            while rows := cursor.fetchmany(BATCH):
                yield rows
                end = time.monotonic() + self.options.timeout

    def failure(self, error: BaseException) -> tuple[Failure, Text | None]:
        text = str(error)
        if "interrupted" in text:
            return "timeout", None
        if "locked" in text or "busy" in text:
            return "busy", Text("Another program holds the SQLite file locked.", "SQLite 文件被其他程序锁定。")
        if "unable to open" in text:
            return "refused", self._not_opened()
        if "not a database" in text:
            return "refused", Text(f"{self._path} is not a SQLite database.", f"{self._path} 不是 SQLite 数据库文件。")
        return "unknown", None

    def _not_opened(self) -> Text:
        if not self._path.exists():
            return Text(f"The file {self._path} does not exist.", f"文件 {self._path} 不存在。")
        return Text(f"The file {self._path} cannot be read.", f"无法读取文件 {self._path}。")

    def looking_engine(self) -> sa.Engine:
        def connect() -> sqlite3.Connection:
            raw = self.connect()
            raw.text_factory = self._decode
            return raw

        return sa.create_engine(self.url, creator=connect, poolclass=sa.NullPool)

    def moment(self, item: Item) -> Item:
        return replace(item, family="local")

    def ranked(self, item: Item) -> Expression:
        if item.family == "local":
            return self._clock(bare(item))
        return sa.collate(bare(item), "BINARY")

    def rank(self, item: Item, value: Expression) -> Expression:
        return self.native(item, value)

    def native(self, item: Item, value: Expression) -> Expression:
        """A text that does not decode is bound as bytes, and is compared as the text that it is."""
        return sa.cast(value, sa.Text) if item.family == "text" else value

    def _clock(self, column: Expression) -> Expression:
        """A date or timestamp written in any ISO form, as the source's own clock shows it."""
        shape: Expression = sa.literal_column("'%Y-%m-%d %H:%M:%f'")
        minutes = int(standard_offset(self.zone).utcoffset(None).total_seconds() // 60)
        offset = sa.func.substr(column, sa.literal_column("17")).op("GLOB")(sa.literal_column("'*[Zz+-]*'"))
        told = sa.func.strftime(shape, column, sa.literal_column(f"'{minutes} minutes'"))
        return sa.case((offset, told), else_=sa.func.strftime(shape, column))

    def equal(self, item: Item, value: Expression) -> Expression:
        if item.family == "local":
            return self.ranked(item) == value
        if item.family == "other":
            return sa.or_(*[self._same(item, each) for each in (value, _number_of(value))])
        return self._same(item, value)

    def _same(self, item: Item, value: Expression) -> Expression:
        column, value = bare(item), self.native(item, value)
        return sa.and_(column == value, sa.collate(column, "BINARY") == value) if item.folding else column == value

    def binders(self) -> dict[Family, Binder]:
        return {
            "text": _encoding(self.options.charset),
            "integer": _fitting(as_integer),
            "decimal": _fitting(as_decimal),
            "other": _as_it_is,
            "local": _to_the_millisecond(instants(self.zone, zoned=False)),
        }


def _number_of(value: Expression) -> Expression:
    """The number of which a text is the canonical text; any other value as it is."""
    number: Expression = sa.cast(value, sa.Numeric())
    is_text = sa.func.typeof(value) == sa.literal_column("'text'")
    return sa.case((sa.and_(is_text, sa.cast(number, sa.Text()) == value), number), else_=value)


def _item(name: str, native: str, notnull: bool) -> Item:  # noqa: FBT001  a column of PRAGMA table_xinfo
    word = native.upper()
    family: Family = "other"
    if "INT" in word:
        family = "integer"
    elif any(part in word for part in ("CHAR", "CLOB", "TEXT")):
        family = "text"
    elif any(part in word for part in ("REAL", "FLOA", "DOUB", "NUMERIC", "DECIMAL", "MONEY", "NUMBER")):
        family = "decimal"
    return Item(name, family, native, not notnull, folding=family in {"text", "other"})


def _unique(raw: Any, schema: str, table: str, columns: list[Any]) -> Iterator[frozenset[str]]:
    key = frozenset(name for _, name, _, _, _, place, *_ in columns if place)
    if key:
        yield key
    for _, index, unique, _, partial, *_ in raw.execute(f"PRAGMA {schema}.index_list({table})").fetchall():
        parts = raw.execute(f"PRAGMA {schema}.index_xinfo({quoted(index)})").fetchall()
        names = [name for _, _, name, _, _, is_key in parts if is_key]
        if unique and not partial and None not in names:
            yield frozenset(names)


def _decoder(charset: str | None) -> Callable[[bytes], Any]:
    encoding = charset or "utf-8"

    def decode(value: bytes) -> Any:
        try:
            return value.decode(encoding)
        except UnicodeDecodeError:
            return value

    return decode


def _encoding(charset: str | None) -> Binder:
    def bind(value: Any) -> Any:
        text = value if isinstance(value, bytes) else as_text(value)
        if charset is None or not isinstance(text, str):
            return text
        try:
            return text.encode(charset)
        except UnicodeEncodeError:
            return NEVER

    return bind


def _to_the_millisecond(binder: Binder) -> Binder:
    def bind(value: Any) -> Any:
        text = binder(value)
        return text if text is NEVER else datetime.fromisoformat(text).isoformat(" ", "milliseconds")

    return bind


def _fitting(binder: Binder) -> Binder:
    """A number as SQLite holds it; a text that is no number is compared as text, for such columns hold it."""

    def bind(value: Any) -> Any:
        if isinstance(value, bytes):
            return value
        bound = binder(value)
        if bound is NEVER:
            return NEVER if _numeric(value) else as_text(value)
        if isinstance(bound, Decimal) and bound != bound.to_integral_value():
            return float(bound)
        return int(bound) if abs(bound) < _WIDEST else float(bound)

    return bind


def _numeric(value: Any) -> bool:
    """Whether SQLite would read the text as a number, and so find what is not equal to it."""
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _as_it_is(value: Any) -> Any:
    if isinstance(value, bool | int):
        return int(value) if abs(value) < _WIDEST else float(value)
    if isinstance(value, float | bytes):
        return value
    return float(value) if isinstance(value, Decimal) else as_text(value)
