"""Working days as the State Council publishes them: a year that was not published is never guessed."""

from __future__ import annotations

from datetime import date, timedelta

from datong.conformance._fixtures import Calendar

_SATURDAY = 5


class YearUnknown(Exception):
    """The calendar does not cover this year."""


def working(day: date, calendar: Calendar) -> bool:
    if day.year not in calendar.years:
        raise YearUnknown(str(day.year))
    return day in calendar.workdays or (day.weekday() < _SATURDAY and day not in calendar.holidays)


def working_days_later(day: date, count: int, calendar: Calendar) -> date:
    """The day that lies `count` working days after this one, which does not count itself."""
    while count:
        day += timedelta(days=1)
        count -= working(day, calendar)
    return day
