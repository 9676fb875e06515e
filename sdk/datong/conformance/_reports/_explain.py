"""What a requirement says, why, how it is tested and how to meet it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from datong.conformance import _checks, _probes
from datong.conformance._registry import CHECKS, PROBES
from datong.conformance._reports._how import how
from datong.conformance._reports._law import reasons, sources
from datong.conformance._reports._words import CLASSES, PURPOSES
from datong.conformance._verdicts import UNCHECKED
from datong.model import Text, UsageError
from datong.standard import CLASS_PREFIXES, MANDATORY_CLASSES, REQUIREMENTS, Requirement

_LOADED: Final = (_checks, _probes)
_PARTS: Final = re.compile(r"(?:REQ)?[^A-Z0-9]*([A-Z]+)[^A-Z0-9]*0*(\d+)")
_NEEDS: Final = {
    "fixtures": Text(
        "Needs known values of the source: name them in the fixtures.", "需要数据源的已知值：请在测试数据中列出。"
    ),
    "hook": Text(
        "Needs a hook that changes the source: name it in the fixtures.", "需要可改变数据源的钩子：请在测试数据中指定。"
    ),
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that is known of one requirement. `remedy` is None where no check is written."""

    requirement: Requirement
    title: Text
    mandatory: bool
    sources: tuple[Text, ...]
    reasons: tuple[Text, ...]
    tested: Text
    probes: tuple[str, ...]
    needs: tuple[Text, ...]
    unproven: Text | None
    remedy: Text | None


def explain(name: str) -> Explanation:
    """By id in any spelling: `REQ-QRY-02`, `qry-2`, `QRY02`.

    Raises UsageError (`requirement-unknown`) that names the nearest ones.
    """
    about = REQUIREMENTS[requirement_id(name)]
    check = CHECKS.get(about.id)
    return Explanation(
        requirement=about,
        title=CLASSES[about.conformance],
        mandatory=about.conformance in MANDATORY_CLASSES,
        sources=sources(about.trace),
        reasons=(PURPOSES[about.conformance], *reasons(about.trace)),
        tested=how(about),
        probes=tuple(each.name for each in PROBES.values() if each.conformance == about.conformance),
        needs=tuple(_NEEDS[need] for need in sorted(about.needs)),
        unproven=about.unproven or (None if check else UNCHECKED.get(about.id)),
        remedy=check.hint if check else None,
    )


def requirement_id(name: str) -> str:
    """The id that is meant; UsageError (`requirement-unknown`) names the nearest ones."""
    found = _PARTS.fullmatch(name.strip().upper())
    letters, number = (found[1], int(found[2])) if found else (name.upper().removeprefix("REQ-"), 0)
    letters = CLASS_PREFIXES.get(letters.lower(), letters)
    wanted = f"REQ-{letters}-{number:02d}"
    if wanted in REQUIREMENTS:
        return wanted
    raise UsageError(
        Text(f"There is no requirement {name}.", f"没有要求 {name}。"),
        _hint(letters, number),
        code="requirement-unknown",
    )


def _hint(letters: str, number: int) -> Text:
    near = get_close_matches(letters, CLASS_PREFIXES.values(), n=1)
    if not near:
        known = list(CLASS_PREFIXES.values())
        return Text(
            f"An id is written REQ-QRY-02; the letters are one of {', '.join(known)}.",
            f"编号形如 REQ-QRY-02，其中字母为以下之一：{'、'.join(known)}。",
        )
    ids = [each for each in REQUIREMENTS if each.startswith(f"REQ-{near[0]}-")]
    wanted = f"REQ-{near[0]}-{number:02d}"
    if wanted in ids:
        return Text(f"Did you mean {wanted}?", f"是否指 {wanted}？")
    return Text(f"There are {ids[0]} to {ids[-1]}.", f"现有 {ids[0]} 至 {ids[-1]}。")
