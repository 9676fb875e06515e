"""Every mutant, in the order of the classes."""

from __future__ import annotations

from typing import Final

from mutants import audit, catalog, core, fidelity, ops, query, query_cases, security, verify
from mutants.mutant import MUTANTS

from datong.model import Text

LOADED: Final = (core, catalog, query, query_cases, verify, security, audit, ops, fidelity)
"""Importing them registers the mutants."""
CLAIMED: Final = ("core", "catalog", "query", "verify", "security", "audit", "ops", "fidelity")
"""Classes that the reference adapter claims."""
SHORT: Final = {
    "REQ-CORE-02": Text("the mandatory class corrections is not built yet", "必选一致性类 corrections 尚未实现"),
    "REQ-SEC-14": Text("request signatures are not built yet", "请求签名尚未实现"),
}
"""What the reference adapter is known not to have."""
UNKILLED: Final = {
    "REQ-SEC-14": Text("fails on the reference adapter itself: signatures are not built yet", "参照适配器尚未实现签名"),
    "REQ-OPS-05": Text("only a network namespace with a deny log can show it", "需在带拒绝日志的网络命名空间中观察"),
}
"""Requirements of claimed classes that no mutant violates, and why."""

__all__ = ["CLAIMED", "LOADED", "MUTANTS", "SHORT", "UNKILLED"]
