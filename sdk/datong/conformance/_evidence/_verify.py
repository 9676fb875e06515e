"""Verifies a bundle: signature, freshness, digests, locks, and every verdict once more."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

from pydantic import ValidationError

from datong.conformance._evidence._container import (
    EXCHANGES,
    FIXTURES,
    MANIFEST,
    MOST_FILE,
    REGISTER,
    REPORT,
    RUN,
    SIGNATURE,
    refused,
    unpack,
)
from datong.conformance._evidence._documents import KitIdentity, Manifest, Outcome, Run, digest, observations_of, read
from datong.conformance._evidence._exchanges import compared, parsed
from datong.conformance._evidence._faults import Fault, fault
from datong.conformance._evidence._keys import BadSignature, signer
from datong.conformance._evidence._lock import identity, register
from datong.conformance._evidence._recompute import recomputed
from datong.conformance._fixtures import Fixtures
from datong.model import Part

SKEW: Final = timedelta(minutes=5)
"""How far the clock of whoever ran the kit may be ahead of ours."""
P = TypeVar("P", bound=Part)


@dataclass(frozen=True, slots=True)
class Verification:
    """`thumbprint` is that of the key that signed, None where no signature holds; `known` says whether it was
    among the keys given. Nothing in `manifest` is to be believed while there are faults."""

    manifest: Manifest
    faults: tuple[Fault, ...]
    thumbprint: str | None
    known: bool

    @property
    def sound(self) -> bool:
        return not self.faults


def verify_bundle(
    source: Path | bytes,
    *,
    signers: Collection[str] | None = None,
    max_age: timedelta | None = None,
    nonce: str | None = None,
    now: datetime | None = None,
) -> Verification:
    """All that is wrong with a bundle. Nothing is fetched, whatever it holds.

    `signers` are thumbprints, one of which must have signed; `max_age` bounds the age of the run;
    `nonce` is the one that was given out for it. Raises Unreadable for what is no bundle at all.
    """
    members, damaged = unpack(_raw(source))
    manifest = _manifest(members[MANIFEST])
    faults = [fault("damaged", name) for name in damaged]
    thumbprint = None
    try:
        thumbprint = signer(members[SIGNATURE], members[MANIFEST])
    except BadSignature:
        faults.append(fault("signature-wrong", SIGNATURE))
    known = thumbprint is not None and signers is not None and thumbprint in signers
    if thumbprint is not None and signers is not None and not known:
        faults.append(fault("signer-other", SIGNATURE, thumbprint=thumbprint))
    faults += _files(members, manifest, damaged)
    faults += compared(members[EXCHANGES], manifest)
    faults += _locks(members[REGISTER], manifest)
    faults += _judged(members, manifest)
    faults += _fresh(manifest, max_age, nonce, now or datetime.now(UTC))
    return Verification(manifest, tuple(dict.fromkeys(faults)), thumbprint, known)


def _raw(source: Path | bytes) -> bytes:
    if isinstance(source, bytes):
        return source
    try:
        with source.open("rb") as file:
            return file.read(MOST_FILE + 1)
    except OSError:
        raise refused(f"{source} cannot be read", f"无法读取 {source}") from None


def _manifest(raw: bytes) -> Manifest:
    manifest = _document(Manifest, raw)
    if manifest is None or _instant(manifest.started_at) is None or _instant(manifest.created_at) is None:
        raise refused("its manifest.json is no manifest", "其中的 manifest.json 不是有效的清单")
    return manifest


def _document(kind: type[P], raw: bytes) -> P | None:
    try:
        return kind.model_validate(read(raw))
    except (ValueError, ValidationError, RecursionError):
        return None


def _files(members: Mapping[str, bytes], manifest: Manifest, damaged: Collection[str]) -> Iterator[Fault]:
    for name, raw in members.items():
        if name in (MANIFEST, SIGNATURE) or name in damaged:
            continue
        told = manifest.files.get(name)
        if told is None or (told.size, told.sha256) != (len(raw), digest(raw)):
            yield fault("altered", name)


def _locks(raw: bytes, manifest: Manifest) -> Iterator[Fault]:
    """The register text by text, and the kit as a whole."""
    ours = register()
    try:
        theirs = read(raw)
        rows = dict(theirs["requirements"])
    except (ValueError, TypeError, KeyError):
        yield fault("invalid", REGISTER)
        return
    for id_ in [*ours["requirements"], *(id_ for id_ in rows if id_ not in ours["requirements"])]:
        if rows.get(id_) != ours["requirements"].get(id_):
            yield fault("register-other", REGISTER, str(id_))
    if {name: value for name, value in theirs.items() if name != "requirements"} != {
        name: value for name, value in ours.items() if name != "requirements"
    }:
        yield fault("register-other", REGISTER, "digest")
    own = identity()
    if manifest.kit != own:
        yield fault("kit-other", MANIFEST, "kit", theirs=_named(manifest.kit), ours=_named(own))


def _named(kit: KitIdentity) -> str:
    return f"{kit.version}+{kit.sources_digest[:8]}"


def _judged(members: Mapping[str, bytes], manifest: Manifest) -> Iterator[Fault]:
    run, fixtures = _document(Run, members[RUN]), _document(Fixtures, members[FIXTURES])
    outcome, exchanges = _document(Outcome, members[REPORT]), parsed(members[EXCHANGES])
    for name, document in ((RUN, run), (FIXTURES, fixtures), (REPORT, outcome), (EXCHANGES, exchanges)):
        if document is None:
            yield fault("invalid", name)
    if run is None or fixtures is None or outcome is None or exchanges is None:
        return
    kit = (manifest.kit.version, manifest.kit.interface, manifest.kit.register_digest)
    if (outcome.kit.version, outcome.kit.interface, outcome.kit.register_digest) != kit:
        yield fault("count-other", REPORT, "kit", member="kit")
    try:
        yield from recomputed(observations_of(run, fixtures, exchanges), outcome, manifest)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, ArithmeticError):
        yield fault("recompute-failed", EXCHANGES)  # documents made up so that no run could have left them


def _fresh(manifest: Manifest, max_age: timedelta | None, nonce: str | None, now: datetime) -> Iterator[Fault]:
    started, created = _instant(manifest.started_at), _instant(manifest.created_at)
    if started is None or created is None:
        return
    if max_age is not None and now - started > max_age:
        yield fault("too-old", MANIFEST, "startedAt", at=manifest.started_at)
    if max(started, created) > now + SKEW or started > created + SKEW:
        yield fault("from-future", MANIFEST, "startedAt", at=manifest.started_at)
    if nonce is not None and manifest.nonce != nonce:
        yield fault("nonce-other", MANIFEST, "nonce")
    if nonce is not None and not manifest.echo.proven:
        yield fault("nonce-unanswered", MANIFEST, "echo")


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
