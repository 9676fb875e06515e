from __future__ import annotations

import io
import json
import stat
import struct
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OKPKey, RSAKey
from kit import evidence, legacy
from kit.evidence import changed, document, exchange, id_of, lines, resealed

from datong.conformance import (
    Report,
    SigningKey,
    Unreadable,
    Verification,
    known_signers,
    verify_bundle,
    write_bundle,
)
from datong.conformance._evidence import bundle
from datong.conformance._evidence._container import (
    EXCHANGES,
    FIXTURES,
    MANIFEST,
    MEMBERS,
    REGISTER,
    REPORT,
    RUN,
    SIGNATURE,
    pack,
)
from datong.model import UsageError

KEY = SigningKey.generate()
OTHER = SigningKey.generate()


@pytest.fixture(scope="session")
def report(adapter_report: Report) -> Report:
    return evidence.small(adapter_report)


@pytest.fixture(scope="session")
def members(report: Report) -> evidence.Members:
    return evidence.made(report, KEY)


def found(raw: bytes, **options: Any) -> set[tuple[str, str, str | None]]:
    return {(each.code, each.file, each.subject) for each in verify_bundle(raw, **options).faults}


def test_verified(adapter_report: Report, served: legacy.Served, tmp_path: Path) -> None:
    """The bundle of a whole run holds, is of its time, and says who signed, what answered and how it was judged."""
    path = tmp_path / "evidence.zip"
    key = write_bundle(adapter_report, path, KEY)
    checked = verify_bundle(
        path, signers={key.thumbprint}, max_age=timedelta(days=1), nonce=adapter_report.observations.nonce
    )
    assert checked.faults == ()
    assert (checked.sound, checked.thumbprint, checked.known) == (True, KEY.thumbprint, True)
    told = checked.manifest
    assert sum(told.verdicts.values()) == len(adapter_report.verdicts)
    assert len(told.exchanges) == len(adapter_report.observations.exchanges)
    assert (told.target.adapter_id, told.target.openapi_digest) == ("kit", adapter_report.target.openapi_digest)
    assert told.target.configuration_digest == sha256((served.folder / "adapter.yaml").read_bytes()).hexdigest()
    assert told.echo.proven
    assert told.echo.recorded


def test_same_bytes(report: Report) -> None:
    """Equal reports, keys and instants give equal files, with sorted names and one fixed time."""
    now = datetime(2026, 5, 1, tzinfo=UTC)
    raw = bundle(report, KEY, now=now)
    assert raw == bundle(Report.model_validate_json(report.model_dump_json(by_alias=True)), KEY, now=now)
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert archive.namelist() == sorted(MEMBERS)
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_nothing_secret(members: evidence.Members, served: Any) -> None:
    """No private key, token or identity number is in any member."""
    private = json.dumps(KEY._key.as_dict(private=True)["d"]).encode()
    for name, raw in members.items():
        assert private not in raw
        assert b'"d":' not in raw
        assert (b"eyJ" in raw) == (name == SIGNATURE)


# -- what somebody without the key can do --------------------------------------------------------------------


def status(value: int) -> Any:
    return lambda each: each["response"].update(status=value)


def verdict(requirement: str, **changes: Any) -> Any:
    def change(outcome: Any) -> None:
        next(each for each in outcome["verdicts"] if each["requirement"] == requirement).update(changes)

    return document(REPORT, change)


