"""Tries mutants by parts of their names or requirements: in tests/, `python -m mutants.try_out [--whole] [PART …]`."""

from __future__ import annotations

import logging
import sys
import tempfile
import time
from pathlib import Path

import pytest
from mutants.mutant import Mutant, broken, marks
from mutants.registry import MUTANTS
from mutants.variants import VARIANTS, Variant
from mutants.world import bench, examined

from datong.conformance import Report


def judged(mutant: Mutant | Variant | None, classes: tuple[str, ...] = ()) -> Report:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as monkeypatch:
        work = bench(Path(folder), monkeypatch)
        if mutant is not None:
            mutant.apply(work)
        return examined(work, classes)


def main(parts: list[str]) -> None:
    logging.getLogger("datong").setLevel(logging.CRITICAL)
    whole = "--whole" in parts
    parts = [part for part in parts if part != "--whole"]
    sound = marks(judged(None))
    for mutant in MUTANTS.values():
        if not parts or any(
            part in mutant.id or part == f"={mutant.id}" or f"REQ-{part}" in " ".join(mutant.violates) for part in parts
        ):
            began = time.monotonic()
            try:
                report = judged(mutant, () if whole else mutant.classes)
            except Exception as error:  # noqa: BLE001 - the others are tried all the same
                print(f"BROKEN{mutant.id} {error!r}", flush=True)
                continue
            found = broken(report, sound, (*mutant.violates, *mutant.entails))
            missed, collateral = mutant.missed(found), mutant.collateral(found)
            mark = "ok" if not missed and not collateral else "WRONG"
            print(f"{mark:6}{mutant.id} {' '.join(mutant.violates)} {time.monotonic() - began:.1f} s", flush=True)
            for name in missed:
                print(f"        survived: {name}")
            for name in collateral:
                print(f"        collateral: {name} {sorted(marks(report)[name] - sound.get(name, set()))[:3]}")
            if mark != "ok" and report.observations.facts.get("failed"):
                print(f"        failed: {report.observations.facts['failed']} {report.stopped}")
    for variant in VARIANTS.values():
        if not parts or "variants" in parts or any(part in variant.id for part in parts):
            report = judged(variant)
            found = broken(report, sound)
            print(f"{'FLAGGED' if found else 'ok':6}{variant.id}", flush=True)
            for name in found:
                print(f"        flagged: {name} {sorted(marks(report)[name] - sound.get(name, set()))[:3]}")


if __name__ == "__main__":
    main(sys.argv[1:])
