"""The ZIP file of a bundle: written the same way each time, and read with suspicion."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from typing import Final

from datong.model import Text, UsageError

MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "signature.jws"
REPORT: Final = "report.json"
EXCHANGES: Final = "exchanges.ndjson"
FIXTURES: Final = "fixtures.json"
RUN: Final = "run.json"
REGISTER: Final = "register.json"
MEMBERS: Final = (EXCHANGES, FIXTURES, MANIFEST, REGISTER, REPORT, RUN, SIGNATURE)
"""All that a bundle holds, sorted: nothing more, nothing less, no folders."""

MOST_FILE: Final = 64 << 20
"""Bytes of the file."""
MOST_CONTENT: Final = 192 << 20
"""Bytes of all members together once unpacked."""
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_LOCAL, _CENTRAL, _END = 30, 46, 22
"""Bytes that ZIP spends on each member in its place, in the directory, and once at the end."""


class Unreadable(UsageError):
    """No bundle, or not one that may be opened: nothing was verified."""

    code = "bundle-unreadable"


def pack(members: Mapping[str, bytes]) -> bytes:
    """The file: equal members give equal bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o100644 << 16
            archive.writestr(info, members[name])
    return made.getvalue()


def unpack(raw: bytes) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """The members, and the names of those whose bytes are damaged.

    Raises Unreadable for what is no bundle: other, missing or repeated names, more than the limits,
    anything before, between or behind the members.
    """
    if len(raw) > MOST_FILE:
        raise refused("it is larger than a bundle may be", "文件大小超过证据包上限")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            _inspect(archive, len(raw))
            return _contents(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError, IndexError):
        raise refused("it is no ZIP file that is whole", "不是完整的 ZIP 文件") from None


def _inspect(archive: zipfile.ZipFile, size: int) -> None:
    listed = archive.infolist()
    names = [info.orig_filename for info in listed]
    if len(names) != len(set(names)):
        raise refused("a name appears twice in it", "其中有重复的文件名")
    strange = sorted(set(names) - set(MEMBERS))
    if strange:
        shown = ascii(strange[0])[:80]
        raise refused(f"it holds {shown}, which no bundle holds", f"其中含有证据包不应包含的 {shown}")
    missing = sorted(set(MEMBERS) - set(names))
    if missing:
        raise refused(f"{missing[0]} is missing from it", f"其中缺少 {missing[0]}")
    if sum(info.file_size for info in listed) > MOST_CONTENT:
        raise refused("unpacked it is larger than a bundle may be", "解压后的大小超过证据包上限")
    if any(info.compress_type not in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED) or info.flag_bits for info in listed):
        raise refused("it is packed in a way that bundles are not", "其压缩方式不是证据包所用方式")
    _tight(archive, listed, size)


def _tight(archive: zipfile.ZipFile, listed: list[zipfile.ZipInfo], size: int) -> None:
    """Nothing hides where ZIP readers do not look, and no two members share bytes."""
    place = 0
    for info in sorted(listed, key=lambda each: each.header_offset):
        if info.header_offset != place or info.extra or info.comment:
            raise refused("it holds bytes that belong to no member", "其中含有不属于任何文件的字节")
        place += _LOCAL + len(info.orig_filename) + info.compress_size
    end = place + sum(_CENTRAL + len(info.orig_filename) for info in listed) + _END
    if archive.start_dir != place or end != size:
        raise refused("it holds bytes that belong to no member", "其中含有不属于任何文件的字节")


def _contents(archive: zipfile.ZipFile) -> tuple[dict[str, bytes], tuple[str, ...]]:
    members, damaged = {}, []
    for name in MEMBERS:
        try:
            members[name] = archive.read(name)
        except (zipfile.BadZipFile, zlib.error, EOFError):
            members[name] = b""
            damaged.append(name)
    return members, tuple(damaged)


def refused(en: str, zh: str) -> Unreadable:
    return Unreadable(
        Text(f"This is no evidence bundle that can be read: {en}.", f"无法作为证据包读取：{zh}。"),
        Text(
            "Ask whoever ran the kit for the file as `datong conform --bundle` wrote it.",
            "请向检测方索取由 `datong conform --bundle` 生成的原文件。",
        ),
    )
