"""Turns pydantic's errors into findings a person can act on: all of them, each at its place."""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from datong.config._yaml import Path, Positions, dotted
from datong.model import Finding, Text

STAGE = "mapping"
_SECRET = re.compile(r"(?i)(pass|pwd|secret|token|url|dsn|credential|jwks)")
_SHOWN = 40


def members(model: type[BaseModel]) -> tuple[str, ...]:
    """The names that may stand in the file for this model."""
    return tuple(info.alias or name for name, info in model.model_fields.items())


def nearest(name: object, names: Iterable[str]) -> str | None:
    """The valid name that a misspelt one was meant to be, if one is near."""
    known = {each.casefold(): each for each in names}
    near = get_close_matches(str(name).casefold(), known, n=1, cutoff=0.6)
    return known[near[0]] if near else None


def choices(name: object, names: Sequence[str]) -> Text:
    """`Did you mean …?` where one is near, the whole choice where not."""
    near = nearest(name, names)
    if near:
        return Text(f"Did you mean `{near}`?", f"是否想写 `{near}`？")
    if not names:
        return Text("There is none to choose from.", "没有可选项。")
    return Text(f"One of: {', '.join(names)}.", f"可选：{'、'.join(names)}。")


def found(value: object, path: Path) -> str:
    """What stands in the file, short, and never where it could be a secret."""
    if isinstance(value, Mapping):
        return "{…}"
    if isinstance(value, list | tuple):
        return "[…]"
    if value is None:
        return "null"
    if secret(path) or "://" in str(value):
        return "***"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def secret(path: Path) -> bool:
    """Whether what stands here could be a secret, by its name or that of what it is in."""
    return any(_SECRET.search(str(part)) for part in path)


def models_at(root: type[BaseModel], path: Path) -> tuple[type[BaseModel], ...]:
    """The models that may stand at this path of a file whose whole is `root`."""
    annotations: list[Any] = [root]
    for part in path:
        annotations = [inner for outer in annotations for inner in _inside(outer, part)]
    return tuple(model for model in map(_plain, _spread(annotations)) if _is_model(model))


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _plain(kind: Any) -> Any:
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    return kind


def _spread(kinds: Iterable[Any]) -> list[Any]:
    out: list[Any] = []
    for each in kinds:
        kind = _plain(each)
        if get_origin(kind) in {Union, types.UnionType}:
            out += _spread(get_args(kind))
        else:
            out.append(kind)
    return out


def _inside(kind: Any, part: str | int) -> list[Any]:
    inner: list[Any] = []
    for each in _spread([kind]):
        if _is_model(each):
            inner += [info.annotation for name, info in each.model_fields.items() if part in {info.alias, name}]
        elif get_origin(each) in {tuple, list}:
            inner += [arg for arg in get_args(each) if arg is not Ellipsis]
        elif get_origin(each) is dict:
            inner.append(get_args(each)[1])
    return inner


def shape_findings(
    root: type[BaseModel], error: ValidationError, data: Any, positions: Positions, *, at: Path = ()
) -> list[Finding]:
    """One finding for each place; the branches of a union that failed there are told as one.

    `at` is where in the file the whole of `root` stands.
    """
    grouped: dict[Path, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False, include_context=True):
        grouped.setdefault(_walk(detail, data), []).append(detail)
    told = {path: details for path, details in grouped.items() if not _told_inside(path, details, grouped)}
    return [_tell(root, path, _relevant(details), data, positions, at) for path, details in told.items()]


def _told_inside(path: Path, details: list[ErrorDetails], grouped: Mapping[Path, object]) -> bool:
    """`must be text`, or an item too few, says nothing where what is wrong is told further inside."""
    if not all(each["type"].endswith("_type") or each["type"] == "too_short" for each in details):
        return False
    return any(len(other) > len(path) and other[: len(path)] == path for other in grouped)


