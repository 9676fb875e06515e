"""Every problem code of the interface; add a code to the table of its family.

`_problems_access` holds 401 and 403, `_problems_request` the other 4xx, `_problems_service` 5xx.
The same vocabulary serves the points of `errors[]`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from datong.model import Language, Problem, Text, Violation
from datong.standard._problem_type import ProblemType
from datong.standard._problems_access import GRANT_PROBLEMS, TOKEN_PROBLEMS
from datong.standard._problems_request import BAD_REQUEST_PROBLEMS, OTHER_REQUEST_PROBLEMS
from datong.standard._problems_service import SERVICE_PROBLEMS
from datong.standard._version import problem_urn

PROBLEMS: Final[Mapping[str, ProblemType]] = MappingProxyType(
    {**TOKEN_PROBLEMS, **GRANT_PROBLEMS, **BAD_REQUEST_PROBLEMS, **OTHER_REQUEST_PROBLEMS, **SERVICE_PROBLEMS}
)


class _Places(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def problem_type(code: str) -> ProblemType:
    """The registered type; an unregistered code is a bug of ours and reads as `internal`."""
    return PROBLEMS.get(code) or PROBLEMS["internal"]


def problem_document(problem: Problem, *, language: Language, request_id: str, instance: str) -> dict[str, Any]:
    """The RFC 9457 body of a problem, with the members that REQ-CORE-07 adds.

    `instance` is a path without its query. A place of the detail that `problem.params` leaves
    open is filled from `errors` (`name` stands for their pointers), else shown as `…`.
    """
    known = problem.code if problem.code in PROBLEMS else "internal"
    kind = PROBLEMS[known]
    document: dict[str, Any] = {
        "type": problem_urn(known),
        "title": kind.title.to(language),
        "status": kind.status,
        "detail": _fill(kind.detail, _gathered(problem.errors) | problem.params, language),
        "instance": instance,
        "code": known,
        "origin": problem.origin if problem.origin != "adapter" else kind.origin,
        "requestId": request_id,
    }
    if problem.errors:
        document["errors"] = [_point(violation, language) for violation in problem.errors]
    return document


def _gathered(errors: Iterable[Violation]) -> dict[str, object]:
    gathered: dict[str, dict[str, None]] = {}
    for violation in errors:
        for place, value in {"name": violation.pointer, **violation.params}.items():
            gathered.setdefault(place, {})[str(value)] = None
    return {place: list(values) for place, values in gathered.items()}


def _point(violation: Violation, language: Language) -> dict[str, str]:
    params = {"name": violation.pointer, **violation.params}
    detail = _fill(problem_type(violation.code).detail, params, language)
    return {"pointer": violation.pointer, "code": violation.code, "detail": detail}


def _fill(template: Text, params: Mapping[str, object], language: Language) -> str:
    places = _Places({name: _shown(value, language) for name, value in params.items()})
    return template.to(language).format_map(places)


def _shown(value: object, language: Language) -> str:
    if isinstance(value, Text):
        return value.to(language)
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return ("、" if language == "zh" else ", ").join(str(part) for part in value)
    return str(value)
