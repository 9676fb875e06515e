"""Every probe and every check, by what it is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from datong.model import Text
from datong.standard import REQUIREMENTS, Requirement

if TYPE_CHECKING:
    from datong.conformance._context import Context
    from datong.conformance._look import Look

ProbeFunction = Callable[["Context"], None]
CheckFunction = Callable[["Look"], None]


@dataclass(frozen=True, slots=True)
class Probe:
    """Sends requests of one kind and judges nothing. `early` ones run before classes are known."""

    name: str
    conformance: str
    run: ProbeFunction
    early: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """Judges one requirement from observations alone; `hint` says how to put right what it finds."""

    requirement: str
    hint: Text
    look: CheckFunction

    @property
    def about(self) -> Requirement:
        return REQUIREMENTS[self.requirement]


PROBES: Final[dict[str, Probe]] = {}
"""Name → probe, in the order in which they run."""
CHECKS: Final[dict[str, Check]] = {}
"""Requirement → its check."""


def probe(cls: str, *, early: bool = False) -> Callable[[ProbeFunction], ProbeFunction]:
    """Register a probe of a conformance class; its name is that of the class and the function."""

    def register(function: ProbeFunction) -> ProbeFunction:
        name = f"{cls}.{function.__name__}"
        if name in PROBES:
            raise ValueError(name)
        PROBES[name] = Probe(name, cls, function, early)
        return function

    return register


def check(requirement: str, en: str, zh: str) -> Callable[[CheckFunction], CheckFunction]:
    """Register the check of a requirement; the sentences say how to put right what it finds."""

    def register(function: CheckFunction) -> CheckFunction:
        if requirement in CHECKS or requirement not in REQUIREMENTS:
            raise ValueError(requirement)
        CHECKS[requirement] = Check(requirement, Text(en, zh), function)
        return function

    return register
