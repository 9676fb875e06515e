from __future__ import annotations

from typing import Any

import pytest

from datong.conformance import CHECKS, Exchange, Failure, Observations, Request, Response, Settings, Tls, Verdict
from datong.conformance._look import judge

BASE = "http://127.0.0.1:1/v1"
STARTED = "2026-06-01T00:00:00+00:00"


def exchange(label: str, response: Response | None = None, failure: Failure | None = None, **tags: Any) -> Exchange:
    request = Request(method="GET", url="/x")
    return Exchange(
        id=f"{label} {sorted(tags.items())}",
        label=label,
        tags=tags,
        request=request,
        response=response,
        failure=failure,
        started_at=STARTED,
        duration_ms=1.0,
    )


def verdict(requirement: str, *exchanges: Exchange, base: str = BASE, **settings: Any) -> Verdict:
    observations = Observations(
        base=base, nonce="n", exchanges=exchanges, settings=Settings(**settings), started_at=STARTED
    )
    return judge(CHECKS[requirement], observations)


def problem(status: int, code: str, origin: str = "source", **headers: str) -> Response:
    body = {"code": code, "origin": origin, "status": status}
    return Response(status=status, body=body, headers=tuple(headers.items()))


DOWN = problem(503, "source-unavailable", **{"retry-after": "5"})
EMPTY = Response(status=200, body={"items": []})


@pytest.mark.parametrize(
    ("response", "status"),
    [
        (DOWN, "pass"),
        (problem(504, "source-timeout", **{"retry-after": "5"}), "pass"),
        (problem(503, "source-unavailable"), "fail"),
        (problem(503, "x", "adapter", **{"retry-after": "5"}), "fail"),
        (EMPTY, "fail"),
    ],
)
def test_source_down(response: Response, status: str) -> None:
    """While the source is down only 503 or 504 with Retry-After and origin source will do."""
    assert verdict("REQ-QRY-12", exchange("query.sourceDown", response)).status == status
    assert verdict("REQ-QRY-12").status == "inconclusive"


@pytest.mark.parametrize(
    ("response", "status"),
    [(problem(503, "audit-unavailable"), "pass"), (problem(503, "internal"), "fail"), (EMPTY, "fail")],
)
def test_audit_blocked(response: Response, status: str) -> None:
    """What cannot be recorded is not answered."""
    assert verdict("REQ-AUD-08", exchange("audit.blocked", response)).status == status
    assert verdict("REQ-AUD-08").status == "inconclusive"


SECURE = Response(status=0, tls=Tls(version="TLSv1.3", cipher="c", fingerprint=""))
REFUSED = Failure(kind="tls", detail="refused")
TLS = "https://data.example.gov.cn/v1"


def spoken(*versions: str) -> list[Exchange]:
    every = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
    return [
        exchange(
            "security.tls", SECURE if each in versions else None, None if each in versions else REFUSED, version=each
        )
        for each in every
    ]


@pytest.mark.parametrize(
    ("exchanges", "status"),
    [
        (spoken("TLSv1.2", "TLSv1.3"), "pass"),
        (spoken("TLSv1.1", "TLSv1.2"), "fail"),
        (spoken(), "fail"),
        ([*spoken("TLSv1.3"), exchange("security.plain", Response(status=308), port=80)], "pass"),
        ([*spoken("TLSv1.3"), exchange("security.plain", Response(status=200, size=80), port=80)], "fail"),
        ([exchange("declare.landing", None, REFUSED)], "fail"),
        ([], "inconclusive"),
    ],
)
def test_transport(exchanges: list[Exchange], status: str) -> None:
    """TLS 1.2 or higher alone, a trusted certificate, and no data without TLS."""
    assert verdict("REQ-SEC-01", *exchanges, base=TLS).status == status


def test_transport_without_tls() -> None:
    """HTTP is a test profile on loopback, and a failure anywhere else."""
    landing = exchange("declare.landing", Response(status=200, body={}))
    assert verdict("REQ-SEC-01", landing).status == "notApplicable"
    assert verdict("REQ-SEC-01", landing, base="http://data.example.gov.cn/v1").status == "fail"


@pytest.mark.parametrize(
    ("log", "status"), [(None, "inconclusive"), ((), "pass"), (("telemetry.example.com",), "warning")]
)
def test_isolation(log: tuple[str, ...] | None, status: str) -> None:
    """The deny log of the network namespace decides; without one nothing is said."""
    live = exchange("ops.live", Response(status=200, body={"status": "pass"}))
    assert verdict("REQ-OPS-05", live, network_log=log).status == status


