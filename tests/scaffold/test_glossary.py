from __future__ import annotations

import pytest

from datong.scaffold._glossary import chinese_for


@pytest.mark.parametrize(
    ("name", "chinese"),
    [
        ("AAC001", "个人编号"),
        ("aac002", "公民身份号码"),
        ("AAB004", "单位名称"),
        ("XM", "姓名"),
        ("sfzh", "身份证号"),
        ("TYSHXYDM", "统一社会信用代码"),
        ("QYMC", "企业名称"),
        ("BillingPostalCode", "账单邮政编码"),
        ("first_name", "名"),
        ("Categories", "类别"),
        ("payment_date", "支付日期"),
        ("QZXCV", None),
        ("payment_qzxcv", None),
        ("", None),
    ],
)
def test_chinese_names(name: str, chinese: str | None) -> None:
    """Indicator codes, pinyin initials and English words are known; half a translation is none."""
    assert chinese_for(name) == chinese
