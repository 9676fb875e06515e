"""The documents in a bundle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final, Literal

from datong.conformance._fixtures import Fixtures
from datong.conformance._observations import Observations, Wait
from datong.conformance._report import ClassSummary, Kit, Report, Target
from datong.conformance._settings import Settings
from datong.conformance._verdict import Bilingual, Status, Verdict
from datong.model import Part

SEED: Final = "gds-evidence-1:"
"""What the nonce is put behind to begin the chain."""


class Member(Part):
    size: int
    sha256: str


class Link(Part):
    """`digest` is the SHA-256 of the exchange's line without its line feed, `link` that of the link before and it."""

    id: str
    digest: str
    link: str


class KitIdentity(Part):
    version: str
    interface: str
    register_digest: str
    sources_digest: str
    """SHA-256 over the kit's own files: probes, checks, schemas, register."""


class TargetIdentity(Part):
    base: str
    adapter_id: str | None = None
    provider: str | None = None
    version: str | None = None
    certificates: tuple[str, ...] = ()
    """SHA-256 of each TLS certificate that answered."""
    openapi_digest: str | None = None
    configuration_digest: str | None = None
    """As the adapter publishes it in its discovery document."""


class Echo(Part):
    """`request_id` follows from the nonce. `sent` are the exchanges that carried it, `returned` those whose answer
    did; `recorded` are the exchanges that showed an audit record of it."""

    request_id: str
    sent: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    recorded: tuple[str, ...] = ()

    @property
    def proven(self) -> bool:
        """Whether the target answered under this run's id, every time it was asked to."""
        return bool(self.sent) and self.sent == self.returned


class Manifest(Part):
    """What the signature covers: the digest of everything else, and what a registry wants to know at once."""

    bundle: Literal["1"] = "1"
    nonce: str
    started_at: str
    created_at: str
    kit: KitIdentity
    target: TargetIdentity
    echo: Echo
    verdicts: dict[Status, int]
    files: dict[str, Member]
    exchanges: tuple[Link, ...]
    head: str
    """The last link: whoever notes it elsewhere holds all exchanges fast."""


class Run(Part):
    """The observations without exchanges and fixtures."""

    base: str
    nonce: str
    settings: Settings
    facts: dict[str, Any]
    started_at: str
    waits: tuple[Wait, ...]
    stopped: str | None


class Outcome(Part):
    """The report without its observations."""

    report: Literal["1"]
    kit: Kit
    target: Target
    started_at: str
    seconds: float
    claimed: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    classes: tuple[ClassSummary, ...]
    stopped: Bilingual | None


def run_of(observations: Observations) -> Run:
    return Run(**{name: getattr(observations, name) for name in Run.model_fields})


def outcome_of(report: Report) -> Outcome:
    return Outcome(**{name: getattr(report, name) for name in Outcome.model_fields})


def observations_of(run: Run, fixtures: Fixtures, exchanges: tuple[Any, ...]) -> Observations:
    held = {name: getattr(run, name) for name in Run.model_fields}
    return Observations(**held, fixtures=fixtures, exchanges=exchanges)


def plain(part: Part) -> Any:
    return part.model_dump(mode="json", by_alias=True)


def written(document: Any, *, line: bool = False) -> bytes:
    """JSON with sorted members: the same bytes each time, whatever characters a target sent."""
    text = json.dumps(
        document,
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":") if line else None,
        indent=None if line else 1,
    )
    return text.encode("utf-8", "backslashreplace") + b"\n"  # a lone surrogate becomes its JSON escape


def read(raw: bytes) -> Any:
    """The JSON value; ValueError for anything that is not, repeated names and NaN included."""
    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_constant)
    except RecursionError:
        raise ValueError from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError
    return members


def _constant(name: str) -> Any:
    raise ValueError(name)


def digest(raw: bytes) -> str:
    return sha256(raw).hexdigest()


def chain(nonce: str, lines: Mapping[str, bytes]) -> tuple[tuple[Link, ...], str]:
    """The links of exchanges by id, and the head."""
    link = digest(f"{SEED}{nonce}".encode())
    links = []
    for id_, line in lines.items():
        own = digest(line)
        link = digest(f"{link}{own}".encode())
        links.append(Link(id=id_, digest=own, link=link))
    return tuple(links), link
