from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from callers import AUDIENCE, ISSUER, Signer, adapter_document, signer

from datong.guard import Guard, TrustedIssuer
from datong.guard._tokens import CACHED, MAX_TOKEN, Verifier
from datong.model import Adapter, Problem, Trust

ALGORITHMS = ["ES256", "ES384", "EdDSA", "Ed25519", "RS256", "PS256"]
GOOD = signer("ES256")


def trust(**more: Any) -> Trust:
    return Adapter.model_validate(adapter_document()).trust.model_copy(update=more)


def verifier(*issuers: TrustedIssuer, clock: Callable[[], float] = time.time, **more: Any) -> Verifier:
    return Verifier(trust(**more), issuers or (GOOD.trusted(),), clock)


def refused(token: str, *issuers: TrustedIssuer, **more: Any) -> Problem:
    with pytest.raises(Problem) as caught:
        verifier(*issuers, **more).authenticate(f"Bearer {token}")
    return caught.value


def segment(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def with_header(token: str, **header: Any) -> str:
    _, body, signature = token.split(".")
    return f"{segment(header)}.{body}.{signature}"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_accepted(algorithm: str) -> None:
    """A token signed by a trusted key with an allowed algorithm names its caller."""
    principal = verifier(signer(algorithm).trusted()).authenticate(f"Bearer {signer(algorithm).token(caseId='案-1')}")
    assert (principal.consumer_id, principal.role, principal.issuer) == ("consumer-1", "consumer", ISSUER)
    assert (principal.catalog_id, principal.grant_id, principal.purpose_id) == ("insured", "grant-1", "pension-check")
    assert principal.case_id == "案-1"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_forged(algorithm: str) -> None:
    """A signature by another key of the same kind and id is refused."""
    forger = signer(algorithm, issuer="forger")
    token = Signer(forger.key, algorithm).token()
    assert refused(token, signer(algorithm).trusted()).code == "token-signature"


@pytest.mark.parametrize("part", [1, 2])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_tampered(algorithm: str, part: int) -> None:
    """A changed payload or signature is refused."""
    parts = signer(algorithm).token().split(".")
    raw = bytearray(base64.urlsafe_b64decode(parts[part] + "=="))
    if part == 1:
        raw = bytearray(raw.replace(b"consumer-1", b"consumer-2"))
    else:
        raw[len(raw) // 2] ^= 1
    parts[part] = segment(bytes(raw))
    assert refused(".".join(parts), signer(algorithm).trusted()).code == "token-signature"


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (None, "token-missing"),
        ("", "token-missing"),
        ("Basic dXNlcjpwYXNz", "token-missing"),
        ("Bearer", "token-malformed"),
        ("Bearer ", "token-malformed"),
        ("Bearer a b", "token-malformed"),
        ("Bearer abc", "token-malformed"),
        ("Bearer a.b.c.d.e", "token-malformed"),
        ("Bearer 令牌.令牌.令牌", "token-malformed"),
        ("Bearer ..", "token-malformed"),
    ],
)
def test_no_token(authorization: str | None, code: str) -> None:
    """What is no signed compact JWT at all is told apart from no token."""
    with pytest.raises(Problem) as caught:
        verifier().authenticate(authorization)
    assert caught.value.code == code


def test_scheme_is_case_insensitive() -> None:
    """The scheme's name may be written in any case (RFC 9110)."""
    assert verifier().authenticate(f"bEARER  {GOOD.token()} ").consumer_id == "consumer-1"


@pytest.mark.parametrize("name", ["none", "None", "NONE", None])
def test_unsigned(name: str | None) -> None:
    """`alg: none` in any spelling, or no `alg`, is refused with or without a signature."""
    token = with_header(GOOD.token(), **({"alg": name} if name else {"typ": "JWT"}))
    assert refused(token).code == "token-unsigned"
    assert refused(token.rsplit(".", 1)[0] + ".").code == "token-unsigned"


