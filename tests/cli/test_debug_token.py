from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from callers import AUDIENCE, ISSUER, PROVIDER, grant_body, signer
from cli.process import Ran, datong, same

SIGNER = signer("ES256")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Everything that the debugger reads; the token names another audience."""
    now = 1_780_000_000
    discovery = {"providerId": PROVIDER, "audience": AUDIENCE, "algorithms": ["ES256"], "issuers": [ISSUER]}
    discovery |= {"clockSkew": 60, "maxTokenLifetime": 600, "links": []}
    (tmp_path / "discovery.json").write_text(json.dumps(discovery))
    (tmp_path / "grant.json").write_text(json.dumps(grant_body(grantId="grant-1")))
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [SIGNER.key.as_dict(private=False)]}))
    (tmp_path / "wrong.txt").write_text(SIGNER.token(iat=now, exp=now + 300, aud="urn:other") + "\n")
    (tmp_path / "good.txt").write_text(SIGNER.token(iat=now, exp=now + 300))
    return tmp_path


def debug(files: Path, token: str, *more: str) -> Ran:
    given = ["--discovery", "discovery.json", "--grant", "grant.json", "--at", "2026-05-28T20:27:00Z"]
    return datong("debug-token", "--token", token, *given, *more, cwd=files)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_failing_check(language: str, files: Path) -> None:
    """Each check is told with its outcome, and the answer of the adapter at the end; the token is not shown."""
    ran = debug(files, "wrong.txt", "--jwks", "jwks.json", "--entry", "insured", "--lang", language)
    assert (ran.code, ran.err) == (1, "")
    same(f"debug-token-{language}", ran.out)
    assert not [part for part in (files / "wrong.txt").read_text().strip().split(".") if part in ran.out]


def test_good_token(files: Path) -> None:
    """A good token exits with 0."""
    ran = debug(files, "good.txt", "--jwks", "jwks.json", "--entry", "insured", "--method", "verify")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "No check that could be made fails.")


def test_document(files: Path) -> None:
    """--json tells the same in both languages."""
    ran = debug(files, "wrong.txt", "--json")
    assert (ran.code, ran.document["code"], len(ran.document["checks"])) == (1, "wrong-audience", 10)
    failed = next(each for each in ran.document["checks"] if each["status"] == "failed")
    assert failed["expected"] == {"en": AUDIENCE, "zh": AUDIENCE}
    assert failed["found"]["en"] == "urn:other"


def test_standard_input(files: Path) -> None:
    """- reads the token from standard input; an empty one is a missing token."""
    assert debug(files, "-", "--json").document["code"] == "token-missing"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (["--jwks", "missing.json"], 3),
        (["--jwks", "good.txt"], 2),
        (["--at", "yesterday"], 2),
        (["--at", "2026-05-28T20:27:00"], 2),
        (["--method", "carrier"], 2),
    ],
)
def test_bad_input(more: list[str], code: int, files: Path) -> None:
    """What cannot be used is named, with the token nowhere."""
    ran = debug(files, "good.txt", *more)
    assert (ran.code, ran.out) == (code, "")
    assert more[0] in ran.err
    assert "eyJ" not in ran.err


def test_clock(files: Path) -> None:
    """Without --at it is now."""
    now = int(time.time())
    (files / "now.txt").write_text(SIGNER.token(iat=now, exp=now + 300))
    ran = datong(
        "debug-token", "--token", "now.txt", "--discovery", "discovery.json", "--grant", "grant.json", cwd=files
    )
    assert ran.code == 0