EDITS: dict[str, tuple[evidence.Edit, tuple[str, str, str | None]]] = {
    "verdict": (verdict("REQ-AUD-05", status="fail"), ("verdict-other", REPORT, "REQ-AUD-05")),
    "finding": (
        verdict("REQ-AUD-05", hint={"en": "All is well.", "zh": "一切正常。"}),
        ("verdict-detail", REPORT, "REQ-AUD-05"),
    ),
    "verdict removed": (
        document(REPORT, lambda held: held["verdicts"].pop(0)),
        ("verdict-missing", REPORT, "REQ-AUD-01"),
    ),
    "count": (
        document(REPORT, lambda held: held["classes"][0]["counts"].update({"pass": 99})),
        ("count-other", REPORT, "audit"),
    ),
    "class": (document(REPORT, lambda held: held["classes"][0].update(status="notTested")), ("altered", REPORT, None)),
    "claimed": (document(REPORT, lambda held: held["claimed"].append("batch")), ("count-other", REPORT, "claimed")),
    "target": (
        document(REPORT, lambda held: held["target"].update(adapterId="other")),
        ("count-other", REPORT, "target"),
    ),
    "fixture": (
        document(FIXTURES, lambda held: held["entries"]["persons"].update(count=1)),
        ("altered", FIXTURES, None),
    ),
    "waiver": (
        document(
            RUN,
            lambda held: held["settings"]["waivers"].append(
                {"requirement": "REQ-AUD-05", "reason": "x", "until": "2999-01-01"}
            ),
        ),
        ("verdict-other", REPORT, "REQ-AUD-05"),
    ),
    "register": (
        document(REGISTER, lambda held: held["requirements"]["REQ-AUD-01"].update(level="SHOULD")),
        ("register-other", REGISTER, "REQ-AUD-01"),
    ),
    "register removed": (
        document(REGISTER, lambda held: held["requirements"].pop("REQ-SEC-07")),
        ("register-other", REGISTER, "REQ-SEC-07"),
    ),
    "manifest count": (
        document(MANIFEST, lambda held: held["verdicts"].update({"pass": 99})),
        ("signature-wrong", SIGNATURE, None),
    ),
    "nonce": (document(MANIFEST, lambda held: held.update(nonce="mine")), ("count-other", MANIFEST, "nonce")),
    "kit": (document(MANIFEST, lambda held: held["kit"].update(sourcesDigest="0")), ("kit-other", MANIFEST, "kit")),
}


@pytest.mark.parametrize("name", EDITS)
def test_edit_is_named(name: str, members: evidence.Members) -> None:
    """An edit is found and named, by file and by requirement, class or member."""
    edit, expected = EDITS[name]
    faults = found(changed(members, edit))
    assert expected in faults
    assert any(code in ("altered", "signature-wrong") for code, _, _ in faults)


def test_exchange_altered(members: evidence.Members) -> None:
    """An altered exchange is named, and so is the requirement that it was to save."""
    faults = found(changed(members, exchange("audit.policy", status(500))))
    assert ("exchange-altered", EXCHANGES, id_of(members, "audit.policy")) in faults
    assert ("verdict-other", REPORT, "REQ-AUD-05") in faults


@pytest.mark.parametrize("label", ["audit.policy", "declare.landing", "evidence.record"])
def test_exchange_removed(label: str, members: evidence.Members) -> None:
    """A removed exchange is named."""
    removed = id_of(members, label)
    edit = lines(lambda held: held.remove(next(line for line in held if f'"{removed}"'.encode() in line)))
    assert ("exchange-removed", EXCHANGES, removed) in found(changed(members, edit))


def test_exchange_added(members: evidence.Members) -> None:
    """An added exchange is named, under a new id and under one that is taken."""
    new = lines(lambda held: held.append(held[0].replace(b'"x00001"', b'"x99999"')))
    assert ("exchange-added", EXCHANGES, "x99999") in found(changed(members, new))
    again = lines(lambda held: held.append(held[0]))
    assert ("exchange-added", EXCHANGES, "x00001") in found(changed(members, again))


def test_exchange_moved(members: evidence.Members) -> None:
    """Exchanges in another order are found, and the first that is out of place is named."""
    ids = [json.loads(line)["id"] for line in members[EXCHANGES].splitlines()]
    edit = lines(lambda held: held.insert(2, held.pop(5)))
    assert ("exchange-moved", EXCHANGES, ids[5]) in found(changed(members, edit))


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_byte(data: st.DataObject, members: evidence.Members) -> None:
    """Whatever byte of whatever member is another one, the bundle is not verified."""
    name = data.draw(st.sampled_from(sorted(members)))
    raw = bytearray(members[name])
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    _not_verified(pack({**members, name: bytes(raw)}))