def test_stripped_signature() -> None:
    """A token that names an algorithm but has lost its signature counts as unsigned."""
    assert refused(GOOD.token().rsplit(".", 1)[0] + ".").code == "token-unsigned"


def test_key_confusion() -> None:
    """A public key is never taken for an HMAC secret, even if HS256 stood on the list."""
    rsa = signer("RS256")
    body = f"{segment({'alg': 'HS256', 'kid': 'k1'})}.{rsa.token().split('.')[1]}"
    mac = hmac.new(rsa.key.as_pem(private=False), body.encode(), "sha256").digest()
    assert refused(f"{body}.{segment(mac)}", rsa.trusted()).code == "token-algorithm"
    assert refused(f"{body}.{segment(mac)}", rsa.trusted("RS256", "HS256")).code == "key-unknown"


@pytest.mark.parametrize("algorithm", ["RS512", "ES512", "HS256", "rs256", "ES256K", 256, ["ES256"]])
def test_algorithm_outside_the_list(algorithm: object) -> None:
    """An algorithm outside the allow-list is refused, and the refusal names the list."""
    problem = refused(with_header(GOOD.token(), alg=algorithm, kid="k1"))
    assert (problem.code, problem.params["allowed"]) == ("token-algorithm", ["ES256"])


def test_algorithm_of_another_issuer() -> None:
    """An algorithm that only another issuer may use is refused for this one."""
    other = signer("RS256", issuer="https://other.example.gov.cn")
    token = Signer(signer("RS256").key, "RS256").token()
    assert refused(token, GOOD.trusted(), other.trusted()).code == "token-algorithm"


@pytest.mark.parametrize(
    ("claimed", "keyed"), [("ES384", "ES256"), ("EdDSA", "ES256"), ("PS256", "ES256"), ("ES256", "RS256")]
)
def test_key_of_another_kind(claimed: str, keyed: str) -> None:
    """A key serves the algorithms of its own kind and curve only."""
    issuer = signer(keyed).trusted("ES256", "ES384", "EdDSA", "RS256", "PS256")
    assert refused(signer(claimed).token(), issuer).code == "key-unknown"


def test_kid() -> None:
    """`kid` chooses among keys; an unknown one, or none where there is a choice, is refused."""
    first, second = signer("ES256", "a"), signer("ES256", "b")
    both = TrustedIssuer(
        ISSUER, first.trusted().keys + second.trusted().keys, frozenset({"consumer"}), frozenset({"ES256"})
    )
    assert verifier(both).authenticate(f"Bearer {second.token()}").consumer_id == "consumer-1"
    assert refused(second.token(header={"kid": "a"}), both).code == "token-signature"
    assert refused(second.token(header={"kid": "c"}), both).code == "key-unknown"
    assert refused(second.token(header={"kid": None}), both).code == "key-unknown"
    assert verifier().authenticate(f"Bearer {GOOD.token(header={'kid': None})}").consumer_id == "consumer-1"


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWE"},
        {"cty": "JWT"},
        {"enc": "A256GCM"},
        {"crit": ["exp"], "exp": 1},
        {"crit": ["b64"], "b64": False},
        {"kid": 7},
    ],
)
def test_header_refused(header: dict[str, Any]) -> None:
    """Nested tokens, other types, critical extensions and a `kid` that is no text are refused."""
    assert refused(with_header(GOOD.token(), alg="ES256", **header)).code == "token-malformed"


def test_header_ignored() -> None:
    """Header members that mean nothing here, keys they bring included, are not looked at."""
    forger = signer("ES256", "k1", "forger")
    token = Signer(forger.key, "ES256").token(header={"jwk": forger.key.as_dict(private=False), "x5u": "http://x"})
    assert refused(token).code == "token-signature"
    assert verifier().authenticate(f"Bearer {GOOD.token(header={'zz': 'x' * 600})}").consumer_id == "consumer-1"


