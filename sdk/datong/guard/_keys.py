"""Key material of one adapter: kept in `.datong/`, readable by its user only, never committed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from datong.model import Adapter, EnvironmentProblem, SecretRef, Text

PRIVATE = ".datong"
MINIMUM = 32

Resolve = Callable[[SecretRef, Path], str]
"""`datong.config.resolve`: the guard knows no configuration, so its callers hand it over."""


def private_folder(folder: Path) -> Path:
    """`.datong/` of an adapter folder, made with mode 0700 and closed to git where it is missing.

    Raises EnvironmentProblem (`folder-unwritable`).
    """
    path = folder / PRIVATE
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        create_once(path / ".gitignore", lambda: b"*\n")
    except OSError:
        raise unwritable(path) from None
    return path


def create_once(path: Path, make: Callable[[], bytes]) -> bytes:
    """The content of `path`, made by exactly one of several processes that start at once (mode 0600)."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        _publish(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return path.read_bytes()


def _publish(draft: Path, path: Path) -> None:
    # A link, unlike a rename, never replaces what another process published first.
    try:
        os.link(draft, path)
    except FileExistsError:
        return


def secret_material(adapter: Adapter, folder: Path, resolve: Resolve) -> bytes:
    """At least 32 secret bytes: `state.secret`, or `.datong/secret.key` generated at first use.

    Raises EnvironmentProblem (`secret-short`, `secret-missing`, `folder-unwritable`).
    """
    if adapter.state.secret is not None:
        material = resolve(adapter.state.secret, folder).encode()
    else:
        path = private_folder(folder) / "secret.key"
        try:
            material = create_once(path, lambda: secrets.token_hex(MINIMUM).encode())
        except OSError:
            raise unwritable(path) from None
    if len(material) < MINIMUM:
        raise EnvironmentProblem(
            Text(
                f"The secret of this adapter has {len(material)} bytes; at least {MINIMUM} are needed.",
                f"适配器密钥仅有 {len(material)} 字节，至少需要 {MINIMUM} 字节。",
            ),
            Text("Make one: openssl rand -hex 32", "可用以下命令生成：openssl rand -hex 32"),
            code="secret-short",
        )
    return material


def subkey(material: bytes, purpose: str, length: int = 64) -> bytes:
    """A key for one purpose (`record-id`, `cursor`, …) derived by HKDF-SHA256 (RFC 5869)."""
    return HKDF(SHA256(), length, salt=None, info=b"datong/" + purpose.encode()).derive(material)


def unwritable(path: Path) -> EnvironmentProblem:
    return EnvironmentProblem(
        Text(f"Cannot read or write {path}.", f"无法读写 {path}。"),
        Text(
            "Give the user who runs datong the right to read and write there.",
            "请为运行 datong 的用户授予该处的读写权限。",
        ),
        code="folder-unwritable",
    )
