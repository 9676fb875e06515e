"""Requests of the class corrections: filing, reading, and walking a case through its states."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Final

from datong.conformance._context import Access, Context
from datong.conformance._population import population
from datong.conformance._registry import probe
from datong.conformance._session import Seen

MADE: Final = 201
OFFICE: Final = "数据共享办公室"


def filed(context: Context, access: Access, body: dict[str, Any], label: str, **tags: Any) -> Seen:
    told = {"entry": access.catalog_id, **tags}
    return context.call("POST", "/corrections", label, access.token(), told, json=body)


def place(context: Context, seen: Seen) -> str | None:
    """Where the case is to be read."""
    named = seen.headers.get("location")
    identity = seen.document.get("correctionId")
    if seen.status != MADE:
        return None
    return context.session.resolve("/corrections", named) if named else f"/corrections/{identity}"


def moved(context: Context, path: str, status: str, label: str, **more: Any) -> Seen:
    """One transition by the provider."""
    body = {"status": status, "office": OFFICE, **more}
    return context.call("POST", f"{path}/transitions", label, context.role("provider"), {"to": status}, json=body)


def minimal(entry: str) -> dict[str, Any]:
    return {"catalogId": entry, "kind": "quality", "problem": "inaccurate", "description": "一致性测试：内容有误"}


@probe("corrections")
def cases(context: Context) -> None:
    """A minimal case, a full one, nothing at all; read by its consumer, by another and by the provider."""
    entry = context.main
    access, other = context.access(entry), context.access(entry, "other", "b")
    records = population(context, entry).records if entry in context.tested else []
    full = minimal(entry) | {
        "field": next(iter(context.items(entry))),
        "evidenceDigest": f"sha-256:{sha256(b'kit').hexdigest()}",
    }
    if records and isinstance(records[0].get("recordId"), str):
        full["recordId"] = records[0]["recordId"]
    sensitive = context.given(entry).sensitive
    if sensitive is not None:
        full["locator"] = {sensitive.item: sensitive.value}
    for case, body in (("minimal", minimal(entry)), ("full", full), ("catalog", minimal(entry) | {"kind": "catalog"})):
        seen = filed(context, access, body, "corrections.filed", case=case)
        path = place(context, seen)
        if path is not None:
            context.get(path, "corrections.read", access.token(), case=case)
            context.get(path, "corrections.readByProvider", context.role("provider"), case=case)
            context.get(path, "corrections.foreign", other.token(), case=case)
    filed(context, access, {}, "corrections.empty")
    filed(context, access, minimal(entry) | {"kind": "zz", "problem": "zz"}, "corrections.bad")


@probe("corrections")
def transitions(context: Context) -> None:
    """One case resolved, one rejected, and steps that are not allowed."""
    entry = context.main
    access = context.access(entry)
    ways: dict[str, list[tuple[str, dict[str, Any]]]] = {
        "resolved": [
            ("accepted", {}),
            ("investigating", {}),
            ("resolved", {"result": "notAnError", "explanation": "经核查数据无误"}),
            ("closed", {}),
        ],
        "rejected": [
            ("accepted", {}),
            ("investigating", {}),
            ("rejected", {"reason": "不属于本单位职责"}),
            ("closed", {}),
        ],
    }
    for way, steps in ways.items():
        path = place(context, filed(context, access, minimal(entry), "corrections.walked", case=way))
        if path is None:
            continue
        moved(context, path, "closed", "corrections.illegal")
        for status, more in steps:
            moved(context, path, status, "corrections.step", **more)
            context.get(path, "corrections.state", access.token(), wanted=status, case=way)
        moved(context, path, "accepted", "corrections.illegal")
    path = place(context, filed(context, access, minimal(entry), "corrections.walked", case="bare"))
    if path is not None:
        for status in ("accepted", "investigating"):
            moved(context, path, status, "corrections.step")
        moved(context, path, "resolved", "corrections.bare")
        moved(context, path, "rejected", "corrections.bare")
        body = {"status": "resolved", "result": "notAnError", "explanation": "-"}
        context.call("POST", f"{path}/transitions", "corrections.byConsumer", access.token(), json=body)


@probe("corrections")
def corrected(context: Context) -> None:
    """A row that the hook corrects, read by its id, by the list and by the feed."""
    entry = context.main
    if context.fixtures.hook is None or entry not in context.tested:
        return
    access = context.access(entry)
    answer = context.hook("correct", entry=entry)
    if answer is None or not isinstance(answer.get("recordId"), str):
        return
    values = context.session.redactor.members({str(answer.get("item")): answer.get("value")})
    context.facts["corrected"] = {"recordId": answer["recordId"], "values": values}
    context.record(access, answer["recordId"], "corrections.corrected", by="record")
    if "changes" in context.claimed:
        context.get(
            f"/datasets/{entry}/changes?limit=1000", "corrections.corrected", access.token(), entry=entry, by="feed"
        )
