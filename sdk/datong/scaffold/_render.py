"""Writes an adapter folder from a cookiecutter template: offline, with no hook, no prompt and no replay file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from datong.config import json_schema
from datong.model import EnvironmentProblem, Text, UsageError
from datong.scaffold._propose import Proposal

_HERE: Final = Path(__file__).resolve().parent


def render(proposal: Proposal, out: Path, *, force: bool = False) -> Path:
    """Write the folder `out` and return it; files that the template does not have are left alone.

    Raises UsageError where the folder holds files and `force` is not set, EnvironmentProblem where
    it cannot be written.
    """
    out = out.absolute()
    _refuse_full(out, force=force)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _generate(_template("database"), _context(proposal, out), out.parent)
    except OSError as error:
        raise _unwritable(out, error) from error
    return out


def _refuse_full(out: Path, *, force: bool) -> None:
    if out.is_dir():
        if any(out.iterdir()) and not force:
            raise UsageError(
                Text(f"The folder {out} already holds files.", f"文件夹 {out} 中已有文件。"),
                Text(
                    "Choose another with --out, or overwrite with --force.",
                    "请用 --out 指定其他文件夹，或用 --force 覆盖。",
                ),
                code="folder-not-empty",
            )
    elif out.exists():
        raise UsageError(
            Text(f"{out} is a file, not a folder.", f"{out} 是文件，不是文件夹。"),
            Text("Choose another place with --out.", "请用 --out 指定其他位置。"),
            code="folder-is-file",
        )


def _unwritable(out: Path, error: OSError) -> EnvironmentProblem:
    reason = error.strerror or type(error).__name__
    return EnvironmentProblem(
        Text(f"The folder {out} cannot be written: {reason}.", f"无法写入文件夹 {out}:{reason}。"),
        Text("Check its rights, or choose another with --out.", "请检查权限，或用 --out 指定其他文件夹。"),
        code="folder-unwritable",
    )


def _template(name: str) -> Path:
    """In an installed wheel beside this module, in a source tree at its top."""
    for place in (_HERE / "templates" / name, *(parent / "templates" / name for parent in _HERE.parents[2:3])):
        if (place / "cookiecutter.json").is_file():
            return place
    raise EnvironmentProblem(
        Text(f"The template {name!r} is not installed.", f"未找到模板 {name!r}。"),
        Text("Install datong again.", "请重新安装 datong。"),
        code="template-missing",
    )


def _context(proposal: Proposal, out: Path) -> dict[str, Any]:
    """Names that begin with an underscore are put in as they are: cookiecutter renders all others,
    and a column called `{{ x }}` must stay text."""
    return {
        "_adapter": proposal.yaml(),
        "_datasets": [{"id": name, "table": _cell(table)} for name, table in proposal.tables.items()],
        "_first": next(iter(proposal.tables)),
        "_folder": out.name,
        "_id": proposal.name,
        "_left_out": [{"name": _cell(one.name), "reason": _cell(one.reason)} for one in proposal.left_out],
        "_schema": json.dumps(json_schema(), ensure_ascii=False, indent=1),
        "_title": proposal.document["adapter"]["title"],
    }


def _cell(text: str) -> str:
    """Text for one cell of a Markdown table."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    return "".join(f"\\{char}" if char in "\\`*_[]<>|" else char for char in plain)


def _generate(template: Path, context: dict[str, Any], parent: Path) -> None:
    from cookiecutter.generate import generate_files  # noqa: PLC0415 - brings in an HTTP client that nothing else needs

    generate_files(str(template), {"cookiecutter": context}, str(parent), overwrite_if_exists=True, accept_hooks=False)
