from __future__ import annotations

import json
import random
import time
from base64 import urlsafe_b64decode
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from datong.conformance import BAD, Calendar, Fixtures, Hook, Issuer, Tokens, load_fixtures
from datong.conformance._calendar import YearUnknown, working_days_later
from datong.conformance._checks.audit import canonical, digest
from datong.conformance._exchange import retry_after
from datong.conformance._hook import call_hook
from datong.conformance._openapi import OpenApi
from datong.conformance._values import another, resident_id
from datong.model import EnvironmentProblem, UsageError
from datong.standard import resident_id_ok

AUDIENCE = "https://data.example.gov.cn/pension"


def tokens(issuer: Issuer | None = None) -> Tokens:
    return Tokens(issuer or Issuer.generate(), AUDIENCE, "91350100M000100Y43")


def claims_of(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    claims: dict[str, Any] = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


def verified(token: str, issuer: Issuer) -> bool:
    try:
        jws.deserialize_compact(token, KeySet.import_key_set(issuer.jwks()), algorithms=[issuer.algorithm])
    except (JoseError, ValueError):
        return False
    return True


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")  # the name that adapters of today publish
@pytest.mark.parametrize(
    "key", [ECKey.generate_key("P-256"), OKPKey.generate_key("Ed25519"), RSAKey.generate_key(2048)]
)
def test_good_tokens(key: Any) -> None:
    """A good token is signed by the published key, for this audience, and lives less than allowed."""
    made = tokens(Issuer(key))
    token = str(made.good("good", consumerId="c").value)
    claims = claims_of(token)
    assert verified(token, made.issuer)
    assert (claims["aud"], claims["role"], claims["sub"]) == (AUDIENCE, "consumer", "c")
    assert claims["iat"] <= time.time() < claims["exp"] <= claims["iat"] + made.longest


@pytest.mark.parametrize("kind", list(BAD))
def test_bad_tokens(kind: str) -> None:
    """Each bad kind is wrong in its own way, and right in every other."""
    made = tokens()
    token = made.bad(kind, consumerId="c").value
    if kind in ("missing", "malformed"):
        assert token is None or token.count(".") == 0
        return
    claims, now = claims_of(str(token)), time.time()
    assert verified(str(token), made.issuer) is (kind not in ("none", "wrongKey", "confused", "altered"))
    timely = claims.get("exp", 0) > now and claims["iat"] <= now and claims.get("nbf", 0) <= now
    timely = timely and claims["exp"] - claims["iat"] <= made.longest
    assert timely is (kind not in ("expired", "future", "notBefore", "tenYears", "tooLong", "endless"))
    assert (claims.get("aud") == AUDIENCE) is (not kind.endswith(("Audience", "Audiences")))


def test_public_key_signs_nothing() -> None:
    """Only a private key makes an issuer."""
    with pytest.raises(ValueError, match="public"):
        Issuer.from_jwk(Issuer.generate().jwks()["keys"][0])


CALENDAR = Calendar(years=(2026,), holidays=(date(2026, 10, 1), date(2026, 10, 2)), workdays=(date(2026, 9, 27),))


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2026, 9, 25), 1, date(2026, 9, 27)),  # a Sunday that was moved to be worked
        (date(2026, 9, 30), 1, date(2026, 10, 5)),  # over two holidays and a weekend
        (date(2026, 6, 1), 10, date(2026, 6, 15)),
        (date(2026, 6, 5), 1, date(2026, 6, 8)),
    ],
)
def test_working_days(start: date, days: int, end: date) -> None:
    """Holidays and moved working days count as published."""
    assert working_days_later(start, days, CALENDAR) == end


def test_unknown_year() -> None:
    """A year that was not published is never guessed."""
    with pytest.raises(YearUnknown):
        working_days_later(date(2026, 12, 30), 10, CALENDAR)


