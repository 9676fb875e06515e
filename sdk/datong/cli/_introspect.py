from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from datong.cli._command import argument, command, option
from datong.cli._session import session

if TYPE_CHECKING:
    from datong.model import Structure


@command(
    "introspect",
    says=("Show what a legacy system holds.", "查看旧系统中有什么。"),
    more=(
        (
            "Tables, views, columns and keys, with the evidence of each key that had to be guessed. "
            "Nothing is written; no value of a row is shown."
        ),
        "列出表、视图、列与主键；推测出的主键附有依据。不写入任何内容，也不显示数据值。",
    ),
)
@argument("address", metavar="ADDRESS", says=("Address of the legacy system.", "旧系统地址。"))
@option("--schema", says=("Database schema to look at.", "要查看的数据库模式。"))
@option("--columns", is_flag=True, says=("List the columns too.", "同时列出各列。"))
@option("--json", "as_json", is_flag=True, says=("Print as JSON.", "以 JSON 输出。"))
def COMMAND(address: str, *, schema: str | None, columns: bool, as_json: bool) -> int:  # noqa: N802 - the group finds it by this name
    from datong.cli._address import look
    from datong.cli._output import echo_json, line, next_command

    found = look(address, folder=Path.cwd(), schema=schema)
    if as_json:
        echo_json([document(structure) for structure in found.structures])
        return 0
    for structure in found.structures:
        _show(structure, columns=columns)
    count = len(found.structures)
    line()
    line(session().say(f"{count} tables and views.", f"共 {count} 个表和视图。"))
    next_command("datong new NAME --from ADDRESS")
    return 0


def document(structure: Structure) -> dict[str, Any]:
    """A structure as JSON, without its samples: they hold values."""
    from dataclasses import asdict

    parts = asdict(structure)
    parts.pop("samples")
    return {**parts, "indexed": sorted(structure.indexed)}


def told_rows(structure: Structure) -> str:
    if structure.rows is None:
        return session().say("rows unknown", "行数未知")
    about = "" if structure.exact else session().say("about ", "约 ")
    return about + session().say(f"{structure.rows} rows", f"{structure.rows} 行")


def _show(structure: Structure, *, columns: bool) -> None:
    from rich.text import Text as Styled

    from datong.cli._output import console

    say = session().say
    out = console()
    head = Styled(structure.name, "bold")
    head.append(say(" (view)", "（视图）") if structure.view else "")
    head.append(f"  {told_rows(structure)}", "dim")
    head.append(f"  {structure.comment}" if structure.comment else "")
    out.print(head, soft_wrap=True)
    if structure.problem:
        out.print(Styled(f"  {structure.problem}", "yellow"), soft_wrap=True)
        return
    key = ", ".join(structure.key.columns) or say("none", "无")
    out.print(
        Styled(say("  key ", "  主键 ") + f"{key}  [{structure.key.basis}] {structure.key.evidence}"), soft_wrap=True
    )
    for column in structure.columns if columns else ():
        null = "" if column.nullable else say("  not null", "  非空")
        out.print(
            Styled(f"    {column.name}  {column.native or column.kind}{null}  {column.comment}".rstrip()),
            soft_wrap=True,
        )
