"""What is wrong with a dataset's transforms, found without the legacy system."""

from collections.abc import Iterator
from dataclasses import dataclass

from datong.mapping._conditions import sortable
from datong.mapping._formats import CHECKS
from datong.mapping._masks import find
from datong.mapping._registry import Unreadable, read
from datong.mapping._stage import Chain
from datong.mapping._transform import Place, Transform
from datong.mapping._wholes import Python
from datong.mapping._zone import zone
from datong.model import Dataset, Field, Severity, Text, WireType

Path = tuple[str | int, ...]

_NUMERIC: frozenset[WireType] = frozenset({"integer", "decimal", "number", "string"})
_BECOMES: dict[WireType, frozenset[WireType]] = {
    "string": frozenset({"string", "integer", "decimal", "number", "boolean", "date", "dateTime", "time", "json"}),
    "integer": _NUMERIC | {"boolean"},
    "decimal": _NUMERIC,
    "number": _NUMERIC,
    "boolean": frozenset({"boolean", "string", "integer"}),
    "date": frozenset({"date", "dateTime", "string"}),
    "dateTime": frozenset({"dateTime", "date", "string"}),
    "time": frozenset({"time", "string"}),
}


@dataclass(frozen=True, slots=True)
class MappingFault:
    """One finding; `path` starts inside the dataset, at `fields`."""

    path: Path
    code: str
    severity: Severity
    message: Text
    hint: Text | None = None


def faults(dataset: Dataset) -> list[MappingFault]:
    """Every static problem of the dataset's transforms, masks and filters; errors forbid compiling."""
    return [fault for name, field in dataset.fields.items() for fault in _field(name, field)]


def _field(name: str, field: Field) -> Iterator[MappingFault]:
    at: Path = ("fields", name)
    transforms: list[Transform] = []
    broken = False
    for index, entry in enumerate(field.transforms):
        found = read(entry)
        if isinstance(found, Transform):
            transforms.append(found)
            continue
        broken = True
        yield from (_unreadable(problem, (*at, "transforms", index)) for problem in found)
    yield from _mask(field, at)
    if broken:
        return
    shape = list(_shape(field, transforms, at))
    yield from shape
    if not shape:
        yield from _compiled(name, field, transforms, at)


def _unreadable(problem: Unreadable, at: Path) -> MappingFault:
    return MappingFault((*at, *problem.path), problem.code, "error", problem.message, problem.hint)


def _mask(field: Field, at: Path) -> Iterator[MappingFault]:
    mask = field.mask
    if mask is None or find(mask) is not None or (mask == "year" and field.type == "date"):
        return
    message = Text(
        f"There is no mask `{mask}` for the type {field.type}.", f"类型 {field.type} 没有名为 `{mask}` 的脱敏方式。"
    )
    hint = Text(
        "There are: address, bankCard, email, full, keep(first, last), personName, phone, residentId; year for dates.",
        "可选：address、bankCard、email、full、keep(前几位, 后几位)、personName、phone、residentId；日期可用 year。",
    )
    yield MappingFault((*at, "mask"), "mask-unknown", "error", message, hint)


def _shape(field: Field, transforms: list[Transform], at: Path) -> Iterator[MappingFault]:
    """Whether the columns and the first transform fit together."""
    names = [transform.name for transform in transforms]
    for index, name in enumerate(names):
        if index and name in {"join", "python", "value"}:
            message = Text(f"`{name}` must come first.", f"`{name}` 必须放在最前面。")
            yield MappingFault((*at, "transforms", index), "transform-order", "error", message)
    first = names[0] if names else None
    if not field.columns and first != "value":
        message = Text("The field has neither `from` nor a constant.", "该数据项既没有 `from`，也没有常量。")
        hint = Text("Write `from: COLUMN`, or a transform `value: …`.", "请写 `from: 列名`，或者写转换 `value: …`。")
        yield MappingFault(at, "field-empty", "error", message, hint)
    if field.columns and first == "value":
        message = Text("A constant takes no column.", "常量不取自任何列。")
        hint = Text("Leave out `from`.", "请去掉 `from`。")
        yield MappingFault((*at, "from"), "field-constant", "error", message, hint)
    if len(field.columns) > 1 and first not in {"join", "python"}:
        message = Text(
            "Several columns need `join` or `python` first.", "取自多列时，第一个转换须为 `join` 或 `python`。"
        )
        hint = Text("Write `join: {separator: …}`, or name one column.", "请写 `join: {separator: …}`，或者只取一列。")
        yield MappingFault((*at, "from"), "field-columns", "error", message, hint)


