"""The Source contract and the registry of source kinds (entry-point group `datong.sources`)."""

from datong.sources._contract import AsyncSource, Source, SourceKind
from datong.sources._registry import installed_kinds, source_kind

__all__ = ["AsyncSource", "Source", "SourceKind", "installed_kinds", "source_kind"]
