from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from datong.cli._command import argument, command, option
from datong.cli._session import session

if TYPE_CHECKING:
    from datong.config import Report

STAGES = {
    "syntax": ("YAML syntax", "YAML 语法"),
    "mapping": ("shape of the file", "文件结构"),
    "keys": ("types, items and facts", "类型、数据项与目录信息"),
    "secrets": ("secret references", "密钥引用"),
    "reachability": ("the source answers", "数据源可达"),
    "sample": ("first rows of each dataset", "各数据集抽样"),
    "contract": ("interface documents", "接口文档"),
}
OUTCOMES = {"passed": ("passed", "通过"), "failed": ("failed", "未通过"), "skipped": ("skipped", "跳过")}
_COLOURS = {"passed": "green", "failed": "bold red", "skipped": "dim"}


@command(
    "check",
    says=("Check an adapter, stage by stage.", "逐阶段检查适配器。"),
    more=(
        (
            "Syntax, shape, types and catalog facts, secrets, then the legacy system itself, a sample of 50 rows "
            "of each dataset, and the documents that the interface would publish. All errors of a stage come "
            "together. Exit code 1 when there is an error."
        ),
        (
            "依次检查语法、结构、类型与目录信息、密钥，再连接旧系统，每个数据集抽样 50 行，最后核对接口将要发布的文档。"
            "每个阶段的错误一次列全。存在错误时退出码为 1。"
        ),
    ),
)
@argument(
    "folder",
    metavar="[DIR]",
    default=".",
    says=("Folder of the adapter; here where none is named.", "适配器所在文件夹；默认为当前文件夹。"),
)
@option("--offline", is_flag=True, says=("Leave the legacy system alone.", "不连接旧系统。"))
@option("--json", "as_json", is_flag=True, says=("Print the report as JSON.", "以 JSON 输出报告。"))
def COMMAND(folder: str, *, offline: bool, as_json: bool) -> int:  # noqa: N802 - the name by which the group finds it
    from datong.cli._output import echo_json, working
    from datong.config import check

    with working() as progress:
        report = check(Path(folder), offline=offline, progress=lambda stage: progress(session().pick(STAGES[stage])))
    if as_json:
        echo_json(report.document(session().language))
    else:
        _show(report, folder)
    return 0 if report.ok else 1


def _show(report: Report, folder: str) -> None:
    from rich.text import Text as Styled

    from datong.cli._output import console, counted, line, next_command, show_findings
    from datong.cli._width import cells, pad

    show_findings(report.findings)
    if report.findings:
        line()
    names = [session().pick(STAGES[stage.name]) for stage in report.stages]
    width = max(map(cells, names)) + 2
    out = console()
    for name, stage in zip(names, report.stages, strict=True):
        row = Styled("  " + pad(name, width))
        row.append(pad(session().pick(OUTCOMES[stage.outcome]), 8), _COLOURS[stage.outcome])
        row.append(f"{stage.seconds * 1000:6.0f} ms" if stage.outcome != "skipped" else "", "dim")
        out.print(row, soft_wrap=True)
    line()
    line(counted(report.findings))
    next_command(f"datong serve {folder}" if report.ok else f"datong check {folder}")
