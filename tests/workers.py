"""What other processes do in tests; spawned processes import it by its name."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

from callers import adapter_document, grant_body

from datong.guard import AuditLog, AuditPolicy, AuditQuery, DevelopmentIssuer, Grant, StateStore, secret_material
from datong.model import Adapter, Problem


def start(url: str, worker: int) -> int:
    """Come up on a store that may be empty and write at once; how many grants were new."""
    store = StateStore.open(url)
    new = 0
    for number in range(5):
        grant = Grant.from_wire(grant_body() | {"grantId": f"g{number}"})
        new += store.put_grant(grant, by=f"w{worker}")[1]
    for turn in range(5):
        grant = Grant.from_wire(grant_body(scenario=f"{worker} {turn}") | {"grantId": "shared"})
        store.put_grant(grant, by=f"w{worker}")
    store.close()
    return new


def replay(url: str, _: int) -> int:
    """Try twenty token ids that other processes try too; how many were taken here."""
    store = StateStore.open(url)
    taken = 0
    for number in range(20):
        try:
            store.use_once("i", f"jti-{number}", expires=time.time() + 60, now=time.time())
            taken += 1
        except Problem as problem:
            taken += 0 if problem.code == "token-replayed" else 1000
    store.close()
    return taken


def append(folder: str, worker: int, records: int, segment_bytes: int = 64 << 20) -> str:
    """Append records to a log that others append to as well; the replica they went to."""
    log = AuditLog(Path(folder), AuditPolicy(segment_bytes=segment_bytes))
    for number in range(records):
        log.append({"requestId": f"{worker}-{number}", "status": 200})
    time.sleep(0.2)  # hold the chain until every other process has one
    head = log.head
    log.close()
    assert head is not None
    return head.replica


def die_appending(folder: str) -> None:
    """Append until killed in the middle of it by SIGKILL."""
    log = AuditLog(Path(folder))
    log.append({"requestId": "0"})
    threading.Timer(0.1, os.kill, [os.getpid(), signal.SIGKILL]).start()
    number = 0
    while True:
        number += 1
        log.append({"requestId": str(number), "path": "x" * 30_000})


def append_and_read(folder: str, worker: int, records: int) -> int:
    """Append, and look for each record at once; how many were found."""
    log = AuditLog(Path(folder), AuditPolicy(segment_bytes=5_000))
    found = 0
    for number in range(records):
        log.append({"requestId": f"{worker}-{number}", "status": 200})
        found += len(log.records(AuditQuery(request_id=f"{worker}-{number}")).items)
    log.close()
    return found


def secret(folder: str) -> bytes:
    """The generated secret of a folder that several processes want at once."""
    return secret_material(Adapter.model_validate(adapter_document()), Path(folder), lambda ref, at: "")


def issuer(folder: str) -> str:
    """Key id of the development issuer that several processes want at once."""
    return str(DevelopmentIssuer(Path(folder)).jwks()["keys"][0]["kid"])
