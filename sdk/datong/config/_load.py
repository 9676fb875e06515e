from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from datong.config._secrets import references, resolve, resolved
from datong.config._shape import choices, members, shape_findings
from datong.config._yaml import Positions, dotted, read
from datong.model import Adapter, ConfigError, Finding, SourceSection, Text, UsageError
from datong.sources import Source, SourceKind, installed_kinds, source_kind

FILE = "adapter.yaml"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A valid adapter.yaml, compiled: what everything that runs is built from.

    `options` is the `source:` section as the kind's own model, `locations` each dataset's `from:`
    likewise; `digest` is the SHA-256 of the file in hexadecimal; `positions` tells where things stand.
    """

    adapter: Adapter
    folder: Path
    kind: SourceKind
    options: BaseModel
    locations: dict[str, BaseModel]
    digest: str
    positions: Positions


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of reading a file: `loaded` is there when nothing in `findings` is an error of shape."""

    loaded: Loaded | None
    findings: tuple[Finding, ...]
    reached: str
    parse_seconds: float


def folder_of(given: Path) -> Path:
    """The adapter's folder, also when its adapter.yaml was named; UsageError when there is none."""
    folder = given.parent if given.name == FILE else given
    if (folder / FILE).is_file():
        return folder.resolve()
    near = sorted(each.parent.name for each in given.glob(f"*/{FILE}")) if given.is_dir() else []
    hint = Text("Make one with `datong new NAME --from ADDRESS`.", "请用 `datong new NAME --from ADDRESS` 生成适配器。")
    if near:
        hint = Text(f"Did you mean `{given / near[0]}`?", f"是否想用 `{given / near[0]}`？")
    said = Text(str(given), str(given)) if given.parts else Text("this folder", "当前文件夹")
    raise UsageError(
        Text(f"There is no {FILE} in {said.en}.", f"{said.zh} 中没有 {FILE}。"), hint, code="adapter-not-found"
    )


def attempt(folder: Path) -> Attempt:
    """Read, parse and shape; all findings of the stages that could run."""
    content = _bytes(folder)
    start = time.perf_counter()
    document = read(content)
    seconds = time.perf_counter() - start
    if any(finding.severity == "error" for finding in document.findings):
        return Attempt(None, document.findings, "syntax", seconds)
    findings = list(document.findings)
    adapter, faults = _adapter(document.data, document.positions)
    kind, more = _kind(document.data, document.positions)
    findings += faults
    findings += more
    options, locations = None, None
    if kind is not None and isinstance(document.data, dict):
        options, more = _options(kind, document.data, document.positions)
        findings += more
        locations, more = _locations(kind, document.data, document.positions)
        findings += more
    if adapter is None or kind is None or options is None or locations is None:
        return Attempt(None, tuple(_ordered(findings)), "mapping", seconds)
    _own_code(adapter, folder)
    digest = hashlib.sha256(content).hexdigest()
    loaded = Loaded(adapter, folder, kind, options, locations, digest, document.positions)
    return Attempt(loaded, tuple(_ordered(findings)), "mapping", seconds)


def _own_code(adapter: Adapter, folder: Path) -> None:
    """Let `python:` transforms find modules beside adapter.yaml; last, so that they replace no other module."""
    fields = (field for dataset in adapter.datasets.values() for field in dataset.fields.values())
    used = any(isinstance(entry, dict) and "python" in entry for field in fields for entry in field.transforms)
    if used and str(folder) not in sys.path:
        sys.path.append(str(folder))


def open_source(loaded: Loaded) -> Source:
    """Build the source with its secrets put in; connects to nothing yet.

    Raises EnvironmentProblem where a secret or a driver is missing.
    """
    return loaded.kind.open(resolved(loaded.options, loaded.folder), folder=loaded.folder)


def open_section(kind: SourceKind, section: Mapping[str, Any], *, folder: Path, secrets: Mapping[str, str]) -> Source:
    """Build a source that no adapter.yaml describes yet, as `datong new` finds it.

    `section` holds the kind's options; `secrets` the values of environment variables that it refers to.
    """
    options = kind.options.model_validate(dict(section))
    return kind.open(resolved(options, folder, secrets), folder=folder)


def require_secrets(loaded: Loaded) -> None:
    """Raises EnvironmentProblem for the first reference that leads nowhere, before anything is started."""
    for _, ref in (*references(loaded.adapter), *references(loaded.options)):
        resolve(ref, loaded.folder)


def refuse(findings: Sequence[Finding], folder: Path) -> ConfigError:
    errors = sum(finding.severity == "error" for finding in findings)
    title = Text(f"{FILE} has {errors} error{'s' * (errors != 1)}.", f"{FILE} 有 {errors} 处错误。")
    hint = Text(f"Correct them, then run `datong check {folder.name}`.", f"请修改后运行 `datong check {folder.name}`。")
    return ConfigError(title, findings, hint)


def _ordered(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: (finding.line, finding.column))


def _bytes(folder: Path) -> bytes:
    try:
        return (folder / FILE).read_bytes()
    except OSError:
        raise UsageError(
            Text(f"{folder / FILE} cannot be read.", f"无法读取 {folder / FILE}。"),
            Text("Look at its permissions.", "请检查文件权限。"),
            code="adapter-not-readable",
        ) from None


def _adapter(data: Any, positions: Positions) -> tuple[Adapter | None, list[Finding]]:
    try:
        return Adapter.model_validate(data), []
    except ValidationError as error:
        return None, shape_findings(Adapter, error, data, positions)


def _kind(data: Any, positions: Positions) -> tuple[SourceKind | None, list[Finding]]:
    section = data.get("source") if isinstance(data, dict) else None
    name = section.get("kind") if isinstance(section, dict) else None
    if not isinstance(name, str):
        return None, []  # told as a fault of shape
    path = ("source", "kind")
    if name not in installed_kinds():
        message = Text(f"There is no source kind `{name}`.", f"没有名为 `{name}` 的数据源类型。")
        where = positions.value(path)
        hint = choices(name, installed_kinds())
        return None, [Finding("source-kind-unknown", "error", message, dotted(path), *where, hint, "mapping")]
    return source_kind(name), []


def _options(kind: SourceKind, data: Any, positions: Positions) -> tuple[BaseModel | None, list[Finding]]:
    # A kind that reads timestamps wants the zone, which stands in the section for all kinds.
    shared = set(members(SourceSection)) - {"zone"} | ({"zone"} - set(members(kind.options)))
    section = {key: value for key, value in data["source"].items() if key not in shared}
    try:
        return kind.options.model_validate(section), []
    except ValidationError as error:
        return None, shape_findings(kind.options, error, section, positions, at=("source",))


def _locations(kind: SourceKind, data: Any, positions: Positions) -> tuple[dict[str, BaseModel] | None, list[Finding]]:
    made: dict[str, BaseModel] = {}
    findings: list[Finding] = []
    datasets = data.get("datasets")
    for name, dataset in datasets.items() if isinstance(datasets, dict) else ():
        if not isinstance(dataset, dict) or "from" not in dataset:
            continue  # told as a fault of shape
        try:
            made[name] = kind.location.model_validate(dataset["from"])
        except ValidationError as error:
            at = ("datasets", name, "from")
            findings += shape_findings(kind.location, error, dataset["from"], positions, at=at)
    return (None if findings else made), findings
