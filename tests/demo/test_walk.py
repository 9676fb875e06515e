from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from datong.demo import _calls, run
from datong.guard import AuditLog
from datong.model import Language, UsageError

PERSONS = 3000


@pytest.mark.parametrize("language", ["en", "zh"])
def test_once(language: Language, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The walk ends well: every answer is as expected, in either language, and no number is written in clear."""
    assert run(once=True, language=language, folder=tmp_path, persons=PERSONS) == 0
    printed = capsys.readouterr().out
    assert "✗" not in printed
    assert f"{PERSONS:,}" in printed
    assert {"wrong-purpose", "item-not-granted", "sensitive-in-uri", "wrong-entry", "token-missing"} <= set(
        re.findall(r"[a-z]+(?:-[a-z]+)+", printed)
    )


def test_missed_expectation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An answer unlike the expected one is marked, and the walk ends with exit code 1."""
    monkeypatch.setattr(_calls, "SIXTY", "1900-01-01")
    assert run(once=True, folder=tmp_path, persons=1000) == 1
    assert "✗" in capsys.readouterr().out


def test_strange_folder(tmp_path: Path) -> None:
    """A folder that holds something else is left alone."""
    (tmp_path / "thesis.doc").write_text("years of work", encoding="utf-8")
    with pytest.raises(UsageError, match=r"thesis\.doc"):
        run(once=True, folder=tmp_path)


def test_no_server_is_left(tmp_path: Path) -> None:
    """When the walk has ended, nothing serves any more."""
    program = "import sys, pathlib, datong.demo as d; d.run(once=True, persons=1000, folder=pathlib.Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", program, tmp_path], check=True, capture_output=True)
    arguments = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert not any(str(tmp_path).encode() in line for line in arguments)


def test_chain(tmp_path: Path) -> None:
    """A chain holds as it was written, and no longer when one record is altered or missing."""
    log = AuditLog(tmp_path)
    for n in range(3):
        log.append({"requestId": f"{n}", "durationMs": 1.5})
    log.close()
    lines = [
        line for path in sorted(tmp_path.rglob("*.ndjson")) for line in path.read_text(encoding="utf-8").splitlines()
    ]
    records = [json.loads(line) for line in lines]
    assert _calls._chained(records)[0]
    assert not _calls._chained([records[0], records[2]])[0]
    records[1]["requestId"] = "other"
    assert not _calls._chained(records)[0]


def test_stays_open(tmp_path: Path) -> None:
    """Without `once` the adapter answers until the walk is interrupted, which is no failure."""
    program = "import sys, pathlib, datong.demo as d; sys.exit(d.run(persons=1000, folder=pathlib.Path(sys.argv[1])))"
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-c", program, tmp_path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            base = next(line.strip() for line in process.stdout if re.fullmatch(r"http://\S+/v1/", line.strip()))
            bearer = next(
                found[1] for line in process.stdout if (found := re.search(r"'Authorization: (\S+ \S+)'", line))
            )
            page = httpx.get(f"{base}datasets/insured-persons/records?limit=2", headers={"Authorization": bearer})
            assert page.json()["numberReturned"] == 2
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
        finally:
            process.terminate()
    with pytest.raises(httpx.ConnectError):
        httpx.get(base)
