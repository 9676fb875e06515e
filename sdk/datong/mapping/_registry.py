"""The closed set of transforms: by name, read from a field, published as a JSON Schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from datong.mapping._moments import Date, DateTime, Time, Zone
from datong.mapping._texts import (
    Charset,
    Collapse,
    Default,
    Halfwidth,
    Lower,
    Nulls,
    Pad,
    Split,
    Substring,
    Trim,
    Upper,
)
from datong.mapping._transform import OptionError, Transform
from datong.mapping._values import Boolean, Codes, DecimalNumber, Digest, Integer, Masked, Number, Strict, Value
from datong.mapping._wholes import Join, Python
from datong.model import Text

TRANSFORMS: Mapping[str, type[Transform]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Boolean,
            Charset,
            Codes,
            Collapse,
            Date,
            DateTime,
            DecimalNumber,
            Default,
            Digest,
            Halfwidth,
            Integer,
            Join,
            Lower,
            Masked,
            Nulls,
            Number,
            Pad,
            Python,
            Split,
            Strict,
            Substring,
            Time,
            Trim,
            Upper,
            Value,
            Zone,
        )
    }
)
"""Name in adapter.yaml → its model; closed."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An entry of `transforms` that is none: the place inside it, and what is wrong with it."""

    path: tuple[str | int, ...]
    code: str
    message: Text
    hint: Text | None = None


def read(entry: str | Mapping[str, Any]) -> Transform | list[Unreadable]:
    """One entry of `transforms`: a name, or a mapping of one name to its options."""
    if isinstance(entry, str):
        name, options, bare = entry, None, True
    elif len(entry) == 1:
        ((name, options),) = entry.items()
        bare = options is None
    else:
        return [_many(entry)]
    kind = TRANSFORMS.get(name)
    if kind is None:
        return [_unknown(str(name))]
    if bare and not kind.bare:
        return [_needs_options(kind)]
    try:
        return kind.model_validate(options)
    except ValidationError as error:
        return [_option(kind, detail) for detail in error.errors(include_url=False, include_input=False)]


def _many(entry: Mapping[str, Any]) -> Unreadable:
    names = ", ".join(str(name) for name in entry)
    return Unreadable(
        (),
        "transform-shape",
        Text(
            f"One entry is one transform; this one names {names or 'none'}.",
            f"每一项只能写一个转换，此处写了：{names or '无'}。",
        ),
        Text("Write each on a line of its own, in order.", "请按顺序每行写一个转换。"),
    )


def _unknown(name: str) -> Unreadable:
    near = get_close_matches(name, TRANSFORMS, n=1, cutoff=0.4)
    known = ", ".join(sorted(TRANSFORMS))
    hint = Text(f"Did you mean `{near[0]}`?", f"是否想写 `{near[0]}`？") if near else None
    return Unreadable(
        (),
        "transform-unknown",
        Text(f"There is no transform `{name}`.", f"没有名为 `{name}` 的转换。"),
        hint or Text(f"There are: {known}.", f"可用的转换有：{known}。"),
    )


def _needs_options(kind: type[Transform]) -> Unreadable:
    required = [info.alias or name for name, info in kind.model_fields.items() if info.is_required()]
    missing = ", ".join(required) or ", ".join(info.alias or name for name, info in kind.model_fields.items())
    return Unreadable(
        (),
        "transform-option",
        Text(f"`{kind.name}` needs {missing}.", f"转换 `{kind.name}` 需要选项：{missing}。"),
        Text(f"Write `{kind.name}: {{{missing}: …}}`.", f"请写 `{kind.name}: {{{missing}: …}}`。"),
    )


def _option(kind: type[Transform], detail: Any) -> Unreadable:
    place = tuple(part for part in detail["loc"] if part not in {"function-after", "function-before"})
    if detail["type"] == "extra_forbidden":
        options = sorted(info.alias or name for name, info in kind.model_fields.items())
        near = get_close_matches(str(place[-1]), options, n=1, cutoff=0.4)
        shown = f"`{near[0]}`" if near else ", ".join(options) or "-"
        return Unreadable(
            (kind.name, *place),
            "transform-option",
            Text(f"`{kind.name}` has no option `{place[-1]}`.", f"转换 `{kind.name}` 没有选项 `{place[-1]}`。"),
            Text(f"Did you mean {shown}?", f"是否想写 {shown}？")
            if near
            else Text(f"It has: {shown}.", f"可用选项：{shown}。"),
        )
    where = ".".join(str(part) for part in place)
    subject = f"{kind.name}.{where}" if where else kind.name
    reason = _reason(detail)
    return Unreadable(
        (kind.name, *place),
        "transform-option",
        Text(f"`{subject}`: {reason.en}.", f"`{subject}`：{reason.zh}。"),
    )


def _reason(detail: Any) -> Text:
    context = detail.get("ctx", {})
    error = context.get("error")
    if isinstance(error, OptionError):
        return error.text
    known = _REASONS.get(detail["type"])
    return known.fill(**context) if known else Text(str(detail["msg"]).lower(), "类型或取值不正确")


_REASONS = {
    "missing": Text("must be given", "必须填写"),
    "literal_error": Text("must be {expected}", "只能取 {expected}"),
    "greater_than_equal": Text("must be at least {ge}", "不能小于 {ge}"),
    "less_than_equal": Text("must be at most {le}", "不能大于 {le}"),
    "too_short": Text("must not be empty", "不能为空"),
    "string_too_short": Text("must not be empty", "不能为空"),
    "string_too_long": Text("must have at most {max_length} characters", "最多 {max_length} 个字符"),
    "string_type": Text("must be a text (put it in quotes)", "必须是文本（请加引号）"),
    "int_type": Text("must be a whole number", "必须是整数"),
    "int_parsing": Text("must be a whole number", "必须是整数"),
    "bool_type": Text("must be true or false", "只能是 true 或 false"),
    "bool_parsing": Text("must be true or false", "只能是 true 或 false"),
    "string_pattern_mismatch": Text("does not have the form {pattern}", "不符合格式 {pattern}"),
    "model_type": Text("must be options, as `name: value`", "必须是选项，写作 `名称: 值`"),
    "dict_type": Text("must be a list of `code: value`", "必须是 `代码: 值` 的列表"),
}


def transforms_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a field's `transforms`, self-contained, for editors of adapter.yaml."""
    bare = sorted(name for name, kind in TRANSFORMS.items() if kind.bare)
    return {
        "type": "array",
        "items": {
            "anyOf": [
                {"type": "string", "enum": bare},
                *(_entry_schema(name, kind) for name, kind in sorted(TRANSFORMS.items())),
            ]
        },
    }


def _entry_schema(name: str, kind: type[Transform]) -> dict[str, Any]:
    options = kind.model_json_schema(by_alias=True)
    text = options.pop("description", None)
    options.pop("title", None)
    properties = options.get("properties", {})
    for each in properties.values():
        each.pop("title", None)
    choices = [options]
    if kind.main is not None:
        main = {key: item for key, item in properties[kind.main].items() if key not in {"default", "description"}}
        choices.append(main)
    if name == "codes":
        choices.append({"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}})
    if kind.bare:
        choices.append({"type": "null"})
    value: dict[str, Any] = choices[0] if len(choices) == 1 else {"anyOf": choices}
    if text:
        value = {"description": text, **value}
    return {"type": "object", "properties": {name: value}, "required": [name], "additionalProperties": False}
