"""How a run behaves; every value is shown in the report."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field as Described

from datong.conformance._verdict import Waiver
from datong.model import Part

Positive = Annotated[float, Described(gt=0)]


class Settings(Part):
    classes: tuple[str, ...] = ()
    """Conformance classes to test; empty means every class the target claims."""
    requirements: tuple[str, ...] = ()
    """Requirements to judge; empty means all of those classes."""
    seed: int = 809
    """Seed of the generated cases."""
    timeout: Positive = 10.0
    """Seconds for one request, connection and whole body included."""
    budget: Positive = 300.0
    """Seconds for the whole run."""
    rate: Positive | None = None
    """Requests a second; None means 5, and no limit on loopback."""
    concurrency: Annotated[int, Described(ge=1, le=64)] = 8
    """Most requests at once, where a probe sends several."""
    body: Annotated[int, Described(ge=65_536)] = 16 << 20
    """Most bytes of an answer."""
    ca: str | None = None
    """File with the certificate authority that the target's certificate is checked against."""
    entries: Annotated[int, Described(ge=1)] = 3
    """Most catalog entries whose data is tested."""
    population: Annotated[int, Described(ge=10)] = 120
    """Most records of an entry that are walked one by one."""
    cases: Annotated[int, Described(ge=1)] = 12
    """Generated cases of each kind for one entry."""
    samples: Annotated[int, Described(ge=50)] = 50
    """Samples of each kind for the timing of verification."""
    timing_tolerance_ms: Positive = 5.0
    """Most milliseconds between the medians of absent and wrong-value claims."""
    burst: Annotated[int, Described(ge=0)] = 400
    """Most requests spent on reaching a declared quota; a larger quota is not reached."""
    wait: Positive = 60.0
    """Most seconds for a suspended grant, a job or an audit record to take effect."""
    now: datetime | None = None
    """Instant that catalog dates are compared with; None means the kit's clock."""
    previous: dict[str, Any] | None = None
    """Record schemas of an earlier run, by entry: `{ENTRY: {"version": …, "schema": …}}`."""
    network_log: tuple[str, ...] | None = None
    """Hosts that the target tried to reach, from the deny log of its network namespace."""
    waivers: tuple[Waiver, ...] = ()
    """Failures that are accepted until a day."""
