"""Fixtures from what a target's catalog and data show, where nobody gives better ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from datong.conformance._context import Blocked, Context
from datong.conformance._fixtures import Claim, EntryFixtures, Fixtures, SensitiveValue
from datong.conformance._population import Population, population
from datong.conformance._values import another, scalar, usable
from datong.standard import resident_id_ok

_FULL: Final = {code - 0xFEE0: code for code in range(0xFF10, 0xFF1A)}
"""Half-width digits to full-width ones."""
_MOST_SUBJECTS: Final = 25


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody whose record is known: a claim that matches, and one that does not."""

    keys: dict[str, Any]
    true: dict[str, Any]
    wrong: dict[str, Any] | None


def derive_fixtures(context: Context) -> Fixtures:
    """The given fixtures, and for what they leave out, what the target's own answers show.

    What is derived is named in `derived`: it proves that the target agrees with itself, no more.
    """
    entries = dict(context.fixtures.entries)
    for entry in context.published[: context.settings.entries]:
        try:
            entries[entry] = _completed(context, entry)
        except Blocked:
            continue
    return context.fixtures.model_copy(update={"entries": entries})


def subjects(context: Context, entry: str) -> list[Subject]:
    """People of the population whose keys are known in the clear, in the order of the walk."""
    kept: list[Subject] | None = context.memory.get(("subjects", entry))
    if kept is None:
        people = population(context, entry) if entry in context.tested else Population(entry, {})
        found = [each for record in people.records for each in _subject(context, entry, record)]
        kept = context.memory["subjects", entry] = found[:_MOST_SUBJECTS]
    return kept


def _completed(context: Context, entry: str) -> EntryFixtures:
    given = context.given(entry)
    found: dict[str, Any] = {}
    if entry in context.tested:
        people = population(context, entry)
        found = {
            "sensitive": _sensitive(context, people),
            "region": _region(context, people),
            "rows": _rows(context, people),
        }
    if "verify" in context.claimed and isinstance(context.entry(entry).get("verify"), dict):
        found["claims"] = tuple(_claims(context, entry))
    added = {name: value for name, value in found.items() if value and not getattr(given, name)}
    return given.model_copy(update={**added, "derived": tuple(sorted({*given.derived, *added}))})


def _sensitive(context: Context, people: Population) -> SensitiveValue | None:
    for name, item in context.items(people.entry).items():
        for record in people.records if item.get("sensitive") and item.get("filterable") else ():
            if isinstance(record.get(name), str) and record[name] and "*" not in record[name]:
                return SensitiveValue(item=name, value=record[name])
    return None


def _region(context: Context, people: Population) -> str | None:
    """A prefix that some records have and others have not, 4 digits if possible."""
    query = context.entry(people.entry).get("query")
    name = query.get("region") if isinstance(query, dict) else None
    codes = [str(record[name]) for record in people.records if isinstance(record.get(name), str)] if name else []
    for size in (4, 6, 2):
        prefixes = sorted({code[:size] for code in codes if len(code) >= size and code[:size].isdecimal()})
        if len(prefixes) > 1:
            return prefixes[0]
    return None


def _rows(context: Context, people: Population) -> dict[str, Any]:
    """A value of a filterable item that some records have and others have not."""
    for name, item in context.items(people.entry).items():
        values = {record.get(name) for record in people.records if scalar(record.get(name))}
        if usable(item, "filterable") and people.free(name) and 1 < len(values) <= max(2, len(people.records) // 2):
            return {name: min(values, key=str)}
    return {}


def _subject(context: Context, entry: str, record: dict[str, Any]) -> Iterator[Subject]:
    declared = context.entry(entry).get("verify") or {}
    purpose, items = context.purpose(entry), context.items(entry)
    keys = {name: record.get(name) for name in declared.get("keys") or ()}
    clear = all(not items.get(name, {}).get("masked") or purpose in items[name].get("unmaskedFor", ()) for name in keys)
    if not keys or not clear or not all(_whole(value) for value in keys.values()):
        return
    extra = next((name for name in declared.get("fields") or () if scalar(record.get(name))), None)
    if extra is not None:
        yield Subject(keys, {**keys, extra: record[extra]}, {**keys, extra: another(context.random, record[extra])})
        return
    for predicate in declared.get("predicates") or ():
        name, suffix = predicate.get("field"), next(iter(predicate.get("operators") or ()), "in")
        value = record.get(name)
        if isinstance(value, str) and value[:4].isdecimal() and suffix in ("gte", "lte"):
            far = f"{'9999' if suffix == 'gte' else '1000'}{value[4:]}"
            yield Subject(keys, {**keys, f"{name}.{suffix}": value}, {**keys, f"{name}.{suffix}": far})
            return
    last = list(keys)[-1]
    wrong = {**keys, last: another(context.random, keys[last])} if len(keys) > 1 else None
    yield Subject(keys, keys, wrong)


def _whole(value: Any) -> bool:
    """Whether a value can name somebody: a text that lost nothing on its way."""
    return isinstance(value, str) and value != "" and "\ufffd" not in value


def _claims(context: Context, entry: str) -> Iterator[Claim]:
    """Claims of each kind about the first subject whose answer is certain."""
    known = subjects(context, entry)
    if not known:
        return
    subject = known[0]
    yield Claim(claim=subject.true, outcome="match", kind="true")
    if subject.wrong is not None:
        yield Claim(claim=subject.wrong, outcome="noMatch", kind="wrong")
        base = subject.wrong
    else:
        base = subject.true
    absent = {name: another(context.random, value) if name in subject.keys else value for name, value in base.items()}
    yield Claim(claim=absent, outcome="noMatch", kind="absent")
    yield from _forms(context, entry, known)


def _forms(context: Context, entry: str, known: list[Subject]) -> Iterator[Claim]:
    """The keys written in other forms, each once, with the outcome that the declared comparison gives it."""
    compare = context.entry(entry)["verify"].get("compare") or {}
    found: dict[str, Claim] = {}
    for subject in known:
        for name, value in subject.keys.items():
            rules = compare.get(name)
            if isinstance(rules, dict) and resident_id_ok(value):
                forms = {"width": value.translate(_FULL), "trim": f"{value} ", "case": value.lower()}
                equal = {"width": rules.get("width"), "trim": rules.get("trim"), "case": not rules.get("case")}
                for kind, text in forms.items():
                    if text != value and kind not in found:
                        found[kind] = _form(subject, name, text, kind, equal=bool(equal[kind]))
    yield from found.values()


def _form(subject: Subject, name: str, text: str, kind: Any, *, equal: bool) -> Claim:
    return Claim(claim={**subject.true, name: text}, outcome="match" if equal else "noMatch", kind=kind)
