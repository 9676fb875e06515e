"""The guard of one adapter: who calls, whether they may, how much they see."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from datong.guard._access import Access, check_grant, decide, entry_for
from datong.guard._audit import AuditLog, AuditPolicy
from datong.guard._audit_index import AuditPage, AuditQuery, EntryStats, Period
from datong.guard._body import grant_from_body
from datong.guard._development import DevelopmentIssuer
from datong.guard._grant import Grant, Method
from datong.guard._issuers import TrustedIssuer, trusted_issuers
from datong.guard._keys import Resolve
from datong.guard._principal import Principal
from datong.guard._quota import Quota
from datong.guard._state import StateStore
from datong.guard._tokens import Verifier
from datong.model import Adapter, EnvironmentProblem, Problem, Role, SecretRef, Text

FRESH: Final = 1.0
"""Seconds for which a grant that was read may be acted on (REQ-SEC-11 allows 60)."""
Health = Literal["pass", "fail"]


class Guard:
    """All decisions about one adapter. `issuers` empty means that no token is believed.

    Methods raise Problem. `authenticate`, `admit`, `peek` and `Access.quota.take` never wait for
    anything; `access`, `put_grant` and `health` may wait for the state store and the disk, so an
    event loop calls them in a thread.
    """

    def __init__(
        self,
        adapter: Adapter,
        *,
        folder: Path,
        issuers: Sequence[TrustedIssuer],
        state: StateStore,
        audit: AuditLog,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.adapter, self.folder, self.state, self.audit = adapter, folder, state, audit
        self.issuers = tuple(issuers)
        self._clock = clock
        self._verifier = Verifier(adapter.trust, issuers, clock)
        self._quotas: dict[str, Quota] = {}
        self._written = 0
        self.authenticate = self._verifier.authenticate

    def admit(self, principal: Principal, *roles: Role) -> None:
        """Let through what is not a data call. No roles means any.

        Raises Problem `wrong-provider` or `role-required`.
        """
        if principal.provider_id != self.adapter.provider.code:
            raise Problem("wrong-provider", expected=self.adapter.provider.code)
        if roles and principal.role not in roles:
            raise Problem("role-required", role=roles)

    def peek(self, principal: Principal, catalog_id: str, method: Method) -> Access | None:
        """The decision of `access` if one was made within the last second and still holds."""
        held = principal.decisions.get((catalog_id, method))
        if held is None or held[1] != self._written or time.monotonic() >= held[0]:
            return None
        access: Access = held[2]
        return access

    def access(self, principal: Principal, catalog_id: str, method: Method) -> Access:
        """The decision on one data call (REQ-SEC-04, 06 to 12), in an order that tells nothing of records."""
        held = self.peek(principal, catalog_id, method)
        if held is not None:
            return held
        written, read_at, now = self._written, time.monotonic(), self._clock()
        dataset = entry_for(self.adapter, principal, catalog_id)
        stored = self.state.get_grant(principal.grant_id or "")
        grant = check_grant(stored, principal, dataset, method, now)
        access = self._known(principal, grant, catalog_id, method) or decide(
            principal, grant, catalog_id, dataset, method, self._quota
        )
        if access.once:
            self.state.use_once(principal.issuer, principal.jti, expires=principal.expires, now=now)
        else:
            until = read_at + min(FRESH, grant.window[1] - now)
            principal.decisions[catalog_id, method] = (until, written, access)
        return access

    def _known(self, principal: Principal, grant: Grant, catalog_id: str, method: Method) -> Access | None:
        held = principal.decisions.get((catalog_id, method))
        return held[2] if held is not None and held[2].grant == grant else None

    def _quota(self, grant_id: str) -> Quota:
        return self._quotas.setdefault(grant_id, Quota(self.adapter.limits.rate, self._clock))

    def put_grant(self, principal: Principal, grant_id: str, body: Any) -> tuple[Grant, bool]:
        """Create, replace, suspend or terminate a grant for the exchange; the grant and whether it is new.

        Raises Problem: wrong-provider, role-required, body-invalid with every violation,
        grant-terminated-final, state-unavailable.
        """
        self.admit(principal, "exchange")
        grant = grant_from_body(body, grant_id, self.adapter)
        stored = self.state.put_grant(grant, by=f"{principal.issuer} {principal.subject}")
        self._written += 1
        return stored

    def grant(self, principal: Principal, grant_id: str) -> Grant:
        """A grant that the caller may see: a consumer its own. Raises Problem `grant-not-found`."""
        self.admit(principal)
        grant = self.state.get_grant(grant_id)
        if grant is None or (principal.role == "consumer" and grant.consumer_id != principal.consumer_id):
            raise Problem("grant-not-found")
        return grant

    def grants(self, principal: Principal) -> list[Grant]:
        """Grants that the caller may see: a consumer its own, every other role all."""
        self.admit(principal)
        return self.state.grants_of(principal.consumer_id if principal.role == "consumer" else None)

    def audit_records(self, principal: Principal, query: AuditQuery) -> AuditPage:
        """Audit records that the caller may see (REQ-AUD-06): a consumer its own, the provider all."""
        return self.audit.records(self._own(principal, query, "consumer", "provider"))

    def stats(self, principal: Principal, query: AuditQuery, period: Period = "day") -> list[EntryStats]:
        """Figures by entry and period: a consumer's are of its own calls."""
        return self.audit.stats(self._own(principal, query, "consumer", "provider", "operator"), period)

    def _own(self, principal: Principal, query: AuditQuery, *roles: Role) -> AuditQuery:
        self.admit(principal, *roles)
        if principal.role != "consumer":
            return query
        if query.consumer_id not in (None, principal.consumer_id):
            raise Problem("role-required", role="provider")
        return replace(query, consumer_id=principal.consumer_id)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)

    def health(self) -> dict[str, Health]:
        """The checks of `/health/ready` that are the guard's: audit, state, keys."""
        return {
            "audit": _works(self.audit.check),
            "state": _works(self.state.ping),
            "keys": "pass" if self.issuers else "fail",
        }

    def close(self) -> None:
        self.audit.close()
        self.state.close()


