"""Who calls, whether they may, how much they see, and the record of it."""

from datong.guard._access import Access
from datong.guard._audit import AuditLog, AuditPolicy
from datong.guard._audit_index import AuditPage, AuditQuery, EntryStats
from datong.guard._audit_verify import Fault, Verification
from datong.guard._development import DEVELOPMENT_ISSUER, DevelopmentIssuer
from datong.guard._grant import Grant, Method, Scope, Status
from datong.guard._guard import Guard, open_guard, open_state
from datong.guard._issuers import TrustedIssuer, trusted_issuers
from datong.guard._keys import private_folder, secret_material, subkey
from datong.guard._principal import Principal
from datong.guard._quota import ProbingLimit, Quota
from datong.guard._segments import Head
from datong.guard._state import GrantChange, StateStore

__all__ = [
    "DEVELOPMENT_ISSUER",
    "Access",
    "AuditLog",
    "AuditPage",
    "AuditPolicy",
    "AuditQuery",
    "DevelopmentIssuer",
    "EntryStats",
    "Fault",
    "Grant",
    "GrantChange",
    "Guard",
    "Head",
    "Method",
    "Principal",
    "ProbingLimit",
    "Quota",
    "Scope",
    "StateStore",
    "Status",
    "TrustedIssuer",
    "Verification",
    "open_guard",
    "open_state",
    "private_folder",
    "secret_material",
    "subkey",
    "trusted_issuers",
]
