from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from datong.cli._command import argument, command, option
from datong.cli._session import session

if TYPE_CHECKING:
    from datong.config import Loaded
    from datong.mapping import Plan, Step
    from datong.model import Field, Row, Selection
    from datong.sources import Source

ROWS = 3
SCANNED = 1000
HIDDEN = "******"
MOST_BYTES = 60
PERSONAL = frozenset({"residentId", "phone", "personName", "address", "email", "bankCard"})


@command(
    "try",
    says=("Show rows as they are and as they are served.", "对照查看原始数据行与对外提供的记录。"),
    more=(
        (
            "Each item with its legacy value, the value after each transform, and the JSON that a caller gets. "
            "Personal values are masked unless --reveal."
        ),
        "逐项显示旧系统中的值、每步转换后的值以及调用方得到的 JSON。个人信息默认脱敏，加 --reveal 显示原值。",
    ),
)
@argument("folder", metavar="DIR", says=("Folder of the adapter.", "适配器所在文件夹。"))
@argument("dataset", metavar="DATASET", says=("Catalog entry.", "目录条目。"))
@option(
    "--key",
    "keys",
    multiple=True,
    says=("Value of the key; repeated for a key of several columns.", "主键值；复合主键可重复给出。"),
)
@option("--rows", type=click.IntRange(1, 100), default=ROWS, says=("How many rows.", "显示行数。"))
@option(
    "--faulty",
    is_flag=True,
    says=("Only rows that cannot be converted, among the first 1000.", "仅显示前 1000 行中无法转换的行。"),
)
@option("--reveal", is_flag=True, says=("Show personal values unmasked.", "显示个人信息原值。"))
@option("--json", "as_json", is_flag=True, says=("Print as JSON.", "以 JSON 输出。"))
def COMMAND(folder: str, dataset: str, **asked: Any) -> int:  # noqa: N802 - the group finds it by this name
    from datong.config import load, open_source

    loaded = load(folder)
    plan = _plan(loaded, dataset)
    source = open_source(loaded)
    try:
        rows = _rows(loaded, dataset, plan, source, asked)
    finally:
        source.close()
    shown = [_Shown(plan, row, reveal=asked["reveal"]) for row in rows]
    if asked["faulty"]:
        shown = [each for each in shown if each.faults][: asked["rows"]]
    _print(shown, dataset, asked)
    return 0


def _plan(loaded: Loaded, dataset: str) -> Plan:
    from datong.config import choices, resolve
    from datong.guard import secret_material
    from datong.mapping import compile_dataset
    from datong.model import Text, UsageError

    adapter = loaded.adapter
    if dataset not in adapter.datasets:
        title = Text(f"There is no dataset `{dataset}`.", f"没有名为 `{dataset}` 的数据集。")
        raise UsageError(title, choices(dataset, list(adapter.datasets)), code="entry-unknown")
    secret = secret_material(adapter, loaded.folder, resolve)
    return compile_dataset(dataset, adapter.datasets[dataset], zone=adapter.source.zone, secret=secret)


def _rows(loaded: Loaded, dataset: str, plan: Plan, source: Source, asked: dict[str, Any]) -> list[Row]:
    from datong.model import Call, Selection

    declared = loaded.adapter.datasets[dataset]
    limit = SCANNED if asked["faulty"] else asked["rows"]
    selection = Selection(loaded.locations[dataset], plan.columns, declared.key, limit=limit)
    call = Call.within(loaded.adapter.limits.deadline)
    if not asked["keys"]:
        return [row for batch in source.fetch(selection, call) for row in batch]
    return [_one(plan, source, selection, asked["keys"], call)]


def _one(plan: Plan, source: Source, selection: Selection, given: Sequence[str], call: Any) -> Row:
    from datong.model import Text, UsageError

    names = ", ".join(selection.key)
    if len(given) != len(selection.key):
        raise UsageError(
            Text(f"The key has {len(selection.key)} columns: {names}.", f"主键共有 {len(selection.key)} 列：{names}。"),
            Text("Give --key once for each, in this order.", "请按此顺序逐一给出 --key。"),
        )
    row = source.get(selection, _typed(plan, selection.key, given), call)
    if row is None:
        raise UsageError(
            Text("There is no row with this key.", "没有该主键对应的数据行。"),
            Text("See the first ones: leave out --key.", "去掉 --key 可查看前几行。"),
            code="record-unknown",
        )
    return row


def _typed(plan: Plan, columns: Sequence[str], given: Sequence[str]) -> list[Any]:
    """The key in the types of the legacy system, where an item shows the column; else as it was typed."""
    from datong.mapping import ValueInvalid
    from datong.model import Condition, Text, UsageError

    fields = {field.columns[0]: name for name, field in plan.dataset.fields.items() if len(field.columns) == 1}
    out: list[Any] = []
    for column, text in zip(columns, given, strict=True):
        try:
            condition = plan.condition(fields[column], "eq", text) if column in fields else None
        except ValueInvalid as error:
            title = Text(
                f"--key does not fit {column}: {error.reason} is wanted.",
                f"--key 与 {column} 不符：应为 {error.reason}。",
            )
            raise UsageError(title) from None
        out.append(condition.value if isinstance(condition, Condition) and condition.operator == "eq" else text)
    return out


