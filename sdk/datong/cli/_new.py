from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from datong.cli._command import argument, command, option
from datong.cli._session import session

if TYPE_CHECKING:
    from datong.cli._address import Found
    from datong.scaffold import Facts, Proposal

PASSWORD_FILE = ".datong/source-password"  # noqa: S105 - the name of a file


@command(
    "new",
    says=("Make an adapter from a legacy system.", "由旧系统生成适配器。"),
    more=(
        (
            "Looks at the legacy system, proposes a dataset for every table and view with the reason of each guess, "
            "and writes a folder that can be checked and served as it is. Without --yes it asks who provides the data."
        ),
        (
            "查看旧系统，为每个表和视图给出数据集方案并注明推断依据，生成的文件夹可直接检查和启动。"
            "不加 --yes 时会询问数据提供单位等信息。"
        ),
    ),
)
@argument("name", metavar="NAME", says=("Name of the adapter.", "适配器名称。"))
@option(
    "--from",
    "address",
    required=True,
    metavar="ADDRESS",
    says=("The legacy system: a database address, or a SQLite file.", "旧系统：数据库地址或 SQLite 文件。"),
)
@option("--out", metavar="FOLDER", says=("Where to write it. [default: ./NAME]", "输出文件夹。[默认：./NAME]"))
@option("--yes", is_flag=True, says=("Ask nothing; take the defaults.", "不询问，全部采用默认值。"))
@option("--force", is_flag=True, says=("Write into a folder that holds files.", "允许写入非空文件夹。"))
@option("--schema", says=("Database schema to look at.", "要查看的数据库模式。"))
@option("--provider-name", says=("Full name of the providing unit.", "数据提供单位全称。"))
@option("--provider-code", says=("Its unified social credit code.", "其统一社会信用代码。"))
@option("--office-name", says=("Its data sharing office.", "其数据共享工作机构。"))
@option("--office-phone", says=("Telephone of that office.", "该机构电话。"))
@option(
    "--sharing-type",
    type=click.Choice(["conditional", "unconditional"]),
    says=("How the data is shared. [default: conditional]", "共享类型。[默认：conditional]"),
)
@option("--purposes", says=("Purposes of use, with commas.", "使用用途，以逗号分隔。"))
@option("--json", "as_json", is_flag=True, says=("Print what was made as JSON.", "以 JSON 输出结果。"))
def COMMAND(name: str, address: str, **asked: Any) -> int:  # noqa: N802 - the group finds it by this name
    from datong.cli._address import look
    from datong.scaffold import propose, render

    out = Path(asked["out"] or name)
    facts = _facts(asked)
    found = look(address, folder=out, schema=asked["schema"])
    section = {"kind": found.kind.name, **_kept(found.section, found.secrets)}
    proposal = propose(found.structures, name=name, source=section, facts=facts)
    folder = render(proposal, out, force=asked["force"])
    kept = _keep_secrets(found.secrets, folder)
    _show(proposal, found, out, kept=kept, as_json=asked["as_json"])
    return 0


def _kept(section: dict[str, Any], secrets: dict[str, str]) -> dict[str, Any]:
    """References to variables that nobody has set become references to a file that git ignores."""
    return {
        key: {"file": PASSWORD_FILE} if isinstance(value, dict) and value.get("env") in secrets else value
        for key, value in section.items()
    }


def _keep_secrets(secrets: dict[str, str], folder: Path) -> bool:
    from datong.guard import private_folder

    for value in secrets.values():
        private_folder(folder)
        path = folder / PASSWORD_FILE
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(value)
    return bool(secrets)


def _facts(asked: dict[str, Any]) -> Facts:
    from dataclasses import replace

    from datong.scaffold import Facts

    given = {key: asked[key] for key in ("provider_name", "provider_code", "office_name", "office_phone") if asked[key]}
    if asked["sharing_type"]:
        given["sharing_type"] = asked["sharing_type"]
    if asked["purposes"]:
        given["purposes"] = tuple(
            each.strip() for each in asked["purposes"].replace("，", ",").split(",") if each.strip()
        )
    if not asked["yes"]:
        given |= _answers(given)
    _code_right(given.get("provider_code"))
    return replace(Facts(), **given)


