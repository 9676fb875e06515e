from __future__ import annotations

import re

import pytest

from datong.conformance import CHECKS, explain, requirement_id
from datong.conformance._reports._law import chinese_number
from datong.model import UsageError
from datong.standard import REQUIREMENTS


@pytest.mark.parametrize("name", ["REQ-QRY-02", "req-qry-02", "QRY-02", "qry2", "Qry_02", " query-2 ", "REQ QRY 2"])
def test_short_forms(name: str) -> None:
    """A requirement is found by its id in any spelling, and by the name of its class."""
    assert requirement_id(name) == "REQ-QRY-02"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("REQ-QRX-02", "Did you mean REQ-QRY-02?"),
        ("AUD-99", "There are REQ-AUD-01 to REQ-AUD-08."),
        ("bananas", "one of CORE, CAT"),
        ("", "one of CORE, CAT"),
    ],
)
def test_nearest(name: str, hint: str) -> None:
    """A misspelling is refused with the nearest id, or with what ids look like."""
    with pytest.raises(UsageError) as raised:
        requirement_id(name)
    assert raised.value.hint is not None
    assert hint in raised.value.hint.en


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_every_requirement_is_explained(name: str) -> None:
    """Each has its source, a reason and the way it is tested, in both languages; what is checked has a remedy."""
    found = explain(name)
    assert found.sources
    assert found.reasons
    for text in (*found.sources, *found.reasons, found.tested, *found.needs):
        assert text.en
        assert text.zh
    for text in (*found.reasons, found.tested):
        assert re.search(r"[\u4e00-\u9fff]", text.zh)
        assert len(re.findall(r"[\u4e00-\u9fff]", text.en)) < 4
    assert not re.search(r"\b[FH]\b(?!-)", found.tested.en)
    assert (found.remedy is not None) == (name in CHECKS)
    assert "[K]" not in "".join(text.en for text in found.sources)


def test_articles_are_cited_as_in_chinese_law() -> None:
    """Articles, paragraphs and items are written out, other laws by their names."""
    assert explain("REQ-CAT-01").sources[0].zh == "《政务数据共享条例》第十三条第二款"
    assert explain("REQ-CORE-02").sources[0].zh == "《政务数据共享条例》第十一条第（三）项"
    assert [text.zh for text in explain("REQ-AUD-05").sources][1:] == [
        "《网络数据安全管理条例》第十二条",
        "《个人信息保护法》第五十六条",
    ]
    assert explain("REQ-SEC-10").sources[0].zh == "《政务数据共享条例》第二十条（期限）、第二十七条第一款"
    assert explain("REQ-SEC-10").sources[0].en == "Order 809, Art. 20 (time limit), 27(1)"


@pytest.mark.parametrize(("number", "text"), [(6, "六"), (10, "十"), (13, "十三"), (20, "二十"), (35, "三十五")])
def test_chinese_numbers(number: int, text: str) -> None:
    """Numbers of articles are written in Chinese numerals."""
    assert chinese_number(number) == text
