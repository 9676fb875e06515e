"""What must be true of data items, keys, verify and trust beyond their shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from datong.config._findings import Findings
from datong.config._shape import choices
from datong.config._yaml import Path
from datong.model import Adapter, Dataset, Field, Level, SecretRef, Text, Verify, WireType
from datong.standard import LEVELS, SHARING_TYPES

_LEVELS = tuple(LEVELS)
_WIDTHS = tuple(reversed(tuple(SHARING_TYPES)))
ORDERED: frozenset[WireType] = frozenset({"integer", "decimal", "number", "date", "dateTime", "time", "string"})
OPAQUE: frozenset[WireType] = frozenset({"binary", "json"})
PERSONAL = frozenset({"residentId", "phone", "personName", "address", "email", "bankCard"})


def shared_settings(adapter: Adapter, found: Findings) -> None:
    try:
        ZoneInfo(adapter.source.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = Text("There is no such time zone.", "没有这个时区。")
        hint = Text("Write an IANA name: Asia/Shanghai.", "请写 IANA 时区名，例如 Asia/Shanghai。")
        found.add("zone-unknown", ("source", "zone"), message, hint)
    _trust(adapter, found)


def _trust(adapter: Adapter, found: Findings) -> None:
    if any(char.isspace() for char in adapter.trust.audience):
        message = Text("The audience holds a blank.", "audience 中含有空白字符。")
        hint = Text("Tokens must equal it character by character.", "令牌中的 aud 必须与其逐字一致。")
        found.add("audience-wrong", ("trust", "audience"), message, hint)
    seen: set[str] = set()
    for index, issuer in enumerate(adapter.trust.issuers):
        at: Path = ("trust", "issuers", index)
        if issuer.issuer in seen:
            message = Text("This issuer stands here a second time.", "该签发者重复出现。")
            found.add("issuer-twice", (*at, "issuer"), message)
        seen.add(issuer.issuer)
        if not isinstance(issuer.jwks, SecretRef):
            _public_keys(issuer.jwks, (*at, "jwks"), found)


def _public_keys(jwks: Mapping[str, object], at: Path, found: Findings) -> None:
    keys = jwks.get("keys")
    if not isinstance(keys, list) or not keys or not all(isinstance(key, dict) for key in keys):
        message = Text("A JWK set holds a list of `keys`.", "JWK 集合应包含 `keys` 列表。")
        hint = Text("Or name a file: {file: issuer.jwks.json}.", "也可引用文件：{file: issuer.jwks.json}。")
        found.add("jwks-wrong", at, message, hint)
        return
    for index, key in enumerate(keys):
        if key.get("kty") == "oct" or {"d", "k"} & set(key):
            message = Text("This is a secret key; only public keys belong here.", "这里出现了私钥，只能放公钥。")
            hint = Text("Remove it, and have the issuer replace it.", "请删除，并通知签发者更换密钥。")
            found.add("jwks-private", (*at, "keys", index), message, hint)


def items(catalog_id: str, dataset: Dataset, found: Findings) -> None:
    at: Path = ("datasets", catalog_id)
    for name, field in dataset.fields.items():
        _one(name, field, dataset, (*at, "fields", name), found)
    _key(dataset, at, found)
    if dataset.page.default > dataset.page.max:
        message = Text("`page.default` is larger than `page.max`.", "`page.default` 大于 `page.max`。")
        found.add("page-wrong", (*at, "page"), message)
    if dataset.region is not None:
        _known(dataset.region, dataset.fields, (*at, "region"), found)
    if dataset.verify is not None:
        _verify(dataset.verify, dataset, (*at, "verify"), found)


def _one(name: str, field: Field, dataset: Dataset, at: Path, found: Findings) -> None:
    if field.type in OPAQUE:
        for flag, on in (("filterable", field.filterable), ("sortable", field.sortable), ("range", field.range)):
            if on:
                message = Text(
                    f"`{name}` is {field.type}: it cannot be {flag}.", f"`{name}` 为 {field.type} 类型，不支持 {flag}。"
                )
                found.add("type-wrong", (*at, flag), message)
    elif field.range and (field.type not in ORDERED or not field.filterable):
        message = Text(
            "`range` needs `filterable` and a type with an order.", "`range` 需要 `filterable` 且类型可排序。"
        )
        found.add("range-wrong", (*at, "range"), message)
    if field.wide and field.type != "integer":
        message = Text("`wide` belongs to integers.", "`wide` 仅用于 integer 类型。")
        found.add("type-wrong", (*at, "wide"), message)
    if field.scale is not None and field.type != "decimal":
        message = Text("`scale` belongs to decimals.", "`scale` 仅用于 decimal 类型。")
        found.add("type-wrong", (*at, "scale"), message)
    _guarded(name, field, dataset, at, found)


def _guarded(name: str, field: Field, dataset: Dataset, at: Path, found: Findings) -> None:
    facts = dataset.catalog
    if field.sharing_type and _WIDTHS.index(field.sharing_type) > _WIDTHS.index(facts.sharing_type):
        message = Text(
            f"`{name}` is {field.sharing_type}, wider than its entry ({facts.sharing_type}).",
            f"`{name}` 的共享类型 {field.sharing_type} 宽于条目的 {facts.sharing_type}。",
        )
        found.add("sharing-wider", (*at, "sharingType"), message, Text("Narrow it, or remove it.", "请收窄或删除。"))
    level = facts.classification.level
    if field.level and _LEVELS.index(field.level) != _LEVELS.index(level):
        _level(name, field, level, at, found)
    if field.unmask_for and field.mask is None:
        message = Text("`unmaskFor` stands without `mask`.", "有 `unmaskFor` 却没有 `mask`。")
        found.add("mask-missing", (*at, "unmaskFor"), message, key=True)
    purposes = facts.use_conditions.purposes
    for index, purpose in enumerate(field.unmask_for):
        if purposes and purpose not in purposes:
            message = Text(f"The entry has no purpose `{purpose}`.", f"条目中没有用途 `{purpose}`。")
            found.add("purpose-unknown", (*at, "unmaskFor", index), message, choices(purpose, purposes))
    if field.format in PERSONAL and field.mask is None and field.sharing_type != "notShared":
        message = Text(f"`{name}` is personal and not masked.", f"`{name}` 为个人信息，但未设置脱敏。")
        hint = Text(
            "Add `mask`, or make sure that every purpose needs the value.", "请添加 `mask`，或确认每种用途都需要原值。"
        )
        found.add("personal-unmasked", at, message, hint, severity="warning", key=True)


def _level(name: str, field: Field, level: Level, at: Path, found: Findings) -> None:
    """REQ-CAT-11: an item may raise the entry's level, not lower it; the entry is published at the highest."""
    if _LEVELS.index(field.level or level) < _LEVELS.index(level):
        message = Text(f"`{name}` lowers the entry's level {level}.", f"`{name}` 低于条目的级别 {level}。")
        hint = Text("An item may raise the level, not lower it.", "数据项的级别可以提高，不得降低。")
        found.add("level-lower", (*at, "level"), message, hint)
        return
    message = Text(
        f"`{name}` is {field.level}, so the whole entry is published as {field.level}, not {level}.",
        f"`{name}` 为 {field.level}，整个条目将按 {field.level}（而非 {level}）发布。",
    )
    hint = Text(f"Say so: write `level: {field.level}` for the entry.", f"请在条目中写明 `level: {field.level}`。")
    found.add("level-raised", (*at, "level"), message, hint, severity="warning")