@given(place=st.integers(0), bits=st.integers(1, 255))
@example(place=-1, bits=1)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_byte_of_the_file(place: int, bits: int, members: evidence.Members) -> None:
    """Whatever byte of the file is another one, either it is found or every member is what it was."""
    raw = bytearray(pack(members))
    raw[place % len(raw)] ^= bits
    try:
        checked = verify_bundle(bytes(raw))
    except Unreadable:
        return
    assert not checked.sound or evidence.opened(bytes(raw)) == members


@given(data=st.data())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_cut(data: st.DataObject, members: evidence.Members) -> None:
    """A member that ends early, or goes on, is found."""
    name = data.draw(st.sampled_from(sorted(members)))
    raw = members[name]
    cut = data.draw(st.integers(0, len(raw) - 1))
    _not_verified(pack({**members, name: raw[:cut]}))
    _not_verified(pack({**members, name: raw + b"\n"}))


def _not_verified(raw: bytes) -> None:
    with suppress(Unreadable):
        assert not verify_bundle(raw).sound


# -- what somebody who signs anew can do ---------------------------------------------------------------------

SIGNED: dict[str, tuple[evidence.Edit, tuple[str, str, str | None]]] = {
    name: EDITS[name] for name in ("verdict", "finding", "verdict removed", "count", "claimed", "target", "waiver")
} | {
    "exchange": (exchange("audit.policy", status(500)), ("verdict-other", REPORT, "REQ-AUD-05")),
    "exchange removed": (
        lines(lambda held: held.remove(next(line for line in held if b'"audit.policy"' in line))),
        ("verdict-other", REPORT, "REQ-AUD-05"),
    ),
    "register": EDITS["register"],
    "manifest count": (
        document(MANIFEST, lambda held: held["verdicts"].update({"pass": 99})),
        ("count-other", MANIFEST, "verdicts"),
    ),
    "identity": (
        document(MANIFEST, lambda held: held["target"].update(configurationDigest="0")),
        ("count-other", MANIFEST, "target"),
    ),
    "echo": (document(MANIFEST, lambda held: held["echo"].update(recorded=[])), ("count-other", MANIFEST, "echo")),
}


@pytest.mark.parametrize("name", SIGNED)
def test_signed_edit_is_named(name: str, members: evidence.Members) -> None:
    """With every digest and the signature made anew, what does not follow from the exchanges is still named."""
    edit, expected = SIGNED[name]
    faults = found(resealed(members, edit, OTHER))
    assert expected in faults
    assert not {"altered", "signature-wrong", "chain-broken", "exchange-altered"} & {code for code, _, _ in faults}


def test_untouched_reseal_needs_the_key(members: evidence.Members) -> None:
    """A bundle that somebody else signed holds in itself, and fails where the signer is known."""
    raw = resealed(members, lambda held: None, OTHER)
    assert found(raw) == set()
    assert found(raw, signers={KEY.thumbprint}) == {("signer-other", SIGNATURE, None)}


# -- freshness -----------------------------------------------------------------------------------------------


def test_age(report: Report) -> None:
    """A run older than is allowed is refused, and so is one from the future."""
    started = datetime.fromisoformat(report.started_at)
    raw = bundle(report, KEY, now=started + timedelta(minutes=1))
    later = started + timedelta(days=31)
    assert found(raw, max_age=timedelta(days=30), now=later) == {("too-old", MANIFEST, "startedAt")}
    assert found(raw, max_age=timedelta(days=32), now=later) == set()
    assert found(raw, now=started - timedelta(hours=1)) == {("from-future", MANIFEST, "startedAt")}


