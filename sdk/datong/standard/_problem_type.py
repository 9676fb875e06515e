from __future__ import annotations

from dataclasses import dataclass
from string import Formatter

from datong.model import Origin, Text


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One registered problem: `detail` is a template whose places `Problem.params` fill."""

    status: int
    title: Text
    detail: Text
    origin: Origin = "adapter"

    @property
    def places(self) -> frozenset[str]:
        """Names that the detail wants; a missing one is shown as an ellipsis, never an error."""
        return frozenset(name for _, name, _, _ in Formatter().parse(self.detail.en) if name)


Table = dict[str, ProblemType]
