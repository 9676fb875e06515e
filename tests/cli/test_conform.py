from __future__ import annotations

import json
import re
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest
from cli.process import Ran, datong, same, serving

from datong.conformance import Issuer, report_schema
from datong.standard import REQUIREMENTS

DEBUG = "--debug"
"""REQ-CORE-08 speaks of tracebacks, which the runner takes for one without this."""
WAIVED = ("--waive", "core-2:2099-01-01:the channel for corrections follows")


@pytest.fixture(scope="session")
def chinook(chinook_sqlite: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the adapter `chinook` as `datong new` makes it of the Chinook database."""
    folder = tmp_path_factory.mktemp("conform")
    shutil.copyfile(chinook_sqlite.removeprefix("sqlite:///"), folder / "chinook.db")
    ran = datong("new", "chinook", "--from", "chinook.db", "--yes", cwd=folder)
    assert ran.code == 0, ran.all
    return folder


@pytest.fixture(scope="session")
def proven(chinook: Path) -> Ran:
    """One whole run against that adapter, with every report."""
    reports = ("--report", "html,junit,json")
    return datong("conform", "--adapter", "chinook", *reports, *WAIVED, "--json", DEBUG, cwd=chinook)


def results(ran: Ran) -> dict[str, dict[str, Any]]:
    return {each["requirement"]: each for each in ran.document["results"]}


# -- a real adapter, end to end -------------------------------------------------------------------------


def test_adapter_made_by_new_conforms(proven: Ran) -> None:
    """An adapter straight from `datong new` fails nothing that is asked of it."""
    told = results(proven)
    bad = {name: each["findings"] for name, each in told.items() if each["status"] in ("fail", "error")}
    assert bad == {}
    assert proven.code == 0
    assert proven.err == ""
    assert set(told) == set(REQUIREMENTS)
    assert told["REQ-CORE-02"]["status"] == "waived"
    assert proven.document["counts"]["pass"] > 55


def test_source_and_audit_log_are_switched_off(proven: Ran) -> None:
    """With --adapter the kit can stop the source and block the audit log, and does."""
    told = results(proven)
    for name in ("REQ-QRY-12", "REQ-OPS-02", "REQ-AUD-08"):
        assert told[name]["status"] == "pass", told[name]


def test_values_are_compared_with_the_source(proven: Ran) -> None:
    """Rows are counted and values read past the interface, so that fidelity is proven and not only consistency."""
    told = results(proven)
    for name in ("REQ-FID-01", "REQ-FID-03", "REQ-FID-05"):
        assert told[name]["status"] == "pass", told[name]


def test_a_row_that_is_not_served_is_found(chinook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An adapter whose source has more rows than it serves fails REQ-FID-05."""
    from datong.sources.database import _source  # noqa: PLC0415 - to damage it

    count = _source.DatabaseSource.count
    monkeypatch.setattr(_source.DatabaseSource, "count", lambda *args: count(*args) + 1)
    ran = datong("conform", "--adapter", chinook / "chinook", "--class", "fidelity", "--json", cwd=tmp_path)
    assert (ran.code, results(ran)["REQ-FID-05"]["status"]) == (1, "fail")


def test_reports_are_written(proven: Ran, chinook: Path) -> None:
    """All three files are there, the JSON one equal to what was printed and valid against the schema."""
    import jsonschema  # noqa: PLC0415 - for this test alone

    folder = chinook / "conformance"
    assert sorted(path.name for path in folder.iterdir()) == [
        "conformance.html", "conformance.json", "conformance.junit.xml"
    ]  # fmt: skip
    assert json.loads((folder / "conformance.json").read_text(encoding="utf-8")) == proven.document
    jsonschema.Draft202012Validator(report_schema()).validate(proven.document)


def test_nothing_stays_behind(proven: Ran, chinook: Path) -> None:
    """Grants and audit records of the run are not in the adapter's folder."""
    assert proven.code == 0
    assert {path.name for path in (chinook / "chinook" / ".datong").iterdir()} <= {".gitignore", "secret.key"}


def test_served_adapter_by_address(chinook: Path, tmp_path: Path) -> None:
    """The way of an integrator: make a key, have it trusted, and test by address with known values."""
    shutil.copytree(chinook, tmp_path, dirs_exist_ok=True)
    made = datong("conform", "--make-key", "kit.json", "--json", cwd=tmp_path)
    assert made.code == 0, made.all
    file = tmp_path / "chinook" / "adapter.yaml"
    trusted = f"  issuers: [{json.dumps(made.document)}]\n"
    text = file.read_text(encoding="utf-8").replace(str(chinook), str(tmp_path))
    text = re.sub(r"(?m)^  issuers: .*\n", "", text)
    file.write_text(re.sub(r"(?m)^trust:.*\n", lambda found: found[0] + trusted, text), encoding="utf-8")
    with serving("chinook", cwd=tmp_path) as server:
        known = tmp_path / "known.yaml"
        record = {"where": {"artistId": "1"}, "values": {"name": "AC/DC"}, "about": ["hardCharacters"]}
        fixtures = {"base": server["url"].rstrip("/"), "issuer": {"key": {"file": "kit.json"}}}
        known.write_text(json.dumps(fixtures | {"entries": {"artist": {"records": [record]}}}), encoding="utf-8")
        ran = datong("conform", "--fixtures", known, "--class", "core,catalog,fidelity", *WAIVED, cwd=tmp_path)
        assert ran.code == 0, ran.all
        assert "Core" in ran.out
        wrong = {**record, "values": {"name": "AC DC"}}
        known.write_text(json.dumps(fixtures | {"entries": {"artist": {"records": [wrong]}}}), encoding="utf-8")
        ran = datong("conform", "--fixtures", known, "--only", "fid1", "--lang", "zh", cwd=tmp_path)
        assert ran.code == 1
        assert "不符合  REQ-FID-01  必须" in ran.out
        assert "AC DC" in ran.out


# -- what cannot be tested ------------------------------------------------------------------------------


@pytest.mark.parametrize("only", [(), ("--only", "qry2")])
def test_nothing_answers(tmp_path: Path, only: tuple[str, ...]) -> None:
    """An address where nobody answers is never a success, whichever requirement was asked for."""
    datong("conform", "--make-key", "kit.json", cwd=tmp_path)
    ran = datong("conform", "http://127.0.0.1:1/v1", "--key", "kit.json", *only, cwd=tmp_path)
    assert ran.code == (2 if only else 1)
    assert "Nothing answers at this address" in ran.out
    assert ran.err == ""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "No adapter is named."),
        (("ftp://x/v1",), "ftp://x/v1 is no address of an adapter."),
        (("http://127.0.0.1:1/v1",), "The kit has no key that the adapter trusts."),
        (("http://127.0.0.1:1/v1", "--adapter", "x"), "URL and --adapter exclude each other."),
        (("--adapter", "missing"), "missing"),
        (("--fixtures", "missing.yaml"), "missing.yaml"),
        (("--class", "quer", "x"), "Did you mean `query`?"),
        (("--report", "htm", "x"), "Did you mean `html`?"),
        (("--only", "qrx-2", "x"), "Did you mean REQ-QRY-02?"),
        (("--waive", "core-2:soon:why", "x"), "REQ-CORE-02:2027-06-30:why"),
        (("--waive", "core-2:2027-01-01:", "x"), "REQ-CORE-02:2027-06-30:why"),
        (("--rate", "0", "x"), "a number above 0 is wanted"),
        (("--rte", "1", "x"), "There is no option `--rte` here."),
        (("http://127.0.0.1:1/v1", "--key", "public.json"), "no private JWK"),
        (("http://127.0.0.1:1/v1", "--key", "broken.json"), "no private JWK"),
        (("--make-key", "public.json"), "public.json: it exists already."),
    ],
)
def test_bad_configuration(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    """What keeps a run from starting ends with 3, in both languages, so that 2 keeps its meaning."""
    (tmp_path / "public.json").write_text(json.dumps(Issuer.generate().jwks()["keys"][0]), encoding="utf-8")
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "public.json").chmod(0o600)
    (tmp_path / "broken.json").chmod(0o600)
    ran = datong("conform", *arguments, cwd=tmp_path)
    assert (ran.code, ran.out) == (3, "")
    assert told in " ".join(ran.err.split())
    chinese = datong("conform", *arguments, "--lang", "zh", cwd=tmp_path)
    assert chinese.code == 3
    assert re.search(r"[\u4e00-\u9fff]", chinese.err)


