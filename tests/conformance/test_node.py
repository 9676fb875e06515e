from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import databases
from joserfc.jwk import OKPKey

from datong.conformance import Calendar, Fixtures, Hook, Issuer, Report, Settings, load_fixtures, run

PROGRAM = Path(__file__).parent.parent / "node" / "adapter.mjs"
KNOWN = Path(__file__).with_name("node.yaml")
CLAIMED = ("core", "catalog", "query", "verify", "corrections", "security", "audit", "ops", "fidelity")
OLDEST = 18
WEDNESDAY, SATURDAY = 2, 5
OPEN = {"REQ-SEC-01": "notApplicable", "REQ-SEC-14": "warning", "REQ-OPS-05": "inconclusive"}
"""Loopback without TLS; requests for important data are not signed; no network namespace."""
TIMED = "REQ-VER-04"
"""Tells of a busy machine too."""


class Running(NamedTuple):
    base: str
    hook: Hook
    issuer: Issuer
    calendar: Calendar
    errors: Path


def calendar() -> Calendar:
    """A week ahead with a holiday and a working Saturday, whenever this runs."""
    today = date.today()
    holiday = today + timedelta(days=(WEDNESDAY - today.weekday()) % 7 or 7)
    workday = today + timedelta(days=(SATURDAY - today.weekday()) % 7 or 7)
    return Calendar(years=(today.year, today.year + 1), holidays=(holiday,), workdays=(workday,))


def node() -> str:
    """The program `node`; without one that is new enough the tests are skipped."""
    found = shutil.which("node")
    stated = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout if found else "v0"
    if int(stated.lstrip("v").partition(".")[0]) < OLDEST:
        databases.absent(f"node {OLDEST} or later is not installed")
    return str(found)


@contextmanager
def serving(folder: Path, issuer: Issuer) -> Iterator[Running]:
    """The Node program on ports of its own, trusting the issuer; it ends with its standard input."""
    days, trusted, errors = calendar(), folder / "issuers.json", folder / "errors.txt"
    trusted.write_text(json.dumps({issuer.issuer: issuer.jwks()}), encoding="utf-8")
    told = {"GDS_ISSUERS": str(trusted), "GDS_CALENDAR": days.model_dump_json()}
    with (
        errors.open("w") as stderr,
        subprocess.Popen(
            [node(), str(PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            env={**os.environ, **told},
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            where = json.loads(process.stdout.readline())
            yield Running(where["base"], Hook(url=where["control"]), issuer, days, errors)
        finally:
            process.stdin.close()
            process.wait(10)


def ed25519() -> Issuer:
    return Issuer(OKPKey.generate_key("Ed25519", {"kid": "kit-ed25519", "use": "sig", "alg": "EdDSA"}))


def told(report: Report) -> list[str]:
    """What did not pass of the classes that are claimed, in words."""
    return [
        f"{each.requirement} {each.status}: {[(one.expected.en, one.found.en) for one in each.findings[:3]]}"
        for each in report.verdicts
        if each.conformance in CLAIMED
        and each.requirement != TIMED
        and each.status != OPEN.get(each.requirement, "pass")
    ]


def test_second_implementation_passes(tmp_path: Path) -> None:
    """An adapter in another language, written from the standard alone, passes every class that it claims."""
    with serving(tmp_path, ed25519()) as running:
        known = load_fixtures(KNOWN).model_copy(update={"hook": running.hook, "calendar": running.calendar})
        report = run(running.base, known, issuer=running.issuer)
        errors = running.errors.read_text()
    assert told(report) == []
    assert set(report.claimed) == set(CLAIMED)
    passed = {each.conformance for each in report.classes if each.status == "passed"}
    assert passed == set(CLAIMED)
    assert (report.exit_code, report.observations.facts["failed"], errors) == (0, {}, "")


def test_second_implementation_without_fixtures(tmp_path: Path) -> None:
    """Fixtures that are derived from its answers raise no false alarm; what only a hook can show stays open."""
    with serving(tmp_path, Issuer.generate()) as running:
        settings = Settings(classes=("catalog", "query", "security"), population=70, cases=4)
        report = run(running.base, Fixtures(), settings, issuer=running.issuer)
    found = {each.requirement: each.status for each in report.verdicts if each.status not in ("pass", "notApplicable")}
    assert found == {"REQ-SEC-14": "warning", "REQ-QRY-12": "inconclusive"}
