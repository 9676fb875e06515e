from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.config import _yaml
from datong.config._yaml import read


def faults(content: str | bytes) -> list[tuple[str, int, int]]:
    document = read(content.encode() if isinstance(content, str) else content)
    return [(finding.code, finding.line, finding.column) for finding in document.findings]


def test_values_stay_what_was_written() -> None:
    """Only true, false, null, whole and broken numbers are not text: no, 0123 and dates are."""
    data = read(b"a: [no, 0123, 2025-08-01, 12:30, 0x1F, .5, 1_000, 7, -2, 1.5, true, ~, '9']").data
    assert data == {"a": ["no", "0123", "2025-08-01", "12:30", "0x1F", ".5", "1_000", 7, -2, 1.5, True, None, "9"]}


def test_keys_are_text() -> None:
    """A code list may have keys such as 01 and 1, which differ."""
    assert read(b"{01: a, 1: b, true: c, null: d}").data == {"01": "a", "1": "b", "true": "c", "null": "d"}


def test_positions() -> None:
    """Each key and each value is found at its line and column, counted in characters."""
    positions = read("名: 值\nb:\n  - x: 1\n    y: [2, 3]\n".encode()).positions
    assert positions.key(("名",)) == (1, 1)
    assert positions.value(("名",)) == (1, 4)
    assert positions.key(("b", 0, "y")) == (4, 5)
    assert positions.value(("b", 0, "y", 1)) == (4, 12)
    assert positions.raw[("b", 0, "x")] == "1"


def test_nearest_position() -> None:
    """What is not in the file is placed at the nearest thing around it that is."""
    positions = read(b"a:\n  b: 1\n").positions
    assert positions.key(("a", "missing", "deep")) == (2, 3)
    assert positions.value(("gone",)) == (1, 1)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", ("yaml-duplicate-key", 3, 1)),
        ("a:\n\tb: 1\n", ("yaml-tab", 2, 1)),
        ("a: &x 1\n", ("yaml-anchor", 1, 4)),
        ("a: {<<: {b: 1}}\n", ("yaml-anchor", 1, 5)),
        ("a: !!python/object:os.system ls\n", ("yaml-tag", 1, 4)),
        ("a: 1\n---\nb: 2\n", ("yaml-documents", 2, 1)),
        ("a: [1,\nb: 2", ("yaml-syntax", 3, 1)),
        ("a: b: c", ("yaml-syntax", 1, 5)),
        ("a: x\x00y", ("yaml-syntax", 1, 5)),
        ("? [1]\n: 2\n", ("yaml-key", 1, 3)),
        ("", ("file-empty", 1, 1)),
        ("# nothing\n", ("file-empty", 1, 1)),
        ("a: " + "[" * 1000, ("yaml-too-deep", 1, 43)),
        ("a: 1\nb: 中\n".encode("gbk"), ("file-not-utf8", 2, 4)),
        ("a: 中".encode("utf-16"), ("file-not-utf8", 1, 1)),
        (b"a: \xff\xfe\xfd\xfc", ("file-not-utf8", 1, 4)),
    ],
)
def test_refused(content: str | bytes, expected: tuple[str, int, int]) -> None:
    """Each trap of YAML and of encodings is named at its place."""
    found = faults(content)
    assert found[0] == expected
    assert all(finding.message.zh and finding.message.en for finding in _findings(content))


def _findings(content: str | bytes):
    return read(content.encode() if isinstance(content, str) else content).findings


def test_likely_charset_is_told() -> None:
    """A file in GB18030 is told so, with the remedy."""
    (finding,) = read("标题: 养老保险".encode("gb18030")).findings
    assert "GB18030" in finding.message.en
    assert finding.hint is not None
    assert "UTF-8" in finding.hint.zh


def test_byte_order_mark_is_no_fault() -> None:
    """Windows editors put one in front."""
    assert read(b"\xef\xbb\xbfa: 1").data == {"a": 1}


def test_alias_bomb_stays_small() -> None:
    """Aliases are refused, so nine levels of nine make no billion."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    document = read("\n".join(lines).encode())
    assert len(document.findings) == 9 + 8 * 9
    assert len(str(document.data)) < 2000


def test_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file over the limit is not parsed at all."""
    monkeypatch.setattr(_yaml, "MAX_BYTES", 10)
    assert faults("a: 12345678\n") == [("file-too-large", 0, 0)]


def test_several_faults_come_together() -> None:
    """Faults that leave the rest readable are all told, and the data is read."""
    document = read(b"a: 1\na: 2\nb: &x 3\nc: !t 4\n")
    assert [finding.code for finding in document.findings] == ["yaml-duplicate-key", "yaml-anchor", "yaml-tag"]
    assert document.data == {"a": 1, "b": 3, "c": "4"}


def test_duplicate_names_the_first() -> None:
    """A repeated key says where it stood first."""
    (finding,) = read(b"x: 1\ny: {k: 1, k: 2}\n").findings
    assert (finding.line, finding.path) == (2, "y.k")
    assert "line 2" in finding.message.en


_texts = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=20)
_names = st.text("abcde_中文", min_size=1, max_size=6)
_plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_names, inner, max_size=4),
    max_leaves=12,
)


@given(_plain)
def test_reads_back_what_a_writer_writes(value: object) -> None:
    """JSON is YAML: whatever a careful writer writes is read as the same data."""
    document = read(json.dumps({"value": value}, ensure_ascii=False).encode())
    assert document.findings == ()
    assert document.data == {"value": value}


@given(st.binary(max_size=200))
def test_never_fails(content: bytes) -> None:
    """Any bytes at all end in data or findings, never in an exception."""
    document = read(content)
    assert document.findings or document.data is not None or b"#" in content or content.strip() in {b"null", b"~"}
