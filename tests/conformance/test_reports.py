from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from conformance.reporting import EVIL, every_verdict, hostile, report, same, verdict
from rich.console import Console

from datong.conformance import (
    FORMATS,
    ExchangeRecorded,
    Finished,
    Judged,
    Planned,
    ProbeStarted,
    Progressing,
    Report,
    ReportDocument,
    print_report,
    report_digest,
    report_document,
    report_json,
    report_junit,
    report_schema,
    write_reports,
)
from datong.conformance._reports._evidence import LONGEST, curl, shown
from datong.conformance._reports._wrap import wrapped
from datong.model import Language, Text

LANGUAGES: tuple[Language, ...] = ("en", "zh")


def printed(made: Report, language: Language, width: int = 100) -> str:
    stream = io.StringIO()
    print_report(report_document(made), Console(file=stream, width=width, highlight=False, markup=False), language)
    return stream.getvalue()


# -- terminal -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [100, 56])
def test_terminal(language: Language, width: int) -> None:
    """The whole output, in both languages, on a wide and on a narrow terminal."""
    same(f"terminal-{language}-{width}.txt", printed(every_verdict(), language, width))


@pytest.mark.parametrize("language", LANGUAGES)
def test_terminal_keeps_to_its_width(language: Language) -> None:
    """No line is wider than the terminal, but for the command that a person copies in one piece."""
    from rich.cells import cell_len  # noqa: PLC0415 - for this test alone

    lines = printed(every_verdict(), language, 60).splitlines()
    assert [line for line in lines if cell_len(line) > 60 and "curl" not in line] == []


def test_outcome_says_no_more_than_was_seen() -> None:
    """Without a failure the first sentence still tells proven, unproven and broken off apart."""
    good = [verdict("REQ-CORE-01", "pass", exchanges=("x00001",))]
    open_ = [*good, verdict("REQ-QRY-12", "inconclusive")]
    assert "No failure: what was tested conforms." in printed(report(good), "en")
    assert "No failure, but not everything was tested." in printed(report(open_), "en")
    assert "Not fully tested, so not passed: Records and query." in printed(report(open_), "en")
    assert "Nothing was proven." in printed(report([verdict("REQ-CORE-01", "inconclusive")]), "en")
    stopped = report(good).model_copy(update={"stopped": Text("Time was over.", "时限已到。")})
    assert "The run ended early: this is no proof." in printed(stopped, "en")
    assert "Time was over." in printed(stopped, "en")


def test_exit_codes() -> None:
    """0 no failure, 1 at least one, 2 where the kit failed or the run ended early: that is no success."""
    made = report([verdict("REQ-CORE-01", "pass", exchanges=("x00001",))])
    assert made.exit_code == 0
    assert made.model_copy(update={"stopped": Text("a", "b")}).exit_code == 2
    assert every_verdict().exit_code == 2
    failed = report([verdict("REQ-CORE-01", "fail"), verdict("REQ-SEC-14", "warning")])
    assert failed.exit_code == 1
    assert failed.model_copy(update={"stopped": Text("a", "b")}).exit_code == 1
    assert report_document(failed).exit_code == 1


def test_progress_is_shown_on_a_terminal_alone() -> None:
    """A listener that shows probes and requests where somebody looks, and nothing in a file."""
    made = every_verdict()
    for terminal in (True, False):
        stream = io.StringIO()
        console = Console(file=stream, force_terminal=terminal, width=100)
        with Progressing(console, "en") as progress:
            progress(Planned(("core",), ("core.paths", "query.walk"), ("REQ-CORE-01",)))
            progress(ProbeStarted("query.walk", "query", 2))
            progress(ExchangeRecorded(made.observations.exchanges[0]))
            progress._bar.refresh()
            progress(Judged(made.verdicts[0]))
            progress(Finished(0, 1.0))
        told = stream.getvalue()
        assert ("query.walk" in told, "1 requests" in told, "1/2" in told) == (terminal,) * 3


@pytest.mark.parametrize(
    "text", ["a plain line", "《政务数据共享条例》第二十二条第二款、第三十五条，以及其他", "x" * 99, ""]
)
@pytest.mark.parametrize("width", [20, 40])
def test_wrap(text: str, width: int) -> None:
    """Nothing is lost by breaking lines, none is too wide, and no line starts with a closing mark."""
    from rich.cells import cell_len  # noqa: PLC0415 - for this test alone

    lines = list(wrapped(text, width))
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert max(map(cell_len, lines)) <= width
    assert [line for line in lines if line[:1] in "，。、》；"] in ([], [""])


# -- JSON -----------------------------------------------------------------------------------------------


def test_json_is_valid_against_its_schema() -> None:
    """What is written holds to the published schema, and the schema is strict."""
    schema = report_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for made in (every_verdict(), hostile()):
        document = json.loads(report_json(report_document(made)))
        jsonschema.Draft202012Validator(schema).validate(document)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(schema).validate({**document, "extra": 1})


def test_json() -> None:
    """The whole document."""
    same("report.json", report_json(report_document(every_verdict())))