def schema(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


TEXT, NUMBER = {"type": "string"}, {"type": "integer"}


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        (schema(a=TEXT), schema(a=TEXT, b=TEXT), "pass"),
        (schema(a=TEXT, b=TEXT), schema(a=TEXT), "fail"),
        (schema(a=TEXT), schema(a=NUMBER), "fail"),
        (schema(a=TEXT), schema(a=TEXT) | {"required": ["a"]}, "fail"),
        (schema(a=TEXT), schema(b=TEXT) | {"major": 2}, "pass"),
    ],
)
def test_schema_drift(before: dict[str, Any], after: dict[str, Any], status: str) -> None:
    """Within a major version nothing is removed, retyped or newly required since the earlier run."""
    version = f"{after.get('major', 1)}.4.0"
    entry = exchange("catalog.entry", Response(status=200, body={"items": [], "version": version}), entry="e")
    now = exchange("ops.schema", Response(status=200, body=after), entry="e")
    previous = {"e": {"version": "1.0.0", "schema": before}}
    assert verdict("REQ-OPS-04", entry, now, previous=previous).status == status


def announced(notice: dict[str, str], **headers: str) -> list[Exchange]:
    body = {"items": [], "version": "1.0.0", "changeNotice": notice}
    given = tuple(headers.items())
    return [
        exchange("catalog.entry", Response(status=200, body=body), entry="e"),
        exchange("ops.announced", Response(status=200, headers=given), entry="e", kind="data"),
    ]


AHEAD = {"announcedAt": "2026-03-01", "effectiveAt": "2027-03-01"}


def test_announcements() -> None:
    """A planned change shows in Deprecation and Sunset, and is announced before it takes effect."""
    both = {"deprecation": "@1772294400", "sunset": "Mon, 01 Mar 2027 00:00:00 GMT"}
    late = {"announcedAt": "2027-03-02", "effectiveAt": "2027-03-01"}
    assert verdict("REQ-OPS-04", *announced(AHEAD, **both)).status == "pass"
    assert verdict("REQ-OPS-04", *announced(AHEAD, sunset=both["sunset"])).status == "fail"
    assert verdict("REQ-OPS-04", *announced(late, **both)).status == "fail"
    assert verdict("REQ-OPS-04").status == "notApplicable"


def test_ready_while_down() -> None:
    """A failing check makes /health/ready answer 503."""
    ready = Response(status=503, body={"checks": {"source": {"status": "fail"}}})
    up = exchange("ops.ready", ready, role="operator")
    assert verdict("REQ-OPS-02", up, exchange("ops.readyDown", ready)).status == "pass"
    assert verdict("REQ-OPS-02", up, exchange("ops.readyDown", Response(status=200))).status == "fail"


def outcome(kind: str, number: int, **headers: str) -> Exchange:
    response = Response(status=200, body={"results": [{"outcome": "noMatch"}]}, headers=tuple(headers.items()))
    return exchange("verify.sample", response, kind=kind, number=number)


@pytest.mark.parametrize(
    ("wrong", "absent", "status"),
    [
        (("a", "b"), ("c", "d"), "pass"),
        (("a", "a"), ("a", "a"), "pass"),
        (("a", "a"), ("b", "b"), "fail"),
        (("a", "b"), ("0", "0"), "fail"),
    ],
)
def test_headers_that_tell_the_absent(wrong: tuple[str, str], absent: tuple[str, str], status: str) -> None:
    """A header that differs from call to call is no sign; one that differs between the kinds is."""
    samples = [
        outcome(kind, number, trace=text)
        for kind, texts in (("wrong", wrong), ("absent", absent))
        for number, text in enumerate(texts)
    ]
    assert verdict("REQ-VER-03", *samples).status == status


@pytest.mark.parametrize(
    ("after", "status"), [("5", "pass"), ("Thu, 01 Jan 2026 00:00:00 GMT", "pass"), ("soon", "fail"), (None, "fail")]
)
def test_over_use_says_when_to_come_back(after: str | None, status: str) -> None:
    """An answer 429 tells the wait in seconds or by a date (RFC 9110, 10.2.3)."""
    headers = {} if after is None else {"retry-after": after}
    assert verdict("REQ-OPS-03", exchange("ops.burst", problem(429, "slow-down", **headers))).status == status