@pytest.mark.parametrize(
    "payload",
    [
        b"[]",
        b"1",
        b"\xff\xfe",
        b"{",
        b'{"iss":"a","iss":"b"}',
        b'{"x":{"y":1,"y":2}}',
        b'{"exp":NaN}',
        b"[" * 5000,
        b'{"exp":' + b"9" * 5000 + b"}",
    ],
)
def test_payload_refused(payload: bytes) -> None:
    """A payload that is no JSON object with each name once is refused, however deep or long it is."""
    assert refused(GOOD.sign(payload)).code == "token-malformed"


def test_duplicate_header_member() -> None:
    """A header that names `alg` twice is refused before either is believed."""
    _, body, signature = GOOD.token().split(".")
    head = segment(b'{"alg":"none","alg":"ES256"}')
    assert refused(f"{head}.{body}.{signature}").code == "token-malformed"


def test_huge() -> None:
    """A token beyond the limit is refused without being decoded."""
    assert refused(GOOD.token(filler="x" * MAX_TOKEN)).code == "token-malformed"


def test_issuer_unknown() -> None:
    """A token of an issuer that is not configured is refused, its key known or not."""
    assert refused(GOOD.token(iss="https://elsewhere.example.cn")).code == "issuer-unknown"
    assert refused(GOOD.token(iss=f"{ISSUER}/")).code == "issuer-unknown"


@pytest.mark.parametrize(
    ("times", "code"),
    [
        ({"iat": -400, "exp": -61}, "token-expired"),
        ({"iat": 61, "exp": 300}, "token-not-yet-valid"),
        ({"iat": 0, "nbf": 61, "exp": 300}, "token-not-yet-valid"),
        ({"iat": 61, "nbf": 0, "exp": 300}, "token-not-yet-valid"),
        ({"iat": 0, "exp": 601}, "token-lifetime"),
        ({"iat": 0, "exp": 315_360_000}, "token-lifetime"),
        ({"iat": 10, "exp": 10}, "token-lifetime"),
        ({"iat": 30, "exp": 20}, "token-lifetime"),
    ],
)
def test_times_refused(times: dict[str, int], code: str) -> None:
    """Tokens of the past, of the future and with a long life are told apart."""
    now = int(time.time())
    token = GOOD.token(**{name: now + offset for name, offset in times.items()})
    assert refused(token, clock=lambda: now).code == code


@pytest.mark.parametrize(
    "times", [{"iat": -300, "exp": -60}, {"iat": 60, "exp": 200}, {"iat": 0, "nbf": 60, "exp": 600}, {"exp": 0.5}]
)
def test_skew(times: dict[str, int]) -> None:
    """Clocks may differ by the declared skew, to the second."""
    now = int(time.time())
    token = GOOD.token(**{"iat": now} | {name: now + offset for name, offset in times.items()})
    assert verifier(clock=lambda: now).authenticate(f"Bearer {token}").consumer_id == "consumer-1"


@pytest.mark.parametrize(
    "audience",
    [
        "data.example.gov.cn/pension",
        AUDIENCE + "/",
        AUDIENCE.upper(),
        AUDIENCE + " ",
        [],
        [AUDIENCE, "https://elsewhere.example.cn"],
        [AUDIENCE, AUDIENCE],
        {"aud": AUDIENCE},
        7,
        None,
    ],
)
def test_wrong_audience(audience: object) -> None:
    """`aud` is compared character by character, and the refusal names the right value."""
    problem = refused(GOOD.token(aud=audience))
    assert (problem.code, problem.params) == ("wrong-audience", {"expected": AUDIENCE})


def test_audience_list_of_one() -> None:
    """A list of just our audience means the same as the text (RFC 7519, 4.1.3)."""
    assert verifier().authenticate(f"Bearer {GOOD.token(aud=[AUDIENCE])}").consumer_id == "consumer-1"


