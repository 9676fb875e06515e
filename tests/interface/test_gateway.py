from __future__ import annotations

import logging
import re
from uuid import UUID, uuid4

import pytest
from interface_world import World, bearer, code, points

LEAKS = re.compile(r"Traceback|SELECT|sqlite|CBRY|SFZH|/home|/root|\.py|127\.0\.0\.1", re.IGNORECASE)
GUARDED = (
    "/v1/catalog",
    "/v1/catalog/persons",
    "/v1/catalog/persons/schema",
    "/v1/catalog/persons/versions",
    "/v1/datasets/persons/records",
    "/v1/datasets/persons/records/1",
    "/v1/grants",
    "/v1/grants/g1",
    "/v1/audit/records",
    "/v1/audit/policy",
    "/v1/stats",
    "/v1/health/ready",
)
PUBLIC = ("/", "/v1", "/v1/", "/v1/conformance", "/v1/openapi.json", "/v1/health/live", "/v1/.well-known/gds-adapter")


def test_request_id_is_echoed(world: World) -> None:
    """A caller's UUID comes back, also in a problem; without one the adapter makes one."""
    mine = str(uuid4())
    assert world.request("GET", "/v1/conformance", headers={"gds-request-id": mine}).headers["gds-request-id"] == mine
    refused = world.request("GET", "/v1/catalog", headers={"gds-request-id": mine})
    assert refused.json()["requestId"] == mine
    assert UUID(world.request("GET", "/v1/conformance").headers["gds-request-id"])


@pytest.mark.parametrize("bad", ["x", "<script>", "1" * 36, "", "{8c1f6a52-6ad5-4a8e-9f0c-2a8f1c0f7f11}"])
def test_malformed_request_id(world: World, bad: str) -> None:
    """A request id that is no UUID is refused and never reflected."""
    response = world.request("GET", "/v1/conformance", headers={"gds-request-id": bad})
    assert code(response) == "request-id-invalid"
    assert response.headers["gds-request-id"] != bad
    assert not bad or bad not in response.text


@pytest.mark.parametrize("path", [*GUARDED, *PUBLIC])
@pytest.mark.parametrize("method", ["PATCH", "TRACE", "OPTIONS", "DELETE", "POST"])
def test_undefined_methods(world: World, path: str, method: str) -> None:
    """A method that a path does not have gives 405 and names those it has."""
    response = world.request(method, path)
    assert code(response) == "method-not-allowed"
    assert "GET" in response.headers["allow"].split(", ")
    assert method not in response.headers["allow"]


@pytest.mark.parametrize("path", PUBLIC)
def test_head_equals_get(world: World, path: str) -> None:
    """HEAD has the status and headers of GET, and no body."""
    got, head = world.request("GET", path), world.request("HEAD", path)
    assert head.content == b""
    differing = {"gds-request-id"}
    assert {n: v for n, v in head.headers.items() if n not in differing} == {
        n: v for n, v in got.headers.items() if n not in differing
    }


def test_head_of_records(world: World) -> None:
    """HEAD of data needs the same rights and tells the same length."""
    caller = world.grant()
    got, head = caller.get("/records/1"), caller.get("/records/1", method="HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]
    assert head.headers["etag"] == got.headers["etag"]
    assert world.request("HEAD", "/v1/datasets/persons/records/1").status_code == 401


@pytest.mark.parametrize("path", ["/x", "/v2/", "/v1/nope", "/v1/catalog/", "/v1/datasets/persons", "/v1//catalog"])
def test_unknown_paths(world: World, path: str) -> None:
    """Where nothing is served the answer is a 404 problem."""
    assert code(world.request("GET", path)) == "path-unknown"


@pytest.mark.parametrize("name", ["exports", "changes", "files"])
def test_unclaimed_classes(world: World, name: str) -> None:
    """The paths of classes that are not claimed answer 404 to a good token (REQ-CORE-03)."""
    caller = world.grant()
    assert code(caller.get(f"/{name}")) == "path-unknown"
    assert code(caller.post(f"/{name}", {})) == "path-unknown"


@pytest.mark.parametrize(
    "path", ["/v1/jobs/1", "/v1/files/1", "/v1/corrections", "/v1/services/persons", "/v1/adapters"]
)
def test_paths_of_other_classes(world: World, path: str) -> None:
    """So do those outside the datasets."""
    caller = world.grant()
    assert code(caller.get(path)) == "path-unknown"


@pytest.mark.parametrize("path", PUBLIC)
def test_unknown_parameters(world: World, path: str) -> None:
    """No path swallows a parameter that it does not have (REQ-CORE-09)."""
    response = world.request("GET", f"{path}?zzUnknown=1&lang=xx")
    assert response.status_code == 400
    assert ("zzUnknown", "parameter-unknown") in points(response)


def test_unknown_parameters_of_guarded_paths(world: World) -> None:
    """The same behind a token, all points together, and no value repeated."""
    caller = world.grant(grantId="g1")
    for path in GUARDED:
        if path == "/v1/health/ready":
            continue
        response = caller.get(f"{path}?zzUnknown=top-secret&limit=abc")
        assert response.status_code == 400, path
        assert ("zzUnknown", "parameter-unknown") in points(response)
        assert len(response.json()["errors"]) == 2
        assert "top-secret" not in response.text


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json", 200),
        ("*/*", 200),
        ("application/*;q=0.5", 200),
        ("text/plain, application/json;q=0.1", 200),
        ("application/xml", 406),
        ("application/json;q=0", 406),
        ("image/png, text/csv", 406),
    ],
)
def test_accept(world: World, accept: str, status: int) -> None:
    """JSON is served to whoever takes it, and nobody else is fooled."""
    caller = world.grant()
    for path in ("/v1/conformance", "/v1/catalog", "/v1/datasets/persons/records"):
        response = caller.get(path, headers={"accept": accept})
        assert response.status_code == status
        assert status == 200 or code(response) == "not-acceptable"


