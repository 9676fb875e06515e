from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from cli.process import Ran, datong, same
from kit import evidence

from datong.conformance import Exchange, Observations, Request, Response, Settings, SigningKey, conclude, write_bundle

NONCE = "given-out-1"


def exchange(number: int, label: str, url: str, body: Any) -> Exchange:
    return Exchange(
        id=f"x{number:05d}",
        label=label,
        request=Request(method="GET", url=url),
        response=Response(status=200, headers=(("content-type", "application/json"),), body=body),
        started_at="2026-05-01T01:00:00.000+00:00",
        duration_ms=1.0,
    )


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Evidence of a very short run: a landing document, the classes, a policy."""
    policy = {"retention": "P3Y", "clock": "NTP"}
    seen = (
        exchange(1, "declare.landing", "/", {"title": "Register", "version": "1.0.0", "links": []}),
        exchange(2, "declare.conformance", "/conformance", {"conformsTo": ["urn:gds:1.0:conf:audit"]}),
        exchange(3, "audit.policy", "/audit/policy", policy),
    )
    observations = Observations(
        base="http://127.0.0.1:1/v1",
        nonce=NONCE,
        exchanges=seen,
        settings=Settings(classes=("audit",)),
        started_at="2026-05-01T01:00:00.000+00:00",
    )
    key = SigningKey.from_file(tmp_path / "key.json")
    write_bundle(conclude(observations), tmp_path / "evidence.zip", key)
    return tmp_path


def verify(folder: Path, *more: str) -> Ran:
    ran = datong("verify", "evidence.zip", *more, cwd=folder)
    out = re.sub(r"[A-Za-z0-9_-]{43}", "THUMBPRINT", ran.out)
    return Ran(ran.code, re.sub(r"(datong |\()\d[\w.+]*", r"\1VERSION", out), ran.err)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_verified(language: str, bundle: Path) -> None:
    """A sound bundle exits with 0 and says whose it is, and of when."""
    ran = verify(bundle, "--key", "key.json", "--lang", language)
    assert (ran.code, ran.err) == (0, "")
    same(f"verify-{language}", ran.out)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_edited(language: str, bundle: Path) -> None:
    """An edited exchange exits with 1, and the exchange, its file and the requirement are named."""
    members = evidence.opened((bundle / "evidence.zip").read_bytes())
    change = evidence.exchange("audit.policy", lambda each: each["response"]["body"].update(retention="P1Y"))
    (bundle / "evidence.zip").write_bytes(evidence.changed(members, change))
    ran = verify(bundle, "--lang", language)
    assert (ran.code, ran.err) == (1, "")
    same(f"verify-edited-{language}", ran.out)


def test_stale(bundle: Path) -> None:
    """Age, nonce and signer are held to what was asked, each with its own code."""
    ran = datong(
        "verify", "evidence.zip", "--max-age", "P1D", "--nonce", "other", "--key", "A" * 43, "--json", cwd=bundle
    )
    assert (ran.code, ran.document["ok"], ran.document["signer"]["known"]) == (1, False, False)
    codes = {each["code"] for each in ran.document["faults"]}
    assert codes >= {"nonce-other", "nonce-unanswered", "signer-other"}
    assert all(each["message"]["zh"] for each in ran.document["faults"])


@pytest.mark.parametrize("age", ["30", "P", "PT", "P1Y", "-P1D", "P1D2", "P٣D"])
def test_wrong_age(age: str, bundle: Path) -> None:
    """An age that is none is a wrong option."""
    ran = verify(bundle, "--max-age", age)
    assert (ran.code, "P30D" in ran.err) == (2, True)


@pytest.mark.parametrize("age", ["P30000D", "P4000W", "PT900000M", "P1000DT1H"])
def test_age(age: str, bundle: Path) -> None:
    """Weeks, days, hours and minutes are understood."""
    assert verify(bundle, "--max-age", age).code == (1 if age == "PT900000M" and _old() else 0)


def _old() -> bool:
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415 - used here alone

    return datetime.now(UTC) - datetime(2026, 5, 1, 1, tzinfo=UTC) > timedelta(minutes=900_000)


@pytest.mark.parametrize("content", [None, b"", b"hello", b"PK\x03\x04"])
def test_unreadable(content: bytes | None, tmp_path: Path) -> None:
    """What is no bundle exits with 2 and one sentence."""
    if content is not None:
        (tmp_path / "evidence.zip").write_bytes(content)
    ran = verify(tmp_path)
    assert (ran.code, ran.out, "no evidence bundle" in ran.err) == (2, "", True)


def test_key(bundle: Path) -> None:
    """The signing key is its owner's alone, and not in the bundle."""
    private = json.loads((bundle / "key.json").read_text())["d"].encode()
    assert (bundle / "key.json").stat().st_mode & 0o777 == 0o600
    assert all(private not in raw for raw in evidence.opened((bundle / "evidence.zip").read_bytes()).values())


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--sign-key", "key.json"], "--bundle"),
        (["--bundle", "nowhere/evidence.zip"], "no folder"),
        (["--bundle", "new.zip", "--sign-key", "evidence.zip"], "cannot sign evidence"),
    ],
)
def test_conform_refuses_before_the_run(more: list[str], words: str, bundle: Path) -> None:
    """What would keep evidence from being written is said before anything is sent."""
    ran = datong("conform", "http://127.0.0.1:1/v1", *more, cwd=bundle)
    assert (ran.code, words in ran.err) == (3, True)
    assert not (bundle / "new.zip").exists()
