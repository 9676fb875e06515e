"""The conformance kit: probes a target over HTTP, records what it sees, and judges it by pure checks.

A true black box: it knows the standard and nothing of the server behind it.
"""

from datong.conformance._context import Access, Blocked, Context
from datong.conformance._debug import Diagnosis, Step, debug_token
from datong.conformance._derive import derive_fixtures
from datong.conformance._engine import conclude, planned, register_digest, run
from datong.conformance._events import (
    Event,
    ExchangeRecorded,
    Finished,
    Judged,
    Listener,
    Planned,
    ProbeStarted,
)
from datong.conformance._evidence import (
    Fault,
    SigningKey,
    Unreadable,
    Verification,
    known_signers,
    verify_bundle,
    write_bundle,
)
from datong.conformance._exchange import Exchange, Failure, Request, Response, Tls
from datong.conformance._fixtures import Calendar, EntryFixtures, Fixtures, Hook, KnownRecord, load_fixtures
from datong.conformance._issuer import BAD, ISSUER, Issuer, Token, Tokens
from datong.conformance._observations import Observations, Wait
from datong.conformance._redact import Redactor
from datong.conformance._registry import CHECKS, PROBES, Check, Probe
from datong.conformance._report import ClassSummary, Kit, Report, Target
from datong.conformance._reports import (
    CLASS_TITLES,
    FORMATS,
    Explanation,
    Progressing,
    ReportDocument,
    explain,
    print_report,
    report_digest,
    report_document,
    report_html,
    report_json,
    report_junit,
    report_schema,
    requirement_id,
    write_reports,
)
from datong.conformance._reports._words import STATUSES
from datong.conformance._session import Session
from datong.conformance._settings import Settings
from datong.conformance._verdict import Bilingual, Finding, Status, Verdict, Waiver
from datong.conformance._verdicts import UNCHECKED, verdicts

__all__ = [
    "BAD",
    "CHECKS",
    "CLASS_TITLES",
    "FORMATS",
    "ISSUER",
    "PROBES",
    "STATUSES",
    "UNCHECKED",
    "Access",
    "Bilingual",
    "Blocked",
    "Calendar",
    "Check",
    "ClassSummary",
    "Context",
    "Diagnosis",
    "EntryFixtures",
    "Event",
    "Exchange",
    "ExchangeRecorded",
    "Explanation",
    "Failure",
    "Fault",
    "Finding",
    "Finished",
    "Fixtures",
    "Hook",
    "Issuer",
    "Judged",
    "Kit",
    "KnownRecord",
    "Listener",
    "Observations",
    "Planned",
    "Probe",
    "ProbeStarted",
    "Progressing",
    "Redactor",
    "Report",
    "ReportDocument",
    "Request",
    "Response",
    "Session",
    "Settings",
    "SigningKey",
    "Status",
    "Step",
    "Target",
    "Tls",
    "Token",
    "Tokens",
    "Unreadable",
    "Verdict",
    "Verification",
    "Wait",
    "Waiver",
    "conclude",
    "debug_token",
    "derive_fixtures",
    "explain",
    "known_signers",
    "load_fixtures",
    "planned",
    "print_report",
    "register_digest",
    "report_digest",
    "report_document",
    "report_html",
    "report_json",
    "report_junit",
    "report_schema",
    "requirement_id",
    "run",
    "verdicts",
    "verify_bundle",
    "write_bundle",
    "write_reports",
]
