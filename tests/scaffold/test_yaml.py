from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from datong.scaffold._yaml import write

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
WORDS = "no On ~ null 0123 1e3 0x1f 1_000 12:30:45 2024-01-01 # *x &x !x %x @x ` {a [a \" ' \\ << = . ... --- 姓名"
ODD = ["", " ", "- a", "a: b", "a #b", "? x", "\ufeff", "\u2028", "\x85", "\r\n", "\t", "\x00", "\U0001f600", "{{ x }}"]
NASTY = TEXT | st.sampled_from([*WORDS.split(), *ODD])
SCALAR = NASTY | st.integers() | st.booleans() | st.none()
FLAT = st.dictionaries(NASTY, SCALAR, max_size=3)
LEAF = SCALAR | st.lists(SCALAR, max_size=3) | st.lists(FLAT.filter(bool), min_size=1, max_size=2)
VALUE = LEAF | st.dictionaries(NASTY, LEAF, max_size=3)
DOCUMENT = st.dictionaries(NASTY | st.sampled_from(["from", "title", "page"]), VALUE, min_size=1, max_size=4)


@given(DOCUMENT, st.lists(NASTY, max_size=2))
def test_reads_back_as_written(document: dict[str, Any], comments: list[str]) -> None:
    """Whatever stands in names, values and comments, two YAML readers find what was written."""
    text = write(document, {(): comments, (next(iter(document)),): comments})
    assert yaml.safe_load(text) == document
    assert YAML(typ="safe", pure=True).load(text) == document


def test_layout() -> None:
    """Comments stand above their keys, short lists and places on one line, datasets apart."""
    document = {
        "datasets": {
            "a": {"from": {"table": "T 1"}, "key": ["id", "no"]},
            "b": {"transforms": ["trim", {"nulls": ["x"]}]},
        }
    }
    assert write(document, {(): ["first"], ("datasets", "a", "key"): ["why"]}) == (
        '# first\ndatasets:\n  a:\n    from: {table: "T 1"}\n    # why\n    key: [id, "no"]\n\n'
        "  b:\n    transforms:\n      - trim\n      - nulls: [x]\n"
    )
