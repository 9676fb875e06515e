"""Audit records on disk: one line a record, lines in numbered segments, segments in one folder a chain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import orjson

GENESIS: Final = "0" * 64
"""`prevDigest` of the first record of a chain."""
CHECKPOINT: Final = "checkpoint.json"
LOCK: Final = ".lock"
SUFFIX: Final = re.compile(rb',"digest":"([0-9a-f]{64})"}\n')
SUFFIX_BYTES: Final = len(b',"digest":""}\n') + 64
_SEGMENT: Final = re.compile(r"(\d{6,})-\d{8}\.ndjson")


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends: its last record's number and digest. (0, GENESIS) is the empty chain."""

    replica: str
    seq: int
    digest: str


def seal(record: Mapping[str, Any]) -> tuple[bytes, str]:
    """The line of a record, and its digest: SHA-256 of the record's canonical JSON (RFC 8785)."""
    body = orjson.dumps(record, option=orjson.OPT_SORT_KEYS)
    digest = sha256(body).hexdigest()
    return b'%b,"digest":"%b"}\n' % (body[:-1], digest.encode()), digest


def sound(line: bytes) -> bool:
    """Whether every byte of a line is as it was written."""
    suffix = SUFFIX.fullmatch(line, max(0, len(line) - SUFFIX_BYTES))
    return suffix is not None and sha256(line[:-SUFFIX_BYTES] + b"}").hexdigest().encode() == suffix[1]


def parsed(line: bytes) -> dict[str, Any] | None:
    """The record of a line, whatever its digest; None where the line is none."""
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    whole = isinstance(record, dict) and isinstance(record.get("seq"), int) and isinstance(record.get("digest"), str)
    return record if whole else None


def chains(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.exists() else []


def segments(chain: Path) -> list[Path]:
    """The segments of a chain, in the order they were written."""
    named = [(int(found[1]), path) for path in chain.iterdir() if (found := _SEGMENT.fullmatch(path.name))]
    return [path for _, path in sorted(named)]


def number(segment: Path) -> int:
    return int(segment.name.partition("-")[0])


def lines(segment: Path) -> Iterator[bytes]:
    """Every line with its line break; the last one may lack it."""
    with segment.open("rb") as file:
        yield from file
