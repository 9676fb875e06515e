"""What a mutant is: one small deliberate defect, and exactly what the kit must find of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mutants.world import Answer, Bench, Change

from datong.conformance import Report
from datong.model import Text
from datong.standard import CLASS_PREFIXES, REQUIREMENTS

Apply = Callable[[Bench], None]


@dataclass(frozen=True)
class Mutant:
    """`violates` are the requirements that the defect breaks; `entails` those that break with them.

    Both must fail, and nothing else may. `may` are side effects that depend on the machine's speed.
    `during` are further classes whose probes are needed to see it.
    """

    id: str
    text: Text
    violates: tuple[str, ...]
    entails: tuple[str, ...]
    may: tuple[str, ...]
    during: tuple[str, ...]
    apply: Apply

    @property
    def classes(self) -> tuple[str, ...]:
        """Classes whose probes show the defect, in the order of the standard."""
        named = {REQUIREMENTS[each].conformance for each in (*self.violates, *self.entails)} | {*self.during}
        return tuple(name for name in CLASS_PREFIXES if name in named)

    def missed(self, broken: Iterable[str]) -> list[str]:
        return sorted({*self.violates, *self.entails} - set(broken))

    def collateral(self, broken: Iterable[str]) -> list[str]:
        return sorted(set(broken) - {*self.violates, *self.entails, *self.may})


MUTANTS: Final[dict[str, Mutant]] = {}


def _ids(text: str) -> tuple[str, ...]:
    return tuple(f"REQ-{each}" for each in text.split())


def mutant(
    violates: str, en: str, zh: str, *, entails: str = "", may: str = "", during: str = ""
) -> Callable[[Apply], Apply]:
    """Register a mutant; its id is that of the function. Requirements by their short ids: `QRY-02 QRY-05`.

    `during` names classes whose requests show what a requirement of another class forbids.
    """

    def register(function: Apply) -> Apply:
        name = function.__name__.replace("_", "-")
        if name in MUTANTS:
            raise ValueError(name)
        MUTANTS[name] = Mutant(
            name, Text(en, zh), _ids(violates), _ids(entails), _ids(may), tuple(during.split()), function
        )
        return function

    return register


# -- what broke ------------------------------------------------------------------------------------

FAULTS: Final = ("fail", "warning", "error")


def marks(report: Report) -> dict[str, set[str]]:
    """What is wrong with each requirement; a check that could not tell is as wrong as one that failed."""
    found: dict[str, set[str]] = {}
    for verdict in report.verdicts:
        if verdict.status in FAULTS:
            found[verdict.requirement] = {f"{each.expected.en}: {each.found.en}" for each in verdict.findings} or {
                verdict.status
            }
        elif verdict.status == "inconclusive":
            found[verdict.requirement] = {"inconclusive"}
    return found


def broken(report: Report, sound: Mapping[str, set[str]]) -> list[str]:
    """Requirements of which something is wrong that is not wrong with the reference itself.

    Where only some classes were run, that a check saw nothing says nothing.
    """
    partial = {"inconclusive"} if report.observations.settings.classes else set()
    return sorted(name for name, found in marks(report).items() if found - sound.get(name, set()) - partial)


# -- ways to change answers ------------------------------------------------------------------------


def answers(
    work: Bench, path: str, *, method: str = "GET", status: int | tuple[int, ...] = 200
) -> Callable[[Change], Change]:
    """Change answers of the paths that match, by regular expression on the path behind the base."""
    pattern, allowed = re.compile(path), (status,) if isinstance(status, int) else status

    def register(change: Change) -> Change:
        def chosen(answer: Answer) -> None:
            exchange = answer.exchange
            place = exchange.path.removeprefix("/v1")
            if (
                exchange.method in (method, "HEAD" if method == "GET" else method)
                and (0 in allowed or answer.reply.status in allowed)
                and pattern.fullmatch(place)
            ):
                change(answer)

        work.changes.append(chosen)
        return change

    return register


def documents(work: Bench, path: str, **more: Any) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Change the JSON document in place, or return another one."""

    def register(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
        @answers(work, path, **more)
        def changed(answer: Answer) -> None:
            document = answer.document
            answer.document = change(document) or document

        return change

    return register


ENTRY: Final = r"/catalog/([^/]+)"
LIST: Final = r"/datasets/[^/]+/records"
SEARCH: Final = r"/datasets/[^/]+/records/_search"
ONE: Final = r"/datasets/[^/]+/records/(?!_search)[^/]+"
VERIFY: Final = r"/datasets/[^/]+/_verify"


def entries(work: Bench, only: str = "") -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Change catalog entries, in the list and alone; `only` names one of them."""

    def register(change: Callable[[Any], None]) -> Callable[[Any], None]:
        def each(entry: Any) -> None:
            if only in ("", entry["catalogId"]):
                change(entry)

        @documents(work, "/catalog")
        def listed(page: Any) -> None:
            for entry in page["items"]:
                each(entry)

        @answers(work, ENTRY)
        def alone(answer: Answer) -> None:
            if (answer.header("content-type") or "").startswith("application/json"):
                document = answer.document
                each(document)
                answer.document = document

        return change

    return register


def records(work: Bench, only: str = "persons") -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Change records of an entry, wherever they are served."""

    def register(change: Callable[[Any], None]) -> Callable[[Any], None]:
        def page(document: Any) -> None:
            for item in document["items"]:
                change(item)

        documents(work, f"/datasets/{only}/records")(page)
        documents(work, f"/datasets/{only}/records/_search", method="POST")(page)
        documents(work, f"/datasets/{only}/records/(?!_search)[^/]+")(change)
        return change

    return register
