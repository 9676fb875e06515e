"""An issuer for development: signs tokens of any role with a key of its own, believed on loopback only."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from datong.guard._issuers import TrustedIssuer
from datong.guard._keys import create_once, private_folder, unwritable
from datong.guard._tokens import ROLES

DEVELOPMENT_ISSUER: Final = "urn:datong:development-issuer"


class DevelopmentIssuer:
    """ES256 key in `.datong/development-issuer.json` (mode 0600), made at first use.

    Raises EnvironmentProblem (`folder-unwritable`) when the key can be neither read nor made.
    """

    issuer = DEVELOPMENT_ISSUER

    def __init__(self, folder: Path) -> None:
        path = private_folder(folder) / "development-issuer.json"
        try:
            self._key = ECKey.import_key(json.loads(create_once(path, _new_key)))
        except (OSError, ValueError, JoseError):
            raise unwritable(path) from None

    def token(self, *, lifetime: int = 600, **claims: Any) -> str:
        """A signed token; `claims` by their wire names (`aud`, `role`, `consumerId`, …).

        iss, iat, exp, jti and sub are filled in where they are not given; a claim given as None
        is left out.
        """
        now = int(time.time())
        base = {
            "iss": self.issuer,
            "sub": claims.get("consumerId") or claims.get("role") or "developer",
            "iat": now,
            "exp": now + lifetime,
            "jti": str(uuid4()),
        }
        payload = {name: value for name, value in (base | claims).items() if value is not None}
        header = {"alg": "ES256", "kid": self._key.get("kid"), "typ": "JWT"}
        return jws.serialize_compact(header, json.dumps(payload), self._key, algorithms=["ES256"])

    def jwks(self) -> dict[str, Any]:
        """The public JWK set."""
        return {"keys": [dict(self._key.as_dict(private=False))]}

    def trusted(self) -> TrustedIssuer:
        return TrustedIssuer(self.issuer, (self._public(),), ROLES, frozenset({"ES256"}))

    def _public(self) -> ECKey:
        return ECKey.import_key(self._key.as_dict(private=False))


def _new_key() -> bytes:
    key = ECKey.generate_key("P-256", {"kid": f"development-{uuid4().hex[:8]}", "use": "sig", "alg": "ES256"})
    return json.dumps(key.as_dict(private=True)).encode()
