"""Secret references: where a secret is, never the secret itself."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from datong.config._yaml import Path as At
from datong.model import EnvironmentProblem, SecretRef, Text, UsageError

MAX_BYTES = 64 * 1024


def resolve(ref: SecretRef, folder: Path) -> str:
    """The secret itself, without a closing line break; a relative file starts at the adapter's folder.

    Raises EnvironmentProblem (`secret-missing`) where it is not there, UsageError (`secret-reference`)
    where the reference names both an environment variable and a file, or neither.
    """
    if (ref.env is None) == (ref.file is None):
        raise UsageError(
            Text(
                "A secret reference names neither or both of `env` and `file`.",
                "密钥引用必须且只能指定 `env` 与 `file` 之一。",
            ),
            Text("Write {env: NAME} or {file: PATH}.", "请写 {env: 变量名} 或 {file: 路径}。"),
            code="secret-reference",
        )
    return _from_environment(ref.env) if ref.env is not None else _from_file(folder / (ref.file or ""), ref.file or "")


def _from_environment(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise EnvironmentProblem(
            Text(f"The environment variable {name} is not set.", f"未设置环境变量 {name}。"),
            Text(f"Set it: export {name}=…", f"请设置：export {name}=…"),
            code="secret-missing",
        )
    return value


def _from_file(path: Path, named: str) -> str:
    try:
        content = path.read_bytes()
        if len(content) <= MAX_BYTES:
            return content.decode().rstrip("\r\n")
        why = Text("it is larger than 64 KiB", "超过 64 KiB")
    except FileNotFoundError:
        why = Text("there is no such file", "文件不存在")
    except UnicodeDecodeError:
        why = Text("it is not UTF-8 text", "不是 UTF-8 文本")
    except OSError:
        why = Text("it cannot be read", "无法读取")
    raise EnvironmentProblem(
        Text(f"The secret file {named} cannot be used: {why.en}.", f"密钥文件 {named} 不可用：{why.zh}。"),
        Text(
            "Put the secret there, readable by this user only (chmod 600).",
            "请将密钥放入该文件，并仅允许当前用户读取（chmod 600）。",
        ),
        code="secret-missing",
    )


def open_to_others(ref: SecretRef, folder: Path) -> bool:
    """Whether other users of this machine may read the file of this reference."""
    if ref.file is None or os.name == "nt":
        return False
    try:
        return bool((folder / ref.file).stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
    except OSError:
        return False


def references(part: Any, path: At = ()) -> Iterator[tuple[At, SecretRef]]:
    """Every reference in a compiled model, with its path in the file."""
    if isinstance(part, SecretRef):
        yield path, part
    elif isinstance(part, BaseModel):
        for name, info in type(part).model_fields.items():
            yield from references(getattr(part, name), (*path, info.alias or name))
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from references(value, (*path, key))
    elif isinstance(part, tuple | list):
        for index, value in enumerate(part):
            yield from references(value, (*path, index))


def resolved(options: BaseModel, folder: Path, known: Mapping[str, str] = MappingProxyType({})) -> BaseModel:
    """The options with each reference on their first level replaced by the secret, for the source alone.

    `known` holds variables that count as set although the environment does not have them.
    """
    update = {}
    for name in type(options).model_fields:
        value = getattr(options, name)
        if isinstance(value, SecretRef):
            update[name] = known.get(value.env or "") or resolve(value, folder)
    return options.model_copy(update=update) if update else options