def test_key_is_private(tmp_path: Path) -> None:
    """The key is written for its owner alone; what is shown of it is public."""
    ran = datong("conform", "--make-key", "kit.json", cwd=tmp_path)
    file = tmp_path / "kit.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    secret = json.loads(file.read_text(encoding="utf-8"))["d"]
    assert secret not in ran.out
    assert '"roles": ["consumer", "exchange", "provider", "operator"]' in ran.out


# -- the plan -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_dry_run(tmp_path: Path, language: str) -> None:
    """The whole plan of two requirements, with nothing sent and no adapter needed."""
    ran = datong("conform", "http://x/v1", "--dry-run", "--only", "aud8,aud-7", "--lang", language, cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    same(f"conform-plan-{language}", ran.out)


def test_dry_run_names_everything() -> None:
    """Without a choice the plan holds every class and requirement, and the limits of the run."""
    plan = datong("conform", "http://x/v1", "--dry-run", "--rate", "2.5", "--json", DEBUG).document
    named = [each["requirement"] for part in plan["classes"] for each in part["requirements"]]
    assert sorted(named) == sorted(REQUIREMENTS)
    assert plan["settings"]["rate"] == 2.5
    assert all(part["probes"] for part in plan["classes"] if part["class"] != "core")


# -- explain --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_explain(language: str) -> None:
    """The whole explanation of one requirement."""
    ran = datong("explain", "qry12", "--lang", language)
    assert (ran.code, ran.err) == (0, "")
    same(f"explain-{language}", ran.out)


def test_explain_as_json() -> None:
    """The same as a document, in the language that was asked for."""
    document = datong("explain", "REQ-AUD-08", "--json", "--lang", "zh").document
    assert (document["requirement"], document["mandatory"], document["level"]) == ("REQ-AUD-08", True, "MUST")
    assert "钩子" in "".join(document["needs"])


def test_explain_misspelt() -> None:
    """An unknown requirement is a usage error that names the nearest."""
    ran = datong("explain", "REQ-QRX-02")
    assert (ran.code, ran.out) == (2, "")
    assert "Did you mean REQ-QRY-02?" in ran.err
