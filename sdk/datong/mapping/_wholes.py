"""Transforms that take all the columns of a field at once."""

import importlib
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field as Described

from datong.mapping._faults import Fault
from datong.mapping._stage import Stage
from datong.mapping._transform import Place, Transform
from datong.mapping._wire import CONVERT


class Join(Transform):
    """Several columns as one text, in the order of `from`."""

    name: ClassVar[str] = "join"
    main: ClassVar[str | None] = "separator"

    separator: str = ""
    nulls: Literal["skip", "empty", "null"] = "skip"
    """Columns that are null: left out, taken as empty text, or the whole becomes null."""

    def stage(self, _: Place) -> Stage:
        def apply(values: tuple[Any, ...]) -> str | None:
            if all(value is None for value in values) or (self.nulls == "null" and None in values):
                return None
            if self.nulls == "skip":
                values = tuple(value for value in values if value is not None)
            return self.separator.join("" if value is None else as_text(value) for value in values)

        return Stage(self.name, apply, many=True, nulling=True, yields="string")


class Python(Transform):
    """A function of the adapter's own, for what the other transforms do not reach.

    It must be pure. It gets a mapping of the field's columns to their legacy values and returns
    the value, which is then converted to the field's type. What it raises makes the row faulty.
    """

    name: ClassVar[str] = "python"
    main: ClassVar[str | None] = "call"
    bare: ClassVar[bool] = False

    call: Annotated[str, Described(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")]
    """`package.module:function`."""

    def stage(self, place: Place) -> Stage:
        function = self.load()
        columns = place.field.columns

        def apply(values: tuple[Any, ...]) -> Any:
            row: Mapping[str, Any] = dict(zip(columns, values, strict=True))
            try:
                return function(row)
            except Fault:
                raise
            except Exception as error:
                raise Fault("transform-failed") from error

        return Stage(self.name, apply, many=True, nulling=True)

    def load(self) -> Callable[[Mapping[str, Any]], Any]:
        """Raises ImportError, or AttributeError or TypeError where the module has no such function."""
        module, _, name = self.call.partition(":")
        function = getattr(importlib.import_module(module), name)
        if not callable(function):
            raise TypeError(f"{self.call} is no function")
        return function  # type: ignore[no-any-return]


def as_text(value: Any) -> str:
    """Any legacy value as the text that an item of type string would show."""
    for kind in type(value).__mro__:
        convert = CONVERT["string"].get(kind)
        if convert is not None:
            return str(convert(value))
    raise Fault("type")