class _Shown:
    """One row, with what may be shown of it."""

    def __init__(self, plan: Plan, row: Row, *, reveal: bool) -> None:
        self.fields = plan.dataset.fields
        self._reveal = reveal
        self._mask = plan.mask
        self.steps: dict[str, list[Step]] = {name: [] for name in self.fields}
        for step in plan.trace(row):
            self.steps[step.field].append(step)
        self.faults = {step.field: step.fault for steps in self.steps.values() for step in steps if step.fault}
        masked = frozenset() if reveal else frozenset(name for name in self.fields if self.personal(name))
        self.record = self._served(plan, row, masked)

    def _served(self, plan: Plan, row: Row, masked: frozenset[str]) -> dict[str, Any] | None:
        if self.faults:
            return None
        record = plan.view(self.fields, frozenset(name for name in masked if self.fields[name].mask)).record(row)
        bare = {name for name in masked if not self.fields[name].mask}
        return {name: self._hidden(name, value) if name in bare else value for name, value in record.items()}

    def _hidden(self, name: str, value: Any) -> Any:
        """The value by the item's own mask, and not at all where it has none; null is told."""
        if value is None:
            return None
        return self._mask(name, str(value)) if self.fields[name].mask else HIDDEN

    def personal(self, name: str) -> bool:
        field: Field = self.fields[name]
        return bool(field.mask or field.sensitive or field.format in PERSONAL)

    def cells(self, name: str) -> tuple[str, str, str]:
        """Legacy value, what each transform made of it, and what is served, or the fault."""
        first, *rest = self.steps[name]
        legacy = self._text(name, first.value)
        made = " → ".join(
            f"{step.name} {self._text(name, step.value)}"
            for step in rest
            if step.name not in {"wire", "mask"} and step.fault is None
        )
        if name in self.faults:
            return legacy, made, "✗ " + _fault(str(self.faults[name]))
        wire = next(step.value for step in rest if step.name == "wire")
        value = self.record[name] if self.record is not None else self._hide(name, wire)
        return legacy, made, json.dumps(value, ensure_ascii=False)

    def _hide(self, name: str, value: Any) -> Any:
        return self._hidden(name, value) if self.personal(name) and not self._reveal else value

    def _text(self, name: str, value: Any) -> str:
        if isinstance(value, tuple):
            return " + ".join(self._text(name, each) for each in value)
        if isinstance(value, bytes | bytearray | memoryview):
            value = "0x" + bytes(value).hex()[:MOST_BYTES]
        shown = self._hide(name, value)
        return repr(shown) if isinstance(shown, str) else "null" if shown is None else str(shown)

    def document(self) -> dict[str, Any]:
        items = [
            dict(zip(("item", "legacy", "steps", "served"), (name, *self.cells(name)), strict=True))
            for name in self.fields
        ]
        return {"items": items, "record": self.record, "faults": self.faults}


def _fault(code: str) -> str:
    from datong.mapping import FAULTS

    return f"{code}: {FAULTS[code].to(session().language)}"


def _print(shown: list[_Shown], dataset: str, asked: dict[str, Any]) -> None:
    from datong.cli._output import echo_json, line

    if asked["as_json"]:
        echo_json({"dataset": dataset, "rows": [each.document() for each in shown]})
        return
    if not shown:
        none = (
            ("No row cannot be converted.", "没有无法转换的行。")
            if asked["faulty"]
            else ("There is no row.", "没有数据行。")
        )
        line(session().pick(none))
    for number, each in enumerate(shown, 1):
        _table(number, each)
    if any(each.faults for each in shown):
        line(
            session().say(
                "Rows marked ✗ are served as faulty, with their reason and no value.",
                "标有 ✗ 的行将作为异常行报告，附原因，不含数据值。",
            ),
            "yellow",
        )


def _table(number: int, row: _Shown) -> None:
    from rich.table import Table
    from rich.text import Text as Styled

    from datong.cli._output import console, raw

    say = session().say
    table = Table(
        box=None,
        pad_edge=False,
        header_style="dim",
        title=say(f"Row {number}", f"第 {number} 行"),
        title_justify="left",
    )
    for title in _titles(say):
        table.add_column(title, overflow="fold")
    for name in row.fields:
        legacy, made, served = row.cells(name)
        table.add_row(name, Styled(legacy), Styled(made), Styled(served, "red" if name in row.faults else "green"))
    console().print(table)
    if row.record is not None:
        raw(json.dumps(row.record, ensure_ascii=False))
    raw("")


def _titles(say: Any) -> Iterable[str]:
    return (say("item", "数据项"), say("legacy", "原值"), say("transforms", "转换"), say("served", "输出"))