def _works(check: Callable[[], None]) -> Health:
    try:
        check()
    except Problem:
        return "fail"
    return "pass"


def open_guard(adapter: Adapter, folder: Path, *, resolve: Resolve, loopback: bool) -> Guard:
    """The guard of an adapter folder as configured; `resolve` is `datong.config.resolve`.

    With no issuer configured the development issuer is trusted, on loopback only. Raises
    EnvironmentProblem when keys or the private folder are unusable, or nobody could be trusted.
    """
    issuers = trusted_issuers(adapter, folder, resolve)
    if not issuers and not loopback:
        raise EnvironmentProblem(
            Text(
                "No issuer is trusted: trust.issuers is empty, and the development issuer is for loopback only.",
                "没有受信任的令牌签发方：trust.issuers 为空，而开发签发方仅限本机回环地址使用。",
            ),
            Text(
                "Name the exchange's issuer and its keys under trust.issuers, or serve on 127.0.0.1.",
                "请在 trust.issuers 中登记共享交换平台的签发方及其公钥，或仅在 127.0.0.1 上提供服务。",
            ),
            code="issuer-missing",
        )
    policy = AuditPolicy(adapter.audit.retention, adapter.audit.clock)
    return Guard(
        adapter,
        folder=folder,
        issuers=issuers or (DevelopmentIssuer(folder).trusted(),),
        state=open_state(adapter, folder, resolve),
        audit=AuditLog(folder / adapter.audit.folder, policy),
    )


def open_state(adapter: Adapter, folder: Path, resolve: Resolve) -> StateStore:
    """The configured state store; by default SQLite in `.datong/`."""
    url = adapter.state.url
    if url is None:
        return StateStore.embedded(folder)
    return StateStore.open(resolve(url, folder) if isinstance(url, SecretRef) else url, folder)
