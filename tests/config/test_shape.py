from __future__ import annotations

from collections.abc import Callable

import pytest
from config import legacy

from datong.config import Report
from datong.model import Finding

Changed = Callable[..., Report]


def place_of(fragment: str, text: str) -> tuple[int, int]:
    before = text[: text.index(fragment)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def only(report: Report) -> Finding:
    (finding,) = report.findings
    return finding


@pytest.mark.parametrize(
    ("change", "code", "path", "at", "said"),
    [
        (("rooms: 2", "romms: 2"), "key-unknown", "source.romms", "romms", "Did you mean `rooms`?"),
        (
            ("filterable: true, s", "filterabel: true, s"),
            "key-unknown",
            "datasets.person.fields.id.filterabel",
            "filterabel",
            "Did you mean `filterable`?",
        ),
        (
            ("updateCycle: daily", "updateCycle: dayly"),
            "value-wrong",
            "datasets.person.catalog.updateCycle",
            "dayly",
            "Did you mean `daily`?",
        ),
        (
            ("type: integer", "type: interger"),
            "value-wrong",
            "datasets.person.fields.id.type",
            "interger",
            "Did you mean `integer`?",
        ),
        (('datong: "1"', "datong: 1"), "value-wrong", "datong", "1\n", 'Put it in quotes: "1".'),
        (
            ('phone: "0571-88888888"', "phone: 88888888"),
            "value-wrong",
            "provider.office.phone",
            "88888888}",
            'Put it in quotes: "88888888".',
        ),
        (("rooms: 2", "rooms: two"), "value-wrong", "source.rooms", "two", "must be a whole number; found: two"),
        (("kind: memory", "kind: memroy"), "source-kind-unknown", "source.kind", "memroy", "Did you mean `memory`?"),
        (
            ("{shelf: PERSON}", "{shelve: PERSON, shelf: X}"),
            "key-unknown",
            "datasets.person.from.shelve",
            "shelve",
            "Did you mean `shelf`?",
        ),
        (
            ("      publishedAt: 2025-08-01\n", ""),
            "key-missing",
            "datasets.person.catalog.publishedAt",
            "catalog:",
            "RFC 3339",
        ),
        (("  person:", "  Person:"), "value-wrong", "datasets.Person", "Person:", "lower-case letters"),
        (("      id: {", "      ID: {"), "value-wrong", "datasets.person.fields.ID", "ID: {", "lowerCamelCase"),
        (("    key: [ID]", "    key: []"), "value-wrong", "datasets.person.key", "[]", "at least 1"),
        (
            ("length: 40", "length: long"),
            "value-wrong",
            "datasets.person.fields.name.length",
            "long}",
            "a whole number",
        ),
        (("91350100M000100Y43", "91350100M000100Y4"), "value-wrong", "provider.code", "91350100M000100Y4", "18"),
        (
            ("operators: [lte]", "operators: [like]"),
            "value-wrong",
            "datasets.person.verify.predicates[0].operators[0]",
            "like]",
            "One of: gte, lte, gt, lt, in",
        ),
        (
            ("title: {zh: 养老保险, en: Pension insurance}", "title: 养老保险"),
            "value-wrong",
            "adapter.title",
            "养老保险\n",
            "a mapping",
        ),
        (
            ("  audience: urn:gds:adapter:pension", "  audience: urn:x\n  skew: 999"),
            "value-wrong",
            "trust.skew",
            "999",
            "at most 300",
        ),
    ],
)
def test_one_fault(changed: Changed, change: tuple[str, str], code: str, path: str, at: str, said: str) -> None:
    """Each fault of shape is told once, at its line and column, with what was meant; `at` begins there."""
    finding = only(changed(change))
    assert (finding.code, finding.path) == (code, path)
    assert (finding.line, finding.column) == place_of(at, legacy.YAML.replace(*change))
    assert said in f"{finding.message.en} {finding.hint.en if finding.hint else ''}"
    assert finding.stage == "mapping"


def test_all_faults_at_once(changed: Changed) -> None:
    """Faults of the model, of the kind's options and of its locations come in one report, by line."""
    report = changed(
        ("rooms: 2", "rooms: two"),
        ("shelf: PERSON", "shelf: 5"),
        ("updateCycle: daily", "updateCycle: dayly"),
        ("  audience: urn:gds:adapter:pension", "  audiences: x"),
    )
    assert [finding.path for finding in report.findings] == [
        "source.rooms",
        "datasets.person.from.shelf",
        "datasets.person.catalog.updateCycle",
        "trust.audience",
        "trust.audiences",
    ]
    assert [stage.outcome for stage in report.stages] == ["passed", "failed", *["skipped"] * 5]


def test_branch_that_was_meant(changed: Changed) -> None:
    """Inside a union the fault of the branch that was meant is told, and no other."""
    finding = only(changed(("secret: {env: LEGACY_SECRET}", "secret: {evn: LEGACY_SECRET}")))
    assert (finding.path, finding.line, finding.column) == ("source.secret.evn", 11, 12)
    assert "Did you mean `env`?" in finding.hint.en


def test_union_names_both(changed: Changed) -> None:
    """Where neither branch was meant, both are named, and a secret is not shown."""
    finding = only(changed(("secret: {env: LEGACY_SECRET}", "secret: 1234")))
    assert "text or a mapping" in finding.message.en
    assert finding.hint.en == 'Put it in quotes: "…".'
    assert "1234" not in str(finding)


def test_secret_is_never_shown(changed: Changed) -> None:
    """What stands where a secret could be is not repeated."""
    for value in ("[hunter2]", "true", "{env: [hunter2]}"):
        finding = only(changed(("secret: {env: LEGACY_SECRET}", f"secret: {value}")))
        assert "hunter2" not in str(finding)
        assert "true" not in finding.message.en


def test_sections_that_are_no_mapping(changed: Changed) -> None:
    """A section that is text instead of a mapping stops nothing else."""
    start = legacy.YAML.index("  kind:")
    end = legacy.YAML.index("datasets:")
    report = changed((legacy.YAML[start:end], "  memory\n"))
    assert [(finding.path, finding.line) for finding in report.findings] == [("source", 10)]


def test_file_that_is_a_list(write: Callable[[str], object], changed: Changed) -> None:
    """A file that is no mapping at all is told so."""
    finding = only(changed((legacy.YAML, "- a\n")))
    assert "a mapping" in finding.message.en


def test_both_languages(changed: Changed) -> None:
    """Every finding and every remedy has a Chinese sentence."""
    report = changed(("rooms: 2", "romms: 2"), ("updateCycle: daily", "updateCycle: dayly"))
    assert [finding.message.zh for finding in report.findings] == [
        "此处没有 `romms` 这一选项。",
        (
            "`updateCycle` 应为以下之一：realtime、daily、weekly、monthly、quarterly、halfYearly、yearly、irregular；"
            "现为：dayly。"
        ),
    ]
    assert [finding.hint.zh for finding in report.findings] == ["是否想写 `rooms`？", "是否想写 `daily`？"]
