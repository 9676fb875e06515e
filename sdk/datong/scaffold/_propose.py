"""From what introspection found to a whole adapter that needs no edit, with the reason of every guess."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from datong.model import Adapter, Column, Structure, Text, UsageError
from datong.scaffold._facts import Facts
from datong.scaffold._fields import Item, chinese_name, item
from datong.scaffold._names import distinct, field_name, slug
from datong.scaffold._yaml import Path, write

_COUNTED: Final = 100_000
"""Rows up to which each page may say how many match."""
_PREDICATES: Final = {"date": ("gte", "lte"), "dateTime": ("gte", "lte")}
_STATES: Final = ("状态", "标志", "是否", "有效")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A table or view that cannot be served, or a column (`table.column`), and why, in Chinese and English."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """`document` is adapter.yaml as data; `comments` stand above the keys that their paths name."""

    name: str
    document: Mapping[str, Any]
    comments: Mapping[Path, Sequence[str]]
    left_out: tuple[LeftOut, ...]
    tables: Mapping[str, str]
    """Dataset → the table or view it serves."""

    def adapter(self) -> Adapter:
        return Adapter.model_validate(self.document)

    def yaml(self) -> str:
        return write(self.document, self.comments)


def propose(
    structures: Sequence[Structure],
    *,
    name: str,
    source: Mapping[str, Any],
    facts: Facts | None = None,
    zone: str = "Asia/Shanghai",
    today: date | None = None,
) -> Proposal:
    """`name` becomes the adapter's id; `source` is its `source:` section, `kind` included.

    The same structures give the same names and codes. Raises UsageError where nothing at all can
    be served.
    """
    ordered = sorted(structures, key=lambda one: (str(one.location.get("schema", "")), one.name))
    served = [one for one in ordered if not one.problem and one.key.columns and _served_columns(one)]
    left_out = tuple(LeftOut(one.name, one.problem or _UNSERVED) for one in ordered if one not in served)
    if not served:
        raise _nothing(left_out)
    left_out += tuple(LeftOut(f"{one.name}.{column.name}", _why(column)) for one in served for column in _skipped(one))
    draft = _Draft(facts or Facts(), today or date.today())  # noqa: DTZ011 - a day of the calendar here
    slugs = distinct((slug(_full_name(one), f"dataset-{n}") for n, one in enumerate(served, 1)), "-")
    datasets = {key: draft.dataset(key, one, n) for n, (key, one) in enumerate(zip(slugs, served, strict=True), 1)}
    draft.comments[("datasets",)] = _left_out_lines(left_out)
    document = draft.head(slug(name, "adapter"), {**source, "zone": zone}) | {"datasets": datasets}
    tables = {key: _full_name(one) for key, one in zip(slugs, served, strict=True)}
    return Proposal(document["adapter"]["id"], document, draft.comments, left_out, tables)


_UNSERVED: Final = "没有可提供的列 / it has no column that can be served"


def _nothing(left_out: Sequence[LeftOut]) -> UsageError:
    listed = "; ".join(f"{one.name} ({one.reason.split(' / ')[-1]})" for one in left_out[:5])
    zh = "；".join(f"{one.name}（{one.reason.split(' / ')[0]}）" for one in left_out[:5])
    if not left_out:
        return UsageError(
            Text("There is no table or view in the source.", "数据源中没有任何表或视图。"),
            Text("Check the database and schema in the address.", "请检查地址中的数据库名和模式名。"),
            code="source-empty",
        )
    return UsageError(
        Text(f"None of the tables and views can be served: {listed}.", f"没有可以提供的表或视图：{zh}。"),
        Text("Declare a primary key, or grant the right to read.", "请声明主键，或授予读取权限。"),
        code="source-unserved",
    )


def _served_columns(structure: Structure) -> list[Column]:
    return [column for column in structure.columns if column.kind != "unsupported"]


def _skipped(structure: Structure) -> list[Column]:
    return [column for column in structure.columns if column.kind == "unsupported"]


def _why(column: Column) -> str:
    native = column.native
    return native if " / " in native else f"类型 {native} 无法读取 / its type {native} cannot be read"


def _full_name(structure: Structure) -> str:
    schema = structure.location.get("schema")
    return f"{schema}.{structure.name}" if schema else structure.name


def _left_out_lines(left_out: Sequence[LeftOut]) -> list[str]:
    if not left_out:
        return []
    return ["未纳入的表和视图 / tables and views left out:", *(f"  {one.name}: {one.reason}" for one in left_out)]


class _Draft:
    def __init__(self, facts: Facts, today: date) -> None:
        self._facts = facts
        self._today = today.isoformat()
        self.comments: dict[Path, list[str]] = {(): list(_OPENING)}

    def head(self, name: str, source: Mapping[str, Any]) -> dict[str, Any]:
        facts = self._facts
        office: dict[str, Any] = {"name": facts.office_name, "phone": facts.office_phone}
        if facts.office_email:
            office["email"] = facts.office_email
        self.comments[("provider",)] = _PROVIDER_NOTE if facts.provider_code == Facts().provider_code else []
        return {
            "datong": "1",
            "adapter": {
                "id": name,
                "title": {
                    "zh": facts.title_zh or f"{name} 数据共享接口",
                    "en": facts.title_en or f"{name} data sharing",
                },
                "version": "1.0.0",
            },
            "provider": {"name": facts.provider_name, "code": facts.provider_code, "office": office},
            "source": dict(source),
            "trust": {"audience": f"urn:gds:adapter:{facts.provider_code}:{name}"},
        }

    def dataset(self, key: str, structure: Structure, number: int) -> dict[str, Any]:
        items = self._items(structure)
        made: dict[str, Any] = {
            "from": dict(structure.location),
            "catalog": self._catalog(structure, number, len(items)),
            "key": list(structure.key.columns),
        }
        region = next((name for name, one in items.items() if one.format == "regionCode"), None)
        if region:
            made["region"] = region
        if structure.rows is not None and structure.rows <= _COUNTED:
            made["count"] = True
        if verify := _verify(structure, items):
            made["verify"] = verify
        made["fields"] = {name: one.settings for name, one in items.items()}
        self._explain(("datasets", key), structure, items)
        return made

    def _items(self, structure: Structure) -> dict[str, Item]:
        columns = _served_columns(structure)
        places = {column.name: place for place, column in enumerate(structure.columns)}
        names = distinct(field_name(column.name, f"field{places[column.name] + 1}") for column in columns)
        keyed = set(structure.key.columns)
        return {
            name: item(
                column,
                [row[places[column.name]] for row in structure.samples],
                key=column.name in keyed,
                indexed=column.name in structure.indexed,
            )
            for name, column in zip(names, columns, strict=True)
        }

    def _catalog(self, structure: Structure, number: int, items: int) -> dict[str, Any]:
        facts = self._facts
        title = chinese_name(Column(structure.name, "string", comment=structure.comment))
        plain = title.removeprefix("字段")
        name = title if plain == title else f"{'视图' if structure.view else '数据表'}{plain}"
        made: dict[str, Any] = {
            "name": name,
            "catalogCode": f"{facts.classification}/{number:06d}",
            "summary": structure.comment
            or f"来自{'视图' if structure.view else '数据表'} {structure.name}，共 {items} 个数据项。",
            "format": "数据库",
            "updateCycle": facts.update_cycle,
            "sharingType": facts.sharing_type,
            "sharingMethods": ["serviceInterface"],
        }
        if facts.sharing_type == "conditional":
            made["useConditions"] = {"scope": facts.scope, "purposes": list(facts.purposes)}
        return made | {
            "classification": {"level": facts.level},
            "publishedAt": self._today,
            "updatedAt": self._today,
        }

    def _explain(self, path: Path, structure: Structure, items: Mapping[str, Item]) -> None:
        self.comments[path] = [_rows_line(structure)]
        self.comments[(*path, "key")] = [structure.key.evidence]
        for name, one in items.items():
            self.comments[(*path, "fields", name)] = list(one.reasons)
        skipped = _skipped(structure)
        self.comments[(*path, "fields")] = [
            f"未纳入的列 / column left out: {column.name} ({column.native})" for column in skipped
        ]


_OPENING: Final = (
    "yaml-language-server: $schema=adapter.schema.json",
    "由 datong new 生成：每处推断的依据写在其上方的注释里。",
    "Made by datong new: the evidence of each guess stands above it.",
)
_PROVIDER_NOTE: Final = [
    "开发用的提供单位：登记前请换成真实单位。",
    "A provider for development only: put the real one here before you register.",
]


def _rows_line(structure: Structure) -> str:
    if structure.rows is None:
        return "行数未知 / number of rows unknown"
    if structure.rows == 0:
        return "目前没有数据，类型取自声明 / no rows yet; types are those declared"
    return (
        f"{structure.rows} 行（实测）/ {structure.rows} rows, counted"
        if structure.exact
        else (f"约 {structure.rows} 行（估计）/ about {structure.rows} rows, estimated")
    )


def _verify(structure: Structure, items: Mapping[str, Item]) -> dict[str, Any] | None:
    """Claims about a person, where a row is a person: the identity number names one row."""
    subject = next((name for name, one in items.items() if one.format == "residentId"), None)
    if subject is None or not _one_row_each(structure, items[subject].column):
        return None
    named = [name for name, one in items.items() if one.format == "personName"][:1]
    states = [
        name
        for name, one in items.items()
        if one.settings["type"] in {"string", "boolean", "integer"}
        and any(word in one.settings["name"] for word in _STATES)
    ]
    predicates = [
        {"field": name, "operators": list(_PREDICATES[one.settings["type"]])}
        for name, one in items.items()
        if one.settings["type"] in _PREDICATES
    ] + [{"field": name, "operators": ["in"]} for name in states]
    made: dict[str, Any] = {"keys": [subject]}
    if fields := [*named, *states]:
        made["fields"] = fields
    if predicates:
        made["predicates"] = predicates
    return made


def _one_row_each(structure: Structure, column: str) -> bool:
    if structure.key.columns == (column,):
        return True
    place = next(place for place, one in enumerate(structure.columns) if one.name == column)
    values = [row[place] for row in structure.samples if row[place] is not None]
    return len(values) > 1 and len(set(values)) == len(values)
