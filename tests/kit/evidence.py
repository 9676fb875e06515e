"""Bundles that somebody changed: with the tools of whoever has no key, and of one who signs anew."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from datong.conformance import Report, SigningKey, conclude
from datong.conformance._evidence import _documents as documents
from datong.conformance._evidence import bundle
from datong.conformance._evidence._container import EXCHANGES, MANIFEST, SIGNATURE, pack

CLASSES = ("audit",)
KEPT = ("declare.", "evidence.", "audit.policy", "audit.call", "audit.found")
Members = dict[str, bytes]
Edit = Callable[[Members], Any]


def small(report: Report) -> Report:
    """A report of one class, with the most of the exchanges that it needs."""
    seen = report.observations
    exchanges = tuple(each for each in seen.exchanges if each.label.startswith(KEPT))
    settings = seen.settings.model_copy(update={"classes": CLASSES})
    return conclude(seen.model_copy(update={"exchanges": exchanges, "settings": settings}), seconds=1.5)


def made(report: Report, key: SigningKey, now: datetime | None = None) -> Members:
    return opened(bundle(report, key, now=now or datetime.now(UTC)))


def opened(raw: bytes) -> Members:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def changed(members: Members, edit: Edit) -> bytes:
    """Packed again after an edit; checksums of the container fit."""
    copy = dict(members)
    edit(copy)
    return pack(copy)


def resealed(members: Members, edit: Edit, key: SigningKey) -> bytes:
    """The same, with every digest, the chain and the signature made anew under another key."""
    copy = dict(members)
    edit(copy)
    manifest = json.loads(copy[MANIFEST])
    lines = {json.loads(line)["id"]: line for line in copy[EXCHANGES].splitlines()}
    links, head = documents.chain(manifest["nonce"], lines)
    manifest["exchanges"], manifest["head"] = [link.model_dump() for link in links], head
    manifest["files"] = {
        name: {"size": len(raw), "sha256": documents.digest(raw)}
        for name, raw in copy.items()
        if name not in (MANIFEST, SIGNATURE)
    }
    copy[MANIFEST] = documents.written(manifest)
    copy[SIGNATURE] = key.sign(copy[MANIFEST])
    return pack(copy)


def document(name: str, change: Callable[[Any], Any]) -> Edit:
    """Change a JSON document in place."""

    def edit(members: Members) -> None:
        held = json.loads(members[name])
        change(held)
        members[name] = documents.written(held)

    return edit


def lines(change: Callable[[list[bytes]], Any]) -> Edit:
    """Change the list of exchanges in place, a line each."""

    def edit(members: Members) -> None:
        held = members[EXCHANGES].splitlines(keepends=True)
        change(held)
        members[EXCHANGES] = b"".join(held)

    return edit


def exchange(label: str, change: Callable[[Any], Any], at: int = 0) -> Edit:
    """Change one exchange of a label."""

    def edit(members: Members) -> None:
        held = members[EXCHANGES].splitlines()
        places = [number for number, line in enumerate(held) if json.loads(line)["label"] == label]
        found = json.loads(held[places[at]])
        change(found)
        held[places[at]] = documents.written(found, line=True).rstrip(b"\n")
        members[EXCHANGES] = b"".join(line + b"\n" for line in held)

    return edit


def id_of(members: Members, label: str, at: int = 0) -> str:
    found = [json.loads(line) for line in members[EXCHANGES].splitlines()]
    return [str(each["id"]) for each in found if each["label"] == label][at]
