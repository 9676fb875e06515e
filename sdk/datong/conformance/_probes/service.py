"""Requests of the class service: known calls, wrong bodies, faults, repeats."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from datong.conformance._context import Context
from datong.conformance._registry import probe
from datong.conformance._session import Seen
from datong.conformance._values import parts

_OTHER: Final[dict[str, Any]] = {
    "string": 7,
    "integer": "zz",
    "number": "zz",
    "boolean": "zz",
    "object": "zz",
    "array": "zz",
}


def services(context: Context) -> list[str]:
    return [name for name, entry in context.entries.items() if entry.get("kind") == "service"][:3]


def called(context: Context, name: str, body: Any, label: str, key: str | None = None, **tags: Any) -> Seen:
    access = context.access(name)
    headers = (("Idempotency-Key", key),) if key else ()
    path = f"/services/{quote(name, safe='')}"
    return context.call("POST", path, label, access.token(), {"entry": name, **tags}, headers=headers, json=body)


def fresh(context: Context) -> str:
    return str(UUID(int=context.random.getrandbits(128), version=4))


@probe("service")
def operations(context: Context) -> None:
    for name in services(context):
        path = f"/catalog/{quote(name, safe='')}/schema"
        schema = context.get(path, "service.schema", context.role("provider"), entry=name)
        given = context.given(name).service
        if given is None:
            continue
        safe = context.entry(name).get("safe") is True
        called(context, name, given.request, "service.known", None if safe else fresh(context))
        for case, body in _wrong(given.request, parts(schema.document)[0]):
            counted = context.hook("count-calls", entry=name)
            called(context, name, body, "service.wrong", None if safe else fresh(context), case=case)
            after = context.hook("count-calls", entry=name)
            if counted is not None and after is not None:
                context.facts.setdefault("reached", []).append([name, case, counted.get("calls") != after.get("calls")])
        if given.fault is not None:
            called(context, name, given.fault, "service.fault", None if safe else fresh(context), code=given.fault_code)
        if not safe:
            _repeated(context, name, given.request)


def _wrong(request: Any, schema: dict[str, Any]) -> list[tuple[str, Any]]:
    """The known request without each required member, and with each member of another type."""
    if not isinstance(request, dict):
        return [("shape", "zz")]
    found: list[tuple[str, Any]] = [("shape", [])]
    found += [
        (f"without {name}", {key: value for key, value in request.items() if key != name})
        for name in schema.get("required") or ()
    ]
    for name, part in (schema.get("properties") or {}).items():
        kind = part.get("type") if isinstance(part, dict) else None
        if isinstance(kind, str) and kind in _OTHER and name in request:
            found.append((f"type of {name}", {**request, name: _OTHER[kind]}))
    return found


def _repeated(context: Context, name: str, request: Any) -> None:
    key = fresh(context)
    before = context.hook("count-calls", entry=name)
    for turn in ("first", "again"):
        called(context, name, request, "service.repeat", key, turn=turn)
    after = context.hook("count-calls", entry=name)
    if before is not None and after is not None:
        context.facts.setdefault("repeats", {})[name] = (after.get("calls") or 0) - (before.get("calls") or 0)
    changed = {**request, "kit": "other"} if isinstance(request, dict) else {"kit": "other"}
    called(context, name, changed, "service.repeat", key, turn="other")
    called(context, name, request, "service.keyless")


@probe("service")
def hanging(context: Context) -> None:
    for name in [name for name in services(context) if context.entry(name).get("safe") is not True][:1]:
        given = context.given(name).service
        if given is not None and context.hook("hang-source", entry=name) is not None:
            try:
                called(context, name, given.request, "service.hanging", fresh(context))
            finally:
                context.hook("start-source", entry=name)
