from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from datong.config import check
from datong.model import Call
from datong.scaffold import Proposal, propose, render
from datong.sources.database import KIND

CORPORA = {
    "chinook_sqlite": (11, 0),
    "northwind": (29, 0),
    "chinook_postgres": (11, 0),
    "chinook_mariadb": (11, 0),
    "sakila_postgres": (22, 6),
}


def proposed(url: str, folder: Path, name: str) -> Proposal:
    section = KIND.options_for(url, folder=folder)
    source = KIND.open(KIND.options.model_validate(section), folder=folder)
    try:
        structures = source.describe(Call.within(30))
    finally:
        source.close()
    return propose(structures, name=name, source={"kind": KIND.name, **section}, today=date(2025, 8, 1))


@pytest.mark.parametrize("corpus", CORPORA)
def test_serves_without_an_edit(corpus: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """What is generated from a real database passes every stage of the check, each sampled row converted."""
    made = proposed(request.getfixturevalue(corpus), tmp_path, corpus)
    served, left_out = CORPORA[corpus]
    assert (len(made.tables), len(made.left_out)) == (served, left_out)
    report = check(render(made, tmp_path / "adapter"))
    assert [stage.outcome for stage in report.stages] == ["passed"] * 7
    told = {(finding.severity, finding.code) for finding in report.findings}
    assert told <= {("warning", "provider-development"), ("note", "rows-none")}


def test_left_out_with_the_reason(sakila_postgres: str, tmp_path: Path) -> None:
    """What is not served is listed in the file and in the README, with the reason."""
    folder = render(proposed(sakila_postgres, tmp_path, "sakila"), tmp_path / "adapter")
    for name in ("adapter.yaml", "README.md"):
        text = (folder / name).read_text(encoding="utf-8").replace("\\", "")
        assert text.count("its rows are served by payment") == 6


def test_password_column_is_not_shared(sakila_postgres: str, tmp_path: Path) -> None:
    """A column of passwords is listed, and never served."""
    staff = proposed(sakila_postgres, tmp_path, "sakila").adapter().datasets["staff"]
    assert staff.fields["password"].sharing_type == "notShared"
    assert staff.fields["email"].mask == "email"


def test_same_database_same_adapter(chinook_sqlite: str, tmp_path: Path) -> None:
    """Proposing twice gives the same file, byte by byte."""
    assert proposed(chinook_sqlite, tmp_path, "a").yaml() == proposed(chinook_sqlite, tmp_path, "a").yaml()
