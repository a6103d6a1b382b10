"""Dates in any spelling: the days that they may mean, and why a day does not exist."""

from __future__ import annotations

import calendar
import re
from datetime import date
from typing import Final

_YEAR_FIRST: Final = re.compile(r"([0-9]{4})([-/. ])([0-9]{1,2})\2([0-9]{1,2})")
_DIGITS: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_YEAR_LAST: Final = re.compile(r"([0-9]{1,2})([-/. ])([0-9]{1,2})\2([0-9]{4})")
_NAMED: Final = re.compile(r"([A-Za-z]{3,9})\.? ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})", re.ASCII)
_NAMED_LATER: Final = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?\.?[- ]([A-Za-z]{3,9})\.?,?[- ]([0-9]{4})", re.ASCII)
_TIME: Final = re.compile(r"(?:T|,? +)[0-9]{1,2}:[0-9]{2}.*", re.DOTALL)
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_LONGEST: Final = 60


def days_of(written: str) -> tuple[str, ...]:
    """The days that a date may mean, as YYYY-MM-DD, a time after it left out: two where day and month could be either.

    Day before month comes first. Empty where no spelling is known, or no such day exists.
    """
    days = (_iso(*parts) for parts in _readings(_without_time(written[:_LONGEST].strip())))
    return tuple(dict.fromkeys(day for day in days if day is not None))


def why_no_day(written: str) -> str | None:
    """A clause on why a date, read as it should be, is no day, as `April has 30 days`; None where it is one."""
    readings = _readings(_without_time(written[:_LONGEST].strip()))
    if not readings or _iso(*readings[0]) is not None:
        return None
    year, month, day = readings[0]
    if not 1 <= month <= 12:
        return f"there is no month {month}"
    if not year >= 1:
        return "there is no year 0"
    if not day:
        return "there is no day 0"
    name = f"February {year}" if month == 2 else _MONTHS[month - 1]
    return f"{name} has {calendar.monthrange(year, month)[1]} days"


def spelled(iso: str) -> str:
    """`1 April` of 2026-04-01."""
    return f"{int(iso[8:])} {_MONTHS[int(iso[5:7]) - 1]}"


def _without_time(written: str) -> str:
    time = _TIME.search(written)
    return written if time is None else written[: time.start()]


def _readings(written: str) -> list[tuple[int, int, int]]:
    """Year, month and day, as often as they may be read, whether or not there is such a day; the likeliest first."""
    if match := _YEAR_FIRST.fullmatch(written):
        year, month, day = int(match[1]), int(match[3]), int(match[4])
        return [(year, month, day), *([(year, day, month)] if month > 12 >= day else [])]
    if match := _DIGITS.fullmatch(written):
        return [(int(match[1]), int(match[2]), int(match[3]))]
    if match := _YEAR_LAST.fullmatch(written):
        one, two, year = int(match[1]), int(match[3]), int(match[4])
        readings = [(year, two, one), (year, one, two)]
        return readings[::-1] if two > 12 >= one else readings
    if match := _NAMED.fullmatch(written):
        return _of_month(match[3], match[1], match[2])
    match = _NAMED_LATER.fullmatch(written)
    return [] if match is None else _of_month(match[3], match[2], match[1])


def _of_month(year: str, name: str, day: str) -> list[tuple[int, int, int]]:
    fits = [number for number, one in enumerate(_MONTHS, 1) if one.lower().startswith(name.lower())]
    return [(int(year), fits[0], int(day))] if len(fits) == 1 else []


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
