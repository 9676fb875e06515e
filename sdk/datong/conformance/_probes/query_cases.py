"""Generated cases of the class query: filters, ranges, fields, scopes, sensitive and masked items."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from datong.conformance._context import Access, Context, as_body, records, with_query
from datong.conformance._exchange import Tag
from datong.conformance._population import Population, population
from datong.conformance._registry import probe
from datong.conformance._values import altered, scalar, some, usable

Params = dict[str, Any]


@probe("query")
def filters(context: Context) -> None:
    """Equality on every filterable item, texts that are nearly equal, and conjunctions."""
    for entry in context.tested:
        people = population(context, entry)
        cases = _equalities(context, people)
        cases += _conjunctions(context, people)
        for number, (kind, params) in enumerate(cases):
            closed = any(context.items(entry)[name].get(flag) for name in params for flag in ("masked", "sensitive"))
            _asked(context, people, params, "query.filter", kind, number, post=closed or number % 3 == 0)


def _equalities(context: Context, people: Population) -> list[tuple[str, Params]]:
    found: list[tuple[str, Params]] = []
    for name, item in context.items(people.entry).items():
        if not item.get("filterable") or not people.free(name):
            continue
        for value in some(context.random, people.records, name, 2):
            found.append(("equal", {name: value}))
            if isinstance(value, str) and item.get("wireType") == "string" and not item.get("format"):
                found += [(kind, {name: text}) for kind, text in altered(value).items()]
    return found


def _conjunctions(context: Context, people: Population) -> list[tuple[str, Params]]:
    items = context.items(people.entry)
    names = [name for name, item in items.items() if item.get("filterable") and people.free(name)]
    found = []
    for _ in range(context.settings.cases if len(names) > 1 and people.records else 0):
        first, second = context.random.sample(names, 2)
        one, other = context.random.choice(people.records), context.random.choice(people.records)
        if scalar(one.get(first)) and scalar(other.get(second)):
            found.append(("both", {first: one[first], second: other[second]}))
    return found


def _asked(
    context: Context, people: Population, params: Params, label: str, kind: str, number: int, *, post: bool
) -> None:
    """All records that meet the condition beside that of the population."""
    access = context.access(people.entry, part=f"{number // 100}")
    size = context.limits(people.entry)[1]
    most = max(3, len(people.records) // size + 2)
    tags = {"case": f"{label} {people.entry} {number}", "kind": kind}
    context.walk(access, {**people.params, **params, "limit": size}, label, tags, post=post, most=most)


@probe("query")
def ranges(context: Context) -> None:
    """Each range suffix at values that occur, and an interval."""
    for entry in context.tested:
        people = population(context, entry)
        number = 0
        for name, item in context.items(entry).items():
            if not usable(item, "rangeable") or not people.free(name):
                continue
            for value in some(context.random, people.records, name, 2):
                for suffix in ("gte", "gt", "lte", "lt"):
                    number += 1
                    params = {f"{name}.{suffix}": value}
                    _asked(context, people, params, "query.range", suffix, number, post=number % 2 == 0)


@probe("query")
def undeclared(context: Context) -> None:
    """Filters, ranges and orders by items that the entry does not declare for it."""
    for entry in context.tested:
        access = context.access(entry)
        for flag, key in (("filterable", ""), ("rangeable", ".gte"), ("sortable", "sort")):
            name = next(
                (
                    each
                    for each, item in context.items(entry).items()
                    if item.get(flag) is False and not item.get("sensitive") and not item.get("masked")
                ),
                None,
            )
            if name is not None:
                value = _typical(context.items(entry)[name])
                params = {"sort": name} if key == "sort" else {f"{name}{key}": value}
                context.ask(access, params, "query.undeclared", flag=flag, item=name)
                context.search(access, as_body(params), "query.undeclared", flag=flag, item=name)


def _typical(item: Params) -> Any:
    kinds = {"integer": 1, "number": 1, "boolean": True, "date": "2000-01-01", "dateTime": "2000-01-01T00:00:00+08:00"}
    return kinds.get(str(item.get("wireType")), "1")


@probe("query")
def fields(context: Context) -> None:
    """`fields` inside and outside a narrow grant, and no `fields` at all."""
    for entry in context.tested:
        names = list(context.items(entry))
        inside = names[: max(1, (len(names) + 1) // 2)]
        outside = [name for name in names if name not in inside]
        wide, narrow = context.access(entry), context.access(entry, "items", scope={"items": inside})
        granted = ",".join(inside)
        context.ask(wide, {"fields": ",".join(names[:2]), "limit": 3}, "query.fields", names=",".join(names[:2]))
        context.ask(wide, {"fields": f"{names[0]},recordId", "limit": 3}, "query.fields", names=f"{names[0]},recordId")
        context.search(wide, {"fields": names[-1:], "limit": 3}, "query.fields", names=names[-1])
        context.ask(narrow, {"fields": inside[0], "limit": 3}, "query.fields", names=inside[0])
        for page in (
            context.ask(narrow, {"limit": 5}, "query.narrow", granted=granted),
            context.search(narrow, {"limit": 5}, "query.narrow", granted=granted),
        ):
            identity = page.items[0].get("recordId") if page.items else None
            if isinstance(identity, str):
                context.record(narrow, identity, "query.narrow", granted=granted, single=True)
        if outside:
            _outside(context, narrow, outside)


def _outside(context: Context, narrow: Access, outside: list[str]) -> None:
    """An item that is not granted, by name, beside a granted one, as filter and as order."""
    entry, name = narrow.catalog_id, outside[0]
    context.ask(narrow, {"fields": name}, "query.outside", case="fields")
    context.search(narrow, {"fields": [name]}, "query.outside", case="fields")
    items = context.items(entry)
    people = population(context, entry)
    identity = people.records[0].get("recordId") if people.records else None
    if isinstance(identity, str):
        path = with_query(f"{records(entry)}/{quote(identity, safe='')}", {"fields": name})
        context.get(path, "query.outside", narrow.token(), entry=entry, case="fields of one")
    for each in outside:
        if items[each].get("filterable") and not items[each].get("sensitive"):
            context.ask(narrow, {each: _typical(items[each])}, "query.outside", case="filter")
            context.search(narrow, {"filter": {each: _typical(items[each])}}, "query.outside", case="filter")
        if items[each].get("sortable"):
            context.ask(narrow, {"sort": each}, "query.outside", case="sort")


@probe("query")
def scopes(context: Context) -> None:
    """Grants of a region and of a row filter: lists, counts, and single records outside."""
    for entry in context.tested:
        people = population(context, entry)
        region, rows = context.given(entry).region, context.given(entry).rows
        query = context.entry(entry).get("query") or {}
        if region and "region" in query:
            access = context.access(entry, "region", scope={"region": region})
            name = str(query["region"])
            inside = [each for each in people.records if str(each.get(name) or "").startswith(region)]
            _scoped(context, people, access, inside, region)
        if rows:
            access = context.access(entry, "rows", scope={"filter": rows})
            inside = [each for each in people.records if rows.items() <= each.items()]
            _scoped(context, people, access, inside, "")


def _scoped(context: Context, people: Population, access: Access, covered: list[Params], region: str) -> None:
    size = context.limits(people.entry)[1]
    tags = {"kind": access.kind, "region": region}
    context.walk(access, {**people.params, "limit": size}, "query.scope", tags)
    context.walk(access, {**people.params, "limit": size}, "query.scope", {**tags, "body": True}, post=True)
    for inside in (True, False):
        pool = covered if inside else [each for each in people.records if each not in covered]
        found = [each for each in pool if isinstance(each.get("recordId"), str)]
        if found:
            record = context.random.choice(found)
            context.record(access, record["recordId"], "query.scopeRecord", kind=access.kind, inside=inside)
            _claimed(context, access, record, inside=inside)
    context.record(access, "kit-no-such-record", "query.scopeRecord", kind=access.kind, inside=None)


def _claimed(context: Context, access: Access, record: Params, *, inside: bool) -> None:
    """The same record by `_verify`, where its keys are known."""
    verify = context.entry(access.catalog_id).get("verify")
    keys = verify.get("keys") if isinstance(verify, dict) and "verify" in context.claimed else None
    claim = {key: record.get(key) for key in keys or ()}
    if claim and all(scalar(value) for value in claim.values()) and context.once(access.catalog_id) is False:
        context.verify(access, [claim], "query.scopeVerify", kind=access.kind, inside=inside)


@probe("query")
def sensitive(context: Context) -> None:
    """Sensitive items in an address, and in a body."""
    for entry in context.tested:
        people = population(context, entry)
        access = context.access(entry)
        given = context.given(entry).sensitive
        for name, item in context.items(entry).items():
            if not item.get("sensitive"):
                continue
            known = [given.value] if given and given.item == name else some(context.random, people.records, name, 1)
            value = known[0] if known else "11010119900307002X"
            for key in (name, f"{name}.gte"):
                context.ask(access, {key: value}, "query.sensitiveAddress", item=name)
            if item.get("filterable"):
                tags: dict[str, Tag] = {"item": name, "known": bool(known)}
                context.walk(access, {name: value, "limit": 1}, "query.sensitiveBody", tags, post=True, most=3)
        if people.records and isinstance(people.records[0].get("recordId"), str):
            context.facts.setdefault("ids", {})[entry] = [each.get("recordId") for each in people.records]


@probe("query")
def masked(context: Context) -> None:
    """Masked items as a purpose sees them that may not see them: shown, filtered by, sorted by."""
    for entry in context.tested:
        items = {name: item for name, item in context.items(entry).items() if item.get("masked")}
        purpose = context.masked_purpose(entry)
        hidden = [name for name, item in items.items() if purpose not in (item.get("unmaskedFor") or ())]
        people = population(context, entry)
        if not hidden or purpose == context.purpose(entry):
            continue
        access = context.access(entry, "masked")
        size = context.limits(entry)[1]
        known = [name for name in hidden if context.purpose(entry) in (items[name].get("unmaskedFor") or ())]
        told: dict[str, Tag] = {"items": ",".join(hidden), "known": ",".join(known)}
        context.walk(access, {**people.params, "limit": size}, "query.masked", told)
        context.walk(access, {**people.params, "limit": size}, "query.masked", {**told, "body": True}, post=True)
        for record in people.records[:2]:
            if isinstance(record.get("recordId"), str):
                context.record(access, record["recordId"], "query.masked", **told, single=True)
        for name in hidden:
            values = some(context.random, people.records, name, 1)
            if items[name].get("filterable") and values:
                context.search(access, {"filter": {name: values[0]}}, "query.maskedFilter", item=name)
                if items[name].get("rangeable"):
                    context.search(access, {"filter": {f"{name}.gte": values[0]}}, "query.maskedFilter", item=name)
            if items[name].get("sortable"):
                context.ask(access, {"sort": name}, "query.maskedFilter", item=name)
