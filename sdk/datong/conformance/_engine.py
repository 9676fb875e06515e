"""Runs the kit: plan, probes, recorded exchanges, checks, verdicts. Events tell what happens."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from typing import Any, Final

import httpx

from datong.conformance import _checks, _probes
from datong.conformance._context import Blocked, Context
from datong.conformance._derive import derive_fixtures
from datong.conformance._events import Event, ExchangeRecorded, Finished, Judged, Listener, Planned, ProbeStarted
from datong.conformance._exchange import Exchange
from datong.conformance._fixtures import Fixtures
from datong.conformance._issuer import Issuer
from datong.conformance._observations import Observations
from datong.conformance._redact import Redactor
from datong.conformance._registry import PROBES, Probe
from datong.conformance._report import Kit, Report, Target, summarise
from datong.conformance._session import BudgetSpent, Session, loopback
from datong.conformance._settings import Settings
from datong.conformance._stops import STOPS
from datong.conformance._verdict import Verdict
from datong.conformance._verdicts import asked, verdicts
from datong.model import DatongError
from datong.standard import INTERFACE_VERSION, REQUIREMENTS

_LOADED: Final = (_checks, _probes)
"""Importing them registers every check and every probe."""
_NONCE: Final = 16


@dataclass
class _Run:
    """One run while it goes on."""

    context: Context
    listener: Listener
    nonce: str
    exchanges: list[Exchange] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    stopped: str | None = None
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    clock: float = field(default_factory=time.monotonic)

    def probe(self, each: Probe, number: int) -> None:
        self.listener(ProbeStarted(each.name, each.conformance, number))
        self.context.probe = each.name
        try:
            each.run(self.context)
        except Blocked:
            pass  # noted by the context; checks that saw nothing say so
        except BudgetSpent:
            self.stopped = self.stopped or "budget"
        except DatongError as error:
            self.failed[each.name] = error.code
        except Exception as error:  # noqa: BLE001 - one probe that fails on odd answers does not end the run
            self.failed[each.name] = type(error).__name__

    def observations(self) -> Observations:
        redactor = self.context.session.redactor
        facts = redactor.value(
            {**self.context.facts, "failed": self.failed, "hook": self.context.fixtures.hook is not None}
        )
        return Observations(
            base=self.context.session.base,
            nonce=self.nonce,
            exchanges=tuple(self.exchanges),
            fixtures=pseudonymised(self.context.fixtures, redactor),
            settings=self.context.settings,
            facts=facts,
            started_at=self.started.isoformat(timespec="milliseconds"),
            waits=tuple(self.context.session.waits),
            stopped=self.stopped,
        )


def run(
    target: str,
    fixtures: Fixtures | None = None,
    settings: Settings | None = None,
    *,
    issuer: Issuer | None = None,
    listener: Listener | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    nonce: str | None = None,
) -> Report:
    """Test the adapter at `target`, an address that ends with the major version (`https://host/v1`).

    The target must trust `issuer` for every role. Fixtures that are not given are derived from the
    target's own answers. Nothing that a target does raises; the report says it. To be called where
    no event loop runs.
    """
    started = _started(target, fixtures, settings, issuer or Issuer.generate(), listener, transport, nonce)
    try:
        _declare(started)
        if started.stopped is None:
            _probe_all(started)
    finally:
        started.context.session.close()
    return conclude(started.observations(), started.listener, time.monotonic() - started.clock)


def conclude(observations: Observations, listener: Listener | None = None, seconds: float = 0.0) -> Report:
    """The report that follows from observations: the same whenever and wherever it is made."""
    tell: Listener = listener or _silent
    found: list[Verdict] = []
    for verdict in verdicts(observations):
        found.append(verdict)
        tell(Judged(verdict))
    report = Report(
        kit=Kit(version=version("datong"), interface=INTERFACE_VERSION, register_digest=register_digest()),
        target=_target(observations),
        started_at=observations.started_at,
        seconds=round(seconds, 3),
        claimed=observations.claimed,
        verdicts=tuple(found),
        classes=summarise(found, observations.claimed),
        stopped=STOPS[observations.stopped] if observations.stopped else None,
        observations=observations,
    )
    tell(Finished(report.exit_code, report.seconds))
    return report


def planned(settings: Settings, claimed: tuple[str, ...]) -> list[Probe]:
    """The probes of the classes in question, in their order; the early ones have run by then."""
    wanted = {each.conformance for each in asked(Observations(base="", nonce="", settings=settings))}
    classes = {"core", *claimed} & wanted
    return [each for each in PROBES.values() if not each.early and each.conformance in classes]


def pseudonymised(fixtures: Fixtures, redactor: Redactor) -> Fixtures:
    """The fixtures as checks see them; without the key and the hook, which may hold secrets."""
    document = fixtures.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    document.pop("hook", None)
    document.pop("issuer", None)
    return Fixtures.model_validate(redactor.value(_by_item(document, redactor)))


def _by_item(document: dict[str, Any], redactor: Redactor) -> dict[str, Any]:
    for entry in document.get("entries", {}).values():
        for record in entry.get("records", ()):
            record["values"] = redactor.members(record["values"])
            record["where"] = redactor.members(record.get("where", {}))
        for claim in entry.get("claims", ()):
            claim["claim"] = redactor.members(claim["claim"])
        for grant in entry.get("grants", ()):
            grant["filter"] = redactor.members(grant.get("filter", {}))
        if "rows" in entry:
            entry["rows"] = redactor.members(entry["rows"])
        if "sensitive" in entry:
            entry["sensitive"]["value"] = redactor.item(entry["sensitive"]["value"])
    return document


@cache
def register_digest() -> str:
    rows = [[each.id, each.level, each.text.en, each.check] for each in REQUIREMENTS.values()]
    return _digest(rows)


def _started(
    target: str,
    fixtures: Fixtures | None,
    settings: Settings | None,
    issuer: Issuer,
    listener: Listener | None,
    transport: httpx.AsyncBaseTransport | None,
    nonce: str | None,
) -> _Run:
    chosen = settings or Settings()
    given = fixtures or Fixtures()
    if chosen.ca is None and given.ca is not None:
        chosen = chosen.model_copy(update={"ca": given.ca})
    exchanges: list[Exchange] = []
    tell: Listener = listener or _silent

    def record(exchange: Exchange) -> None:
        exchanges.append(exchange)
        tell(ExchangeRecorded(exchange))

    session = Session(target, chosen, Redactor(secrets.token_bytes(32)), record, transport=transport)
    context = Context(session, given, chosen, secrets.token_hex(3), issuer)
    context.nonce = nonce or secrets.token_hex(_NONCE)
    return _Run(context, tell, context.nonce, exchanges)


def _declare(started: _Run) -> None:
    """What the target says of itself; a target that says nothing ends the run here."""
    early = [each for each in PROBES.values() if each.early]
    for number, each in enumerate(early, 1):
        started.probe(each, number)
        started.stopped = started.stopped or started.context.facts.pop("stop", None)
        if started.stopped is not None:
            return


def _probe_all(started: _Run) -> None:
    context = started.context
    try:
        context.fixtures = derive_fixtures(context)
    except (Blocked, BudgetSpent):
        started.failed["derive"] = "refused"
    probes = planned(context.settings, context.claimed)
    wanted = tuple(each.id for each in asked(Observations(base="", nonce="", settings=context.settings)))
    started.listener(Planned(context.claimed, tuple(each.name for each in probes), wanted))
    for number, each in enumerate(probes, 1):
        started.probe(each, number)
        if started.stopped is not None:
            return


def _target(observations: Observations) -> Target:
    discovery, landing = observations.discovery, observations.declared("declare.landing")
    secure = next((each.response.tls for each in observations.exchanges if each.response and each.response.tls), None)
    return Target(
        base=observations.base,
        adapter_id=_text(discovery, "adapterId"),
        provider=_text(discovery, "providerId"),
        title=_text(landing, "title"),
        version=_text(landing, "version"),
        openapi_digest=_digest(observations.openapi) if observations.openapi else None,
        fingerprint=secure.fingerprint if secure else None,
        test_profile=observations.base.startswith("http:") and loopback(observations.base),
    )


def _text(document: Mapping[str, Any], name: str) -> str | None:
    value = document.get(name)
    return value if isinstance(value, str) else None


def _digest(document: Any) -> str:
    canonical = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def _silent(_: Event) -> None:
    """Hears nothing."""
