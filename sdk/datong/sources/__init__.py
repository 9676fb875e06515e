"""The Source contract and the registry of source kinds (entry-point group `datong.sources`)."""

from datong.sources._contract import AsyncSource, Progress, Source, SourceKind
from datong.sources._registry import installed_kinds, source_kind

__all__ = ["AsyncSource", "Progress", "Source", "SourceKind", "installed_kinds", "source_kind"]