def test_nonce(report: Report, members: evidence.Members) -> None:
    """The nonce must be the one given out, and the target must have answered under the id that follows from it."""
    raw, nonce = pack(members), report.observations.nonce
    assert found(raw, nonce=nonce) == set()
    assert found(raw, nonce="another") == {("nonce-other", MANIFEST, "nonce")}
    seen = report.observations
    silent = [each for each in seen.exchanges if not each.label.startswith("evidence.")]
    quiet = evidence.small(
        report.model_copy(update={"observations": seen.model_copy(update={"exchanges": tuple(silent)})})
    )
    assert found(bundle(quiet, KEY), nonce=nonce) == {("nonce-unanswered", MANIFEST, "echo")}


# -- keys ----------------------------------------------------------------------------------------------------


def test_key_file(tmp_path: Path) -> None:
    """A key is made where none is, readable by its owner alone, and used again."""
    path = tmp_path / "key.json"
    made = SigningKey.from_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert SigningKey.from_file(path).thumbprint == made.thumbprint
    assert known_signers(str(path)) == {made.thumbprint} == known_signers(made.thumbprint)


def test_ecdsa(report: Report, tmp_path: Path) -> None:
    """A P-256 key in PEM signs with ES256, and its public half is known in every form."""
    key = ECKey.generate_key("P-256")
    path = tmp_path / "key.pem"
    path.write_bytes(key.as_pem(private=True))
    path.chmod(0o600)
    signing = SigningKey.from_file(path)
    public = tmp_path / "public.pem"
    public.write_bytes(key.as_pem(private=False))
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps({"keys": [OTHER.public(), key.as_dict(private=False)]}))
    for form in (public, keys):
        checked = verify_bundle(bundle(report, signing), signers=known_signers(str(form)))
        assert (checked.sound, checked.known) == (True, True)


@pytest.mark.parametrize("case", ["public", "rsa", "text", "readable", "encrypted"])
def test_unusable_key(case: str, tmp_path: Path) -> None:
    """A key that cannot sign, or that others can read, is refused in words that hold nothing of it."""
    path = tmp_path / "key"
    okp: Any = OKPKey.generate_key("Ed25519")
    held = {
        "public": lambda: json.dumps(okp.as_dict(private=False)).encode(),
        "rsa": lambda: RSAKey.generate_key(2048).as_pem(private=True),
        "text": lambda: b"hunter2",
        "readable": lambda: json.dumps(okp.as_dict(private=True)).encode(),
        "encrypted": lambda: okp.as_pem(private=True, password="hunter2"),
    }[case]()
    path.write_bytes(held)
    path.chmod(0o644 if case == "readable" else 0o600)
    with pytest.raises(UsageError) as caught:
        SigningKey.from_file(path)
    assert caught.value.code == "signing-key"
    assert "hunter2" not in caught.value.title.en


@pytest.mark.parametrize("text", ["no-such-file", b"{}", b"[1]", b'{"keys": []}', b"hunter2"])
def test_unknown_signer(text: Any, tmp_path: Path) -> None:
    """Whatever is no key and no thumbprint is refused."""
    path = tmp_path / "key"
    if isinstance(text, bytes):
        path.write_bytes(text)
    with pytest.raises(UsageError) as caught:
        known_signers(str(path))
    assert caught.value.code == "verification-key"


def test_signature_forms(members: evidence.Members) -> None:
    """Only a detached Ed25519 or ES256 signature of this type counts."""
    head, _, made = members[SIGNATURE].decode().split(".")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    same_bytes = made[:-1] + letters[letters.index(made[-1]) ^ 1]
    for wrong in (
        f"{head}..{same_bytes}",
        f"{head}.e30.{made}",
        f"{head}..",
        "",
        "a.b",
        f"..{made}",
        f"{head}..{made}=",
    ):
        assert ("signature-wrong", SIGNATURE, None) in found(pack({**members, SIGNATURE: wrong.encode()}))


# -- hostile files -------------------------------------------------------------------------------------------


