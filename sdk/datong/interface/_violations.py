"""Collects everything that is wrong with a request, and says it all at once (REQ-CORE-09)."""

from __future__ import annotations

from typing import Any, Final, NoReturn

from datong.model import Problem, Violation

_FIRST: Final = ("sensitive-in-uri", "item-not-granted", "item-masked")
"""Codes that name the whole refusal even when others occur beside them, the strongest first."""


class Violations:
    """`mixed` is the code of the whole where the points have several."""

    def __init__(self, mixed: str = "parameter-invalid") -> None:
        self._mixed = mixed
        self._found: list[Violation] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, pointer: str, code: str, **params: object) -> None:
        self._found.append(Violation(pointer, code, params))

    def invalid(self, pointer: str, expected: str) -> None:
        self.add(pointer, "parameter-invalid" if not pointer.startswith("/") else "value-invalid", expected=expected)

    def settle(self) -> None:
        """Raise the Problem that holds every point, if there is any."""
        if self._found:
            self.refuse()

    def refuse(self) -> NoReturn:
        codes = dict.fromkeys(violation.code for violation in self._found)
        code = next((each for each in _FIRST if each in codes), next(iter(codes)) if len(codes) == 1 else self._mixed)
        raise Problem(code, errors=self._found, **self._params(code))

    def _params(self, code: str) -> dict[str, Any]:
        """The places of the detail, filled with those of the points that have this code (or of all)."""
        chosen = [each for each in self._found if each.code == code] or self._found
        params: dict[str, Any] = {}
        for violation in chosen:
            for name, value in violation.params.items():
                values = params.setdefault(name, [])
                if value not in values:
                    values.append(value)
        return {name: values[0] if len(values) == 1 else values for name, values in params.items()}