@pytest.mark.parametrize(
    ("kind", "refusal"),
    [
        ("text/plain", "media-type-unsupported"),
        ("application/x-www-form-urlencoded", "media-type-unsupported"),
        ("application/json; charset=gbk", "media-type-unsupported"),
        ("", "media-type-unsupported"),
        ("application/json; charset=utf-8", None),
        ("APPLICATION/JSON", None),
    ],
)
def test_content_type(world: World, kind: str, refusal: str | None) -> None:
    """A body is JSON in UTF-8 or it is not read."""
    caller = world.grant()
    response = caller.get("/records/_search", method="POST", content=b"{}", headers={"content-type": kind})
    assert (code(response) if refusal else response.status_code) == (refusal or 200)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b'{"limit": NaN}',
        b'{"limit":1,"limit":2}',
        b'{"filter":{"a":"\xed\xa0\x80"}}',
        b"{} {}",
        b"[" * 5000,
    ],
)
def test_bodies_that_are_no_json(world: World, body: bytes) -> None:
    """What cannot be read as one JSON document without repeated names is refused."""
    caller = world.grant()
    response = caller.get("/records/_search", method="POST", content=body, headers={"content-type": "application/json"})
    assert code(response) == "body-not-json"


@pytest.mark.parametrize("size", [2_000_000, 1_048_577])
def test_large_bodies(world: World, size: int) -> None:
    """A body beyond the limit is not read to its end."""
    caller = world.grant()
    content = b'{"filter":{"name":"' + b"x" * size + b'"}}'
    response = caller.get(
        "/records/_search", method="POST", content=content, headers={"content-type": "application/json"}
    )
    assert code(response) == "body-too-large"


def test_languages(world: World) -> None:
    """Problems speak the caller's language, Chinese where none is asked for."""
    chinese = world.request("GET", "/v1/catalog")
    english = world.request("GET", "/v1/catalog", headers={"accept-language": "en-GB,zh;q=0.3"})
    assert (chinese.json()["title"], chinese.headers["content-language"]) == ("缺少令牌", "zh")
    assert (english.json()["title"], english.headers["content-language"]) == ("No token", "en")


def test_security_headers(world: World) -> None:
    """Every answer forbids caching, sniffing, framing and referring."""
    caller = world.grant()
    for response in (caller.records(), world.request("GET", "/v1/catalog"), world.request("GET", "/")):
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
        assert response.headers["referrer-policy"] == "no-referrer"
        assert "server" not in response.headers


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer x", "Basic YTpi", "Bearer a.b.c", "Bearer é"])
def test_bad_tokens(world: World, path: str, authorization: str | None) -> None:
    """Every guarded path refuses a missing or malformed token and says how to authenticate."""
    headers = {} if authorization is None else {"authorization": authorization.encode("latin-1")}
    response = world.request("GET", path, headers=headers)
    assert code(response) in ("token-missing", "token-malformed")
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")


def test_unforeseen_failures(world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A bug of ours is answered as `internal`, with nothing of it on the wire nor of its text in the log."""
    caller = world.grant()
    world.app.core.quality.note("persons", 1, (), 0.0)

    def fail(*_: object) -> None:
        raise RuntimeError("secret value 330106193101010015 in /root/x.py")

    monkeypatch.setattr(world.app.core.quality, "note", fail)
    with caplog.at_level(logging.INFO, "datong.interface"):
        response = caller.records()
    assert code(response) == "internal"
    assert not LEAKS.search(response.text)
    assert response.json()["requestId"] in caplog.text
    assert "330106193101010015" not in caplog.text


def test_tokens_of_other_roles(world: World) -> None:
    """Data calls are for consumers; the catalog is for everybody with a token for this provider."""
    for role in ("exchange", "provider", "operator"):
        headers = bearer(world.token(role=role))
        assert world.request("GET", "/v1/catalog", headers=headers).status_code == 200
        assert code(world.request("GET", "/v1/datasets/persons/records", headers=headers)) == "role-required"
    foreign = bearer(world.token(role="provider", providerId="91350100M000100Y43"))
    assert code(world.request("GET", "/v1/catalog", headers=foreign)) == "wrong-provider"
