"""What becomes of a row, step by step, and what can be said of the quality of many."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from datong.mapping._faults import Fault
from datong.mapping._formats import CHECKS
from datong.mapping._masks import masker
from datong.mapping._stage import Chain


@dataclass(frozen=True, slots=True)
class Step:
    """One field after one step: `from` is the legacy value (a tuple where several columns feed it),
    then each transform by its name, then `wire`, then `mask` where the field has one.

    `fault` is the code of the step that failed, after which the field has no further step.
    """

    field: str
    name: str
    value: Any
    fault: str | None = None


def steps(chain: Chain, value: Any) -> Iterator[Step]:
    yield Step(chain.name, "from", value)
    for stage in chain.stages:
        if value is not None or stage.takes_null:
            try:
                value = stage.apply(value)
            except Fault as fault:
                yield Step(chain.name, stage.name, None, fault.code)
                return
        yield Step(chain.name, stage.name, value)
    try:
        value = chain.wire(value)
    except Fault as fault:
        yield Step(chain.name, "wire", None, fault.code)
        return
    yield Step(chain.name, "wire", value)
    if chain.field.mask is not None:
        yield Step(chain.name, "mask", masker(chain.field)(value))


@dataclass(frozen=True, slots=True)
class Quality:
    """Counts of one item: records with a value, without one, and with one that fails its format."""

    filled: int
    empty: int
    invalid: int


def quality(chains: Iterable[Chain], items: Iterable[Mapping[str, Any]]) -> dict[str, Quality]:
    records = list(items)
    return {chain.name: _quality(chain, records) for chain in chains}


def _quality(chain: Chain, records: list[Mapping[str, Any]]) -> Quality:
    values = [value for record in records if (value := record.get(chain.name)) is not None]
    check = CHECKS.get(chain.field.format or "")
    invalid = 0 if check is None else sum(1 for value in values if not check(str(value)))
    return Quality(len(values), len(records) - len(values), invalid)
