"""One legacy column as one data item: name, type, transforms, protection, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from datong.model import Column
from datong.scaffold._glossary import chinese_for
from datong.scaffold._names import has_chinese
from datong.scaffold._recognise import (
    PERSONAL,
    Dates,
    Meaning,
    as_servers_write,
    dates,
    is_credential,
    meaning,
    zero_dates,
)

Settings = dict[str, Any]

_CLAUSE = re.compile(r"[\s,，;；:：(（\[【。、|/]")
_NAME_LENGTH: Final = 50
_ORDERED: Final = frozenset({"integer", "decimal", "number", "date", "dateTime", "time"})
_OPAQUE: Final = frozenset({"binary", "json"})
_ISO: Final = frozenset(
    {
        "%Y-%m-%d",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%d %H:%M:%S.%f",
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%dT%H:%M:%S.%f",
        "%Y-%m-%d %H:%M",
    }
)
"""Forms that are read without any transform."""


@dataclass(frozen=True, slots=True)
class Item:
    """A proposed data item; `reasons` become comments above it and hold no value of any row."""

    column: str
    settings: Settings
    reasons: tuple[str, ...] = ()

    @property
    def format(self) -> str | None:
        found: str | None = self.settings.get("format")
        return found


@dataclass(slots=True)
class _Draft:
    column: Column
    chinese: str
    values: list[Any]
    kind: str
    transforms: list[Any] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def chinese_name(column: Column) -> str:
    """From the comment, from the name itself where it is Chinese, from the glossary, else the name as it is."""
    if has_chinese(column.comment):
        return _short(column.comment)
    if has_chinese(column.name):
        return _short(column.name, whole=True)
    return chinese_for(column.name) or f"字段{_short(column.name, whole=True)}"


def _short(text: str, *, whole: bool = False) -> str:
    """The first clause, with nothing unprintable in it."""
    plain = "".join(char if char.isprintable() else " " for char in text).strip()
    first = plain if whole else (_CLAUSE.split(plain, maxsplit=1)[0] or plain)
    return first[:_NAME_LENGTH].strip()


def item(column: Column, values: Sequence[Any], *, key: bool, indexed: bool) -> Item:
    """`values` are the column's samples, NULL included."""
    draft = _Draft(column, chinese_name(column), [value for value in values if value is not None], column.kind)
    if is_credential(draft.chinese):
        return _withheld(draft)
    meant = _meaning(draft)
    if meant is None or meant.format is None:
        _date(draft)
    _repairs(draft)
    settings = _typed(draft)
    _found(settings, draft.kind, meant, key=key, indexed=indexed)
    _guarded(settings, meant)
    if meant:
        draft.reasons.append(meant.evidence)
    return Item(column.name, settings, tuple(draft.reasons))


def _withheld(draft: _Draft) -> Item:
    settings = _typed(draft) | {"sharingType": "notShared"}
    reason = "口令、密钥类数据不予共享 / passwords and keys are not shared"
    return Item(draft.column.name, settings, (reason,))


def _texts(draft: _Draft) -> list[str]:
    return [str(value) for value in draft.values if isinstance(value, str | int) and not isinstance(value, bool)]


def _meaning(draft: _Draft) -> Meaning | None:
    """Identity and account numbers kept as numbers are codes: text on the wire."""
    if draft.kind not in {"string", "integer", "decimal"} or draft.column.values:
        return None
    found = meaning(draft.chinese, _texts(draft))
    if draft.kind == "string" or found is None:
        return found
    if found.personal in {"residentId", "phone", "bankCard"}:
        draft.kind = "string"
        return found
    return None


def _date(draft: _Draft) -> None:
    """Dates kept as text, in SQLite even where a date is declared, or as a number of eight digits."""
    declared = draft.kind in {"date", "dateTime"}
    texts = _texts(draft)
    written = declared or draft.kind in {"string", "integer"}
    if not written or not texts or len(texts) < len(draft.values) or draft.column.values:
        return
    found = dates(draft.column.name, draft.chinese, texts, declared=declared)
    if found is None or (draft.kind == "integer" and found.formats != ("%Y%m%d",)):
        if declared and not as_servers_write(texts):
            draft.kind = "string"
            draft.reasons.append("声明为日期，但样本不是日期 / declared as a date, but the samples are none")
        return
    draft.kind = "dateTime" if found.timed else "date"
    _read_dates(draft, found)


def _read_dates(draft: _Draft, found: Dates) -> None:
    numeric = "%Y%m%d" in found.formats
    nulls = dict.fromkeys([*found.nulls, *(["00000000"] if numeric else [])])
    if set(found.formats) <= _ISO and not nulls:
        return
    if nulls:
        draft.transforms.append({"nulls": list(nulls)})
    if not set(found.formats) <= _ISO:
        draft.transforms.append({"date": {"formats": list(found.formats)}})
    draft.reasons.append(found.evidence)


def _repairs(draft: _Draft) -> None:
    """Padding, MySQL's zero dates among real ones, its spans beyond a day, and times with an offset."""
    if draft.kind in {"date", "dateTime"} and draft.column.kind in {"date", "dateTime"} and not draft.transforms:
        zeros = zero_dates(draft.values)
        if zeros:
            draft.transforms.append({"nulls": list(zeros)})
            draft.reasons.append("样本中有零日期，按空值处理 / zero dates in the samples are read as null")
    blank = any(isinstance(value, str) and value != value.strip() for value in draft.values)
    if draft.column.padded:
        draft.transforms.insert(0, {"trim": "right"})
    elif draft.transforms and blank:
        draft.transforms.insert(0, "trim")
    spans = [value for value in draft.values if isinstance(value, timedelta)]
    if draft.kind == "time" and draft.column.zoned:
        draft.kind = "string"
        draft.reasons.append("带时区的时刻按原文输出 / times with an offset are written as the source has them")
    elif draft.kind == "time" and any(not timedelta() <= span < timedelta(days=1) for span in spans):
        draft.kind = "string"
        draft.reasons.append("时长超出一天，按原文输出 / spans beyond a day are written as the source has them")


def _typed(draft: _Draft) -> Settings:
    column = draft.column
    settings: Settings = {"from": column.name, "name": draft.chinese, "type": draft.kind}
    if draft.kind == column.kind == "string" and column.length:
        settings["length"] = column.length
    if draft.kind == column.kind == "decimal" and column.scale is not None:
        settings["scale"] = column.scale
    if draft.kind == "integer" and column.wide:
        settings["wide"] = True
    if not column.nullable and not any("nulls" in each for each in draft.transforms):
        settings["nullable"] = False
    if draft.transforms:
        settings["transforms"] = draft.transforms
    if column.values and draft.kind == "string":
        settings["dictionary"] = {value: value for value in column.values}
    return settings


def _found(settings: Settings, kind: str, meant: Meaning | None, *, key: bool, indexed: bool) -> None:
    identity = meant is not None and meant.format in {"residentId", "creditCode"}
    if kind in _OPAQUE or not (key or indexed or identity):
        return
    settings["filterable"] = True
    if kind in _ORDERED and (meant is None or meant.personal is None):
        settings["range"] = True
        if not any("nulls" in each for each in settings.get("transforms", ())):  # which do not keep the order
            settings["sortable"] = True


def _guarded(settings: Settings, meant: Meaning | None) -> None:
    if meant is None:
        return
    if meant.format is not None:
        settings["format"] = meant.format
    if meant.personal in PERSONAL:
        settings["sensitive"] = True
        settings["mask"] = meant.personal
