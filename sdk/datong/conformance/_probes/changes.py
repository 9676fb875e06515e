"""Requests of the class changes: the feed from its start, again, aged, narrowed, and after changes by the hook."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from datong.conformance._context import Access, Context, with_query
from datong.conformance._registry import probe
from datong.conformance._session import Seen

PAGES: Final = 30
SIZE: Final = 20


def feeding(context: Context) -> list[str]:
    return [name for name in context.published if isinstance(context.entry(name).get("changes"), dict)][:2] or (
        context.tested[:1]
    )


def page(context: Context, access: Access, cursor: str | None, label: str, **tags: Any) -> Seen:
    params = {"limit": SIZE} | ({"cursor": cursor} if cursor else {})
    path = with_query(f"/datasets/{quote(access.catalog_id, safe='')}/changes", params)
    return context.get(path, label, access.token(), **{"entry": access.catalog_id, "cursor": cursor, **tags})


def feed(context: Context, access: Access, cursor: str | None, label: str, **tags: Any) -> str | None:
    """Read on to the end; the cursor after it."""
    for _ in range(PAGES):
        seen = page(context, access, cursor, label, **tags)
        following = seen.document.get("nextCursor")
        if not seen.ok or not isinstance(following, str):
            return None
        cursor = following
        if seen.document.get("hasMore") is not True:
            break
    return cursor


@probe("changes")
def feeds(context: Context) -> None:
    """The feed twice, its empty end, an aged cursor, and one of nobody."""
    for entry in feeding(context):
        access = context.access(entry)
        last = feed(context, access, None, "changes.page", turn=1)
        feed(context, access, None, "changes.page", turn=2)
        if last is not None:
            page(context, access, last, "changes.end")
        page(context, access, "kit-no-cursor", "changes.badCursor")
        aged = context.given(entry).aged_cursor
        if aged:
            page(context, access, aged, "changes.aged")
        names = list(context.items(entry))[:2]
        narrow = context.access(entry, "items", scope={"items": names})
        feed(context, narrow, None, "changes.narrow", granted=",".join(names))
        if context.given(entry).region:
            inside = context.access(entry, "region", scope={"region": context.given(entry).region})
            feed(context, inside, None, "changes.region")


@probe("changes")
def mutations(context: Context) -> None:
    """What the hook changes, as the feed tells it, between two full walks."""
    if context.fixtures.hook is None:
        return
    for entry in feeding(context)[:1]:
        access = context.access(entry)
        size = context.limits(entry)[1]
        cursor = feed(context, access, None, "changes.before")
        context.walk(access, {"limit": size}, "changes.walkBefore")
        actions = ("insert", "update", "update", "correct", "delete", "move")
        done = [(action, context.hook(action, entry=entry)) for action in actions]
        context.facts["changed"] = [[action, str((each or {}).get("recordId"))] for action, each in done if each]
        _awaited(context, access, cursor, sum(each is not None for _, each in done))
        context.walk(access, {"limit": size}, "changes.walkAfter")


def _awaited(context: Context, access: Access, cursor: str | None, wanted: int) -> None:
    waited = 0.0
    while wanted and cursor and waited < context.settings.wait:
        seen = page(context, access, cursor, "changes.after")
        listed = seen.document.get("changes")
        if not seen.ok or (isinstance(listed, list) and len(listed) >= wanted):
            return
        context.session.pause(0.5, "changes appear in the feed")
        waited += 0.5
