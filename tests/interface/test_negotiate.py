from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.interface._negotiate import HTML, JSON, language, media_type


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("text/html", HTML),
        ("text/html,application/xhtml+xml,*/*;q=0.8", HTML),
        ("application/json,text/html;q=0.9", JSON),
        ("text/*;q=0.5,application/json;q=0.4", HTML),
        ("*/*;q=0.5,application/json;q=0", HTML),
        ("APPLICATION/JSON", JSON),
        ("image/png", None),
        ("text/html;q=x", None),
    ],
)
def test_media_type(accept: str, wanted: str | None) -> None:
    """The most specific range decides, then the weight, then our own order (RFC 9110, 12.5.1)."""
    assert media_type(accept, (JSON, HTML)) == wanted


@pytest.mark.parametrize(
    ("given_", "wanted"),
    [
        ("", "zh"),
        ("en", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("fr,en;q=0.2", "en"),
        ("fr", "zh"),
        ("en;q=0", "zh"),
    ],
)
def test_language(given_: str, wanted: str) -> None:
    """Chinese unless English is preferred."""
    assert language(given_) == wanted


@given(st.text(max_size=60))
def test_any_header_is_read(header: str) -> None:
    """Whatever a caller sends, an answer is found."""
    assert media_type(header, (JSON, HTML)) in (JSON, HTML, None)
    assert language(header) in ("zh", "en")
