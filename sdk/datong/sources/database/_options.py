"""The `source:` section of a database and the `from:` of its datasets."""

from __future__ import annotations

from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic.alias_generators import to_camel
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from datong.model import SecretRef, Text

# What validators say goes on after the option's name, in both languages.
_NO_ADDRESS = Text(
    "is no address; write it like postgresql://user@host:5432/database",
    "不是有效地址；请写成 postgresql://user@host:5432/database 的形式",
)
_WITH_PASSWORD = Text(
    "holds a password; take it out, put it into an environment variable, and write "
    "`password: {env: DATONG_SOURCE_PASSWORD}` beside it; then change it, for this file may have been copied",
    "中含有口令；请将口令移入环境变量，并另写 `password: {env: DATONG_SOURCE_PASSWORD}`；"
    "此文件可能已被复制，请同时更换该口令",
)
_NO_CHARSET = Text(
    "is no encoding that Python knows; write for example gb18030, big5 or cp1252",
    "不是 Python 支持的编码；可写 gb18030、big5 或 cp1252 等",
)
_NO_ZONE = Text("is no time zone; write for example Asia/Shanghai", "不是有效的时区；可写 Asia/Shanghai 等")


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True, use_attribute_docstrings=True
    )


class DatabaseOptions(_Part):
    """How a legacy database is reached, and how much may be asked of it."""

    url: str | SecretRef
    """SQLAlchemy address without a password, or where the whole address is kept."""
    password: SecretRef | None = None
    """Where the password is kept; it is put into `url`."""
    db_schema: Annotated[str | None, Field(alias="schema")] = None
    """Schema of tables that name none."""
    pool: Annotated[int, Field(ge=1, le=64)] = 8
    """Most connections at a time. SQLite always uses one."""
    timeout: Annotated[float, Field(gt=0, le=300)] = 10.0
    """Seconds that one statement may take, where the call leaves it so much."""
    connect_timeout: Annotated[float, Field(gt=0, le=60)] = 5.0
    """Seconds that opening a connection may take."""
    charset: str | None = None
    """Python's name of the encoding of texts whose declared character set is not the true one."""
    zone: str = "Asia/Shanghai"
    """IANA zone of timestamps without offset; taken from the section's own `zone`."""
    prepare: bool = True
    """PostgreSQL: prepared statements; false behind a pooler in transaction mode."""
    connect: dict[str, str | int | float | bool] = {}
    """Further connection arguments of the driver, such as `sslmode` or `ssl_ca`."""

    @field_validator("url")
    @classmethod
    def _address(cls, url: str | SecretRef) -> str | SecretRef:
        if isinstance(url, SecretRef):
            return url
        try:
            password = make_url(url).password
        except ArgumentError:
            raise ValueError(_NO_ADDRESS) from None
        if password:
            raise ValueError(_WITH_PASSWORD)
        return url

    @field_validator("charset")
    @classmethod
    def _known_charset(cls, charset: str | None) -> str | None:
        try:
            "".encode(charset or "utf-8")
        except LookupError:
            raise ValueError(_NO_CHARSET) from None
        return charset

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(_NO_ZONE) from None
        return zone


class TableLocation(_Part):
    """Which table or view a dataset's rows are in."""

    table: Annotated[str, Field(min_length=1)]
    """Name of the table or view, as the database spells it."""
    table_schema: Annotated[str | None, Field(alias="schema")] = None
    """Schema it is in, where it is not the source's."""

    @classmethod
    def of(cls, location: Any) -> TableLocation:
        return location if isinstance(location, cls) else cls.model_validate(location)
