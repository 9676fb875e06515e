"""Announcing a planned change in headers (Art. 27(3); REQ-OPS-04)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from datong.model import ChangeNotice, Dataset

Pairs = tuple[tuple[bytes, bytes], ...]


def notice_headers(dataset: Dataset, zone: str) -> Pairs:
    """`Deprecation` (RFC 9745) and `Sunset` (RFC 8594), or nothing where no change is planned.

    `zone` is that of a date without time.
    """
    notice = dataset.catalog.change_notice
    return _headers(notice, zone) if notice is not None else ()


@lru_cache(maxsize=256)
def _headers(notice: ChangeNotice, zone: str) -> Pairs:
    announced, effective = _utc(notice.announced_at, zone), _utc(notice.effective_at, zone)
    return (
        (b"deprecation", b"@%d" % int(announced.timestamp())),
        (b"sunset", format_datetime(effective, usegmt=True).encode()),
    )


def _utc(text: str, zone: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
