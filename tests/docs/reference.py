"""Writes the pages of docs/reference that can be derived: `make reference`.

tests/docs/test_reference.py compares the pages with what would be written, so none can go stale.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal, get_args, get_origin

from docs.blocks import REPOSITORY
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from datong.config import FINDINGS, json_schema
from datong.conformance import Fixtures, report_schema
from datong.mapping import FAULTS
from datong.model import Adapter
from datong.sources import SourceKind, installed_kinds, source_kind
from datong.standard import PROBLEMS

FOLDER = REPOSITORY / "docs" / "reference"
_NOTE = "<!-- Written by `make reference`; change the source it comes from, not this page. -->"


def problems() -> str:
    """Every problem code, by status."""
    rows = sorted(PROBLEMS.items(), key=lambda item: (item[1].status, item[0]))
    table = [f"| `{code}` | {kind.status} | {kind.title.en} | {kind.title.zh} |" for code, kind in rows]
    return _page(
        "Problem codes",
        "A refusal or failure is an RFC 9457 document, `application/problem+json`. Its `code` is one of these,",
        "its `type` is `urn:gds:problem:` and the code; `title` and `detail` are in the language of `Accept-Language`.",
        "The points of `errors[]` use the same codes. HTTP 200 never carries a failure.",
        "",
        "| code | status | title | 标题 |",
        "|---|---|---|---|",
        *table,
    )


def faults() -> str:
    """Why a row is reported instead of served."""
    return _page(
        "Fault codes",
        "A row that cannot be converted is listed in the page's `faulty`, with the item, one of these codes and no",
        "value. The rows read are always the records served plus the rows listed.",
        "",
        "| code | meaning | 含义 |",
        "|---|---|---|",
        *(f"| `{code}` | {text.en} | {text.zh} |" for code, text in FAULTS.items()),
    )


def adapter() -> str:
    """Every member of adapter.yaml, part by part."""
    lines = []
    kinds = [source_kind(name) for name in installed_kinds()]
    seen: dict[type[BaseModel], None] = {}
    for part in [part for root in _roots(kinds) for part in _parts(root, seen)]:
        title = "The whole file" if part is Adapter else part.__name__
        lines += [f"## {title}", ""]
        if part.__doc__ and part is not Adapter and not part.__doc__.startswith("!!!"):
            lines += [" ".join(part.__doc__.split()), ""]
        lines += ["| member | type | default | meaning |", "|---|---|---|---|"]
        lines += [_member(info, name) for name, info in part.model_fields.items()] + [""]
    return _page(
        "adapter.yaml",
        "An adapter is a folder with one `adapter.yaml`. `datong check DIR` validates it and reports everything at",
        "once; `datong schema` prints its JSON Schema for editors.",
        "",
        *lines[:-1],
    )


def _roots(kinds: list[SourceKind]) -> list[type[BaseModel]]:
    """The file, and what each source kind adds: its options beside `kind`, and its `from`."""
    return [Adapter, *(part for kind in kinds for part in (kind.options, kind.location))]


def schema() -> str:
    """The JSON Schema of adapter.yaml, for editors that cannot run `datong schema`."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"


def report_form() -> str:
    """The JSON Schema of the report of `datong conform`."""
    return json.dumps(report_schema(), ensure_ascii=False, indent=2) + "\n"


def fixtures_form() -> str:
    """The JSON Schema of the file that `datong conform --fixtures` reads."""
    return json.dumps(Fixtures.model_json_schema(by_alias=True), ensure_ascii=False, indent=2) + "\n"


def findings() -> str:
    """What `datong check` can find in an adapter."""
    return _page(
        "Codes of findings",
        "`datong check` gives each finding one of these codes, with its line and column in `adapter.yaml`. Where the",
        "legacy system fails, the code is that of the [problem](problems.md).",
        "",
        "| code | meaning | 含义 |",
        "|---|---|---|",
        *(f"| `{code}` | {text.en} | {text.zh} |" for code, text in FINDINGS.items()),
    )


def commands() -> str:
    """What `--help` says, for every command."""
    lines = []
    for name in ("", *_command_names()):
        words = f"datong {name}".strip()
        said = _help(*words.split()[1:])
        lines += [
            f"## {words}",
            "",
            '```console not-run="compared by tests/docs/test_reference.py"',
            f"$ {words} --help",
        ]
        lines += [*said.rstrip().splitlines(), "```", ""]
    return _page(
        "Commands",
        "Exit codes: 0 ok, 1 findings, 2 usage, 3 environment, 4 a bug of Datong. `datong conform` has those of the",
        "standard instead: 0 no failure, 1 at least one, 2 the kit or its fixtures failed or the run ended early,",
        "3 bad configuration, 4 a bug of Datong.",
        "",
        *lines[:-1],
    )


def _page(title: str, *lines: str) -> str:
    return "\n".join([f"# {title}", "", _NOTE, "", *lines]) + "\n"


def _command_names() -> list[str]:
    from datong.cli._main import COMMANDS  # noqa: PLC0415 - only this page needs it

    return list(COMMANDS)


def _help(*words: str) -> str:
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "DATONG_LANG": "en"}
    command = [sys.executable, "-m", "datong", *words, "--help"]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def _parts(part: type[BaseModel], seen: dict[type[BaseModel], None]) -> Iterator[type[BaseModel]]:
    """The model and every model it holds, each once, in the order of the file."""
    if part in seen:
        return
    seen[part] = None
    yield part
    for info in part.model_fields.values():
        for inner in _models(info.annotation):
            yield from _parts(inner, seen)


def _models(kind: Any) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for inner in get_args(kind):
        yield from _models(inner)


def _member(info: FieldInfo, name: str) -> str:
    default = "required" if info.is_required() else _default(info)
    meaning = " ".join((info.description or "").split())
    return f"| `{info.alias or name}` | {_type(info.annotation)} | {default} | {meaning} |"


def _default(info: FieldInfo) -> str:
    value = info.get_default(call_default_factory=True, validated_data={})
    if value is None or value is PydanticUndefined:
        return "none"
    if isinstance(value, BaseModel):
        return "its defaults"
    if isinstance(value, tuple | dict):
        return ", ".join(f"`{each}`" for each in value) or "empty"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _type(kind: Any) -> str:
    inner = get_args(kind)
    match get_origin(kind):
        case None:
            return _plain(kind)
        case origin if origin is Annotated:
            return _type(inner[0])
        case origin if origin is Literal:
            return " \\| ".join(f"`{value}`" for value in inner)
        case origin if origin is tuple:
            return f"list of {_type(inner[0])}"
        case origin if origin is dict:
            return f"map of {_type(inner[1])}"
    return " or ".join(_type(each) for each in inner if each is not type(None))


def _plain(kind: type) -> str:
    if issubclass(kind, BaseModel):
        return f"[{kind.__name__}](#{kind.__name__.lower()})"
    return {"str": "text", "int": "integer", "float": "number", "bool": "boolean"}.get(kind.__name__, "any")


PAGES: Mapping[str, Callable[[], str]] = {
    "adapter.md": adapter,
    "adapter.schema.json": schema,
    "commands.md": commands,
    "conformance-fixtures.schema.json": fixtures_form,
    "conformance-report.schema.json": report_form,
    "faults.md": faults,
    "findings.md": findings,
    "problems.md": problems,
}


def main() -> None:
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
