"""Requests of the class applications, on an exchange: applying, replying, refusing, registering."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from datong.conformance._context import Context
from datong.conformance._registry import probe
from datong.conformance._session import Seen

REQUIRED: Final = ("catalogId", "basis", "scenario", "scope", "method", "timeLimit", "officeApproval")
"""Art. 20(2)."""


def application(context: Context, entry: str) -> dict[str, Any]:
    until = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
    return {
        "catalogId": entry,
        "basis": "《政务数据共享条例》第二十条",
        "scenario": "一致性测试",
        "scope": {"items": list(context.items(entry))[:2]},
        "method": ["serviceInterface"],
        "timeLimit": until,
        "officeApproval": {"office": "数据共享办公室", "approvedAt": datetime.now(UTC).date().isoformat()},
    }


def applied(context: Context, body: Any, label: str, **tags: Any) -> Seen:
    token = context.tokens.good("applicant", consumerId=context.consumer("a"))
    return context.call("POST", "/applications", label, token, tags, json=body)


def place(context: Context, seen: Seen) -> str | None:
    named, identity = seen.headers.get("location"), seen.document.get("applicationId")
    if seen.status != 201:  # noqa: PLR2004
        return None
    return context.session.resolve("/applications", named) if named else f"/applications/{identity}"


def moved(context: Context, path: str, label: str, body: dict[str, Any], **tags: Any) -> Seen:
    """A step of the exchange: `POST {application}/transitions`, as for corrections."""
    return context.call("POST", f"{path}/transitions", label, context.role("exchange"), tags, json=body)


@probe("applications")
def applying(context: Context) -> None:
    """Each required member left out, and the required ones alone, for an entry of each sharing type."""
    for entry in _entries(context):
        whole = application(context, entry)
        for name in REQUIRED:
            body = {key: value for key, value in whole.items() if key != name}
            applied(context, body, "applications.short", missing=name)
        applied(context, whole, "applications.filed", entry=entry, sharing=context.entry(entry).get("sharingType"))


def _entries(context: Context) -> list[str]:
    by_type = {context.entry(name).get("sharingType"): name for name in context.published}
    return list(by_type.values())


@probe("applications")
def replies(context: Context) -> None:
    """Extensions, requests for material, refusals and an approval, each on an application of its own."""
    if not context.published:
        return
    entry = context.published[0]
    steps: dict[str, list[tuple[str, dict[str, Any]]]] = {
        "tooLong": [("extension", {"extendBy": 11, "approvedBy": "同级政务数据主管部门"})],
        "twice": [
            ("allowed", {"extendBy": 6, "approvedBy": "同级政务数据主管部门"}),
            ("extension", {"extendBy": 5, "approvedBy": "同级政务数据主管部门"}),
        ],
        "unapproved": [("extension", {"extendBy": 3})],
        "incomplete": [("incomplete", {"status": "refused", "reasons": ["incomplete"]})],
        "supplement": [
            ("supplement", {"status": "supplementRequired", "missing": ["officeApproval"]}),
            ("again", {"status": "supplementRequired", "missing": ["scope"]}),
        ],
        "bare": [("bare", {"status": "refused"})],
        "refused": [("refused", {"status": "refused", "reasons": ["超出履职需要"]})],
        "approved": [("approved", {"status": "approved"})],
    }
    for way, moves in steps.items():
        seen = applied(context, application(context, entry), "applications.own", way=way)
        path = place(context, seen)
        if path is None:
            continue
        for step, body in moves:
            moved(context, path, "applications.step", body, step=step, way=way)
        token = context.tokens.good("applicant", consumerId=context.consumer("a"))
        state = context.get(path, "applications.state", token, way=way)
        grant = state.document.get("grantId")
        if isinstance(grant, str):
            context.get(f"/grants/{grant}", "applications.grant", context.role("exchange"), way=way)


@probe("applications")
def registration(context: Context) -> None:
    """An adapter registered with what is needed, and without each part of it."""
    base = context.session.base
    whole = {
        "landing": f"{base}/",
        "conformance": f"{base}/conformance",
        "openapi": f"{base}/openapi.json",
        "catalog": f"{base}/catalog",
        "reportDigest": f"sha-256:{'0' * 64}",
        "reportedAt": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    token = context.role("provider")
    for name in whole:
        body = {key: value for key, value in whole.items() if key != name}
        context.call("POST", "/adapters", "applications.register", token, {"missing": name}, json=body)
    old = whole | {"reportedAt": "2020-01-01T00:00:00+08:00"}
    context.call("POST", "/adapters", "applications.register", token, {"missing": "fresh report"}, json=old)
    context.call("POST", "/adapters", "applications.register", token, {"missing": None}, json=whole)
