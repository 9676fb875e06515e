from __future__ import annotations

import re
from collections import Counter
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from datong.standard import CLASS_PREFIXES, CLASSES, MANDATORY_CLASSES, REQUIREMENTS

ROW = re.compile(r"^\| (REQ-[A-Z]+-\d\d) \| (.*?) \| (.*?) \| ([MS]) \| (.*?) \|$", re.MULTILINE)
LEVELS = {"M": "MUST", "S": "SHOULD"}


@pytest.fixture
def written(shared_standard: Path) -> dict[str, tuple[str, str, str, str]]:
    """The table of the written standard: id → sentence, trace, level, check."""
    text = (shared_standard / "requirements.md").read_text(encoding="utf-8")
    return {row[0]: (row[1], row[2], LEVELS[row[3]], row[4]) for row in ROW.findall(text)}


def test_register_is_the_written_standard(written: dict[str, tuple[str, str, str, str]]) -> None:
    """Same ids in the same order, same sentences, traces, levels and checks, word for word."""
    held = {each.id: (each.text.en, each.trace, each.level, each.check) for each in REQUIREMENTS.values()}
    assert held == written
    assert list(held) == list(written)


def test_totals() -> None:
    """127 requirements, 112 MUST, 15 SHOULD, as the standard counts them."""
    levels = Counter(each.level for each in REQUIREMENTS.values())
    assert (len(REQUIREMENTS), levels["MUST"], levels["SHOULD"]) == (127, 112, 15)


def test_classes() -> None:
    """Each requirement belongs to the class that its letters name; each class has requirements."""
    for each in REQUIREMENTS.values():
        assert each.id.split("-")[1] == CLASS_PREFIXES[each.conformance]
    assert {each.conformance for each in REQUIREMENTS.values()} == set(CLASS_PREFIXES)
    assert set(CLASSES) | set(MANDATORY_CLASSES) <= set(CLASS_PREFIXES)


def test_chinese_says_the_same_names() -> None:
    """The Chinese sentence leaves no English clause, ends as one, and keeps every name in code."""
    for each in REQUIREMENTS.values():
        assert sorted(re.findall(r"`[^`]*`", each.text.zh)) == sorted(re.findall(r"`[^`]*`", each.text.en))
        prose = re.sub(r"`[^`]*`", "", each.text.zh)
        assert re.search(r"[\u4e00-\u9fff]{2}", prose)
        assert not re.search(r"[A-Za-z]+( [A-Za-z]+){2}", prose)
        assert prose.endswith("。")
        assert not re.search(r"[\u4e00-\u9fff][,;:]", prose)


def test_how_it_is_tested_in_chinese() -> None:
    """How a requirement is tested is told in Chinese too, with every name in code kept."""
    for each in REQUIREMENTS.values():
        assert sorted(re.findall(r"`[^`]*`", each.tested.zh)) == sorted(re.findall(r"`[^`]*`", each.tested.en))
        assert re.search(r"[\u4e00-\u9fff]{2}", each.tested.zh)
        assert not re.search(r"\b[FH]\b", each.tested.zh)


def test_needs() -> None:
    """Checks that change the source are marked as needing the hook, those on known values as needing fixtures."""
    assert REQUIREMENTS["REQ-AUD-08"].needs == {"hook"}
    assert REQUIREMENTS["REQ-FID-02"].needs == {"fixtures"}
    assert REQUIREMENTS["REQ-CORE-01"].needs == frozenset()
    for each in REQUIREMENTS.values():
        assert ("hook" in each.needs) == bool(re.search(r"\bH\b|\bhook\b", each.check))


def test_unproven() -> None:
    """What a black box cannot prove says so."""
    told = {each.id for each in REQUIREMENTS.values() if each.unproven}
    assert told == {"REQ-AUD-05", "REQ-OPS-05"}


def test_urn() -> None:
    """A requirement is named by a URN without the letters REQ."""
    assert REQUIREMENTS["REQ-VER-01"].urn == "urn:gds:1.0:req:VER-01"


def test_frozen() -> None:
    """Nobody changes the standard at run time."""
    with pytest.raises(FrozenInstanceError):
        REQUIREMENTS["REQ-CORE-01"].level = "SHOULD"  # type: ignore[misc]
    with pytest.raises(KeyError):
        REQUIREMENTS["REQ-CORE-99"]
