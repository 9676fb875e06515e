"""Verification: whether claims match, and nothing else (REQ-VER-01 to 08; Art. 19, 20).

An absent subject and a wrong value take the same way: the same statements, the same comparisons,
the same answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any, Final

from datong.guard import ProbingLimit
from datong.interface._asked import LONGEST, parameters, shown
from datong.interface._core import Core
from datong.interface._exchange import JSON, Exchange, Reply
from datong.interface._gateway import Params, accept
from datong.interface._rights import Rights
from datong.interface._violations import Violations
from datong.mapping import FaultyRow, Plan, Residual, ValueInvalid, View
from datong.model import Call, Compare, Condition, Operator, Problem, Row, Selection, Verify

GROUP: Final = 100
"""Claims that one statement asks for."""
WIDE: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
NARROW: Final = {half: full for full, half in WIDE.items()}

_OUTCOMES: Final = {
    "match": b'{"outcome":"match"}',
    "noMatch": b'{"outcome":"noMatch"}',
    "indeterminate": b'{"outcome":"indeterminate"}',
}


@dataclass(slots=True)
class Claim:
    """`subject` is the comparable form of the keys; `equals` that of the other items claimed for equality."""

    keys: dict[str, Any]
    subject: tuple[Any, ...]
    equals: tuple[tuple[str, Any], ...]
    tests: tuple[Residual, ...]


class Verification:
    """Verifies claims about one dataset for one set of rights."""

    def __init__(self, core: Core, secret: bytes, clock: Callable[[], float]) -> None:
        self._core = core
        self._limits = {
            name: ProbingLimit(dataset.verify.attempts, secret, clock)
            for name, dataset in core.adapter.datasets.items()
            if dataset.verify is not None
        }

    async def verify(self, exchange: Exchange, params: Params) -> Reply:
        catalog_id = params["catalog_id"]
        rights = await self._core.admit(exchange, catalog_id, "verify")
        accept(exchange)
        declared = rights.dataset.verify
        if declared is None:
            raise Problem("path-unknown")
        violations = Violations("body-invalid")
        for name in parameters(exchange.scope["query_string"], violations):
            violations.add(shown(name), "parameter-unknown")
        body = await exchange.json(self._core.adapter.limits.body)
        claims = _claims(body, declared, rights, violations)
        exchange.claims = len(claims)
        consumer = exchange.principal.consumer_id if exchange.principal else None
        for claim in claims:
            self._limits[catalog_id].take(consumer or "", repr(claim.subject).encode())
        with exchange.watched():
            subjects = await self._subjects(catalog_id, rights, claims, self._core.call(exchange))
        results = b",".join([_OUTCOMES[_outcome(claim, subjects, rights, declared)] for claim in claims])
        return Reply(b'{"results":[%b]}' % results, [*JSON])

    async def _subjects(
        self, catalog_id: str, rights: Rights, claims: list[Claim], call: Call
    ) -> dict[tuple[Any, ...], list[dict[str, Any] | None]]:
        """What is stored about each subject: a list of rows, None for one that cannot be read."""
        lookup = _Lookup(rights, claims)
        found: dict[tuple[Any, ...], list[dict[str, Any] | None]] = {}
        left = call.rows
        for start in range(0, len(claims), GROUP):
            where = lookup.where(claims[start : start + GROUP])
            after: tuple[Any, ...] | None = None
            while True:
                size = min(1000, left + 1)
                rows = await self._core.reader.page(catalog_id, lookup.selection(where, after, size), call)
                left -= len(rows)
                if left < 0:
                    raise Problem("budget-exceeded", rows=call.rows)
                lookup.sort_in(rows, found)
                if len(rows) < size:
                    break
                after = lookup.place(rows[-1])
                await asyncio.sleep(0)
        return found


class _Lookup:
    """Finds the stored rows of many subjects with few statements."""

    def __init__(self, rights: Rights, claims: list[Claim]) -> None:
        dataset = rights.dataset
        declared = dataset.verify
        if declared is None:
            raise Problem("path-unknown")
        self._rights = rights
        self._plan = rights.plan
        self._declared = declared
        used = {name for claim in claims for name, _ in claim.equals}
        used |= {test.field for claim in claims for test in claim.tests}
        scope = {test.field for test in rights.scope.tests}
        self._keys = self._plan.view(declared.keys, record_id=False)
        self._whole = self._plan.view({*declared.keys, *used}, record_id=False)
        self._scope = self._plan.view(scope, record_id=False)
        views = (self._whole, self._keys, self._scope)
        self._columns = tuple(dict.fromkeys(column for view in views for column in view.columns))
        self._wanted = {claim.subject for claim in claims}

    def selection(self, where: tuple[Condition, ...], after: tuple[Any, ...] | None, limit: int) -> Selection:
        return self._rights.raw_selection(self._columns, where, after if self._rights.keyset else None, limit)

    def place(self, row: Row) -> tuple[Any, ...]:
        if not self._rights.keyset:
            raise Problem("budget-exceeded", rows=len(row))
        return tuple(row[self._columns.index(column)] for column in self._rights.dataset.key)

    def where(self, claims: list[Claim]) -> tuple[Condition, ...]:
        """Conditions that every stored row of these subjects meets; the comparison itself comes after."""
        conditions = list(self._rights.scope.conditions)
        for name in self._declared.keys:
            compare = self._declared.compare.get(name, Compare())
            forms = dict.fromkeys(form for claim in claims for form in _forms(claim.keys[name], compare))
            conditions += self._rights.pushed(name, "in", self._sound(name, forms))
        return tuple(conditions)

    def _sound(self, name: str, forms: Iterable[Any]) -> list[Any]:
        """Forms that can be values of the item at all."""
        sound = []
        for form in forms:
            try:
                self._plan.condition(name, "eq", form)
            except ValueInvalid:
                continue
            sound.append(form)
        return sound

    def sort_in(self, rows: list[Row], found: dict[tuple[Any, ...], list[dict[str, Any] | None]]) -> None:
        """Add the rows to their subjects; one whose keys cannot be read can be nobody's."""
        for row in rows:
            keys = self._read(self._keys, row)
            if keys is None:
                continue
            subject = subject_of(keys, self._declared, self._plan)
            if subject in self._wanted and self._granted(row):
                found.setdefault(subject, []).append(self._read(self._whole, row))

    def _granted(self, row: Row) -> bool:
        tests = self._rights.scope.tests
        item = self._read(self._scope, row) if tests else {}
        return item is not None and all(test.test(item[test.field]) for test in tests)

    def _read(self, view: View, row: Row) -> dict[str, Any] | None:
        columns = self._columns
        part = row if view.columns == columns else tuple([row[columns.index(column)] for column in view.columns])
        try:
            return view.record(part)
        except FaultyRow:
            return None


