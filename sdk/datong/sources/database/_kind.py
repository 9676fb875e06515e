from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from datong.model import Defect, Text
from datong.sources.database import _address
from datong.sources.database._backend import Backend
from datong.sources.database._open import open_backend
from datong.sources.database._options import DatabaseOptions, TableLocation
from datong.sources.database._source import DatabaseSource


class DatabaseKind:
    """Relational databases; see SourceKind for what its methods promise."""

    name = "database"
    options: type[BaseModel] = DatabaseOptions
    location: type[BaseModel] = TableLocation

    def open(self, options: BaseModel, *, folder: Path) -> DatabaseSource:
        """Raises EnvironmentProblem where the driver or the SQLite file is missing."""
        if not isinstance(options, DatabaseOptions):
            raise Defect(Text("A database was opened with other options.", "数据库数据源的选项类型不符。"))
        backend = open_backend(options, folder)
        return _variant(backend)(options, backend)

    def accepts(self, address: str) -> bool:
        return _address.accepts(address)

    def options_for(self, address: str, *, folder: Path) -> dict[str, Any]:
        """As the contract says; a password becomes a reference to the variable that `secrets_for` names."""
        url, password = _address.parsed(address, folder)
        section: dict[str, Any] = {"url": url.render_as_string(hide_password=False)}
        return section | {"password": {"env": _address.PASSWORD}} if password else section

    def secrets_for(self, address: str, *, folder: Path) -> dict[str, str]:
        """The environment variables that `options_for` refers to, with their values from the address."""
        _, password = _address.parsed(address, folder)
        return {_address.PASSWORD: password} if password else {}


def _variant(backend: Backend) -> type[DatabaseSource]:
    """The source with the native asynchronous variant where there is one."""
    if not backend.asynchronous:
        return DatabaseSource
    if backend.dialect.name == "sqlite":
        from datong.sources.database._sqlite_async import SQLiteSource  # noqa: PLC0415  not needed by the others

        return SQLiteSource
    from datong.sources.database._postgres_async import PostgresSource  # noqa: PLC0415  its driver is an extra

    return PostgresSource


KIND: Final = DatabaseKind()
