from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from config import legacy

from datong.config import STAGES, Report, check
from datong.model import Column, KeyGuess, SourceProblem, Text, UsageError

ROWS = [(n, f"王小{n}", date(1960, 1, n)) for n in range(1, 10)]
Write = Callable[..., Path]


def told(report: Report) -> list[tuple[str, str, str]]:
    return [(finding.code, finding.severity, finding.path) for finding in report.findings]


def outcomes(report: Report) -> dict[str, str]:
    return {stage.name: stage.outcome for stage in report.stages}


def test_all_stages(write: Write, kind: legacy.Kind) -> None:
    """A good adapter over a good source passes every stage, in order, each timed, and the source is closed."""
    kind.source.rows = ROWS
    heard: list[str] = []
    report = check(write(), progress=heard.append)
    assert report.findings == []
    assert [stage.name for stage in report.stages] == list(STAGES)
    assert set(outcomes(report).values()) == {"passed"}
    assert all(stage.seconds > 0 for stage in report.stages)
    assert [name for name in STAGES if name in heard] == [name for name in STAGES if name != "mapping"]
    assert kind.source.closed == 1


def test_offline(write: Write, kind: legacy.Kind) -> None:
    """Offline the source is not even built, and what was not looked at is told as skipped."""
    report = check(write(), offline=True)
    assert kind.source.opened == []
    assert outcomes(report)["reachability"] == outcomes(report)["sample"] == "skipped"
    assert outcomes(report)["contract"] == "passed"


def test_unreachable(write: Write, kind: legacy.Kind) -> None:
    """A source that does not answer is told with its cause; the sample is skipped, the contract is not."""
    cause, hint = Text("Nobody listens on db:5432.", "db:5432 无人监听。"), Text("Start it.", "请启动。")
    kind.source.silent = SourceProblem("source-unavailable", cause=cause, hint=hint)
    report = check(write())
    (finding,) = report.findings
    assert (finding.code, finding.message, finding.hint) == ("source-unavailable", cause, hint)
    assert (finding.path, finding.line) == ("source", 10)
    assert outcomes(report) | {"sample": "skipped", "reachability": "failed", "contract": "passed"} == outcomes(report)
    assert kind.source.closed == 1


def test_missing_driver(write: Write, kind: legacy.Kind) -> None:
    """A driver that is not installed is a finding of reachability."""
    kind.missing_driver = True
    assert told(check(write())) == [("driver-missing", "error", "source")]


def test_missing_structure(write: Write, kind: legacy.Kind) -> None:
    """A table that is not there names the nearest that is."""
    kind.source.structures = [legacy.structure("PERSONS"), legacy.structure("PAYMENT")]
    (finding,) = check(write()).findings
    assert (finding.code, finding.path, finding.line) == ("structure-unknown", "datasets.person.from", 15)
    assert finding.hint.en == "Did you mean `PERSONS`?"


def test_missing_columns(write: Write, kind: legacy.Kind) -> None:
    """Columns that are not there are all told, of items and of the key, each with the nearest."""
    columns = (Column("IDS", "integer"), Column("XM1", "string"), Column("CSRQ", "date"))
    kind.source.structures = [legacy.structure("PERSON", columns=columns)]
    kind.source.rows = ROWS
    report = check(write())
    assert told(report) == [
        ("column-unknown", "error", "datasets.person.fields.id.from"),
        ("column-unknown", "error", "datasets.person.fields.name.from"),
        ("column-unknown", "error", "datasets.person.key[0]"),
    ]
    assert [finding.hint.en for finding in report.findings][1] == "Did you mean `XM1`?"


def test_unreadable_structure(write: Write, kind: legacy.Kind) -> None:
    """A structure that cannot be read says why."""
    kind.source.structures = [legacy.structure("PERSON", problem="no right to read it")]
    (finding,) = check(write()).findings
    assert finding.code == "structure-unreadable"
    assert "no right to read it" in finding.message.en


def test_empty_table(write: Write) -> None:
    """A table without rows is a note, not a fault."""
    report = check(write())
    assert told(report) == [("rows-none", "note", "datasets.person.from")]
    assert report.ok


