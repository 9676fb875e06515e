"""Everything that Datong raises on purpose.

DatongError                what a person at a terminal reads
├── UsageError             exit 2: the command, or the file it was given, is wrong
│   └── ConfigError        exit 2: adapter.yaml is wrong; carries findings with line and column
├── EnvironmentProblem     exit 3: a host, a driver, a permission or a secret is missing
└── Defect                 exit 4: a bug of Datong

Problem                    what a caller of the interface reads (RFC 9457); carries a registered code
└── SourceProblem          the legacy system failed; origin is `source`
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from datong.model._text import Text

Origin = Literal["adapter", "source", "exchange"]
Severity = Literal["error", "warning", "note"]


class DatongError(Exception):
    """A failure told to a person: what failed and where, what was tried, what to do next.

    `title` says what failed and where; `hint` says the remedy, or the command to run next.
    Neither may hold a secret, a personal value or the text of a driver's exception that could.
    """

    exit_code = 4
    code = "defect"

    def __init__(self, title: Text, hint: Text | None = None, *, code: str | None = None) -> None:
        super().__init__(title.en)
        self.title = title
        self.hint = hint
        if code is not None:
            self.code = code


class UsageError(DatongError):
    exit_code = 2
    code = "usage"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that `datong check` found in an adapter.

    `code` is stable and documented; `line` and `column` count from 1 and are 0 where the whole
    file is meant; `path` is the dotted place in adapter.yaml.
    """

    code: str
    severity: Severity
    message: Text
    path: str = ""
    line: int = 0
    column: int = 0
    hint: Text | None = None
    stage: str = ""


class ConfigError(UsageError):
    """adapter.yaml cannot be served; every finding of the stages that ran is in `findings`."""

    code = "config"

    def __init__(self, title: Text, findings: Sequence[Finding], hint: Text | None = None) -> None:
        super().__init__(title, hint)
        self.findings = tuple(findings)


class EnvironmentProblem(DatongError):
    exit_code = 3
    code = "environment"


class Defect(DatongError):
    exit_code = 4
    code = "defect"


@dataclass(frozen=True, slots=True)
class Violation:
    """One point of `errors[]`: a JSON pointer into the body, or the name of a parameter."""

    pointer: str
    code: str
    params: Mapping[str, object] = field(default_factory=dict)


class Problem(Exception):
    """A refusal or failure on the wire; `code` is a key of `datong.standard.PROBLEMS`.

    Status, title and detail come from that table, in the caller's language; `params` fill the
    places of the detail and must hold nothing that the caller may not see.
    """

    origin: Origin = "adapter"

    def __init__(
        self,
        code: str,
        *,
        errors: Sequence[Violation] = (),
        headers: Mapping[str, str] | None = None,
        **params: object,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.params = params


class SourceProblem(Problem):
    """The legacy system failed, was too slow, or answered what cannot be understood.

    `cause` and `hint` tell the people who run the adapter what happened and what to do; they are
    for the terminal and the log, never for the wire.
    """

    origin: Origin = "source"

    def __init__(
        self,
        code: str,
        *,
        cause: Text | None = None,
        hint: Text | None = None,
        headers: Mapping[str, str] | None = None,
        **params: object,
    ) -> None:
        super().__init__(code, errors=(), headers=headers, **params)
        self.cause = cause
        self.hint = hint