@pytest.mark.parametrize("value", [None, "", 7, ["a"], {}, True, "x" * 201, "a\nb", "a\x00", "\ud800"])
@pytest.mark.parametrize(
    "claim", ["iss", "sub", "jti", "consumerId", "providerId", "catalogId", "grantId", "purposeId"]
)
def test_claim_refused(claim: str, value: object) -> None:
    """Every needed claim must be a short printable text, and the refusal names the claim."""
    problem = refused(GOOD.token(**{claim: value}))
    assert (problem.code, problem.params) == ("claim-missing", {"claim": claim})


@pytest.mark.parametrize("value", ["1", True, -1, [1], 1e300])
@pytest.mark.parametrize("claim", ["iat", "exp", "nbf"])
def test_instant_refused(claim: str, value: object) -> None:
    """Times are numbers of seconds and nothing else."""
    problem = refused(GOOD.token(**{claim: value}))
    assert (problem.code, problem.params) == ("claim-missing", {"claim": claim})


@pytest.mark.parametrize("claim", ["operatorId", "caseId"])
def test_optional_claim_of_wrong_type(claim: str) -> None:
    """A claim that may be absent must still be right when it is there."""
    assert refused(GOOD.token(**{claim: 7})).params == {"claim": claim}


@pytest.mark.parametrize("role", ["exchange", "provider", "operator"])
def test_other_roles(role: str) -> None:
    """Other roles need no consumer, entry, grant or purpose, but an issuer trusted for them."""
    none = dict.fromkeys(["consumerId", "catalogId", "grantId", "purposeId"])
    token = GOOD.token(role=role, **none)
    assert verifier().authenticate(f"Bearer {token}").role == role
    problem = refused(token, GOOD.trusted(roles=frozenset({"consumer"})))
    assert (problem.code, problem.params) == ("role-not-trusted", {"role": role})


@pytest.mark.parametrize("role", ["admin", "", 7, None, ["exchange"]])
def test_unknown_role(role: object) -> None:
    """A role that does not exist is refused; without the claim the caller is a consumer."""
    if role is None:
        assert verifier().authenticate(f"Bearer {GOOD.token(role=None)}").role == "consumer"
    else:
        assert refused(GOOD.token(role=role)).params == {"claim": "role"}


def test_claims_are_frozen() -> None:
    """What a verified token says cannot be changed afterwards."""
    principal = verifier().authenticate(f"Bearer {GOOD.token()}")
    with pytest.raises(TypeError):
        principal.claims["role"] = "exchange"  # type: ignore[index]
    with pytest.raises(AttributeError):
        principal.role = "exchange"  # type: ignore[misc]


def test_cache_expiry() -> None:
    """A verified token is remembered, and refused at the second its life and the skew end."""
    now = [time.time()]
    checked = verifier(clock=lambda: now[0])
    raw = f"Bearer {GOOD.token()}"
    first = checked.authenticate(raw)
    assert checked.authenticate(raw) is first
    now[0] = first.expires + 0.001
    with pytest.raises(Problem, match="token-expired"):
        checked.authenticate(raw)


def test_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least recently used token leaves the cache first."""
    monkeypatch.setattr("datong.guard._tokens.CACHED", 3)
    checked = verifier()
    tokens = [f"Bearer {GOOD.token()}" for _ in range(4)]
    kept = [checked.authenticate(token) for token in tokens[:3]]
    checked.authenticate(tokens[0])
    checked.authenticate(tokens[3])
    assert checked.authenticate(tokens[0]) is kept[0]
    assert checked.authenticate(tokens[1]) is not kept[1]
    assert CACHED > 1000


def test_codes_do_not_depend_on_the_entry(guard: Guard) -> None:
    """A bad token reads the same whether the entry and the grant it names exist or not."""
    for catalog in ("insured", "nowhere"):
        token = signer("ES256", issuer="forger").token(iss=ISSUER, catalogId=catalog, grantId="none")
        with pytest.raises(Problem, match="token-signature"):
            guard.authenticate(f"Bearer {token}")