def _compiled(name: str, field: Field, transforms: list[Transform], at: Path) -> Iterator[MappingFault]:
    place = Place("check", name, field, zone("UTC"), bytes(32))
    stages = []
    for index, transform in enumerate(transforms):
        here: Path = (*at, "transforms", index)
        if isinstance(transform, Python) and (problem := _python(transform, here)) is not None:
            yield problem
            return
        if transform.name == "strict" and not _checkable(transform, field):
            message = Text("`strict` has no check for this field.", "`strict` 没有适用于该数据项的校验。")
            hint = Text(f"Formats with a check: {', '.join(CHECKS)}.", f"可校验的格式：{'、'.join(CHECKS)}。")
            yield MappingFault(here, "transform-option", "error", message, hint)
        stages.append(transform.stage(place))
    chain = Chain(name, field, stages, place.zone)
    yield from _type(chain, at)
    yield from _uses(chain, at)


def _checkable(transform: Transform, field: Field) -> bool:
    return (getattr(transform, "format", None) or field.format) in CHECKS


def _python(transform: Python, here: Path) -> MappingFault | None:
    try:
        transform.load()
    except Exception as error:  # noqa: BLE001 - importing the adapter's own module may raise anything
        kind = type(error).__name__
        message = Text(f"`{transform.call}` cannot be loaded ({kind}).", f"无法加载 `{transform.call}`（{kind}）。")
        hint = Text(
            "Put the module into the adapter's folder and name it `module:function`.",
            "请将该模块放入适配器目录，并写成 `模块:函数`。",
        )
        return MappingFault((*here, "python"), "transform-python", "error", message, hint)
    return None


def _type(chain: Chain, at: Path) -> Iterator[MappingFault]:
    kind, wanted = chain.kind(), chain.field.type
    if kind is None or wanted in _BECOMES.get(kind, frozenset()):
        return
    message = Text(
        f"The transforms make {kind}, which does not become {wanted}.",
        f"转换的结果是 {kind}，不能作为 {wanted} 输出。",
    )
    hint = Text(f"Write `type: {kind}`, or change the last transform.", f"请写 `type: {kind}`，或者修改最后一个转换。")
    yield MappingFault((*at, "type"), "type-mismatch", "error", message, hint)


def _uses(chain: Chain, at: Path) -> Iterator[MappingFault]:
    field = chain.field
    for option, wanted in (("filterable", field.filterable), ("range", field.range), ("sortable", field.sortable)):
        if wanted and field.type == "json":
            message = Text("JSON items cannot be compared.", "JSON 类型的数据项无法比较。")
            yield MappingFault((*at, option), "field-incomparable", "error", message)
    column = chain.columns[0] if chain.columns else "-"
    if field.filterable and (chain.many or any(stage.preimage is None for stage in chain.stages)):
        message = Text(
            "A filter on this item cannot be handed to the source: rows are read and tested one by one.",
            "对该数据项的筛选无法交由数据源执行，将逐行读取并判断。",
        )
        hint = Text(
            "It ends at the row budget (`limits.rows`); combine it with another filter, or leave it out.",
            "读取行数以 `limits.rows` 为限；请与其他筛选条件合用，或者不开放筛选。",
        )
        yield MappingFault((*at, "filterable"), "filter-residual", "note", message, hint)
    if field.sortable and field.type != "json" and sortable(chain) is None:
        message = Text(
            f"The transforms do not keep the order of {column}; the item cannot be sorted by.",
            f"转换后的顺序与列 {column} 的顺序不同，无法按该数据项排序。",
        )
        hint = Text("Leave out `sortable`.", "请去掉 `sortable`。")
        yield MappingFault((*at, "sortable"), "sort-lost", "warning", message, hint)
