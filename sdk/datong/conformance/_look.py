"""What a check sees through: it cites every exchange that it looks at, and collects what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NoReturn

from datong.conformance._exchange import Exchange, Tag
from datong.conformance._observations import Observations
from datong.conformance._redact import redacted
from datong.conformance._registry import CHECKS, Check
from datong.conformance._verdict import Finding, Status, Verdict
from datong.model import Text
from datong.standard import validator

MOST = 20
"""Findings that one verdict holds."""
NOTHING = Text("Nothing was observed that could show it.", "未观察到可供判断的内容。")


class Stop(Exception):
    """Ends a check without pass or fail."""

    def __init__(self, status: Status, reason: Text) -> None:
        super().__init__(reason.en)
        self.status = status
        self.reason = reason


class Look:
    def __init__(self, observations: Observations) -> None:
        self.obs = observations
        self.findings: list[Finding] = []
        self.cited: dict[str, None] = {}
        self.figures: dict[str, float] = {}

    # -- looking ------------------------------------------------------------------------------------

    def at(self, label: str, **tags: Tag) -> list[Exchange]:
        """Exchanges of a label (all below it where it ends with a dot), each cited."""
        return self.cite(self.obs.at(label, **tags))

    def cite(self, exchanges: Iterable[Exchange]) -> list[Exchange]:
        found = list(exchanges)
        self.cited.update(dict.fromkeys(each.id for each in found))
        return found

    def need(self, label: str, **tags: Tag) -> list[Exchange]:
        """The same; without any the check ends as inconclusive."""
        found = self.at(label, **tags)
        if not found:
            self.inconclusive()
        return found

    def answered(self, label: str, *statuses: int, **tags: Tag) -> list[Exchange]:
        """Exchanges with one of these statuses (200 where none is named)."""
        return self.cite(each for each in self.obs.at(label, **tags) if each.status in (statuses or (200,)))

    @property
    def now(self) -> datetime:
        return self.obs.settings.now or datetime.fromisoformat(self.obs.started_at).astimezone(UTC)

    # -- finding ------------------------------------------------------------------------------------

    def wrong(self, expected: str | Text, found: str | Text, *exchanges: Exchange) -> None:
        if len(self.findings) < MOST:
            ids = tuple(each.id for each in exchanges)
            self.findings.append(Finding(expected=both(expected), found=both(found), exchanges=ids))

    def expect(self, holds: object, expected: str | Text, found: str | Text, *exchanges: Exchange) -> bool:
        self.cite(exchanges)
        if not holds:
            self.wrong(expected, found, *exchanges)
        return bool(holds)

    def status(self, exchange: Exchange, *allowed: int) -> bool:
        """Whether the status is one of these, else a finding."""
        return self.expect(
            exchange.status in allowed, f"HTTP {' / '.join(map(str, allowed))}", shown(exchange), exchange
        )

    def refused(self, exchange: Exchange, status: int, code: str | None = None) -> bool:
        """Whether it was refused with this status and, where one is laid down, this code."""
        holds = exchange.status == status and code in (None, exchange.code)
        return self.expect(holds, f"HTTP {status}" + (f" {code}" if code else ""), shown(exchange), exchange)

    def schema(self, exchange: Exchange, name: str, document: Any = None) -> bool:
        """Whether the body, or a part of it, is valid against a schema of the standard."""
        errors = list(schema_errors(name, exchange.body if document is None else document))
        for place, message in errors[:3]:
            self.wrong(f"schema {name}", f"{place or '/'}: {message}", exchange)
        self.cite([exchange])
        return not errors

    # -- ending -------------------------------------------------------------------------------------

    def inconclusive(self, reason: Text = NOTHING) -> NoReturn:
        raise Stop("inconclusive", reason)

    def error(self, reason: Text) -> NoReturn:
        raise Stop("error", reason)

    def not_applicable(self, reason: Text) -> NoReturn:
        raise Stop("notApplicable", reason)


def judge(check: Check, observations: Observations) -> Verdict:
    """The verdict of one check: a pure function, so that anybody can recompute it."""
    look = Look(observations)
    status: Status = "pass"
    reason: Text | None = None
    try:
        check.look(look)
    except Stop as stop:
        status, reason = stop.status, stop.reason
    except Exception as error:  # noqa: BLE001 - whatever a target sends, one check never ends the run
        status = "error"
        reason = Text(f"The check failed: {type(error).__name__}.", f"检查程序出错：{type(error).__name__}。")
    about = check.about
    if look.findings and status != "error":
        status, reason = ("fail" if about.level == "MUST" else "warning"), None
    elif status == "pass" and not look.cited:
        status, reason = "inconclusive", NOTHING
    return Verdict(
        requirement=about.id,
        conformance=about.conformance,
        level=about.level,
        status=status,
        findings=tuple(look.findings),
        exchanges=tuple(look.cited),
        reason=reason,
        hint=check.hint if look.findings else None,
        figures=look.figures,
    )


def verdict_of(requirement: str, observations: Observations) -> Verdict:
    return judge(CHECKS[requirement], observations)


def both(text: str | Text) -> Text:
    return text if isinstance(text, Text) else Text(text, text)


def shown(exchange: Exchange) -> str:
    """An outcome in few words."""
    if exchange.failure is not None:
        return f"{exchange.failure.kind}: {exchange.failure.detail}"
    return f"HTTP {exchange.status}" + (f" {exchange.code}" if exchange.code else "")


def schema_errors(name: str, document: Any) -> Iterator[tuple[str, str]]:
    """Place and message of each violation; values that were taken out are not judged."""
    for error in validator(name).iter_errors(document):
        yield from judged(error)


def judged(error: Any) -> Iterator[tuple[str, str]]:
    if redacted(error.instance):
        return
    if error.context and any(any(True for _ in _hidden(part)) for part in error.context):
        return
    place = "".join(f"/{part}" for part in error.absolute_path)
    yield place, str(error.message)[:200]


def _hidden(error: Any) -> Iterator[Any]:
    if redacted(error.instance):
        yield error
    for part in error.context or ():
        yield from _hidden(part)
