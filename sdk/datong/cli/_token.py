from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from datong.cli._command import argument, command, option
from datong.cli._session import session

if TYPE_CHECKING:
    from datong.config import Loaded
    from datong.guard import Grant
    from datong.model import Dataset

BASE = "http://127.0.0.1:8000"
DAYS = 30


@command(
    "token",
    says=("Make a development token and a call to try.", "签发开发令牌并给出调用示例。"),
    more=(
        (
            "The development issuer keeps its key in .datong/ of the adapter; its tokens are believed on loopback "
            "alone, and only while trust.issuers is empty. For the role consumer a development grant is written to "
            "the state store, valid for 30 days."
        ),
        (
            "开发签发方的密钥保存在适配器的 .datong/ 中；只有在 trust.issuers 为空且服务仅监听本机时，其令牌才有效。"
            "角色为 consumer 时，会在状态库中登记一份有效期 30 天的开发授权。"
        ),
    ),
)
@argument("folder", metavar="DIR", says=("Folder of the adapter.", "适配器所在文件夹。"))
@argument(
    "dataset",
    metavar="[DATASET]",
    required=False,
    says=("Catalog entry; may be left out where there is one.", "目录条目；只有一个时可省略。"),
)
@option("--purpose", says=("Purpose of the grant. [default: the entry's first]", "授权用途。[默认：条目的第一个用途]"))
@option("--consumer", default="development-consumer", says=("Who calls.", "调用方标识。"))
@option(
    "--role",
    type=click.Choice(["consumer", "exchange", "provider", "operator"]),
    default="consumer",
    says=("Role in the token.", "令牌中的角色。"),
)
@option(
    "--items",
    says=(
        "Items to grant, with commas. [default: all that are shared]",
        "授权的数据项，以逗号分隔。[默认：全部可共享项]",
    ),
)
@option(
    "--method",
    says=(
        "Methods to grant, with commas. [default: all that are offered]",
        "授权方式，以逗号分隔。[默认：全部已提供方式]",
    ),
)
@option("--region", says=("Region code that the grant is limited to.", "授权限定的行政区划代码。"))
@option(
    "--lifetime",
    type=click.IntRange(1, 3600),
    says=("Seconds. [default: the longest allowed]", "有效秒数。[默认：允许的最长时间]"),
)
@option("--base", default=BASE, says=("Where the adapter is served, for the example.", "示例中适配器的服务地址。"))
@option("--json", "as_json", is_flag=True, says=("Print as JSON.", "以 JSON 输出。"))
def COMMAND(folder: str, **asked: Any) -> int:  # noqa: N802 - the name by which the group finds it
    from datong.config import load
    from datong.guard import DevelopmentIssuer

    loaded = load(folder)
    _only_development(loaded)
    claims: dict[str, Any] = {
        "aud": loaded.adapter.trust.audience,
        "role": asked["role"],
        "providerId": loaded.adapter.provider.code,
    }
    grant: Grant | None = None
    if asked["role"] == "consumer":
        grant = _granted(loaded, asked)
        claims |= {"consumerId": grant.consumer_id, "catalogId": grant.catalog_id}
        claims |= {"grantId": grant.grant_id, "purposeId": grant.purpose_id}
    longest = loaded.adapter.trust.max_lifetime
    lifetime = min(asked["lifetime"] or longest, longest)
    token = DevelopmentIssuer(loaded.folder).token(lifetime=lifetime, **claims)
    _show(token, lifetime, grant, loaded, asked)
    return 0


def _only_development(loaded: Loaded) -> None:
    from datong.model import Text, UsageError

    if loaded.adapter.trust.issuers:
        raise UsageError(
            Text(
                "This adapter trusts issuers of its own; it does not believe development tokens.",
                "该适配器已配置受信任的签发方，不接受开发令牌。",
            ),
            Text(
                "Ask the exchange for a token, or try with an adapter whose trust.issuers is empty.",
                "请向共享交换平台申请令牌，或使用 trust.issuers 为空的适配器进行试验。",
            ),
            code="issuer-configured",
        )


def _granted(loaded: Loaded, asked: dict[str, Any]) -> Grant:
    from hashlib import sha256

    from datong.config import resolve
    from datong.guard import open_state

    name = _dataset(loaded, asked["dataset"])
    dataset = loaded.adapter.datasets[name]
    purpose = _purpose(dataset, asked["purpose"])
    mark = sha256("\0".join((asked["consumer"], purpose)).encode()).hexdigest()[:8]
    state = open_state(loaded.adapter, loaded.folder, resolve)
    try:
        grant_id = f"development-{name}-{mark}"
        stored = state.get_grant(grant_id)
        if stored is not None and stored.status == "suspended":
            return stored  # what suspended it is being tried: a token must not undo it
        wanted = _grant(loaded, asked, name, grant_id, purpose)
        return state.put_grant(wanted, by="datong token")[0]
    finally:
        state.close()