def test_faulty_rows(write: Write, kind: legacy.Kind) -> None:
    """Rows that cannot be converted are counted by item and code; values are not shown."""
    kind.source.rows = [(1, "王五", "gestern"), (2, "王\ufffd", date(1960, 1, 1)), *ROWS[2:]]
    report = check(write())
    assert [(finding.path, finding.severity) for finding in report.findings] == [
        ("datasets.person.fields.birthDate", "warning"),
        ("datasets.person.fields.name", "warning"),
    ]
    assert report.findings[0].message.en.startswith("1 of 9 rows cannot be converted")
    assert "gestern" not in str(report.findings)
    assert report.ok


def test_every_row_faulty(write: Write, kind: legacy.Kind) -> None:
    """Where no row at all can be converted the declaration is wrong, and that is an error."""
    kind.source.rows = [(n, "王五", f"1960/{n}/xx") for n in range(3)]
    (finding,) = check(write()).findings
    assert (finding.code, finding.severity) == ("rows-faulty", "error")


def test_repeated_key(write: Write, kind: legacy.Kind) -> None:
    """A key that two rows share, or that is null, identifies nothing."""
    kind.source.rows = [ROWS[0], ROWS[0], (None, "x", None)]
    found = {finding.code: finding for finding in check(write()).findings}
    assert {"key-null", "key-repeats"} <= found.keys()
    assert found["key-repeats"].message.en == "1 of the first 3 rows repeat a key."


def test_key_of_lists(write: Write, kind: legacy.Kind) -> None:
    """A key column that holds lists is judged as any other, and no defect."""
    kind.source.rows = [([1], "王一", None), ([1], "王二", None), ([2], "王三", None)]
    found = {finding.code: finding for finding in check(write()).findings}
    assert found["key-repeats"].message.en == "1 of the first 3 rows repeat a key."


def test_sample_is_small(write: Write, kind: legacy.Kind) -> None:
    """However many rows there are, fifty are looked at."""
    kind.source.rows = [(n, "王五", f"1960/{n}/xx" if n < 5 else date(1960, 1, 1)) for n in range(500)]
    (finding,) = check(write()).findings
    assert finding.message.en.startswith("5 of 50 rows")


def test_types_agree(write: Write, kind: legacy.Kind) -> None:
    """Widths and lengths that the source can exceed are told."""
    columns = (
        Column("ID", "integer", "BIGINT", wide=True),
        Column("XM", "string", "VARCHAR(80)", length=80),
        Column("CSRQ", "unsupported", "GEOMETRY"),
    )
    kind.source.structures = [legacy.structure("PERSON", columns=columns)]
    kind.source.rows = ROWS
    assert told(check(write())) == [
        ("type-wide", "warning", "datasets.person.fields.id"),
        ("length-differs", "warning", "datasets.person.fields.name.length"),
        ("column-unsupported", "error", "datasets.person.fields.birthDate.from"),
    ]


def test_other_key(write: Write, kind: legacy.Kind) -> None:
    """A declared key that differs from the source's own is a note."""
    kind.source.structures = [legacy.structure("PERSON", key=KeyGuess(("ID", "XM"), "declared"))]
    kind.source.rows = ROWS
    assert told(check(write())) == [("key-differs", "note", "datasets.person.key")]


def test_sample_goes_on_after_faults_of_facts(write: Write, kind: legacy.Kind) -> None:
    """A placeholder stops nothing: the sample is taken all the same, so both are told together."""
    kind.source.structures = []
    report = check(write(legacy.YAML.replace("name: 姓名", "name: 待定")))
    assert [finding.code for finding in report.findings] == ["placeholder", "structure-unknown"]
    assert outcomes(report)["contract"] == "skipped"


def test_report_document(write: Write, kind: legacy.Kind) -> None:
    """The report as JSON speaks one language and counts what it holds."""
    kind.source.structures = []
    document = check(write()).document("zh")
    assert (document["ok"], document["errors"], document["warnings"]) == (False, 1, 0)
    assert document["findings"][0]["message"] == "数据源中没有 PERSON。"
    assert [stage["name"] for stage in document["stages"]] == list(STAGES)


def test_no_folder(tmp_path: Path, write: Write) -> None:
    """A folder without adapter.yaml is a usage error that names a folder within it that has one."""
    folder = write()
    with pytest.raises(UsageError, match=r"adapter\.yaml") as caught:
        check(folder.parent)
    assert "pension" in caught.value.hint.en
    assert check(folder / "adapter.yaml", offline=True).ok