def _key(dataset: Dataset, at: Path, found: Findings) -> None:
    fed = {column for field in dataset.fields.values() for column in field.columns}
    for index, column in enumerate(dataset.key):
        if column in dataset.key[:index]:
            message = Text(f"The key names {column} twice.", f"主键中 {column} 重复。")
            found.add("key-twice", (*at, "key", index), message)
        elif column not in fed:
            message = Text(f"No item shows the key column {column}.", f"主键列 {column} 没有对应的数据项。")
            hint = Text(
                "That is right where the key means nothing to a consumer; the record id is made of it all the same.",
                "如果该主键对使用方没有意义，可以如此；记录标识仍由它生成。",
            )
            found.add("key-not-shown", (*at, "key", index), message, hint, severity="note")


def _known(name: str, fields: Mapping[str, Field], at: Path, found: Findings) -> bool:
    if name in fields:
        return True
    message = Text(f"There is no item `{name}`.", f"没有名为 `{name}` 的数据项。")
    found.add("item-unknown", at, message, choices(name, tuple(fields)))
    return False


def _verify(verify: Verify, dataset: Dataset, at: Path, found: Findings) -> None:
    if dataset.catalog.sharing_type == "notShared":
        message = Text("An entry that is not shared cannot be verified against.", "不予共享的条目不能提供核验。")
        found.add("verify-not-shared", at, message, key=True)
    for part, names in (("keys", verify.keys), ("fields", verify.fields)):
        _claimable(names, dataset, (*at, part), found)
    for index, predicate in enumerate(verify.predicates):
        here = (*at, "predicates", index)
        if _known(predicate.field, dataset.fields, (*here, "field"), found):
            kind = dataset.fields[predicate.field].type
            ordered = kind in ORDERED and kind != "string"
            for place, operator in enumerate(predicate.operators):
                if kind in OPAQUE or (operator != "in" and not ordered):
                    message = Text(f"`{operator}` means nothing for {kind}.", f"{kind} 类型不支持 `{operator}`。")
                    hint = choices("", [] if kind in OPAQUE else ["in"])
                    found.add("predicate-wrong", (*here, "operators", place), message, hint)
    claimed = (*verify.keys, *verify.fields, *(predicate.field for predicate in verify.predicates))
    for name in verify.compare:
        if name not in claimed:
            message = Text(f"`{name}` is never claimed.", f"`{name}` 不在可核验的数据项中。")
            found.add("item-unknown", (*at, "compare", name), message, choices(name, claimed), key=True)


def _claimable(names: Iterable[str], dataset: Dataset, at: Path, found: Findings) -> None:
    for index, name in enumerate(names):
        here = (*at, index)
        if _known(name, dataset.fields, here, found) and dataset.fields[name].type in OPAQUE:
            message = Text(f"`{name}` cannot be compared.", f"`{name}` 无法比对。")
            found.add("type-wrong", here, message)