def test_fixtures_file(tmp_path: Path) -> None:
    """A fixtures file is read; a wrong one is told with every wrong place."""
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(
        'fixtures: "1"\nentries:\n  a:\n    count: 3\n    records: [{values: {n: "0.10"}}]\n', encoding="utf-8"
    )
    assert load_fixtures(good).entry("a").records[0].values == {"n": "0.10"}
    bad.write_text("fixtures: 2\nentries: {a: {count: many}}\n", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_fixtures(bad)
    assert "fixtures" in caught.value.title.en
    assert "entries.a.count" in caught.value.title.zh
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(UsageError):
            load_fixtures(path)
    assert Fixtures.model_json_schema(by_alias=True)["properties"]["entries"]


def test_hook_command(tmp_path: Path) -> None:
    """A hook reads one JSON object and answers one; failing, it ends the probe and not the run."""
    program = tmp_path / "hook.py"
    program.write_text(
        "import json, sys\n"
        "asked = json.load(sys.stdin)\n"
        "print(json.dumps({'done': asked['action'] == 'stop-source', 'entry': asked.get('entry')}))\n",
        encoding="utf-8",
    )
    hook = Hook(command=("python3", str(program)))
    assert call_hook(hook, "stop-source", {"entry": "e"}) == {"done": True, "entry": "e"}
    assert call_hook(hook, "unheard", {}) is None
    with pytest.raises(EnvironmentProblem):
        call_hook(Hook(command=("false",)), "stop-source", {})
    with pytest.raises(EnvironmentProblem):
        call_hook(Hook(url="http://127.0.0.1:1/"), "stop-source", {})


def test_made_up_values() -> None:
    """Values are altered to others of the same form; made-up identity numbers have a right check character."""
    chance = random.Random(1)  # noqa: S311 - repeatable, no secret
    for value in ("1", "A12", "王小明", "1990-05-06", "11010519491231002X", 7, 1.5):
        made = another(chance, value)
        assert made != value
        assert type(made) is type(value)
        assert not isinstance(value, str) or len(made) == len(value)
    assert all(resident_id_ok(resident_id(chance, "330106")) for _ in range(50))


def test_canonical_json() -> None:
    """Audit digests are taken over RFC 8785 JSON without the digest itself."""
    record = {"b": 1.5, "a": "中", "c": 3.0, "digest": "x", "d": [True, None, {"z": 1, "y": "<number:1e3>"}]}
    assert canonical(record) == '{"a":"中","b":1.5,"c":3,"d":[true,null,{"y":1000,"z":1}],"digest":"x"}'
    assert digest(record) == digest({**record, "digest": "other"}) != digest({**record, "b": 2})


def document(**paths: Any) -> dict[str, Any]:
    return {"openapi": "3.1.0", "info": {"title": "t", "version": "1.0.0"}, "paths": paths}


def test_openapi_faults() -> None:
    """An invalid document and a reference to nowhere are told; a valid one has no fault."""
    sound = document(**{"/a": {"get": {"responses": {"200": {"description": "ok"}}}}})
    assert OpenApi(sound, "http://h/v1").faults() == []
    assert OpenApi(sound | {"openapi": "3.0.3"}, "http://h/v1").faults() == []
    assert OpenApi(sound | {"openapi": "2.0"}, "http://h/v1").faults()
    assert OpenApi({"openapi": "3.1.0", "paths": {}}, "http://h/v1").faults()
    lost = document(**{"/a": {"get": {"responses": {"200": {"$ref": "#/components/responses/none"}}}}})
    assert "#/components/responses/none" in OpenApi(lost, "http://h/v1").faults()[0]


@pytest.mark.parametrize(
    ("path", "template"),
    [("/a/b", "/a/b"), ("/a/x", "/a/{id}"), ("http://h/v1/a/x", "/a/{id}"), ("/a/x/y", None), ("/b", None)],
)
def test_openapi_paths(path: str, template: str | None) -> None:
    """Concrete paths go before templates; a place stands for one segment."""
    assert OpenApi(document(**{"/a/{id}": {}, "/a/b": {}}), "http://h/v1").template(path) == template


@pytest.mark.parametrize(
    ("path", "template"), [("http://h/known", "/known"), ("/known", None), ("http://h/v1/known", None), ("/a", "/a")]
)
def test_openapi_path_with_a_server_of_its_own(path: str, template: str | None) -> None:
    """A path that is described at the root of the host is there, and not behind the base."""
    described = document(**{"/known": {"servers": [{"url": "/"}]}, "/a": {}})
    assert OpenApi(described, "http://h/v1").template(path) == template


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("Thu, 01 Jan 1970 00:01:30 GMT", 30.0),
        ("Thu, 01 Jan 1970 00:00:30 GMT", 0.0),
        ("soon", None),
        ("-1", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after(text: str | None, seconds: float | None) -> None:
    """A wait is told in seconds or by an HTTP date; anything else tells nothing."""
    assert retry_after(text, 60.0) == seconds


@pytest.mark.parametrize(
    ("servers", "found"),
    [
        ([], {"/v1/k": "/k", "/k": None}),
        ([{"url": "http://h"}], {"/v1/k": None, "/k": "/k"}),
        ([{"url": "/"}, {"url": "/v1"}], {"/v1/k": "/k", "/k": "/k"}),
    ],
)
def test_openapi_servers(servers: list[dict[str, str]], found: dict[str, str | None]) -> None:
    """A path with servers of its own begins at each of them, every other one at the base."""
    item = {"servers": servers} if servers else {}
    api = OpenApi(document(**{"/k": item}), "http://h/v1")
    assert {path: api.template(f"http://h{path}") for path in found} == found
