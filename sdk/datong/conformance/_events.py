"""What the engine tells while it runs; reporters listen and do nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from datong.conformance._exchange import Exchange
from datong.conformance._verdict import Verdict


@dataclass(frozen=True, slots=True)
class Planned:
    """What will run, once the target has said what it claims."""

    claimed: tuple[str, ...]
    probes: tuple[str, ...]
    requirements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProbeStarted:
    name: str
    conformance: str
    number: int
    """From 1, of all planned probes."""


@dataclass(frozen=True, slots=True)
class ExchangeRecorded:
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Judged:
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Finished:
    """`exit_code`: 0 no failure, 1 at least one, 2 the kit or its fixtures failed."""

    exit_code: int
    seconds: float


Event = Planned | ProbeStarted | ExchangeRecorded | Judged | Finished
Listener = Callable[[Event], None]
