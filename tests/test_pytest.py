from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from kit import legacy

from datong._pytest_run import Runner
from datong.conformance import Issuer, Observations, conclude, report_document, report_json
from datong.standard import REQUIREMENTS

HEAVY = ("httpx", "pydantic", "joserfc", "sqlalchemy", "datong.conformance", "datong.standard", "datong.cli")
ARGUMENTS = ("-p", "no:cacheprovider")


@contextmanager
def silent() -> Iterator[tuple[str, socket.socket]]:
    """An address where nobody answers, and whoever comes is seen."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1", server


@contextmanager
def no_adapter() -> Iterator[tuple[str, list[str]]]:
    """A server that answers HTML, and the paths it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<p>Hello</p>")

        def log_message(self, *_: Any) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "kit.json"
    path.write_text(json.dumps(Issuer.generate().private()))
    path.chmod(0o600)
    return path


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Verdicts by requirement, as the kit would give them; all others are inconclusive."""
    statuses: dict[str, str] = {}

    def made(_: Runner) -> str:
        seen = Observations(base="http://127.0.0.1:1/v1", nonce="n", started_at="2026-05-01T01:00:00+00:00")
        document = json.loads(report_json(report_document(conclude(seen))))
        for result in document["results"]:
            status = statuses.get(result["requirement"])
            if status is not None:
                result["status"] = status
                result["reason"] = {"en": f"Because of {status}.", "zh": "原因。"}
                result["findings"] = [{"expected": {"en": "one", "zh": "一"}, "found": {"en": "two", "zh": "二"}}]
                result["findings"] = result["findings"] if status in ("fail", "warning", "waived") else []
                result["hint"] = {"en": "Do it.", "zh": "请改正。"}
        return json.dumps(document)

    monkeypatch.setattr(Runner, "_made", made)
    return statuses


def test_light_at_start() -> None:
    """Where nothing is asked of it, the plugin brings in nothing but itself."""
    script = "import pytest, sys; before = set(sys.modules); import datong._pytest; print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not [name for name in done.stdout.split() if name.startswith(HEAVY)]
    assert "datong._pytest" in done.stdout.split()


def test_found_by_its_entry_point(pytester: pytest.Pytester) -> None:
    """Whoever installs Datong has the options, and nothing changes without them."""
    pytester.makepyfile("def test_own(): pass")
    ran = pytester.runpytest_subprocess(*ARGUMENTS, "--help")
    ran.stdout.fnmatch_lines(["*--datong-url=URL*", "*--datong-adapter=DIR*"])
    pytester.runpytest(*ARGUMENTS).assert_outcomes(passed=1)


def test_collecting_sends_nothing(pytester: pytest.Pytester) -> None:
    """Every requirement is an item below its class, and no connection is made to collect it."""
    with silent() as (url, server):
        ran = pytester.runpytest_inprocess(*ARGUMENTS, "--collect-only", "--datong-url", url)
        with pytest.raises(BlockingIOError):
            server.accept()
    ran.stdout.fnmatch_lines(["*<ConformanceClass core>*", "*<RequirementItem REQ-CORE-01>*"])
    ran.stdout.fnmatch_lines([f"*{len(REQUIREMENTS)} tests collected*"])
    assert ran.ret == 0


def test_selection(pytester: pytest.Pytester) -> None:
    """-k, -m and --datong-class choose among requirements, beside the tests of the project."""
    pytester.makepyfile("def test_own(): pass")
    with silent() as (url, _):
        for more, count in ((("-k", "REQ-SEC-07"), 1), (("-m", "datong"), 127), (("-m", "not datong"), 1)):
            ran = pytester.runpytest_inprocess(*ARGUMENTS, "--collect-only", "--datong-url", url, "-q", *more)
            assert len([line for line in ran.outlines if "::" in line]) == count
        ran = pytester.runpytest_inprocess(*ARGUMENTS, "--co", "-q", "--datong-url", url, "--datong-class", "audit")
        assert [line for line in ran.outlines if line.startswith("gds.")] == [
            f"gds.audit::REQ-AUD-0{n}" for n in range(1, 9)
        ]


def test_outcomes(pytester: pytest.Pytester, judged: dict[str, str]) -> None:
    """Each verdict has one outcome, and what is inconclusive is never passed."""
    judged |= {"REQ-AUD-01": "pass", "REQ-AUD-02": "fail", "REQ-AUD-03": "warning", "REQ-AUD-04": "waived"}
    judged |= {"REQ-AUD-05": "notApplicable", "REQ-AUD-06": "error"}
    given = (
        *ARGUMENTS,
        "-rA",
        "-W",
        "always::datong._pytest.ConformanceWarning",
        "--datong-url",
        "http://127.0.0.1:1/v1",
        "--datong-class",
        "audit",
    )
    ran = pytester.runpytest_inprocess(*given)
    ran.assert_outcomes(passed=2, failed=1, xfailed=1, skipped=3, errors=1, warnings=1)
    ran.stdout.fnmatch_lines_random(
        [
            "SKIPPED * gds.audit::REQ-AUD-05: not applicable: Because of notApplicable.*",
            "SKIPPED * gds.audit::REQ-AUD-07: inconclusive: *",
            "XFAIL gds.audit::REQ-AUD-04 - waived: *",
            "ERROR gds.audit::REQ-AUD-06 - *",
            "FAILED gds.audit::REQ-AUD-02 - *",
            "*ConformanceWarning: REQ-AUD-03 *",
        ]
    )


def test_strict_should(pytester: pytest.Pytester, judged: dict[str, str]) -> None:
    """Whoever takes warnings as errors takes a SHOULD as a MUST; whoever runs xfails takes no waiver."""
    judged |= {"REQ-AUD-03": "warning", "REQ-AUD-04": "waived"}
    given = (*ARGUMENTS, "--datong-url", "http://127.0.0.1:1/v1", "-k", "REQ-AUD-03 or REQ-AUD-04")
    strict = ("-W", "error::datong._pytest.ConformanceWarning", "--runxfail")
    pytester.runpytest_inprocess(*given, *strict).assert_outcomes(failed=2)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_failure_text(language: str, pytester: pytest.Pytester, judged: dict[str, str]) -> None:
    """A failure says requirement, expectation, finding and remedy, and shows no line of the plugin."""
    judged["REQ-AUD-02"] = "fail"
    given = (*ARGUMENTS, "--datong-url", "http://127.0.0.1:1/v1", "-k", "REQ-AUD-02", "--datong-lang", language)
    ran = pytester.runpytest_inprocess(*given)
    words = {
        "en": ["expected: one", "found:    two", "remedy: Do it."],
        "zh": ["应为：一", "实为：二", "处理建议：请改正。"],
    }
    ran.stdout.fnmatch_lines([f"REQ-AUD-02 (*) {REQUIREMENTS['REQ-AUD-02'].text.to(language)}", *words[language]])  # type: ignore[arg-type]
    ran.stdout.no_fnmatch_line("*_pytest.py*")


def test_real_adapter(pytester: pytest.Pytester, tmp_path: Path) -> None:
    """An adapter's folder is started, tested once and summed up; JUnit has class, level, verdict and curl."""
    folder = legacy.write(tmp_path, Issuer.generate())
    given = ("--datong-adapter", str(folder), "--datong-class", "core", "--junitxml", "junit.xml")
    ran = pytester.runpytest_inprocess(*ARGUMENTS, *given)
    passed = ran.parseoutcomes()["passed"]
    assert passed >= 9
    ran.stdout.fnmatch_lines(["*= conformance =*", "http://127.0.0.1:*/v1 *", "core *"])
    cases = {case.get("name"): case for case in ET.parse(pytester.path / "junit.xml").iter("testcase")}  # noqa: S314
    assert len(cases) == 12
    assert cases["REQ-CORE-01"].get("classname") == "gds.core"
    told = {each.get("name"): each.get("value") for each in cases["REQ-CORE-01"].iter("property")}
    assert told == {"level": "MUST", "verdict": "pass"}
    failed = [case.findtext("failure") or "" for case in cases.values() if case.find("failure") is not None]
    assert len(failed) + passed + len(list(ET.parse(pytester.path / "junit.xml").iter("skipped"))) == 12  # noqa: S314
    assert all("curl -sS" in text for text in failed)


