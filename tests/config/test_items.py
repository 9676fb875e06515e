from __future__ import annotations

from collections.abc import Callable

import pytest

from datong.config import Report

Changed = Callable[..., Report]
ID = "id: {from: ID, name: 人员编号, type: integer, filterable: true, sortable: true}"
NAME = "name: {from: XM, name: 姓名, type: string, format: personName, mask: personName, length: 40}"
BIRTH = "birthDate: {from: CSRQ, name: 出生日期, type: date, filterable: true, range: true}"
VERIFY = "predicates: [{field: birthDate, operators: [lte]}]"
AUDIENCE = "  audience: urn:gds:adapter:pension"


def told(report: Report) -> list[tuple[str, str, str]]:
    return [(finding.code, finding.severity, finding.path) for finding in report.findings]


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ((BIRTH, BIRTH.replace("date, filterable: true", "date")), "range-wrong", "fields.birthDate.range"),
        ((ID, ID.replace("sortable: true", "scale: 2")), "type-wrong", "fields.id.scale"),
        ((NAME, NAME.replace("length: 40", "wide: true")), "type-wrong", "fields.name.wide"),
        ((NAME, NAME.replace("from: XM, ", "")), "field-empty", "fields.name"),
        ((NAME, NAME.replace("length: 40", "sharingType: unconditional")), "sharing-wider", "fields.name.sharingType"),
        ((NAME, NAME.replace("length: 40", "unmaskFor: [待遇核检]")), "purpose-unknown", "fields.name.unmaskFor[0]"),
        ((BIRTH, BIRTH.replace("range: true", "unmaskFor: [待遇核验]")), "mask-missing", "fields.birthDate.unmaskFor"),
        (("    key: [ID]", "    key: [ID, ID]"), "key-twice", "key[1]"),
        (("    key: [ID]", "    region: regoin\n    key: [ID]"), "item-unknown", "region"),
        (("    key: [ID]", "    page: {default: 50, max: 10}\n    key: [ID]"), "page-wrong", "page"),
        (("keys: [id]", "keys: [identity]"), "item-unknown", "verify.keys[0]"),
        (("fields: [name]", "fields: [nmae]"), "item-unknown", "verify.fields[0]"),
        ((VERIFY, VERIFY.replace("birthDate", "birthdate")), "item-unknown", "verify.predicates[0].field"),
        ((VERIFY, VERIFY.replace("birthDate", "name")), "predicate-wrong", "verify.predicates[0].operators[0]"),
        ((VERIFY, VERIFY + "\n      compare: {nmae: {case: true}}"), "item-unknown", "verify.compare.nmae"),
        ((AUDIENCE, AUDIENCE + "\n  issuers: [{issuer: a, jwks: {}}]"), "jwks-wrong", ""),
        ((AUDIENCE, AUDIENCE + "\n  issuers: [{issuer: a, jwks: {keys: [{kty: EC, d: x}]}}]"), "jwks-private", ""),
    ],
)
def test_one_fault(changed: Changed, change: tuple[str, str], code: str, path: str) -> None:
    """Each rule between parts of the file is held, once, at its place."""
    (finding,) = changed(change).findings
    assert (finding.code, finding.severity) == (code, "error")
    assert finding.path == (f"datasets.person.{path}" if path else finding.path)
    assert finding.line > 0


def test_nearest_item_is_named(changed: Changed) -> None:
    """A reference to an item that is not there names the one that was meant."""
    (finding,) = changed(("fields: [name]", "fields: [nmae]")).findings
    assert finding.hint.en == "Did you mean `name`?"


def test_opaque_items(changed: Changed) -> None:
    """Binary and JSON items can be neither filtered, sorted nor claimed."""
    report = changed((ID, ID.replace("integer", "binary")))
    assert told(report) == [
        ("type-wrong", "error", "datasets.person.fields.id.filterable"),
        ("type-wrong", "error", "datasets.person.fields.id.sortable"),
        ("type-wrong", "error", "datasets.person.verify.keys[0]"),
    ]


def test_levels(changed: Changed) -> None:
    """REQ-CAT-11: an item may raise the entry's level, which is then told, and may not lower it."""
    raised = changed((NAME, NAME.replace("length: 40", "level: important")))
    assert told(raised) == [("level-raised", "warning", "datasets.person.fields.name.level")]
    lowered = changed(
        (NAME, NAME.replace("length: 40", "level: general")),
        ("classification: {level: general}", "classification: {level: important}"),
    )
    assert told(lowered) == [("level-lower", "error", "datasets.person.fields.name.level")]


def test_personal_unmasked(changed: Changed) -> None:
    """A personal item that nobody masks is a warning; masked, or not shared, it is none."""
    bare = NAME.replace(", mask: personName", "")
    assert told(changed((NAME, bare))) == [("personal-unmasked", "warning", "datasets.person.fields.name")]
    assert told(changed((NAME, bare.replace("length: 40", "sharingType: notShared")))) == []


def test_key_without_item(changed: Changed) -> None:
    """A key column that no item shows is a note, for it may be meant."""
    assert told(changed(("    key: [ID]", "    key: [NO]"))) == [("key-not-shown", "note", "datasets.person.key[0]")]


def test_issuer_twice(changed: Changed) -> None:
    """An issuer stands in the list once."""
    keys = "jwks: {keys: [{kty: EC}]}"
    report = changed((AUDIENCE, f"{AUDIENCE}\n  issuers: [{{issuer: a, {keys}}}, {{issuer: a, {keys}}}]"))
    assert told(report) == [("issuer-twice", "error", "trust.issuers[1].issuer")]


@pytest.mark.parametrize(
    ("transform", "path", "hint"),
    [
        ("trimm", "datasets.person.fields.name.transforms[0]", "trim"),
        ("{nullTokens: 5}", "datasets.person.fields.name.transforms[0]", ""),
    ],
)
def test_transforms(changed: Changed, transform: str, path: str, hint: str) -> None:
    """A transform that does not exist is told at its place, with the nearest that does."""
    (finding,) = changed((NAME, NAME.replace("length: 40", f"transforms: [{transform}]"))).findings
    assert finding.path.startswith(path)
    assert finding.line == 30
    assert hint in (finding.hint.en if finding.hint else "")


def test_all_rules_at_once(changed: Changed) -> None:
    """The faults of all datasets and sections come in one report, by line."""
    report = changed(
        (NAME, NAME.replace("length: 40", "wide: true")),
        ("keys: [id]", "keys: [identity]"),
        (AUDIENCE, "  audience: a b"),
    )
    assert [finding.code for finding in report.findings] == ["type-wrong", "item-unknown", "audience-wrong"]
    assert [finding.line for finding in report.findings] == sorted(finding.line for finding in report.findings)