def _answers(given: dict[str, Any]) -> dict[str, Any]:
    """Ask for what was not given; an empty answer takes the default."""
    import sys

    from datong.model import Text, UsageError
    from datong.scaffold import Facts

    if not sys.stdin.isatty():
        raise UsageError(
            Text("There is nobody to ask: this is no terminal.", "当前不是终端，无法询问。"),
            Text(
                "Add --yes, and --provider-name and its sisters.", "请加 --yes，并用 --provider-name 等选项给出信息。"
            ),
        )
    defaults = Facts()
    questions = {
        "provider_name": ("Full name of the providing unit", "数据提供单位全称"),
        "provider_code": ("Its unified social credit code", "统一社会信用代码"),
        "office_name": ("Its data sharing office", "数据共享工作机构"),
        "office_phone": ("Telephone of that office", "机构电话"),
    }
    out: dict[str, Any] = {}
    for key, both in questions.items():
        if key not in given:
            check = _code_typed if key == "provider_code" else None
            out[key] = click.prompt(session().pick(both), default=getattr(defaults, key), value_proc=check, err=True)
    return out


def _code_typed(text: str) -> str:
    from datong.standard import credit_code_ok

    if not credit_code_ok(text.strip()):
        raise click.UsageError(session().say("its check character is wrong", "校验码不正确"))
    return text.strip()


def _code_right(code: str | None) -> None:
    from datong.model import Text, UsageError
    from datong.standard import credit_code_ok

    if code is not None and not credit_code_ok(code):
        raise UsageError(
            Text(
                "--provider-code is no valid unified social credit code.",
                "--provider-code 不是有效的统一社会信用代码。",
            ),
            Text(
                "18 characters with a check character, as on the certificate.",
                "应为 18 位且校验码正确，请与登记证书核对。",
            ),
            code="credit-code-wrong",
        )


def _show(proposal: Proposal, found: Found, out: Path, *, kept: bool, as_json: bool) -> None:
    from datong.cli._output import echo_json

    adapter = proposal.adapter()
    commands = [f"datong check {shlex.quote(str(out))}", f"datong serve {shlex.quote(str(out))}"]
    if as_json:
        datasets = [
            {"id": key, "table": proposal.tables[key], "key": list(each.key), "items": len(each.fields)}
            for key, each in adapter.datasets.items()
        ]
        left_out = [{"name": each.name, "reason": each.reason} for each in proposal.left_out]
        made = {"adapter": proposal.name, "folder": str(out), "kind": found.kind.name}
        echo_json(made | {"datasets": datasets, "leftOut": left_out, "next": commands})
        return
    _table(proposal)
    _told(proposal, out, commands, kept=kept)


def _table(proposal: Proposal) -> None:
    from rich.table import Table

    from datong.cli._output import console

    say = session().say
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in (say("dataset", "数据集"), say("table", "来源表"), say("key", "主键"), say("items", "数据项")):
        table.add_column(title, overflow="fold")
    for key, dataset in proposal.adapter().datasets.items():
        table.add_row(key, proposal.tables[key], ", ".join(dataset.key), str(len(dataset.fields)))
    console().print(table)


def _told(proposal: Proposal, out: Path, commands: list[str], *, kept: bool) -> None:
    from datong.cli._output import line, next_command

    say = session().say
    line()
    for each in proposal.left_out:
        line(say("left out: ", "未纳入：") + f"{each.name}  {each.reason}", "yellow")
    line(say(f"Written: {out}/adapter.yaml", f"已生成：{out}/adapter.yaml"), "green")
    if kept:
        line(
            say(
                f"The password of the address is in {out}/{PASSWORD_FILE}, readable by you alone and ignored by git.",
                f"地址中的口令已存入 {out}/{PASSWORD_FILE}，仅当前用户可读，且不会进入 git。",
            )
        )
    for command_line in commands:
        next_command(command_line)
