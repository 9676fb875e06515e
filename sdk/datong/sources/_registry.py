from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from datong.model import Text, UsageError
from datong.sources._contract import SourceKind

GROUP = "datong.sources"


@cache
def _entry_points() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def installed_kinds() -> tuple[str, ...]:
    return tuple(sorted(_entry_points()))


def source_kind(name: str) -> SourceKind:
    """Load the plugin of this name; UsageError names the nearest installed one."""
    points = _entry_points()
    if name not in points:
        near = get_close_matches(name, points, n=1)
        known = ", ".join(sorted(points))
        raise UsageError(
            Text(f"Unknown source kind {name!r}; installed: {known}.", f"未知的数据源类型 {name!r}；已安装：{known}。"),
            Text(f"Did you mean {near[0]!r}?", f"是否想写 {near[0]!r}？") if near else None,
            code="source-kind-unknown",
        )
    kind: SourceKind = points[name].load()
    return kind