def test_no_adapter_there(pytester: pytest.Pytester, key: Path) -> None:
    """Where something else answers, one requirement fails and says so; nothing is passed."""
    with no_adapter() as (url, _):
        ran = pytester.runpytest_inprocess(*ARGUMENTS, "--datong-url", url, "--datong-key", str(key))
    outcomes = ran.parseoutcomes()
    assert (outcomes["failed"], outcomes.get("passed", 0)) == (1, 0)
    ran.stdout.fnmatch_lines(["FAILED *gds.core::REQ-CORE-01*"])


@pytest.mark.parametrize("spread", ["load", "loadgroup", "each"])
def test_workers_share_one_run(spread: str, pytester: pytest.Pytester, key: Path) -> None:
    """However pytest-xdist spreads the items, the kit runs once, and what it left behind is gone."""
    with no_adapter() as (url, asked):
        given = ("--datong-url", url, "--datong-key", str(key), "-n", "2", "--dist", spread)
        ran = pytester.runpytest_subprocess(*ARGUMENTS, *given, f"--basetemp={pytester.path / 'base'}")
    assert ran.parseoutcomes()["failed"] == (2 if spread == "each" else 1)
    assert asked.count("/v1/") == 1
    ran.stdout.fnmatch_lines(["*= conformance =*"])


def test_no_run(pytester: pytest.Pytester) -> None:
    """Where no run is possible, one error says why and the rest is skipped."""
    ran = pytester.runpytest_inprocess(*ARGUMENTS, "--datong-url", "http://127.0.0.1:1/v1", "--datong-class", "core")
    ran.assert_outcomes(errors=1, skipped=11)
    ran.stdout.fnmatch_lines(["The kit has no key that the adapter trusts.", "Make one*--make-key*"])


@pytest.mark.parametrize(
    "given",
    [
        ("--datong-url", "http://127.0.0.1:1/v1", "--datong-adapter", "x"),
        ("--datong-url", "http://127.0.0.1:1/v1", "--datong-class", "nothing"),
    ],
)
def test_wrong_options(given: tuple[str, ...], pytester: pytest.Pytester) -> None:
    """Options that make no sense are a usage error."""
    ran = pytester.runpytest_inprocess(*ARGUMENTS, *given)
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    assert "--datong" in ran.stderr.str()


def test_language_of_the_environment(
    pytester: pytest.Pytester, judged: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without --datong-lang the language is that of the environment, as for every command."""
    judged["REQ-AUD-02"] = "fail"
    monkeypatch.setenv("DATONG_LANG", "zh")
    ran = pytester.runpytest_inprocess(*ARGUMENTS, "--datong-url", "http://127.0.0.1:1/v1", "-k", "REQ-AUD-02")
    ran.stdout.fnmatch_lines(["应为：一"])
