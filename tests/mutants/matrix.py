"""Writes docs/reference/kill-matrix.md: `make kill-matrix`, after every mutant was tried.

tests/mutants/test_matrix.py compares the page with what would be written; test_mutants.py tries each
mutant, so that the page says nothing that is not so.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mutants.registry import CLAIMED, MUTANTS, SHORT, UNKILLED
from mutants.variants import VARIANTS

from datong.standard import CLASS_PREFIXES, REQUIREMENTS, Requirement

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "reference" / "kill-matrix.md"
_NOTE: Final = "<!-- Written by `make kill-matrix`; change the mutants in tests/mutants, not this page. -->"


def page() -> str:
    return "\n".join([*_head(), *_summary(), *_mutants(), *_variants(), *_open()]) + "\n"


def killers(requirement: str) -> list[str]:
    return [each.id for each in MUTANTS.values() if requirement in each.violates]


def _head() -> Iterator[str]:
    yield from ["# Kill matrix", "", _NOTE, ""]
    yield "What the conformance kit catches, proven on the reference adapter (`adapters/reference`), which passes all"
    yield "that it claims but for what is named below. A mutant is that adapter with one small deliberate defect. The"
    yield "test demands that exactly the requirements named here fail, and no others; it fails as well when one of"
    yield f"them stops failing. {len(MUTANTS)} mutants are killed, {len(VARIANTS)} legal but odd variants are not"
    yield "flagged."
    yield ""
    yield "`make kill-matrix` tries them all and writes this page."
    yield ""


def _summary() -> Iterator[str]:
    yield from ["## By requirement", "", "| requirement | level | mutants |", "|---|---|---|"]
    for name in CLAIMED:
        for each in _of(name):
            found = killers(each.id)
            told = ", ".join(f"[{mutant}](#{mutant})" for mutant in found) or f"none: {UNKILLED[each.id].en}"
            yield f"| {each.id} | {each.level} | {told} |"
    yield ""


def _of(name: str) -> list[Requirement]:
    return [each for each in REQUIREMENTS.values() if each.conformance == name]


def _mutants() -> Iterator[str]:
    yield from ["## Mutants", "", "`violates` is what the defect breaks, `entails` what breaks with it.", ""]
    yield from ["| mutant | defect | 缺陷 | violates | entails |", "|---|---|---|---|---|"]
    order = list(REQUIREMENTS)
    for each in sorted(MUTANTS.values(), key=lambda each: order.index(each.violates[0])):
        also = ", ".join([*each.entails, *(f"({name})" for name in each.may)])
        broken = ", ".join(each.violates)
        yield f'| <a id="{each.id}"></a>`{each.id}` | {each.text.en} | {each.text.zh} | {broken} | {also} |'
    yield ""


def _variants() -> Iterator[str]:
    yield from ["## Legal variants", "", "Odd and allowed: the kit finds nothing wrong with any of them.", ""]
    yield from ["| variant | what is odd | 特殊之处 |", "|---|---|---|"]
    yield from (f"| `{each.id}` | {each.text.en} | {each.text.zh} |" for each in VARIANTS.values())
    yield ""


def _open() -> Iterator[str]:
    yield from ["## Not in the matrix", ""]
    for name, why in SHORT.items():
        yield f"- {name} is not passed by the reference adapter: {why.en}."
    yield ""
    yield "A side effect in brackets shows or not, as the kit happens to draw values for its cases."
    yield ""
    others = [name for name in CLASS_PREFIXES if name not in CLAIMED]
    yield f"The reference adapter does not claim the classes {', '.join(others)}: their mutants come with the adapter"
    yield "that claims them. Until then each of their checks is proven on edited recordings"
    yield "(`tests/conformance/test_checks.py`)."


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
