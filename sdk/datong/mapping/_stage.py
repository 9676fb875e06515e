"""One compiled step of a field's conversion, and the chain of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from datong.mapping._faults import Fault
from datong.mapping._wire import Convert, converter
from datong.mapping._zone import Zone
from datong.model import Field, WireType

Order = Literal["exact", "weak", "lost"]
Preimage = Callable[[Any], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Stage:
    """A transform, compiled.

    `preimage` gives every value that `apply` turns into the one asked for, and no other; None
    where that set has no end or is not known. `order` is `exact` where a comparison of results is
    the comparison of inputs, `weak` where equal results may come from unequal inputs that stand
    together in order. `yields` is the type of the results, None for the type of the input.
    `memo`: the result depends on the input only up to equality, so that it may be remembered.
    `text` is a Python expression in `{}` for inputs that are exactly str, with `constants` for its
    names; `tokens` are the texts that become null.
    """

    name: str
    apply: Convert
    takes_null: bool = False
    many: bool = False
    nulling: bool = False
    preimage: Preimage | None = None
    yields: WireType | None = None
    order: Order = "lost"
    memo: bool = False
    text: str | None = None
    constants: Mapping[str, Any] = field(default_factory=dict)
    tokens: frozenset[str] | None = None


class Chain:
    """All of one field's conversion: its transforms, then its wire type."""

    def __init__(self, name: str, declared: Field, stages: Sequence[Stage], zone: Zone) -> None:
        self.name = name
        self.field = declared
        self.stages = tuple(stages)
        self.columns = declared.columns
        self.many = bool(stages) and stages[0].many
        self.wire = converter(declared, zone)

    def convert(self, value: Any) -> Any:
        """Legacy value (a tuple of them where several columns feed the field) → wire value."""
        for stage in self.stages:
            if value is not None or stage.takes_null:
                value = stage.apply(value)
        return self.wire(value)

    def careful(self, value: Any) -> Any:
        """As `convert`, and whatever else goes wrong is a Fault too, so that no row is lost."""
        try:
            return self.convert(value)
        except Fault:
            raise
        except Exception as error:
            raise Fault("transform-failed") from error

    def kind(self) -> WireType | None:
        """What the transforms yield; None for the legacy column's own type."""
        kind: WireType | None = None
        for stage in self.stages:
            kind = stage.yields or kind
        return kind

    @property
    def nulling(self) -> bool:
        """Whether null on the wire and null in the legacy system differ."""
        return any(stage.nulling for stage in self.stages)
