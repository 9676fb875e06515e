"""The body of `PUT /grants/{grantId}`, checked as a whole: every violation is told at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, StrictBool, StringConstraints, ValidationError
from pydantic import Field as Described
from pydantic.alias_generators import to_camel

from datong.guard._access import offered, shown
from datong.guard._grant import SUFFIXES, Grant, Method, Status
from datong.model import Adapter, Dataset, Problem, Text, Violation

ID_LENGTH: Final = 200
_RFC3339: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")


def _instant(value: str) -> str:
    if not _RFC3339.fullmatch(value):
        raise ValueError
    datetime.fromisoformat(value)
    return value


def _printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError
    return value


Name = Annotated[str, StringConstraints(min_length=1, max_length=ID_LENGTH), AfterValidator(_printable)]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
Instant = Annotated[str, AfterValidator(_instant)]
Scalar = Annotated[str, StringConstraints(max_length=256)] | StrictBool | int | float
Values = Annotated[list[Scalar], Described(min_length=1, max_length=1000)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, alias_generator=to_camel)


class _Scope(_Shape):
    items: Annotated[list[str], Described(min_length=1)] | None = None
    region: Annotated[str, StringConstraints(pattern=r"^[0-9]{2,12}$")] | None = None
    filter: dict[str, Scalar | Values] | None = None


class _Body(_Shape):
    grant_id: Name | None = None
    consumer_id: Name
    provider_id: Name
    catalog_id: Name
    purpose_id: Name
    basis: Sentence
    scenario: Sentence
    scope: _Scope | None = None
    method: Annotated[list[Method], Described(min_length=1)]
    valid_from: Instant
    valid_until: Instant
    status: Status = "active"
    external_ids: dict[str, str] | None = None


_TEXT: Final = Text(f"text of 1 to {ID_LENGTH} printable characters", f"1 至 {ID_LENGTH} 个可打印字符的文本")
_SENTENCE: Final = Text("text of 1 to 4000 characters", "1 至 4000 个字符的文本")
_INSTANT: Final = Text("an instant with offset (RFC 3339)", "带时区偏移的时刻（RFC 3339）")
_NO_MEMBER: Final = Text("no such member", "不应出现该成员")
_EXPECTED: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "basis": _SENTENCE,
        "scenario": _SENTENCE,
        "validFrom": _INSTANT,
        "validUntil": _INSTANT,
        "scope": Text("an object with items, region and filter", "包含 items、region、filter 的对象"),
        "items": Text("a list of at least one item of the entry", "至少包含一个该条目数据项的列表"),
        "region": Text("a region code of 2 to 12 digits", "2 至 12 位行政区划代码"),
        "filter": Text("values, or lists of values, by item", "以数据项为键的值或值列表"),
        "method": Text(
            "at least one of serviceInterface, batchExchange, fileDownload, verify",
            "serviceInterface、batchExchange、fileDownload、verify 中的至少一项",
        ),
        "status": Text("one of active, suspended, terminated, expired", "active、suspended、terminated、expired 之一"),
        "externalIds": Text("an object of texts", "值为文本的对象"),
        "": Text("a JSON object", "JSON 对象"),
    }
)


def grant_from_body(body: Any, grant_id: str, adapter: Adapter) -> Grant:
    """The grant that a body describes, valid for this adapter.

    Raises Problem `body-invalid` whose `errors` name every violation by its JSON pointer.
    """
    shape = _shaped(body)
    wire = shape.model_dump(by_alias=True, exclude_none=True) | {"grantId": grant_id}
    violations = [
        *_named(shape, grant_id, adapter),
        *_timed(shape),
        *_scoped(shape, adapter.datasets.get(shape.catalog_id)),
    ]
    if violations:
        raise Problem("body-invalid", errors=violations)
    return Grant.from_wire(wire)


def _shaped(body: Any) -> _Body:
    try:
        return _Body.model_validate(body)
    except ValidationError as error:
        found = {_violation(point["loc"], point["type"]) for point in error.errors()}
    raise Problem("body-invalid", errors=[_wrong(pointer, expected) for pointer, expected in sorted(found)])


def _violation(place: Sequence[int | str], kind: str) -> tuple[str, Text]:
    # Within a union pydantic adds the name of the branch to the place; a filter is told as a whole.
    place = place[:3] if place[:2] == ("scope", "filter") else place
    if kind == "extra_forbidden":
        return _pointer(*place), _NO_MEMBER
    name = next((part for part in reversed(place) if isinstance(part, str) and part in _EXPECTED), None)
    return _pointer(*place), _EXPECTED.get(name if name is not None else "" if not place else "-", _TEXT)


def _named(shape: _Body, grant_id: str, adapter: Adapter) -> Iterator[Violation]:
    if shape.grant_id not in (None, grant_id):
        yield _wrong("/grantId", Text("the id in the path", "与路径中的标识一致"))
    if len(grant_id) > ID_LENGTH or not grant_id.isprintable():
        yield _wrong("/grantId", _TEXT)
    if shape.provider_id != adapter.provider.code:
        yield Violation("/providerId", "wrong-provider", {"expected": adapter.provider.code})
    dataset = adapter.datasets.get(shape.catalog_id)
    if dataset is None:
        yield Violation("/catalogId", "entry-unknown")
    elif dataset.sharing == "notShared":
        yield Violation("/catalogId", "not-shared")
    else:
        for index, method in enumerate(shape.method):
            if method not in offered(dataset):
                text = Text("a sharing method of the entry", "该条目提供的共享方式")
                yield _wrong(_pointer("method", index), text)


def _timed(shape: _Body) -> Iterator[Violation]:
    if datetime.fromisoformat(shape.valid_until) <= datetime.fromisoformat(shape.valid_from):
        yield _wrong("/validUntil", Text("an instant after validFrom", "晚于 validFrom 的时刻"))


def _scoped(shape: _Body, dataset: Dataset | None) -> Iterator[Violation]:
    if shape.scope is None or dataset is None:
        return
    allowed = shown(dataset)
    for index, item in enumerate(shape.scope.items or ()):
        if item not in allowed:
            text = Text("a shared item of the entry", "该条目中可共享的数据项")
            yield _wrong(_pointer("scope", "items", index), text)
    if shape.scope.region is not None and dataset.region is None:
        text = Text("no region: the entry declares no region item", "不含 region：该条目未声明区划数据项")
        yield _wrong("/scope/region", text)
    for name, value in (shape.scope.filter or {}).items():
        if not _condition_ok(name, value, dataset):
            text = Text("an item of the entry, plain or with a suffix", "该条目的数据项，可带比较后缀")
            yield _wrong(_pointer("scope", "filter", name), text)


def _condition_ok(name: str, value: object, dataset: Dataset) -> bool:
    item, dot, suffix = name.partition(".")
    if item not in dataset.fields or (dot and suffix not in SUFFIXES):
        return False
    return isinstance(value, list) == (suffix == "in") or (isinstance(value, list) and not dot)


def _wrong(pointer: str, expected: Text) -> Violation:
    return Violation(pointer, "body-invalid", {"expected": expected})


def _pointer(*parts: int | str) -> str:
    """RFC 6901."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)
