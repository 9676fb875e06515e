"""The register of conformance requirements, read from its file when first asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

from datong.model import Text
from datong.standard._version import requirement_urn


@dataclass(frozen=True, slots=True)
class Requirement:
    """One sentence that must or should be true of an adapter.

    `trace` names the articles of Order 809 and the standards behind it. `tested` is what a black
    box does to find out, and `unproven` why it cannot, or not wholly. `needs` says whether that
    takes the hook that changes the source, or known fixtures.
    """

    id: str
    conformance: str
    level: Literal["MUST", "SHOULD"]
    text: Text
    trace: str
    tested: Text
    needs: frozenset[Literal["hook", "fixtures"]]
    unproven: Text | None = None

    @property
    def check(self) -> str:
        """`tested` as the written standard has it."""
        return self.tested.en

    @property
    def urn(self) -> str:
        return requirement_urn(self.id)


class _Register(Mapping[str, Requirement]):
    def __getitem__(self, requirement: str) -> Requirement:
        return _register()[requirement]

    def __iter__(self) -> Iterator[str]:
        return iter(_register())

    def __len__(self) -> int:
        return len(_register())


REQUIREMENTS: Final[Mapping[str, Requirement]] = _Register()
"""Id (`REQ-CORE-01`) → requirement, in the order of the specification."""


@cache
def _register() -> dict[str, Requirement]:
    text = (files("datong.standard") / "requirements.json").read_text(encoding="utf-8")
    return {row["id"]: _requirement(row) for row in json.loads(text)}


def _requirement(row: dict[str, Any]) -> Requirement:
    return Requirement(
        id=row["id"],
        conformance=row["class"],
        level=row["level"],
        text=Text(**row["text"]),
        trace=row["trace"],
        tested=Text(row["check"], row["checkZh"]),
        needs=frozenset(row["needs"]),
        unproven=Text(**row["unproven"]) if "unproven" in row else None,
    )