def subject_of(keys: dict[str, Any], declared: Verify, plan: Plan) -> tuple[Any, ...]:
    return tuple([_comparable(plan, declared, name, keys[name]) for name in declared.keys])


def _comparable(plan: Plan, declared: Verify, name: str, value: Any) -> Any:
    return plan.comparable(name, value, declared.compare.get(name, Compare()))


def _outcome(
    claim: Claim,
    subjects: dict[tuple[Any, ...], list[dict[str, Any] | None]],
    rights: Rights,
    declared: Verify,
) -> str:
    stored = subjects.get(claim.subject, [])
    if len(stored) > 1:
        return "indeterminate"
    item = stored[0] if stored else {}
    if item is None:
        return "indeterminate"
    # Compared to the end even where a point differs, or where there is nobody: no shorter way tells.
    points = [
        (rights.plan.comparable(name, item.get(name), declared.compare.get(name, Compare()))) == wanted
        and item.get(name) is not None
        for name, wanted in claim.equals
    ]
    points += [test.test(item.get(test.field)) for test in claim.tests]
    return "match" if stored and all(points) else "noMatch"


# -- reading the body ------------------------------------------------------------------------------


def _claims(body: Any, declared: Verify, rights: Rights, violations: Violations) -> list[Claim]:
    listed = body.get("claims") if isinstance(body, dict) else None
    if not isinstance(listed, list) or not listed:
        violations.add("/claims", "body-invalid", expected="array of claims")
        violations.refuse()
    for name in body:
        if name != "claims":
            violations.add(f"/{shown(name)}", "body-invalid", expected="claims")
    if len(listed) > declared.batch:
        raise Problem("batch-too-large", maximum=declared.batch)
    read = [_claim(claim, f"/claims/{index}", declared, rights, violations) for index, claim in enumerate(listed)]
    violations.settle()
    return [claim for claim in read if claim is not None]


