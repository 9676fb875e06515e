from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel

from datong.model import Call, Capabilities, Row, Selection, Structure

Progress = Callable[[int, int, str], None]
"""Told how many structures are looked at already, how many there are, and the name of the next."""


@runtime_checkable
class Source(Protocol):
    """A legacy system that can be read. Built once, used from `threads` threads at most.

    That bound is what protects the legacy system. Every method is synchronous, honours
    `call.deadline`, only reads, and fails with `SourceProblem` (codes `source-unavailable`,
    `source-timeout`, `source-busy`, `source-failed`) and never with a driver's exception.
    """

    threads: int

    def describe(self, call: Call, progress: Progress | None = None) -> Sequence[Structure]:
        """Everything that could become a dataset, with the evidence of each guess."""
        ...

    def capabilities(self, location: Any) -> Capabilities: ...

    def fetch(self, selection: Selection, call: Call) -> Iterator[list[Row]]:
        """Rows in key order after the sort, in batches, lazily; a batch is never empty.

        Values are Python values as the driver gives them, with nothing replaced or repaired;
        bytes that do not decode in the declared charset arrive as `bytes`.
        """
        ...

    def get(self, selection: Selection, key: Sequence[Any], call: Call) -> Row | None:
        """The one row with this key, subject to `selection.where`; None where there is none."""
        ...

    def count(self, selection: Selection, call: Call) -> int: ...

    def ping(self, call: Call) -> None:
        """Return when the legacy system answers; raise SourceProblem otherwise."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class AsyncSource(Protocol):
    """The native-async variant, for sources where it pays. A source may offer both.

    Same meaning as `Source`; a page is bounded, so it is one list.
    """

    async def fetch_page(self, selection: Selection, call: Call) -> list[Row]: ...

    async def get_row(self, selection: Selection, key: Sequence[Any], call: Call) -> Row | None: ...

    async def aclose(self) -> None: ...


class SourceKind(Protocol):
    """What a plugin registers in the entry-point group `datong.sources`.

    `options` validates the `source:` section of adapter.yaml (without `kind`), `location` the
    `from:` of each dataset; both are frozen pydantic models that forbid unknown members.
    """

    name: str
    options: type[BaseModel]
    location: type[BaseModel]

    def open(self, options: BaseModel, *, folder: Path) -> Source:
        """Build the source without connecting; `folder` is where relative paths start."""
        ...

    def accepts(self, address: str) -> bool:
        """Whether `datong new --from ADDRESS` is of this kind."""
        ...

    def options_for(self, address: str, *, folder: Path) -> dict[str, Any]:
        """The `source:` section for an address given on the command line, secrets as references."""
        ...

    def secrets_for(self, address: str, *, folder: Path) -> dict[str, str]:
        """The environment variables that `options_for` refers to, with their values from the address.

        They serve the one command that was given the address; whoever serves must set them.
        """
        ...
