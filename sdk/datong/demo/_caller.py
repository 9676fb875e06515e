"""Calls the adapter as exchange, consumer or provider would, shows each call, and judges each answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import httpx

from datong.demo._screen import Screen
from datong.guard import DevelopmentIssuer
from datong.model import Text
from datong.standard import BASE_PATH

CONSUMER: Final = "11339501MB00000196"
"""Another invented body: the county's welfare office that asks the register."""
PURPOSE: Final = "senior-allowance"
GRANT: Final = "g-2026-0001"
ENTRY: Final = "insured-persons"


class Caller:
    """One HTTP client for the whole walk. `met` and `missed` count the expectations."""

    def __init__(self, screen: Screen, folder: Path, origin: str) -> None:
        self.screen = screen
        self.met = self.missed = 0
        self._issuer = DevelopmentIssuer(folder)
        self._http = httpx.Client(
            base_url=origin, trust_env=False, timeout=30, headers={"Accept-Language": screen.language}
        )
        self._facts: dict[str, Any] = self._http.get(f"{BASE_PATH}/.well-known/gds-adapter").json()

    def close(self) -> None:
        self._http.close()

    @property
    def provider(self) -> str:
        code: str = self._facts["providerId"]
        return code

    def token(self, role: str = "consumer", **claims: str) -> str:
        """A token of the development issuer; a consumer's is bound to entry, grant and purpose."""
        bound = {"consumerId": CONSUMER, "catalogId": ENTRY, "grantId": GRANT, "purposeId": PURPOSE}
        given: dict[str, Any] = (bound if role == "consumer" else {}) | claims
        return self._issuer.token(aud=self._facts["audience"], providerId=self.provider, role=role, **given)

    def call(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: Any = None,
        headers: dict[str, str] | None = None,
        note: str = "",
        keep: int = 24,
    ) -> httpx.Response:
        """Make a call, and show it with its answer."""
        answer = self.quietly(method, path, token=token, body=body, headers=headers)
        self.screen.request(method, path, body=body, note=note)
        self.screen.answer(answer.status_code, answer.json() if answer.content else None, keep=keep)
        return answer

    def quietly(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        bearer = {"Authorization": f"Bearer {token}"} if token is not None else {}
        return self._http.request(method, path, json=body, headers={**bearer, **(headers or {})})

    def expect(self, text: Text, *, good: bool) -> None:
        self.screen.mark(text, good=good)
        if good:
            self.met += 1
        else:
            self.missed += 1
