from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from datong.cli._command import argument, command, option
from datong.cli._session import session

if TYPE_CHECKING:
    from datong.conformance import Fault, Verification


@command(
    "verify",
    says=("Verify an evidence bundle of the conformance kit.", "核验一致性检测证据包。"),
    more=(
        (
            "Checks the signature, the age, the digest of every exchange, the register of requirements and the kit, "
            "and judges the recorded exchanges once more: an edited verdict, exchange, count or fixture is found and "
            "named. Nothing is fetched. Without --key it is not checked whose signature it is. Exit codes: 0 verified, "
            "1 not, 2 no bundle that can be read."
        ),
        (
            "检查签名、时效、每次请求与应答记录的摘要、要求登记表与工具版本，并依据记录重新作出全部判定："
            "被改动的结论、记录、计数或测试数据都会被指出。核验过程不访问网络。未给出 --key 时不核对签名方身份。"
            "退出码：0 核验通过，1 未通过，2 无法作为证据包读取。"
        ),
    ),
)
@argument("bundle", metavar="BUNDLE", says=("File that `datong conform --bundle` wrote.", "证据包文件。"))
@option(
    "--key",
    "keys",
    multiple=True,
    metavar="FILE|THUMBPRINT",
    says=("Whoever may have signed: public key or thumbprint; may be repeated.", "可信签名方的公钥或指纹；可重复。"),
)
@option(
    "--max-age",
    metavar="P30D",
    says=("Oldest run that is accepted, such as P30D or PT12H.", "可接受的最长时效，如 P30D 或 PT12H。"),
)
@option("--nonce", metavar="TEXT", says=("Nonce that was given out for the run.", "为本次检测下发的随机数。"))
@option("--json", "as_json", is_flag=True, says=("Print as JSON.", "以 JSON 输出。"))
def COMMAND(  # noqa: N802 - the name by which the group finds it
    bundle: str, *, keys: tuple[str, ...], max_age: str | None, nonce: str | None, as_json: bool
) -> int:
    from pathlib import Path

    from datong.cli._output import echo_json, working
    from datong.conformance import known_signers, verify_bundle

    signers = frozenset[str]().union(*(known_signers(each) for each in keys)) if keys else None
    age = _age(max_age) if max_age is not None else None
    with working() as tell:
        tell(session().say("Judging the exchanges once more", "正在依据记录重新判定"))
        found = verify_bundle(Path(bundle), signers=signers, max_age=age, nonce=nonce)
    if as_json:
        echo_json(_document(found))
    else:
        _show(found, nonce)
    return 0 if found.sound else 1


_DURATION = re.compile(r"P(?=.)(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?=\d)(?:(\d{1,5})H)?(?:(\d{1,6})M)?)?", re.ASCII)


def _age(text: str) -> timedelta:
    from datong.model import Text, UsageError

    found = _DURATION.fullmatch(text)
    if found is None:
        raise UsageError(
            Text(f"--max-age is wrong: {text}.", f"--max-age 无效：{text}。"),
            Text(
                "Write weeks, days, hours or minutes as ISO 8601 has them: P30D, P2W, PT12H.",
                "请按 ISO 8601 填写周、日、小时或分钟，如 P30D、P2W、PT12H。",
            ),
        )
    weeks, days, hours, minutes = (int(part or 0) for part in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)


def _document(found: Verification) -> dict[str, Any]:
    manifest = found.manifest.model_dump(mode="json", by_alias=True, exclude={"exchanges", "files", "bundle"})
    return {
        "ok": found.sound,
        "signer": {"thumbprint": found.thumbprint, "known": found.known},
        "exchanges": len(found.manifest.exchanges),
        **manifest,
        "faults": [
            {
                "code": each.code,
                "file": each.file,
                "subject": each.subject,
                "message": {"en": each.message.en, "zh": each.message.zh},
            }
            for each in found.faults
        ],
    }


def _show(found: Verification, nonce: str | None) -> None:
    from datong.cli._output import line, raw
    from datong.cli._width import cells, pad

    say, told = session().say, found.manifest
    target = " ".join(each for each in (told.target.base, told.target.adapter_id, told.target.version) if each)
    rows = [
        (say("target", "被测系统"), target),
        (say("run", "检测时间"), told.started_at),
        (say("kit", "检测工具"), f"datong {told.kit.version}"),
        (say("signed by", "签名方"), f"{found.thumbprint or '-'}  {_signer(found)}"),
        (say("nonce", "随机数"), f"{told.nonce}  {_echoed(found)}" if nonce or told.echo.sent else told.nonce),
        (say("exchanges", "记录数"), str(len(told.exchanges))),
        (say("verdicts", "结论"), _counted(found)),
    ]
    width = max(cells(name) for name, _ in rows) + 2
    for name, text in rows:
        raw(pad(name, width) + _plain(text))
    for each in found.faults:
        line(_told(each), "bold red")
    if found.sound:
        line(say("Verified: every verdict follows from the exchanges.", "核验通过：全部结论均可由记录得出。"), "green")
    else:
        count = len(found.faults)
        line(
            say(f"Not verified: {count} {'fault' if count == 1 else 'faults'}.", f"核验未通过：{count} 处问题。"),
            "bold red",
        )


def _counted(found: Verification) -> str:
    from datong.conformance import STATUSES

    say, language, counts = session().say, session().language, found.manifest.verdicts
    told = [(counts[each], name.to(language)) for each, name in STATUSES.items() if counts.get(each)]
    return say(", ", "，").join(say(f"{count} {name}", f"{name} {count}") for count, name in told)


def _signer(found: Verification) -> str:
    if found.thumbprint is None:
        return session().say("(no signature holds)", "（签名无效）")
    if found.known:
        return session().say("(a key you gave)", "（为给定的密钥）")
    return session().say("(whose key this is was not checked)", "（未核对密钥归属）")


def _echoed(found: Verification) -> str:
    echo = found.manifest.echo
    if not echo.proven:
        return session().say("(not answered)", "（被测系统未返回）")
    if echo.recorded:
        return session().say("(answered, and in the audit log)", "（已返回，且已写入审计记录）")
    return session().say("(answered)", "（已返回）")


def _told(each: Fault) -> str:
    place = f"{each.file}, {each.subject}" if each.subject else each.file
    colon = session().say(": ", "：")
    return _plain(f"{place}{colon}{each.message.to(session().language)}")


def _plain(text: str) -> str:
    """What a bundle holds is shown without characters that would steer a terminal."""
    return "".join(each if each.isprintable() else "\ufffd" for each in text)