def _grant(loaded: Loaded, asked: dict[str, Any], name: str, grant_id: str, purpose: str) -> Grant:
    from datetime import UTC, datetime, timedelta

    from datong.guard import Grant, Scope

    dataset = loaded.adapter.datasets[name]
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    _region_sound(asked["region"], dataset)
    shared = [each for each, field in dataset.fields.items() if field.sharing_type != "notShared"]
    items = tuple(_chosen("--items", asked["items"], shared)) if asked["items"] else None
    return Grant(
        grant_id=grant_id,
        consumer_id=asked["consumer"],
        provider_id=loaded.adapter.provider.code,
        catalog_id=name,
        purpose_id=purpose,
        basis="development",
        scenario="development",
        method=tuple(_chosen("--method", asked["method"], _offered(dataset))),  # type: ignore[arg-type]
        valid_from=today,
        valid_until=today + timedelta(days=DAYS),
        scope=Scope(items=items, region=asked["region"]),
    )


def _region_sound(region: str | None, dataset: Dataset) -> None:
    from datong.model import Text, UsageError

    if region is None:
        return
    if dataset.region is None:
        raise UsageError(
            Text(
                "--region: this entry names no item that holds a region.",
                "--region：该条目未指定表示行政区划的数据项。",
            ),
            Text(
                "Name one under `region` of the dataset, or leave the option out.",
                "请在数据集的 `region` 中指定，或去掉该选项。",
            ),
            code="region-unusable",
        )
    if not (region.isascii() and region.isdigit() and len(region) in {2, 4, 6, 9, 12}):
        raise UsageError(
            Text("--region is no region code.", "--region 不是行政区划代码。"),
            Text("Give the 2, 4, 6, 9 or 12 digits that it begins with.", "请给出其开头的 2、4、6、9 或 12 位数字。"),
            code="region-unusable",
        )


def _dataset(loaded: Loaded, name: str | None) -> str:
    datasets = loaded.adapter.datasets
    if name is None and len(datasets) == 1:
        name = next(iter(datasets))
    if name is None:
        raise _choose("DATASET", None, list(datasets))
    if name not in datasets:
        raise _choose("DATASET", name, list(datasets))
    return name


def _purpose(dataset: Dataset, purpose: str | None) -> str:
    purposes = dataset.catalog.use_conditions.purposes
    if purpose is None:
        return purposes[0] if purposes else "development"
    if purposes and purpose not in purposes:
        raise _choose("--purpose", purpose, list(purposes))
    return purpose


def _offered(dataset: Dataset) -> list[str]:
    from datong.standard import offers_verify

    return [*dataset.catalog.sharing_methods, *(["verify"] if offers_verify(dataset) else [])]


def _chosen(option: str, given: str | None, valid: list[str]) -> list[str]:
    if not given:
        return valid
    names = [name.strip() for name in given.split(",") if name.strip()]
    for name in names:
        if name not in valid:
            raise _choose(option, name, valid)
    return names


def _choose(what: str, name: str | None, valid: list[str]) -> Exception:
    from datong.config import choices
    from datong.model import Text, UsageError

    if name is None:
        return UsageError(Text(f"{what} is missing.", f"缺少 {what}。"), choices("", valid))
    return UsageError(Text(f"{what}: there is no `{name}`.", f"{what}：没有 `{name}`。"), choices(name, valid))


def _show(token: str, lifetime: int, grant: Grant | None, loaded: Loaded, asked: dict[str, Any]) -> None:
    from datong.cli._output import echo_json, line, raw

    path = f"/v1/datasets/{grant.catalog_id}/records?limit=5" if grant else "/v1/catalog"
    curl = f"curl -H 'Authorization: Bearer {token}' '{asked['base'].rstrip('/')}{path}'"
    if asked["as_json"]:
        document = {"token": token, "expiresIn": lifetime, "role": asked["role"], "curl": curl}
        echo_json(document | {"grant": grant.to_wire() if grant else None})
        return
    say = session().say
    raw(token)
    line()
    line(say(f"Valid for {lifetime} s, role {asked['role']}.", f"有效期 {lifetime} 秒，角色 {asked['role']}。"))
    if grant:
        items = ", ".join(grant.scope.items or ()) or say("all that are shared", "全部可共享项")
        line(say(f"Grant {grant.grant_id} ({grant.status}):", f"授权 {grant.grant_id}（{grant.status}）："))
        line(
            say(f"  purpose {grant.purpose_id}; items: {items}; ", f"  用途 {grant.purpose_id}；数据项：{items}；")
            + ", ".join(grant.method)
            + (say(f"; region {grant.scope.region}", f"；区划 {grant.scope.region}") if grant.scope.region else "")
        )
    line()
    raw(curl)
    line()
    line(
        say(f"Serve it first: datong serve {loaded.folder.name}", f"请先启动服务：datong serve {loaded.folder.name}"),
        "dim",
    )
