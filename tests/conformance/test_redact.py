from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.conformance import Exchange, Issuer, Redactor, Report, Session, Settings, Token, Tokens
from datong.conformance._redact import MARKER
from datong.conformance._session import Call

IDENTITY = "11010519491231002X"
OLD = "110105491231002"
CREDIT = "91350100M000100Y43"
KEY = b"k" * 32


def redactor() -> Redactor:
    made = Redactor(KEY)
    made.items = frozenset({"name", "account"})
    return made


@pytest.mark.parametrize("value", [IDENTITY, IDENTITY.lower(), OLD, CREDIT, "13912345678", "+8613912345678"])
def test_numbers_are_taken_out(value: str) -> None:
    """Numbers whose check digit is right go, in the middle of a sentence too, and always to the same marker."""
    shown = redactor().text(f"身份 {value}，结束")
    assert value not in shown
    assert MARKER.search(shown)
    assert shown == redactor().text(f"身份 {value}，结束")
    assert shown != Redactor(b"other" * 8).text(f"身份 {value}，结束")


@pytest.mark.parametrize("value", ["110105194912310021", "00123", "1" * 64, "91350100M000100Y44", "2026-06-30", "0.10"])
def test_other_texts_stay(value: str) -> None:
    """What only looks like a number of somebody stays as it is."""
    assert redactor().text(f"x {value} y") == f"x {value} y"


@pytest.mark.parametrize("number", [IDENTITY[:-1] + "X", OLD])
def test_digests_stay(number: str) -> None:
    """Digits that follow one another in a digest by chance are nobody's number."""
    digest = f"sha-256:ab{number}c0ffee"
    assert redactor().text(digest) == digest


def test_readable_cursors_go() -> None:
    """A cursor that holds an identity number for anybody who decodes it goes; a sealed one stays."""
    made = redactor()
    readable = urlsafe_b64encode(json.dumps({"after": IDENTITY}).encode()).decode().rstrip("=")
    assert MARKER.search(made.text(f"/v1/datasets/x/records?cursor={readable}&limit=2"))
    assert readable not in made.text(f"?cursor={readable}")
    assert MARKER.fullmatch(made.members({"cursor": readable})["cursor"])
    sealed = urlsafe_b64encode(bytes(range(100, 190))).decode()
    assert made.text(f"?cursor={sealed}") == f"?cursor={sealed}"


def test_sensitive_items_go_whole() -> None:
    """Values of sensitive items are replaced whole, with or without a suffix; null, empty and lost text stay."""
    made = redactor()
    values = {"name": "王小明", "name.in": ["王小明", "李四"], "note": "王小明", "account": 7}
    shown = made.members({**values, "x": None})
    assert shown["name"] == shown["name.in"][0] != shown["name.in"][1]
    assert shown["note"] == "王小明"
    assert MARKER.fullmatch(shown["account"])
    assert made.members({"name": None}) == {"name": None}
    assert made.members({"name": "a\ufffd"}) == {"name": "a\ufffd"}


def test_parties_stay() -> None:
    """Codes of the parties of an exchange stay, because audit digests cover them."""
    made = redactor()
    made.keep.add(CREDIT)
    assert made.text(CREDIT) == CREDIT
    other = "91110000000000000X"
    assert Redactor(KEY).value({"providerId": CREDIT, "note": CREDIT})["providerId"] == CREDIT
    assert Redactor(KEY).value({"note": CREDIT})["note"] != CREDIT
    assert made.text(other) == other


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda part: st.lists(part) | st.dictionaries(st.text(), part),
    )
)
def test_shape_is_kept(value: Any) -> None:
    """Redacting keeps the shape of a document, and twice is the same as once."""
    made = redactor()
    once = made.value(value)
    assert made.value(once) == once
    assert type(once) is type(value)


def test_nothing_gets_into_an_exchange() -> None:
    """Tokens, identity numbers and sensitive values are gone from address, headers and bodies of both sides."""
    seen: list[Exchange] = []
    token = Tokens(Issuer.generate(), "urn:a", CREDIT).good("good")
    text = str(token.value)

    def answer(request: httpx.Request) -> httpx.Response:
        body = {"items": [{"name": "王小明", "idNumber": IDENTITY}], "echo": text, "part": text.rsplit(".", 1)[0]}
        return httpx.Response(200, headers={"x-subject": IDENTITY}, json=body)

    made = redactor()
    made.learn(text, token.name)
    session = Session("http://127.0.0.1:9/v1", Settings(), made, seen.append, transport=httpx.MockTransport(answer))
    path = f"/datasets/e/records?name=王小明&idNumber={IDENTITY}"
    body = {"filter": {"name": "王小明", "idNumber": IDENTITY}}
    sent = session.send(Call("POST", path, "t", {"value": IDENTITY}, token, json=body))
    session.close()
    recorded = seen[0].model_dump_json()
    for secret in (text, text.split(".")[1], IDENTITY, "王小明", "%E7%8E%8B"):
        assert secret not in recorded
    assert "<token:good>" in recorded
    assert sent.items[0]["idNumber"] == IDENTITY


def test_a_run_holds_no_personal_value(adapter_report: Report) -> None:
    """The whole report of a run holds no token, no identity number and no value of a masked item."""
    from kit import legacy  # noqa: PLC0415 - the register behind the run

    text = adapter_report.model_dump_json(by_alias=True)
    rows = legacy.people()
    assert [row[1] for row in rows if row[1] in text] == []
    assert [row[2] for row in rows[1:] if row[2] in text] == []
    assert "eyJ" not in text
    assert json.loads(text)["observations"]["facts"]["populations"]


def test_token_without_value() -> None:
    """No header at all is a token too, and has a name."""
    assert Token("missing", None).value is None
