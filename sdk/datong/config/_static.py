"""The stage `keys`: everything that can be known without the legacy system."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from datong.config._facts import adapter_facts, catalog_facts
from datong.config._findings import Findings
from datong.config._items import items, shared_settings
from datong.config._load import Loaded
from datong.config._secrets import open_to_others, references, resolve
from datong.config._yaml import Path
from datong.mapping import faults
from datong.model import Dataset, DatongError, Finding, Text

_WITH_PASSWORD = re.compile(r"://[^/@\s]*:[^/@\s]+@|(?i:[?&;](password|passwd|pwd)=[^&;\s]+)")
_SECRET_NAME = re.compile(r"(?i)(password|passwd|pwd|secret|api_?key|token)$")


def static_findings(loaded: Loaded) -> list[Finding]:
    found = Findings("keys", loaded.positions)
    adapter_facts(loaded.adapter, found)
    shared_settings(loaded.adapter, found)
    for catalog_id, dataset in loaded.adapter.datasets.items():
        catalog_facts(catalog_id, dataset, found)
        items(catalog_id, dataset, found)
        _mapping_faults(catalog_id, dataset, found)
    _no_secret_in_file(loaded, found)
    return sorted(found.all, key=lambda finding: (finding.line, finding.column))


def _mapping_faults(catalog_id: str, dataset: Dataset, found: Findings) -> None:
    """Transforms that do not exist, take no such option or cannot make the item's type."""
    for fault in faults(dataset):
        path = ("datasets", catalog_id, *fault.path)
        found.add(fault.code, path, fault.message, fault.hint, severity=fault.severity)


def _no_secret_in_file(loaded: Loaded, found: Findings) -> None:
    url = loaded.adapter.state.url
    texts = [*_texts(loaded.adapter.source.options, ("source",))]
    texts += _texts(url, ("state", "url")) if isinstance(url, str) else []
    for path, text in texts:
        if not _SECRET_NAME.search(str(path[-1])) and not _WITH_PASSWORD.search(text):
            continue
        message = Text(f"`{path[-1]}` holds a password.", f"`{path[-1]}` 中含有口令。")
        hint = Text(
            f"Put the whole value into an environment variable and write `{path[-1]}: {{env: NAME}}`; "
            "then change that password, for this file may have been copied.",
            f"请将整个值放入环境变量，并写 `{path[-1]}：{{env: 变量名}}`；此文件可能已被复制，请同时更换该口令。",
        )
        found.add("password-in-file", path, message, hint)


def _texts(part: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every text, save those that only say where a secret is."""
    if isinstance(part, str):
        yield path, part
    elif isinstance(part, dict) and not set(part) & {"env", "file"}:
        for key, value in part.items():
            yield from _texts(value, (*path, key))


def secret_findings(loaded: Loaded) -> list[Finding]:
    """The stage `secrets`: each reference leads to a secret, which other users cannot read."""
    found = Findings("secrets", loaded.positions)
    for path, ref in (*references(loaded.adapter), *references(loaded.options, ("source",))):
        try:
            resolve(ref, loaded.folder)
        except DatongError as error:
            found.add(error.code, path, error.title, error.hint)
            continue
        if open_to_others(ref, loaded.folder) and path[-1] != "jwks":
            message = Text(f"Other users may read {ref.file}.", f"其他用户可以读取 {ref.file}。")
            hint = Text(f"Run: chmod 600 {ref.file}", f"请执行：chmod 600 {ref.file}")
            found.add("secret-readable", path, message, hint, severity="warning")
    return found.all
