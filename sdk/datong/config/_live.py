"""The stages `reachability` and `sample`: what the legacy system itself says of the declaration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from datong.config._findings import Findings
from datong.config._load import Loaded, open_source
from datong.config._shape import choices
from datong.config._yaml import Path
from datong.mapping import FAULTS, Plan, compile_dataset, faults
from datong.model import Call, Column, Dataset, DatongError, Field, Problem, Row, Selection, Severity, Structure, Text
from datong.sources import Source
from datong.standard import problem_type

SAMPLE_ROWS = 50
_SAMPLE_KEY: Final = b"datong check: record ids made here are thrown away"


def reach(loaded: Loaded, found: Findings) -> Source | None:
    """The opened source when it answered, else None and a finding that says why."""
    try:
        source = open_source(loaded)
    except DatongError as error:
        found.add(error.code, ("source",), error.title, error.hint)
        return None
    try:
        source.ping(Call.within(loaded.adapter.limits.deadline))
    except Problem as problem:
        source.close()
        failed(problem, ("source",), found)
        return None
    return source


def failed(problem: Problem, path: Path, found: Findings) -> None:
    cause, hint = getattr(problem, "cause", None), getattr(problem, "hint", None)
    title = cause or problem_type(problem.code).title
    hint = hint or Text(
        "Look at address, port, database name, account and network; the log of the legacy system may say more.",
        "请检查地址、端口、数据库名、账号和网络；旧系统的日志中可能有更多信息。",
    )
    found.add(problem.code, path, title, hint)


def sample(loaded: Loaded, source: Source, found: Findings) -> None:
    """Every dataset against what is really there, and its first rows through the mapping."""
    try:
        structures = source.describe(Call.within(max(60.0, loaded.adapter.limits.deadline)))
    except Problem as problem:
        failed(problem, ("source",), found)
        return
    known = _by_location(loaded, structures)
    for catalog_id, dataset in loaded.adapter.datasets.items():
        structure = known.get(loaded.locations[catalog_id])
        if structure is None:
            _no_structure(catalog_id, dataset, structures, found)
        elif structure.problem:
            message = Text(
                f"{structure.name} cannot be read: {structure.problem}",
                f"无法读取 {structure.name}：{structure.problem}",
            )
            found.add("structure-unreadable", ("datasets", catalog_id, "from"), message)
        elif _columns(catalog_id, dataset, structure, found):
            _rows(loaded, catalog_id, source, found)


def _by_location(loaded: Loaded, structures: Sequence[Structure]) -> Mapping[BaseModel, Structure]:
    known: dict[BaseModel, Structure] = {}
    for structure in structures:
        try:
            known[loaded.kind.location.model_validate(structure.location)] = structure
        except ValidationError:
            continue  # a structure that cannot be a dataset's `from` cannot be one that is looked for
    return known


def _no_structure(catalog_id: str, dataset: Dataset, structures: Sequence[Structure], found: Findings) -> None:
    asked = dataset.location
    parts = [str(part) for part in asked.values() if part] if isinstance(asked, dict) else [str(asked)]
    message = Text(f"The source has no {', '.join(parts)}.", f"数据源中没有 {'、'.join(parts)}。")
    hint = choices(parts[0], [structure.name for structure in structures])
    found.add("structure-unknown", ("datasets", catalog_id, "from"), message, hint)


def _columns(catalog_id: str, dataset: Dataset, structure: Structure, found: Findings) -> bool:
    at: Path = ("datasets", catalog_id)
    columns = {column.name: column for column in structure.columns}
    complete = True
    for name, field in dataset.fields.items():
        for column in field.columns:
            if column not in columns:
                complete = False
                _no_column(column, structure, (*at, "fields", name, "from"), found)
        if isinstance(field.source, str) and field.source in columns:
            _agrees(name, field, columns[field.source], (*at, "fields", name), found)
    for index, column in enumerate(dataset.key):
        if column not in columns:
            complete = False
            _no_column(column, structure, (*at, "key", index), found)
    if complete and structure.key.columns and set(structure.key.columns) - set(dataset.key):
        _other_key(structure, (*at, "key"), found)
    return complete


def _no_column(column: str, structure: Structure, path: Path, found: Findings) -> None:
    message = Text(f"{structure.name} has no column {column}.", f"{structure.name} 中没有列 {column}。")
    found.add("column-unknown", path, message, choices(column, [each.name for each in structure.columns]))


def _other_key(structure: Structure, path: Path, found: Findings) -> None:
    declared = ", ".join(structure.key.columns)
    if structure.key.basis == "declared":
        message = Text(f"The source's own key is {declared}.", f"数据源自身的主键为 {declared}。")
        hint = Text("Make sure that yours identifies a row.", "请确认所声明的主键能唯一标识一行。")
        found.add("key-differs", path, message, hint, severity="note")


def _agrees(name: str, field: Field, column: Column, at: Path, found: Findings) -> None:
    if column.kind == "unsupported":
        message = Text(
            f"{column.name} is {column.native}, which cannot be read.",
            f"{column.name} 的类型 {column.native} 无法读取。",
        )
        found.add("column-unsupported", (*at, "from"), message)
    elif column.wide and field.type == "integer" and not field.wide and not field.transforms:
        message = Text(
            f"{column.name} ({column.native}) can pass 2^53-1; `{name}` does not say so.",
            f"{column.name}（{column.native}）可能超过 2^53-1，`{name}` 未声明。",
        )
        found.add(
            "type-wide", at, message, Text("Add `wide: true`.", "请添加 `wide: true`。"), severity="warning", key=True
        )
    elif field.length and column.length and not field.transforms and column.length > field.length:
        message = Text(
            f"{column.name} holds {column.length} characters, `{name}` says {field.length}.",
            f"{column.name} 长度为 {column.length}，`{name}` 声明为 {field.length}。",
        )
        hint = Text(f"Write `length: {column.length}`.", f"请写 `length: {column.length}`。")
        found.add("length-differs", (*at, "length"), message, hint, severity="warning")


def _rows(loaded: Loaded, catalog_id: str, source: Source, found: Findings) -> None:
    dataset = loaded.adapter.datasets[catalog_id]
    at: Path = ("datasets", catalog_id)
    if any(fault.severity == "error" for fault in faults(dataset)):
        return  # told by an earlier stage; nothing can be mapped
    plan = compile_dataset(catalog_id, dataset, zone=loaded.adapter.source.zone, secret=_SAMPLE_KEY)
    view = plan.view(tuple(dataset.fields))
    selection = Selection(loaded.locations[catalog_id], view.columns, dataset.key, limit=SAMPLE_ROWS)
    try:
        call = Call.within(loaded.adapter.limits.deadline, rows=SAMPLE_ROWS)
        rows = [row for batch in source.fetch(selection, call) for row in batch]
    except Problem as problem:
        failed(problem, (*at, "from"), found)
        return
    if not rows:
        message = Text("There is no row yet; nothing could be tried.", "目前没有数据行，无法试转换。")
        found.add("rows-none", (*at, "from"), message, severity="note")
        return
    _keys(view.columns, dataset, rows, at, found)
    _faulty(plan, rows, at, found)


def _keys(columns: Sequence[str], dataset: Dataset, rows: Sequence[Row], at: Path, found: Findings) -> None:
    places = [columns.index(column) for column in dataset.key]
    keys = Counter[tuple[Any, ...]](tuple(_comparable(row[place]) for place in places) for row in rows)
    if any(None in key for key in keys):
        message = Text("A key column is null in the first rows.", "前若干行中主键列存在空值。")
        found.add("key-null", (*at, "key"), message, Text("Choose other columns.", "请另选主键列。"))
    twice = sum(count - 1 for count in keys.values())
    if twice:
        message = Text(
            f"{twice} of the first {len(rows)} rows repeat a key.", f"前 {len(rows)} 行中有 {twice} 行主键重复。"
        )
        hint = Text("Add the column that tells them apart.", "请加入能区分这些行的列。")
        found.add("key-repeats", (*at, "key"), message, hint)


def _comparable(value: Any) -> Any:
    if isinstance(value, list | dict):
        return repr(value)
    return bytes(value) if isinstance(value, bytearray | memoryview) else value


def _faulty(plan: Plan, rows: Sequence[Row], at: Path, found: Findings) -> None:
    mapped = plan.view(plan.chains).page(rows)
    for (name, code), count in sorted(Counter((fault.field, fault.code) for fault in mapped.faulty).items()):
        why = FAULTS[code]
        message = Text(
            f"{count} of {len(rows)} rows cannot be converted: {why.en} ({code}).",
            f"抽样 {len(rows)} 行中有 {count} 行无法转换：{why.zh}（{code}）。",
        )
        hint = Text(
            f"Look at them: `datong try DIR {at[1]} --faulty`. Change type or transforms, or leave it so: a faulty "
            "row is reported as such and never dropped.",
            f"可用 `datong try DIR {at[1]} --faulty` 查看。请调整类型或转换，也可不变：异常行会如实报告，不会丢弃。",
        )
        severity: Severity = "error" if count == len(rows) else "warning"
        found.add("rows-faulty", (*at, "fields", name), message, hint, severity=severity, key=True)
