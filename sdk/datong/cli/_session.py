"""What holds for the whole run of one command: language, output form, whether details are shown.

Read from the arguments before they are parsed, so that help and usage errors obey them as well.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Both = tuple[str, str]
"""One sentence in English and in Chinese; `datong.model.Text` without the cost of importing the model."""


@dataclass(slots=True)
class Session:
    language: Literal["en", "zh"] = "en"
    json: bool = False
    debug: bool = False
    columns: int | None = None
    """Width of the output where it was set; None asks the terminal."""

    def say(self, en: str, zh: str) -> str:
        return zh if self.language == "zh" else en

    def pick(self, both: Both) -> str:
        return self.say(*both)


_SESSION = Session()


def session() -> Session:
    return _SESSION


def begin(arguments: Sequence[str]) -> Session:
    """Start a run: everything of the one before is forgotten."""
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    _SESSION.language = _language(own)
    _SESSION.json = "--json" in own
    _SESSION.debug = "--debug" in own
    return _SESSION


def _language(arguments: Sequence[str]) -> Literal["en", "zh"]:
    for index, argument in enumerate(arguments):
        if argument == "--lang" and index + 1 < len(arguments):
            return _from(arguments[index + 1])
        if argument.startswith("--lang="):
            return _from(argument.removeprefix("--lang="))
    for name in ("DATONG_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return _from(os.environ[name])
    return "en"


def _from(name: str) -> Literal["en", "zh"]:
    return "zh" if name.casefold().startswith("zh") else "en"
