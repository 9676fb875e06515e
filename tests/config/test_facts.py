from __future__ import annotations

from collections.abc import Callable

import pytest
from config import legacy
from hypothesis import given
from hypothesis import strategies as st

from datong.config import Report, load
from datong.config._facts import is_placeholder
from datong.model import ConfigError
from datong.standard import DEVELOPMENT_PROVIDER

Changed = Callable[..., Report]
CONDITIONS = "useConditions: {scope: 社会保险业务, purposes: [待遇核验, 监督检查]}"


def codes(report: Report) -> list[tuple[str, str]]:
    return [(finding.code, finding.path) for finding in report.findings]


def test_valid(changed: Changed) -> None:
    """The file the tests start from has nothing to find."""
    report = changed()
    assert report.findings == []
    assert {stage.outcome for stage in report.stages} == {"passed", "skipped"}


@pytest.mark.parametrize(
    "text",
    [
        "无",
        "暂无",
        " 待定 ",
        "N/A",
        "n/a",
        "TBD",
        "TODO",
        "-",
        "——",
        "xxx",
        "（无）",
        "【待补充】",
        "...",
        "?",
        "test",
        "<TODO>",
        "无。",
    ],
)
def test_placeholders(text: str) -> None:
    """What only stands where a fact should is known in every dress."""
    assert is_placeholder(text)


@pytest.mark.parametrize(
    "text", ["无锡市参保人员", "待遇核验", "N/A表", "公安部", "测试站数据", "XXX法第三条", "1", "none of them"]
)
def test_facts_are_no_placeholders(text: str) -> None:
    """A fact that only begins like a placeholder is one."""
    assert not is_placeholder(text)


@given(st.text("无待定暂-—.?x ", min_size=0, max_size=2))
def test_blank_is_a_placeholder(padding: str) -> None:
    """Blanks and brackets around a placeholder change nothing."""
    assert is_placeholder(f"{' ' * len(padding)}（无）{' ' * len(padding)}")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (("name: 参保人员基本信息", "name: 待定"), "datasets.person.catalog.name"),
        (("format: 数据库", "format: '-'"), "datasets.person.catalog.format"),
        (("scope: 社会保险业务", "scope: 无"), "datasets.person.catalog.useConditions.scope"),
        (
            ("purposes: [待遇核验, 监督检查]", "purposes: [待遇核验, TBD]"),
            "datasets.person.catalog.useConditions.purposes[1]",
        ),
        (("name: 姓名", "name: 暂无"), "datasets.person.fields.name.name"),
        (("name: 某市人力资源和社会保障局", "name: xxx"), "provider.name"),
        (("office: {name: 数据共享科", "office: {name: N/A"), "provider.office.name"),
        (("en: Pension insurance", "en: TODO"), "adapter.title.en"),
        (("audience: urn:gds:adapter:pension", "audience: TBD"), "trust.audience"),
    ],
)
def test_placeholder_refused(changed: Changed, change: tuple[str, str], path: str) -> None:
    """Art. 13(2): a placeholder is no fact, wherever it stands."""
    assert codes(changed(change)) == [("placeholder", path)]


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        (("91350100M000100Y43", "91350100M000100Y44"), "credit-code-wrong", "provider.code"),
        (("306001/000001", "306001/"), "catalog-code-wrong", "datasets.person.catalog.catalogCode"),
        (("306001/000001", "3X6001/1"), "catalog-code-wrong", "datasets.person.catalog.catalogCode"),
        (("publishedAt: 2025-08-01", "publishedAt: 2025-02-30"), "date-wrong", "datasets.person.catalog.publishedAt"),
        (("updatedAt: 2025-08-02", "updatedAt: 2025-07-31"), "date-order", "datasets.person.catalog.updatedAt"),
        (
            (CONDITIONS, "useConditions: {purposes: [待遇核验]}"),
            "conditions-missing",
            "datasets.person.catalog.useConditions",
        ),
        (
            (CONDITIONS, "useConditions: {scope: 社会保险业务}"),
            "conditions-missing",
            "datasets.person.catalog.useConditions",
        ),
        (
            ("sharingType: conditional", "sharingType: unconditional"),
            "conditions-unwanted",
            "datasets.person.catalog.useConditions",
        ),
        (
            ("sharingMethods: [serviceInterface]", "sharingMethods: []"),
            "methods-missing",
            "datasets.person.catalog.sharingMethods",
        ),
        (
            ("sharingMethods: [serviceInterface]", "sharingMethods: [serviceInterface, batchExchange]"),
            "method-unserved",
            "datasets.person.catalog.sharingMethods[1]",
        ),
        (
            (
                CONDITIONS,
                CONDITIONS + "\n      notShared: {reason: 涉密, legalBasis: [{title: 保密法, article: 第九条}]}",
            ),
            "basis-unwanted",
            "datasets.person.catalog.notShared",
        ),
    ],
)
def test_facts_refused(changed: Changed, change: tuple[str, str], code: str, path: str) -> None:
    """REQ-CAT-02 to 08 and 13: each branch is held at its place."""
    assert codes(changed(change)) == [(code, path)]


def test_not_shared(changed: Changed) -> None:
    """REQ-CAT-04: an entry that is not shared says why, offers no method and nothing to verify."""
    report = changed(("sharingType: conditional", "sharingType: notShared"))
    assert codes(report) == [
        ("basis-missing", "datasets.person.catalog.notShared"),
        ("methods-unwanted", "datasets.person.catalog.sharingMethods"),
        ("verify-not-shared", "datasets.person.verify"),
    ]


def test_same_code_twice(changed: Changed) -> None:
    """Two entries never share a national resource code."""
    start = legacy.YAML.index("  person:")
    entry = legacy.YAML[start : legacy.YAML.index("trust:")]
    report = changed((entry, entry + entry.replace("person:", "again:")))
    assert codes(report) == [("catalog-code-twice", "datasets.again.catalog.catalogCode")]


def test_development_provider(changed: Changed) -> None:
    """The provider that stands in while an adapter is made is a warning, so that it can be tried."""
    report = changed(("91350100M000100Y43", DEVELOPMENT_PROVIDER.code))
    assert [(finding.code, finding.severity) for finding in report.findings] == [("provider-development", "warning")]
    assert report.ok


def test_settings(changed: Changed) -> None:
    """Version, retention, zone and audience are held to their forms."""
    report = changed(
        ("  id: pension\n", "  id: pension\n  version: '1.0'\n"),
        ("  kind: memory", "  zone: Asia/Nowhere\n  kind: memory"),
        ("  audience: urn:gds:adapter:pension", "  audience: a b\naudit: {retention: 3 years}"),
    )
    assert codes(report) == [
        ("version-wrong", "adapter.version"),
        ("zone-unknown", "source.zone"),
        ("audience-wrong", "trust.audience"),
        ("duration-wrong", "audit.retention"),
    ]


def test_load_refuses(write: Callable[[str], object]) -> None:
    """What check refuses statically is not loaded either; every finding is in the error."""
    text = legacy.YAML.replace("name: 姓名", "name: 待定").replace("306001/000001", "x")
    with pytest.raises(ConfigError) as caught:
        load(write(text))
    assert [finding.code for finding in caught.value.findings] == ["catalog-code-wrong", "placeholder"]
    assert caught.value.hint.en == "Correct them, then run `datong check pension`."
