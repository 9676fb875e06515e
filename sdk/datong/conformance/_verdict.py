"""What a check found, and what follows from it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic import Field as Described

from datong.model import Part, Text

Status = Literal["pass", "fail", "warning", "notApplicable", "inconclusive", "error", "waived"]


def _read(value: Any) -> Any:
    return Text(**value) if isinstance(value, dict) else value


Bilingual = Annotated[
    Text,
    BeforeValidator(_read),
    PlainSerializer(lambda text: {"en": text.en, "zh": text.zh}),
    WithJsonSchema(
        {
            "type": "object",
            "properties": {"en": {"type": "string"}, "zh": {"type": "string"}},
            "required": ["en", "zh"],
            "additionalProperties": False,
        }
    ),
]
"""A sentence in both languages, as `{"en": …, "zh": …}` in a document."""


class Finding(Part):
    """One point in which the target is not as the requirement says, and the exchanges that show it."""

    expected: Bilingual
    found: Bilingual
    exchanges: tuple[str, ...] = ()


class Waiver(Part):
    """A failure that is accepted until a day. A waiver whose failure does not happen is a failure itself."""

    requirement: str
    reason: str
    until: date


class Verdict(Part):
    """The outcome of one requirement.

    `exchanges` are the ids that the check looked at: without one nothing is ever passed. `reason`
    says why there is no pass or fail; `figures` holds what was measured.
    """

    requirement: str
    conformance: str
    level: Literal["MUST", "SHOULD"]
    status: Status
    findings: tuple[Finding, ...] = ()
    exchanges: tuple[str, ...] = ()
    reason: Bilingual | None = None
    hint: Bilingual | None = None
    figures: dict[str, float] = Described(default_factory=dict)
    waiver: Waiver | None = None