def test_digest_finds_a_change() -> None:
    """The digest can be computed again from the file alone, and differs after any edit."""
    document = report_document(every_verdict())
    read = ReportDocument.model_validate_json(report_json(document))
    assert report_digest(read) == read.digest == document.digest
    edited = read.model_copy(update={"exit_code": 0})
    assert report_digest(edited) != document.digest


def test_evidence_is_bounded() -> None:
    """A report shows three exchanges of a finding and the start of a long body, and says what it leaves out."""
    made = every_verdict()
    exchange = made.observations.exchanges[0]
    assert exchange.response is not None
    long = exchange.model_copy(update={"response": exchange.response.model_copy(update={"body": "x" * (LONGEST + 5)})})
    told = shown(long, "https://adapter.example/v1")
    assert (len(told.response_body or ""), told.cut) == (LONGEST, 5)
    many = tuple(exchange.model_copy(update={"id": f"y{number}"}) for number in range(9))
    finding = made.verdicts[3].findings[0].model_copy(update={"exchanges": tuple(each.id for each in many)})
    seen = made.observations.model_copy(update={"exchanges": many})
    failed = made.verdicts[3].model_copy(update={"findings": (finding,)})
    assert len(report_document(made.model_copy(update={"observations": seen, "verdicts": (failed,)})).evidence) == 3


# -- JUnit ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_junit(language: Language) -> None:
    """The whole file."""
    same(f"junit-{language}.xml", report_junit(report_document(every_verdict()), language))


def test_junit_structure() -> None:
    """A suite a class and a case a requirement; counts agree with what stands below them."""
    made = every_verdict()
    root = ET.fromstring(report_junit(report_document(made), "en"))  # noqa: S314 - our own file
    assert [suite.get("name") for suite in root] == [each.conformance for each in made.classes]
    cases = root.findall("./testsuite/testcase")
    assert [(case.get("name") or "").partition(" ")[0] for case in cases] == [
        each.requirement for each in made.verdicts
    ]
    for level in (root, *root.findall("testsuite")):
        for attribute, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(level.get(attribute) or -1) == len(level.findall(f".//{element}"))
        assert int(level.get("tests") or -1) == len(level.findall(".//testcase"))
    skipped = {(each.get("name") or "").partition(" ")[0] for each in cases if each.find("skipped") is not None}
    assert skipped == {"REQ-CORE-02", "REQ-QRY-12", "REQ-AUD-08", "REQ-FIL-01"}
    warned = next(each for each in cases if "REQ-VER-04" in (each.get("name") or ""))
    assert warned.find("failure") is None
    assert "timeout" in (warned.findtext("system-out") or "")


# -- hostile targets ------------------------------------------------------------------------------------


def test_hostile_text_stays_text() -> None:
    """XML parses whatever a target sends, and no report holds a control or a bidirectional mark."""
    document = report_document(hostile())
    root = ET.fromstring(report_junit(document, "zh"))  # noqa: S314 - our own file
    assert root.find(".//script") is None
    files = [render(document, "en") for _, render in FORMATS.values()]
    for text in (*files, printed(hostile(), "zh"), printed(hostile(), "en", 50)):
        assert [char for char in "\x00\x07\x1b\x9b\r\u202e\u2066\ufffe\ud800" if char in text] == []


@pytest.mark.parametrize("exchange", [*hostile().observations.exchanges, *every_verdict().observations.exchanges])
def test_curl_line_is_one_command(exchange: object, tmp_path: Path) -> None:
    """A shell runs `curl` and nothing else, with the address, headers and body of the exchange."""
    line = curl(exchange, "https://adapter.example/v1")  # type: ignore[arg-type]
    script = "curl() { printf '%s\\0' \"$@\"; }; TOKEN=secret\n" + line
    assert "\n" not in line
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, check=True, capture_output=True)
    given = done.stdout.decode("utf-8", "surrogatepass").split("\0")
    assert list(tmp_path.iterdir()) == []
    assert done.stderr == b""
    assert given[-2].startswith("https://adapter.example/v1/")
    if EVIL not in line and "good" in str(exchange):
        assert "Authorization: Bearer secret" in given


def test_curl_repeats_the_request() -> None:
    """Method, body and headers are those that were sent; the token is the caller's own."""
    page, search, _ = (curl(each, "https://adapter.example/v1") for each in every_verdict().observations.exchanges)
    assert page == (
        "curl -sS -i -H \"Authorization: Bearer $TOKEN\" 'https://adapter.example/v1/datasets/persons/records?limit=7'"
    )
    assert "-X" not in search
    assert "--data-raw" in search


# -- files ----------------------------------------------------------------------------------------------


def test_write_reports(tmp_path: Path) -> None:
    """Each format that is asked for becomes one file, in a folder that is made."""
    written = write_reports(report_document(every_verdict()), ["junit", "html"], tmp_path / "a" / "b", "en")
    assert sorted(path.name for path in (tmp_path / "a" / "b").iterdir()) == sorted(path.name for path in written)
    assert [path.name for path in written] == ["conformance.junit.xml", "conformance.html"]
