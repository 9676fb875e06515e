"""Addresses as people type them on a command line: any common form, passwords taken out."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

from datong.model import EnvironmentProblem, Text, UsageError
from datong.sources.database._open import with_driver

PASSWORD: Final = "DATONG_SOURCE_PASSWORD"  # noqa: S105  the name of an environment variable
_SUFFIXES: Final = frozenset({".db", ".db3", ".sqlite", ".sqlite3", ".s3db", ".sl3"})
_MAGIC: Final = b"SQLite format 3\0"
_SCHEMES: Final = (
    "sqlite",
    "postgresql",
    "postgres",
    "mysql",
    "mariadb",
    "oracle",
    "mssql",
    "ibm_db_sa",
    "db2",
    "dm",
    "kingbase",
    "opengauss",
)


def is_file(address: str) -> bool:
    """Whether the address is the path of a SQLite file, by its contents or its suffix."""
    if "://" in address:
        return False
    path = Path(address)
    if path.is_file():
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) in {_MAGIC, b""} and (path.suffix in _SUFFIXES or path.stat().st_size > 0)
    return path.suffix.lower() in _SUFFIXES


def accepts(address: str) -> bool:
    scheme = address.split("://", 1)[0].split("+", 1)[0].lower() if "://" in address else ""
    if scheme:
        return scheme in _SCHEMES or (not scheme.startswith(("http", "file", "ftp", "sftp", "s3", "smb")))
    return is_file(address)


def parsed(address: str, folder: Path) -> tuple[sa.URL, str | None]:
    """The address with its driver and without its password, and that password.

    Raises UsageError with the nearest valid form, EnvironmentProblem where a file is missing.
    """
    if "://" not in address:
        return sa.URL.create("sqlite", database=str(_existing(Path(address), folder))), None
    scheme, rest = address.split("://", 1)
    base = scheme.split("+", 1)[0].lower()
    if base not in _SCHEMES:
        raise _unknown(scheme)
    try:
        url = with_driver(sa.make_url(f"{scheme.lower()}://{rest}"))
    except (ArgumentError, ValueError):
        raise _unreadable(base) from None
    if base == "sqlite":
        return url.set(database=str(_existing(Path(url.database or ""), folder))), None
    if not url.database and base in {"postgresql", "postgres", "mysql", "mariadb"}:
        raise UsageError(
            Text("The address names no database.", "地址中没有数据库名。"),
            Text(f"Write it as {_form(base)}.", f"请写成 {_form(base)}。"),
            code="source-address",
        )
    return _without_password(url), str(url.password) if url.password else None


def _without_password(url: sa.URL) -> sa.URL:
    """URL.set takes None for `leave it as it is`."""
    return sa.URL.create(url.drivername, url.username, None, url.host, url.port, url.database, url.query)


def _existing(path: Path, folder: Path) -> Path:
    """The file itself, looked for in the current directory and then in the adapter's folder."""
    for base in (Path.cwd(), folder):
        if (base / path).is_file():
            return (base / path).resolve()
    near = get_close_matches(path.name, [entry.name for entry in _siblings(path)], n=1)
    raise EnvironmentProblem(
        Text(f"The SQLite file {path} does not exist.", f"SQLite 文件 {path} 不存在。"),
        Text(f"Did you mean {near[0]!r}?", f"是否想写 {near[0]!r}？")
        if near
        else Text("Give the path of an existing file.", "请给出已存在文件的路径。"),
        code="source-file-missing",
    )


def _siblings(path: Path) -> list[Path]:
    folder = path.parent
    return [entry for entry in folder.iterdir() if entry.is_file()] if folder.is_dir() else []


def _unknown(scheme: str) -> UsageError:
    near = get_close_matches(scheme.lower(), _SCHEMES, n=1, cutoff=0.4)
    best = near[0] if near else "postgresql"
    known = ", ".join(_SCHEMES)
    return UsageError(
        Text(f"No database is known as {scheme!r}; known: {known}.", f"未知的数据库类型 {scheme!r}；可用：{known}。"),
        Text(f"Did you mean {_form(best)}?", f"是否想写 {_form(best)}？"),
        code="source-address",
    )


def _unreadable(base: str) -> UsageError:
    return UsageError(
        Text("The address cannot be read.", "无法识别该地址。"),
        Text(
            f"Write it as {_form(base)}; in a password, write @ as %40, / as %2F and : as %3A.",
            f"请写成 {_form(base)}；密码中的 @ 写作 %40，/ 写作 %2F，: 写作 %3A。",
        ),
        code="source-address",
    )


def _form(base: str) -> str:
    ports = {"postgresql": 5432, "postgres": 5432, "mysql": 3306, "mariadb": 3306, "oracle": 1521, "mssql": 1433}
    if base == "sqlite":
        return "sqlite:///legacy.db"
    return f"{base}://user@host:{ports.get(base, 5236)}/database"
