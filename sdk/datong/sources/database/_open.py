"""From options to the backend that serves their address."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

from datong.model import Defect, EnvironmentProblem, SecretRef, Text, UsageError
from datong.sources.database._backend import Backend, driver_missing
from datong.sources.database._options import DatabaseOptions

_PLAIN: Final = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "mysql": "mysql+pymysql"} | {
    "mariadb": "mariadb+pymysql",
    "oracle": "oracle+oracledb",
    "mssql": "mssql+pymssql",
}


def with_driver(url: sa.URL) -> sa.URL:
    """The address with the driver that Datong uses for it, where it names none."""
    return url.set(drivername=_PLAIN.get(url.drivername, url.drivername))


def address(options: DatabaseOptions, folder: Path) -> sa.URL:
    """The whole address, its password put in; a relative SQLite file starts at `folder`."""
    if isinstance(options.url, SecretRef) or isinstance(options.password, SecretRef):
        raise Defect(Text("The source was opened before its secrets were read.", "数据源在读取密钥之前即被打开。"))
    try:
        url = with_driver(sa.make_url(options.url))
    except ArgumentError:
        raise UsageError(
            Text("The source's address cannot be read.", "无法识别数据源地址。"),
            Text("Write it as postgresql://user@host:5432/database.", "请写成 postgresql://user@host:5432/database。"),
            code="source-address",
        ) from None
    if options.password is not None:
        url = url.set(password=str(options.password))
    return url.set(database=_file(url, folder)) if url.get_backend_name() == "sqlite" else url


def _file(url: sa.URL, folder: Path) -> str:
    path = folder / (url.database or "")
    if not path.is_file():
        raise EnvironmentProblem(
            Text(f"The SQLite file {path} does not exist.", f"SQLite 文件 {path} 不存在。"),
            Text(
                "Correct `url` in `source`; Datong never creates the file.",
                "请修改 `source` 中的 `url`；本程序不会创建该文件。",
            ),
            code="source-file-missing",
        )
    return str(path)


def open_backend(options: DatabaseOptions, folder: Path) -> Backend:
    """Raises EnvironmentProblem where the driver or the file is missing; connects to nothing."""
    url = address(options, folder)
    kind = {"postgresql": _postgres, "mysql": _mysql, "mariadb": _mysql, "sqlite": _sqlite}
    try:
        return kind.get(url.get_backend_name(), Backend)(options, url)
    except ImportError:
        raise driver_missing(url) from None


def _postgres(options: DatabaseOptions, url: sa.URL) -> Backend:
    if url.get_driver_name() != "psycopg":
        return Backend(options, url)
    from datong.sources.database._postgres import Postgres  # noqa: PLC0415  its driver is an extra

    return Postgres(options, url)


def _mysql(options: DatabaseOptions, url: sa.URL) -> Backend:
    if url.get_driver_name() != "pymysql":
        return Backend(options, url)
    from datong.sources.database._mysql import MySQL  # noqa: PLC0415  its driver is an extra

    return MySQL(options, url)


def _sqlite(options: DatabaseOptions, url: sa.URL) -> Backend:
    from datong.sources.database._sqlite import SQLite  # noqa: PLC0415  as its sisters

    return SQLite(options, url)