def _claim(claim: Any, place: str, declared: Verify, rights: Rights, violations: Violations) -> Claim | None:
    if not isinstance(claim, dict):
        violations.add(place, "body-invalid", expected="object")
        return None
    missing = [name for name in declared.keys if name not in claim]
    if missing:
        violations.add(place, "claim-too-few-keys", keys=list(declared.keys))
    points = dict(_points(claim, place, declared, rights, violations))
    if missing or len(points) < len(claim):
        return None
    keys = {name: claim[name] for name in declared.keys}
    subject = subject_of(keys, declared, rights.plan)
    return Claim(
        {name: _asked_for(keys[name], known) for name, known in zip(declared.keys, subject, strict=True)},
        subject,
        tuple(
            (name, _comparable(rights.plan, declared, name, claim[name]))
            for name, test in points.items()
            if test is None and name not in declared.keys
        ),
        tuple(test for test in points.values() if test is not None),
    )


def _points(
    claim: dict[str, Any], place: str, declared: Verify, rights: Rights, violations: Violations
) -> Iterator[tuple[str, Residual | None]]:
    """The sound points of a claim: None for equality, a test for a predicate."""
    for name, value in claim.items():
        item, dot, suffix = name.partition(".")
        pointer = f"{place}/{shown(name)}"
        if not _declared(item, suffix if dot else None, declared):
            violations.add(pointer, "claim-not-declared")
        elif item not in rights.granted:
            violations.add(pointer, "item-not-granted", item=item)
        elif not _formed(value, listed=suffix == "in"):
            violations.invalid(pointer, rights.dataset.fields[item].type)
        else:
            operator: Operator = suffix or "eq"  # type: ignore[assignment]  # declared predicates only
            try:
                if dot:
                    yield name, rights.plan.test(item, operator, value)
                else:
                    _comparable(rights.plan, declared, item, value)
                    yield name, None
            except ValueInvalid as error:
                violations.invalid(pointer, error.reason)


def _declared(item: str, suffix: str | None, declared: Verify) -> bool:
    if suffix is None:
        return item in declared.keys or item in declared.fields
    return any(each.field == item and suffix in each.operators for each in declared.predicates)


def _formed(value: Any, *, listed: bool) -> bool:
    if listed:
        return (
            isinstance(value, list) and 0 < len(value) <= LONGEST and all(_formed(each, listed=False) for each in value)
        )
    if value is None or isinstance(value, list | dict):
        return False
    return not isinstance(value, str) or (len(value) <= LONGEST and "\0" not in value)


def _asked_for(given: Any, known: Any) -> Any:
    """What a source can be asked for: a text as it was given, anything else in its one form."""
    if isinstance(known, str):
        return given
    return known.isoformat() if isinstance(known, date | time) else str(known) if isinstance(known, Decimal) else known


def _forms(value: Any, compare: Compare) -> Iterator[Any]:
    """The forms under which an equal value may be stored, as far as they can be asked for."""
    yield value
    if not isinstance(value, str):
        return
    bases = {value, value.strip()} if compare.trim else {value}
    if compare.width:
        half = {base.translate(WIDE) for base in bases}
        bases |= half | {base.translate(NARROW) for base in half}
    if compare.trim:
        bases |= {base.strip() for base in bases}
    if not compare.case:
        bases |= {form for base in bases for form in (base.upper(), base.lower())}
    yield from sorted(bases)
