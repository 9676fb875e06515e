"""Reading timestamps without offset in a declared zone."""

from datetime import UTC, datetime, timedelta, timezone
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from datong.mapping._faults import Fault

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_HORIZON = datetime(2037, 12, 31)  # noqa: DTZ001 - a wall-clock time of the zone


class Zone:
    """An IANA zone as legacy systems mean it.

    A wall-clock time that the zone skipped keeps its digits with the offset before the jump; one
    that the zone passed twice is taken as the first. Where the zone's history has an offset with
    seconds (local mean time, before 1901 in Shanghai), which RFC 3339 cannot write and no program
    ever meant by `1900-01-01 00:00:00`, the zone's standard offset of 2000 is used instead.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._zone = ZoneInfo(name)
        january = datetime(2000, 1, 1, tzinfo=self._zone)
        july = datetime(2000, 7, 1, tzinfo=self._zone)
        offsets = [offset for offset in (january.utcoffset(), july.utcoffset()) if offset is not None]
        self._standard = timezone(min(offsets))

    def _whole(self, moment: datetime) -> bool:
        offset = moment.utcoffset()
        return offset is not None and not offset % _MINUTE

    def aware(self, naive: datetime, *, strict: bool = False) -> datetime:
        """The instant of a wall-clock time; `strict` raises Fault `time-gap` for skipped times."""
        moment = naive.replace(tzinfo=self._zone)
        if not self._whole(moment):
            return naive.replace(tzinfo=self._standard)
        if strict and moment.astimezone(UTC).astimezone(self._zone).replace(tzinfo=None, fold=0) != naive:
            raise Fault("time-gap")
        return moment

    def local(self, instant: datetime) -> datetime:
        """An instant as this zone's wall clock shows it, with its offset."""
        try:
            moment = instant.astimezone(self._zone)
            return moment if self._whole(moment) else instant.astimezone(self._standard)
        except (OverflowError, ValueError) as error:
            if instant.utcoffset() == self._standard.utcoffset(None):  # as in 0001-01-01T00:00:00+08:00
                return instant.replace(tzinfo=self._standard)
            raise Fault("time-invalid") from error

    def text(self, value: datetime) -> str:
        """RFC 3339 with this zone's offset, for a value with or without one."""
        moment = self.aware(value) if value.tzinfo is None else self.local(value)
        return moment.isoformat()

    @cached_property
    def settled(self) -> tuple[datetime, str] | None:
        """Since when the zone has had one offset, and that offset as text; None while it changes."""
        low, high = datetime(1900, 1, 1), _HORIZON  # noqa: DTZ001 - wall-clock times of the zone
        last = high.replace(tzinfo=self._zone).utcoffset()
        if last is None or any(
            datetime(2030, month, 1, tzinfo=self._zone).utcoffset() != last for month in range(1, 13)
        ):
            return None
        day = high
        while day > low and day.replace(tzinfo=self._zone).utcoffset() == last:
            day -= timedelta(days=1)
        return day + timedelta(days=2), high.replace(tzinfo=self._zone).isoformat()[-6:]


def spellings(moment: datetime) -> tuple[datetime, ...]:
    """The wall-clock times of its zone that mean this instant: two, where the zone skipped one of them just before."""
    rules = moment.tzinfo
    if not isinstance(rules, ZoneInfo) or moment.year == 1:
        return (moment,)
    before = (moment.astimezone(UTC) - _DAY).astimezone(rules).utcoffset()
    if before == moment.utcoffset() or before is None:
        return (moment,)
    other = moment.astimezone(timezone(before)).replace(tzinfo=rules)
    skipped = other.utcoffset() == before and other.astimezone(UTC) == moment.astimezone(UTC)
    return (moment, other) if skipped and other.replace(tzinfo=None) != moment.replace(tzinfo=None) else (moment,)


@lru_cache(maxsize=64)
def zone(name: str) -> Zone:
    """The zone of that name; raises ValueError or KeyError (ZoneInfoNotFoundError) if none is."""
    return Zone(name)
