"""How tests read a source: whole, or page by page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from datong.model import Call, Row, Selection
from datong.sources.database import KIND, DatabaseOptions, DatabaseSource


@contextmanager
def opened(url: str, folder: Path | None = None, **options: Any) -> Iterator[DatabaseSource]:
    source = KIND.open(DatabaseOptions(url=url, **options), folder=folder or Path.cwd())
    try:
        yield source
    finally:
        source.close()


def select(table: str, columns: str, *, key: str = "id", schema: str | None = None, **more: Any) -> Selection:
    """Columns and key as names with blanks between them."""
    location = {"table": table} | ({"schema": schema} if schema else {})
    return Selection(location, tuple(columns.split()), tuple(key.split()), **more)


def all_rows(source: DatabaseSource, selection: Selection) -> list[Row]:
    return [row for batch in source.fetch(selection, Call.within(20)) for row in batch]


def walked(source: DatabaseSource, selection: Selection, limit: int) -> list[Row]:
    """Every row, by pages; sort and key columns must be among those selected."""
    places = [selection.columns.index(name) for name in order_of(selection)]
    found: list[Row] = []
    page = replace(selection, limit=limit)
    while rows := all_rows(source, page):
        assert len(rows) <= limit
        found += rows
        page = replace(page, after=tuple(rows[-1][place] for place in places))
        assert len(found) < 1_000_000, "the walk does not end"
    return found


def order_of(selection: Selection) -> list[str]:
    return [*(sort.column for sort in selection.sort), *selection.key]
