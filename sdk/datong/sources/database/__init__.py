"""Relational databases as a source: SQLite, PostgreSQL, MariaDB and MySQL, others by their dialects."""

from datong.sources.database._kind import KIND, DatabaseKind
from datong.sources.database._options import DatabaseOptions, TableLocation
from datong.sources.database._source import DatabaseSource

__all__ = ["KIND", "DatabaseKind", "DatabaseOptions", "DatabaseSource", "TableLocation"]