def archive(*entries: tuple[str, bytes], **more: Any) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, raw in entries:
            file.writestr(zipfile.ZipInfo(name), raw, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def hostile(members: evidence.Members) -> Iterator[tuple[str, bytes]]:
    whole = sorted(members.items())
    good = pack(members)
    yield "empty", b""
    yield "no zip", b"hello" * 100
    yield "cut", good[:-30]
    yield "path", archive(*whole, ("../../etc/passwd", b"x"))
    yield "absolute", archive(*whole, ("/etc/x", b"x"))
    yield "backslash", archive(*whole, ("..\\x", b"x"))
    yield "folder", archive(*whole, ("report.json/", b""))
    yield "extra", archive(*whole, ("notes.txt", b"x"))
    yield "missing", archive(*whole[1:])
    yield "prefix", b"#!/bin/sh\n" + good
    yield "suffix", good + b"x"
    yield "comment", good[:-2] + struct.pack("<H", 1) + b"x"
    yield "encrypted", good.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")
    yield "nul", good.replace(b"signature.jws", b"signature.j\0s")


def test_hostile_files(members: evidence.Members, tmp_path: Path) -> None:
    """No path, name, hole or trailer gets by, and nothing is ever written."""
    for name, raw in hostile(members):
        with pytest.raises(Unreadable):
            assert verify_bundle(raw).faults == name
    with pytest.raises(Unreadable, match="cannot be read"):
        verify_bundle(tmp_path)


def test_repeated_name(members: evidence.Members) -> None:
    """Two members of one name are refused, since readers differ in which they take."""
    with pytest.warns(UserWarning, match="Duplicate name"):
        raw = archive(*sorted(members.items()), (REPORT, members[REPORT]))
    with pytest.raises(Unreadable, match="twice"):
        verify_bundle(raw)


def test_bomb(members: evidence.Members, monkeypatch: pytest.MonkeyPatch) -> None:
    """What unpacks to more than a bundle may hold is refused before it is unpacked, and a false size is found."""
    monkeypatch.setattr("datong.conformance._evidence._container.MOST_CONTENT", 3 << 20)
    with pytest.raises(Unreadable, match="larger"):
        verify_bundle(pack({**members, RUN: b" " * (4 << 20)}))
    raw = pack({**members, RUN: b" " * (2 << 20)})
    lie = raw.replace(struct.pack("<I", 2 << 20), struct.pack("<I", 10))
    assert ("damaged", RUN, None) in found(lie)


def test_huge_file(monkeypatch: pytest.MonkeyPatch, members: evidence.Members, tmp_path: Path) -> None:
    """A file beyond the limit is not read to its end."""
    monkeypatch.setattr("datong.conformance._evidence._container.MOST_FILE", 1000)
    monkeypatch.setattr("datong.conformance._evidence._verify.MOST_FILE", 1000)
    path = tmp_path / "x.zip"
    path.write_bytes(pack(members))
    with pytest.raises(Unreadable, match="larger"):
        verify_bundle(path)


ODD = (b"", b"null", b"[]", b'"x"', b"[" * 100_000, b'{"a":1,"a":2}', b"NaN", b"\xff", b"9" * 5000, b'{"verdicts":3}')


@pytest.mark.parametrize("name", sorted(MEMBERS))
def test_odd_documents(name: str, members: evidence.Members) -> None:
    """Whatever stands in place of a document, signed or not, is a fault or no bundle, and never a failure of ours."""
    for raw in ODD:
        _not_verified(pack({**members, name: raw}))
        if name in (FIXTURES, REGISTER, REPORT, RUN):
            checked: Verification = verify_bundle(
                resealed(members, lambda held, raw=raw: held.update({name: raw}), KEY)
            )
            assert not checked.sound


def test_odd_exchanges(members: evidence.Members) -> None:
    """Exchanges that no run could have left, signed by whoever made them up, do not break verification."""
    odd = [
        lambda each: each.update(startedAt="never"),
        lambda each: each.update(response=None, failure=None),
        lambda each: each["response"].update(body={"items": {"a": 1}, "conformsTo": 3, "openapi": "3.1", "paths": 7}),
    ]
    for change in odd:
        for label in ("declare.conformance", "declare.openapi", "audit.policy", "evidence.record"):
            assert verify_bundle(resealed(members, exchange(label, change), KEY)).thumbprint == KEY.thumbprint