def _walk(detail: ErrorDetails, data: Any) -> Path:
    """pydantic's location without the names of union branches, which are not in the file."""
    path: list[str | int] = []
    here = data
    loc = detail["loc"]
    for index, part in enumerate(loc):
        last = index == len(loc) - 1
        if part == "[key]":
            continue
        inside = (isinstance(here, dict) and part in here) or (
            isinstance(here, list) and isinstance(part, int) and part < len(here)
        )
        if inside:
            here = here[part]
            path.append(part)
        elif last and detail["type"] == "missing":
            path.append(part)
    return tuple(path)


def _relevant(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Where one branch says what is wrong inside, the others' `must be text` tells nothing more."""
    inner = [each for each in details if not each["type"].endswith("_type") or each["type"] == "missing"]
    return inner or details


def _tell(
    root: type[BaseModel], path: Path, details: list[ErrorDetails], data: Any, positions: Positions, at: Path
) -> Finding:
    detail = details[0]
    kind = detail["type"]
    where = (*at, *path)
    if kind == "missing":
        message, hint = _missing(where), _missing_hint(root, path)
        line, column = positions.key(where[:-1])
    elif kind == "extra_forbidden":
        message, hint = _unknown(path), choices(path[-1], _names_at(root, path[:-1]))
        line, column = positions.key(where)
    elif detail["loc"][-1:] == ("[key]",):
        message, hint = _wrong_name(path[-1], _want(detail)), None
        line, column = positions.key(where)
    else:
        message, hint = _wrong(details, _at(data, path), where, positions)
        line, column = positions.value(where)
    return Finding(_CODES.get(kind, "value-wrong"), "error", message, dotted(where), line, column, hint, STAGE)


_CODES = {"missing": "key-missing", "extra_forbidden": "key-unknown"}


def _names_at(root: type[BaseModel], path: Path) -> list[str]:
    return [name for model in models_at(root, path) for name in members(model)]


def _at(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part]
    return data


def _missing(path: Path) -> Text:
    inside = dotted(path[:-1])
    name = path[-1]
    if not inside:
        return Text(f"`{name}` is missing.", f"缺少 `{name}`。")
    return Text(f"`{name}` is missing in `{inside}`.", f"`{inside}` 中缺少 `{name}`。")


def _missing_hint(root: type[BaseModel], path: Path) -> Text | None:
    for model in models_at(root, path[:-1]):
        for name, info in model.model_fields.items():
            if path[-1] in {name, info.alias} and info.description:
                sentence = " ".join(info.description.split())
                return Text(sentence, f"参见 docs/reference/adapter-yaml.md 中的 `{path[-1]}`。")
    return None


def _unknown(path: Path) -> Text:
    return Text(f"`{path[-1]}` is no option here.", f"此处没有 `{path[-1]}` 这一选项。")


def _wrong_name(name: object, want: Text) -> Text:
    return Text(f"The name `{name}` must be {want.en}.", f"名称 `{name}` 应为{want.zh}。")


def _wrong(details: list[ErrorDetails], value: Any, path: Path, positions: Positions) -> tuple[Text, Text | None]:
    name = path[-1] if path else "adapter.yaml"
    for detail in details:
        if detail["type"] == "value_error":
            said = _said(detail)
            return Text(f"`{name}` {said.en}.", f"`{name}` {said.zh}。"), None
    wants = list(dict.fromkeys(_want(each) for each in details))
    en = " or ".join(each.en for each in wants)
    zh = "或".join(each.zh for each in wants)
    shown = found(value, path) if secret(path) else positions.raw.get(path, found(value, path))
    message = Text(f"`{name}` must be {en}; found: {shown}.", f"`{name}` 应为{zh}；现为：{shown}。")
    return message, _remedy(details, value, path, positions)


def _said(detail: ErrorDetails) -> Text:
    """What a validator says of the value: a Text that goes on after the option's name, or plain English."""
    error = detail.get("ctx", {}).get("error")
    said = error.args[0] if isinstance(error, Exception) and error.args else "is not accepted"
    return said if isinstance(said, Text) else Text(f"is wrong: {said}", f"无效：{said}")


def _remedy(details: list[ErrorDetails], value: Any, path: Path, positions: Positions) -> Text | None:
    for detail in details:
        expected = _expected(detail)
        if path in positions.raw and (not expected or positions.raw[path] in expected):
            quoted = '"…"' if secret(path) else f'"{positions.raw[path]}"'
            if detail["type"] in {"string_type", "literal_error"}:
                return Text(f"Put it in quotes: {quoted}.", f"请加引号：{quoted}。")
        if expected:
            return choices(value, expected)
    return None


def _expected(detail: ErrorDetails) -> list[str]:
    if detail["type"] not in {"literal_error", "enum"}:
        return []
    return re.findall(r"'([^']*)'", str(detail.get("ctx", {}).get("expected", "")))


def _want(detail: ErrorDetails) -> Text:
    kind = detail["type"]
    ctx: dict[str, Any] = detail.get("ctx", {})
    for ends, text in _WANTS.items():
        if kind == ends or (ends.endswith("*") and kind.startswith(ends[:-1])):
            return text(ctx)
    return Text("something else (" + detail["msg"] + ")", "其他值（" + detail["msg"] + "）")


def _fixed(en: str, zh: str) -> Callable[[dict[str, Any]], Text]:
    return lambda ctx: Text(en, zh).fill(**ctx)


def _one_of(ctx: dict[str, Any]) -> Text:
    names = re.findall(r"'([^']*)'", str(ctx.get("expected", "")))
    if len(names) == 1:
        return Text(f'"{names[0]}"', f' "{names[0]}"')
    return Text("one of " + ", ".join(names), "以下之一：" + "、".join(names))


def _pattern(ctx: dict[str, Any]) -> Text:
    return _SPELLINGS.get(ctx["pattern"], Text(f"text like {ctx['pattern']}", f"符合 {ctx['pattern']} 的文本"))


_SPELLINGS = {
    r"^[a-z0-9][a-z0-9-]{0,62}$": Text(
        "lower-case letters, digits and hyphens, at most 63", "小写字母、数字和连字符，最多 63 个字符"
    ),
    r"^[a-z][a-zA-Z0-9]{0,62}$": Text(
        "a lowerCamelCase name of letters and digits, at most 63", "小驼峰命名的字母和数字，最多 63 个字符"
    ),
    r"^[0-9A-HJ-NPQRTUWXY]{18}$": Text(
        "a unified social credit code of 18 characters (without I, O, S, V, Z)",
        "18 位统一社会信用代码（不含 I、O、S、V、Z）",
    ),
}

_WANTS: dict[str, Callable[[dict[str, Any]], Text]] = {
    "string_type": _fixed("text", "文本"),
    "string_pattern_mismatch": _pattern,
    "string_too_short": _fixed("text that is not blank", "非空文本"),
    "too_short": _fixed("a list of at least {min_length}", "至少含 {min_length} 项的列表"),
    "too_long": _fixed("a list of at most {max_length}", "最多含 {max_length} 项的列表"),
    "int*": _fixed("a whole number", "整数"),
    "float*": _fixed("a number", "数字"),
    "bool*": _fixed("true or false", " true 或 false"),
    "literal_error": _one_of,
    "enum": _one_of,
    "tuple_type": _fixed("a list", "列表"),
    "list_type": _fixed("a list", "列表"),
    "dict_type": _fixed("a mapping (key: value)", "映射（键：值）"),
    "model_type": _fixed("a mapping (key: value)", "映射（键：值）"),
    "model_attributes_type": _fixed("a mapping (key: value)", "映射（键：值）"),
    "none_required": _fixed("null", " null"),
    "greater_than": _fixed("more than {gt}", "大于 {gt} 的数"),
    "greater_than_equal": _fixed("at least {ge}", "不小于 {ge} 的数"),
    "less_than": _fixed("less than {lt}", "小于 {lt} 的数"),
    "less_than_equal": _fixed("at most {le}", "不大于 {le} 的数"),
}
