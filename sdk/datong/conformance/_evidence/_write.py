"""Writes a bundle."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from datong.conformance._evidence._container import (
    EXCHANGES,
    FIXTURES,
    MANIFEST,
    REGISTER,
    REPORT,
    RUN,
    SIGNATURE,
    pack,
)
from datong.conformance._evidence._documents import Manifest, Member, chain, digest, outcome_of, plain, run_of, written
from datong.conformance._evidence._identity import echo, target
from datong.conformance._evidence._keys import SigningKey
from datong.conformance._evidence._lock import identity, register
from datong.conformance._report import Report
from datong.model import EnvironmentProblem, Text


def bundle(report: Report, key: SigningKey, *, now: datetime | None = None) -> bytes:
    """The bundle of a report: the same bytes for the same report, key (Ed25519) and instant."""
    observations = report.observations
    lines = {each.id: written(plain(each), line=True).rstrip(b"\n") for each in observations.exchanges}
    members = {
        EXCHANGES: b"".join(line + b"\n" for line in lines.values()),
        FIXTURES: written(plain(observations.fixtures)),
        REGISTER: written(register()),
        REPORT: written(plain(outcome_of(report))),
        RUN: written(plain(run_of(observations))),
    }
    links, head = chain(observations.nonce, lines)
    manifest = Manifest(
        nonce=observations.nonce,
        started_at=report.started_at,
        created_at=(now or datetime.now(UTC)).isoformat(timespec="milliseconds"),
        kit=identity(),
        target=target(observations, report.target),
        echo=echo(observations),
        verdicts=dict(Counter(each.status for each in report.verdicts)),
        files={name: Member(size=len(raw), sha256=digest(raw)) for name, raw in members.items()},
        exchanges=links,
        head=head,
    )
    members[MANIFEST] = written(plain(manifest))
    members[SIGNATURE] = key.sign(members[MANIFEST])
    return pack(members)


def write_bundle(report: Report, path: Path, key: SigningKey | None = None) -> SigningKey:
    """Write the bundle, whole or not at all; the key that signed it, made for it where none is given.

    A key that was made is gone afterwards: its thumbprint is what remains to be told. Raises
    EnvironmentProblem `bundle-unwritable`.
    """
    signing = key or SigningKey.generate()
    raw = bundle(report, signing)
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            file.write(raw)
        os.chmod(file.name, 0o644)  # noqa: PTH101 - by the name of the temporary file
        os.replace(file.name, path)  # noqa: PTH105 - the same
    except OSError:
        raise EnvironmentProblem(
            Text(f"The evidence bundle {path} cannot be written.", f"无法写入证据包 {path}。"),
            Text("Name a file in a folder that exists and is yours.", "请指定本用户可写的现有文件夹中的文件。"),
            code="bundle-unwritable",
        ) from None
    return signing
