from __future__ import annotations

from typing import TYPE_CHECKING, Any

from datong.cli._command import argument, command, option
from datong.cli._session import session

if TYPE_CHECKING:
    from datong.guard import Fault, Verification

KINDS = {
    "altered": ("altered", "被改动"),
    "removed": ("removed", "被删除"),
    "inserted": ("inserted", "被插入"),
    "reordered": ("moved", "被移动"),
    "truncated": ("cut off", "被截断"),
    "torn": ("half written", "写入不完整"),
}


@command(
    "verify-audit",
    says=("Recompute the chain of an adapter's audit records.", "重新计算适配器审计记录链。"),
    more=(
        (
            "Every record holds the digest of the one before it. A record that was altered, removed, inserted or moved "
            "is found and named. Keep the heads it prints elsewhere: with --head a chain that was cut off, or "
            "written anew as a whole, is found as well."
        ),
        (
            "每条记录都含有上一条的摘要，因此被改动、删除、插入或移动的记录都会被找出。"
            "请将输出的链尾另行保存：用 --head 给出后，被截断或整体重写的链也能被发现。"
        ),
    ),
)
@argument(
    "folder",
    metavar="[DIR]",
    default=".",
    says=("Folder of the adapter; here where none is named.", "适配器所在文件夹；默认为当前文件夹。"),
)
@option(
    "--head",
    "heads",
    multiple=True,
    metavar="REPLICA:SEQ:DIGEST",
    says=("A head that was noted earlier; may be repeated.", "先前记下的链尾；可重复给出。"),
)
@option("--json", "as_json", is_flag=True, says=("Print as JSON.", "以 JSON 输出。"))
def COMMAND(folder: str, *, heads: tuple[str, ...], as_json: bool) -> int:  # noqa: N802 - the group finds it by this name
    from datong.cli._output import echo_json
    from datong.config import load
    from datong.guard import AuditLog

    loaded = load(folder)
    found = AuditLog(loaded.folder / loaded.adapter.audit.folder).verify([_head(each) for each in heads])
    if as_json:
        echo_json(_document(found))
    else:
        _show(found)
    return 0 if found.sound else 1


def _head(text: str) -> Any:
    from datong.guard import Head
    from datong.model import Text, UsageError

    replica, _, rest = text.partition(":")
    seq, _, digest = rest.partition(":")
    if not (replica and seq.isdigit() and digest):
        raise UsageError(
            Text(f"--head is wrong: {text}.", f"--head 无效：{text}。"),
            Text("Write it as it was printed: REPLICA:SEQ:DIGEST.", "请按原样填写：REPLICA:SEQ:DIGEST。"),
        )
    return Head(replica, int(seq), digest)


def _document(found: Verification) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "ok": found.sound,
        "records": found.records,
        "heads": [asdict(head) for head in found.heads],
        "faults": [asdict(fault) for fault in found.faults],
    }


def _show(found: Verification) -> None:
    from datong.cli._output import line, raw

    say = session().say
    for fault in found.faults:
        line(_told(fault), "bold red")
    for head in found.heads:
        raw(f"{head.replica}:{head.seq}:{head.digest}")
    if found.sound:
        line(say(f"{found.records} records, every chain whole.", f"共 {found.records} 条记录，各链均完整。"), "green")


def _told(fault: Fault) -> str:
    kind = session().pick(KINDS[fault.kind])
    place = f"{fault.replica}/{fault.segment}:{fault.line}" if fault.segment else fault.replica
    return session().say(f"{place}: record {fault.seq} was {kind}.", f"{place}：第 {fault.seq} 条记录{kind}。")
