from __future__ import annotations

from typing import Final

INTERFACE_VERSION: Final = "1.0.0"
BASE_PATH: Final = "/v1"

MANDATORY_CLASSES: Final = ("core", "catalog", "corrections", "security", "audit", "ops", "fidelity")
"""What requirements.md calls mandatory; `corrections` is not served by this version of the SDK."""

CLASSES: Final = ("core", "catalog", "query", "verify", "security", "audit", "ops", "fidelity")
"""The conformance classes that the SDK serves and `/conformance` names."""

CLASS_PREFIXES: Final = {
    "core": "CORE",
    "catalog": "CAT",
    "query": "QRY",
    "verify": "VER",
    "batch": "BAT",
    "file": "FIL",
    "changes": "CHG",
    "corrections": "COR",
    "security": "SEC",
    "audit": "AUD",
    "ops": "OPS",
    "applications": "APP",
    "service": "SVC",
    "fidelity": "FID",
}
"""Class name in a conformance URN → the letters in the ids of its requirements."""


def conformance_urn(name: str) -> str:
    """`core` → `urn:gds:1.0:conf:core`."""
    return f"urn:gds:1.0:conf:{name}"


def requirement_urn(requirement: str) -> str:
    """`REQ-CORE-01` → `urn:gds:1.0:req:CORE-01`."""
    return f"urn:gds:1.0:req:{requirement.removeprefix('REQ-')}"


def problem_urn(code: str) -> str:
    """`wrong-entry` → `urn:gds:problem:wrong-entry`."""
    return f"urn:gds:problem:{code}"
