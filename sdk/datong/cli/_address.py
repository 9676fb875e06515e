"""A legacy system by the address that a person gave, before there is an adapter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datong.cli._output import working
from datong.cli._session import session
from datong.config import open_section
from datong.model import Call, Structure, Text, UsageError
from datong.sources import SourceKind, installed_kinds, source_kind

SECONDS = 300.0
"""How long looking at a whole legacy system may take."""


@dataclass(frozen=True, slots=True)
class Found:
    """`section` is the `source:` section with secrets as references, `secrets` what they refer to."""

    kind: SourceKind
    section: dict[str, Any]
    secrets: dict[str, str]
    structures: Sequence[Structure]


def look(address: str, *, folder: Path, schema: str | None) -> Found:
    """Everything at this address. Raises UsageError, EnvironmentProblem, SourceProblem."""
    kind = _kind_for(address)
    section = kind.options_for(address, folder=folder)
    if schema is not None:
        section = {**section, "schema": schema}
    secrets = kind.secrets_for(address, folder=folder)
    with working() as progress:
        progress(session().say("Looking at the legacy system", "正在查看旧系统"))
        source = open_section(kind, section, folder=folder, secrets=secrets)
        try:
            structures = source.describe(Call.within(SECONDS), lambda done, of, name: progress(f"{done}/{of} {name}"))
        finally:
            source.close()
    return Found(kind, section, secrets, structures)


def _kind_for(address: str) -> SourceKind:
    for name in installed_kinds():
        kind = source_kind(name)
        if kind.accepts(address):
            return kind
    kinds = ", ".join(installed_kinds())
    raise UsageError(
        Text("No source kind knows this address.", "没有数据源类型能识别该地址。"),
        Text(
            f"Installed: {kinds}. A database: postgresql://user@host:5432/name, mysql://user@host/name, legacy.db.",
            f"已安装：{kinds}。数据库地址形如 postgresql://user@host:5432/name、mysql://user@host/name、legacy.db。",
        ),
        code="source-address",
    )
