"""How a requirement is tested, in whole words: the written standard abbreviates the hook and the fixtures."""

from __future__ import annotations

import re
from typing import Final

from datong.model import Text
from datong.standard import Requirement

_LETTERS: Final = (
    (re.compile(r"\bF: "), "fixtures: "),
    (re.compile(r"\bH: "), "the hook: "),
    (re.compile(r"\bH (?=[a-z])"), "the hook "),
    (re.compile(r"\bwith the hook change then compare"), "then let the hook change it and compare"),
    (re.compile(r"; else SKIP$"), "; without it, not tested"),
)


def how(requirement: Requirement) -> Text:
    en = requirement.tested.en
    for pattern, words in _LETTERS:
        en = pattern.sub(words, en)
    return Text(en[:1].upper() + en[1:], requirement.tested.zh)
