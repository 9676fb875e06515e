from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import change
from cli.process import datong

from datong.config import load, resolve
from datong.guard import open_state


def claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def test_consumer(adapter: Path) -> None:
    """A token for a dataset comes with a grant in the state store that it names."""
    made = datong("token", "pension", "person", "--json", cwd=adapter).document
    loaded = load(adapter / "pension")
    state = open_state(loaded.adapter, loaded.folder, resolve)
    grant = state.get_grant(made["grant"]["grantId"])
    state.close()
    assert grant is not None
    told = claims(made["token"])
    assert (told["grantId"], told["catalogId"], told["purposeId"]) == (grant.grant_id, "person", "政务服务")
    assert told["aud"] == loaded.adapter.trust.audience
    assert told["exp"] - told["iat"] == made["expiresIn"] == 600
    assert grant.method == ("serviceInterface",)
    assert grant.scope.items is None


def test_narrowed(adapter: Path) -> None:
    """Items, methods, purpose and consumer are those asked for; asking again changes the same grant."""
    options = ("--purpose", "资格核验", "--consumer", "c-1", "--lifetime", 60)
    first = datong("token", "pension", "person", *options, "--json", cwd=adapter).document
    more = ("--items", "id, xm", "--method", "serviceInterface")
    second = datong("token", "pension", "person", *options, *more, "--json", cwd=adapter).document
    assert second["grant"]["grantId"] == first["grant"]["grantId"]
    assert second["grant"]["scope"] == {"items": ["id", "xm"]}
    assert second["grant"]["purposeId"] == "资格核验"
    assert claims(second["token"])["consumerId"] == "c-1"
    assert second["expiresIn"] == 60


@pytest.mark.parametrize("role", ["exchange", "provider", "operator"])
def test_other_roles(adapter: Path, role: str) -> None:
    """Other roles need no dataset and no grant."""
    made = datong("token", "pension", "--role", role, "--json", cwd=adapter).document
    assert made["grant"] is None
    assert claims(made["token"])["role"] == role


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "One of: empty, person, bu-men."),
        (("persn",), "Did you mean `person`?"),
        (("person", "--items", "id,xmm"), "Did you mean `xm`?"),
        (("person", "--method", "verify"), "Did you mean `serviceInterface`?"),
        (("person", "--purpose", "资格核检"), "Did you mean `资格核验`?"),
    ],
)
def test_wrong(adapter: Path, arguments: tuple[str, ...], said: str) -> None:
    """What the adapter does not have is refused, with what it has."""
    ran = datong("token", "pension", *arguments, cwd=adapter)
    assert ran.code == 2
    assert said in ran.err or "One of:" in ran.err


def test_configured_issuer(adapter: Path) -> None:
    """An adapter that trusts issuers of its own gets no development tokens."""
    key = "{kty: OKP, crv: Ed25519, x: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo}"
    change(adapter, "trust:", f"trust:\n  issuers: [{{issuer: 'urn:x', jwks: {{keys: [{key}]}}}}]")
    ran = datong("token", "pension", "person", cwd=adapter)
    assert ran.code == 2
    assert "does not believe development tokens" in ran.err


def test_whole_output(adapter: Path) -> None:
    """Token, grant, a curl line that can be copied, and the command to serve."""
    shown = datong("token", "pension", "person", cwd=adapter).out
    token = shown.splitlines()[0]
    shown = re.sub(r"development-person-\w{8}", "GRANT", shown.replace(token, "TOKEN"))
    assert shown == (
        "TOKEN\n"
        "\n"
        "Valid for 600 s, role consumer.\n"
        "Grant GRANT (active):\n"
        "  purpose 政务服务; items: all that are shared; serviceInterface\n"
        "\n"
        "curl -H 'Authorization: Bearer TOKEN' 'http://127.0.0.1:8000/v1/datasets/person/records?limit=5'\n"
        "\n"
        "Serve it first: datong serve pension\n"
    )


def test_region(adapter: Path) -> None:
    """A region limits the grant and is told; where it says nothing, no grant is made of it."""
    ran = datong("token", "pension", "person", "--region", "3301", cwd=adapter)
    assert (ran.code, "names no item that holds a region" in ran.err) == (2, True)
    change(adapter, "    from: {table: person}\n", "    from: {table: person}\n    region: zt\n")
    ran = datong("token", "pension", "person", "--region", "Hangzhou", cwd=adapter)
    assert (ran.code, "no region code" in ran.err) == (2, True)
    ran = datong("token", "pension", "person", "--region", "3301", cwd=adapter)
    assert (ran.code, "region 3301" in ran.out) == (0, True)
