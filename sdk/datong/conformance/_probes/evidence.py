"""Requests that show when a run was: their id follows from its nonce, and the target repeats it.

`Gds-Request-Id` is echoed by every answer (REQ-CORE-12) and stands in the audit record of every data call
(REQ-AUD-01, 02). No check judges these requests; whoever verifies evidence looks for them.
"""

from __future__ import annotations

import time
from hashlib import sha256
from typing import Final
from urllib.parse import quote
from uuid import UUID

from datong.conformance._context import Context, records
from datong.conformance._registry import probe

HEADER: Final = "Gds-Request-Id"
PATIENCE: Final = 3.0
"""Seconds that the audit record is waited for at most."""
STEP: Final = 0.2


def request_id(nonce: str) -> str:
    """The request id of a nonce: SHA-256 of `gds-nonce:` and the nonce, its first 16 bytes as a UUID (version 4)."""
    return str(UUID(bytes=sha256(f"gds-nonce:{nonce}".encode()).digest()[:16], version=4))


@probe("core", early=True)
def nonce(context: Context) -> None:
    """The discovery document, one call of a data path, and the record of that call.

    The provider's token is refused on a data path, and the refusal is recorded: no grant is needed.
    """
    identity = request_id(context.nonce)
    told, headers = {"request": identity}, ((HEADER, identity),)
    context.call("GET", "/.well-known/gds-adapter", "evidence.discovery", None, told, headers=headers)
    entry = next(iter(context.published), None)
    if entry is None:
        return
    token = context.role("provider")
    if "query" in context.claimed:
        context.call("GET", f"{records(entry)}?limit=1", "evidence.data", token, told, headers=headers)
    elif "verify" in context.claimed:
        path = f"/datasets/{quote(entry, safe='')}/_verify"
        context.call("POST", path, "evidence.data", token, told, headers=headers, json={"claims": [{}]})
    if "audit" in context.claimed:
        _recorded(context, identity)


def _recorded(context: Context, identity: str) -> None:
    ends = time.monotonic() + min(PATIENCE, context.settings.wait)
    path = f"/audit/records?requestId={identity}"
    while True:
        seen = context.get(path, "evidence.record", context.role("provider"), request=identity)
        if seen.items or not seen.ok or time.monotonic() > ends:
            return
        context.session.pause(STEP, "an audit record appears")
