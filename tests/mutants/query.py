"""Mutants of the class query."""

from __future__ import annotations

from typing import Any

from mutants.mutant import LIST, documents, mutant
from mutants.world import Bench


@mutant("QRY-01", "numberReturned is one more than there are.", "numberReturned 比实际条数多一。")
def returned_off_by_one(work: Bench) -> None:
    @documents(work, LIST)
    def change(page: Any) -> None:
        page["numberReturned"] += 1
