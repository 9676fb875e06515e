from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from datong.model import Role


@dataclass(frozen=True, eq=False)
class Principal:
    """Who calls, as a verified token says it. `claims` cannot be changed.

    Identity of the object is identity of the token: a token is verified once and then shared by
    all calls that carry it. `expires` is `exp` plus the allowed skew, in seconds of the epoch.
    """

    claims: Mapping[str, Any] = field(repr=False)
    role: Role
    expires: float
    issuer: str
    subject: str
    jti: str
    provider_id: str
    consumer_id: str | None = None
    catalog_id: str | None = None
    grant_id: str | None = None
    purpose_id: str | None = None
    operator_id: str | None = None
    case_id: str | None = None
    decisions: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)
    """Access decisions of the guard that verified this token, by (entry, method)."""
