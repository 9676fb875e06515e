"""Tables of the state store. A change of shape raises VERSION and adds a step to MIGRATIONS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, MetaData, String, Table, Text

VERSION: Final = 1
METADATA: Final = MetaData()
MIGRATIONS: Final[Mapping[int, Callable[[Connection], None]]] = MappingProxyType({})
"""Version → what brings a store of that version to the next one."""

SETTINGS: Final = Table(
    "datong_settings",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("value", String(256), nullable=False),
)
GRANTS: Final = Table(
    "datong_grants",
    METADATA,
    Column("grant_id", String(256), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("consumer_id", String(256), nullable=False, index=True),
    Column("catalog_id", String(64), nullable=False),
    Column("document", Text, nullable=False),
)
CHANGES: Final = Table(
    "datong_grant_changes",
    METADATA,
    Column("grant_id", String(256), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("at", String(40), nullable=False),
    Column("by", String(600), nullable=False),
    Column("document", Text, nullable=False),
)
USED_TOKENS: Final = Table(
    "datong_used_tokens",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("expires", BigInteger, nullable=False),
    Index("datong_used_tokens_expires", "expires"),
)
