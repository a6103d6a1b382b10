"""Calendar dates as ERN writes them: `YYYY-MM-DD`, the date part of a date-time, `YYYY-MM` or `YYYY`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Final

FULL: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def is_full_date(value: str) -> bool:
    """True for the form YYYY-MM-DD, whether or not the calendar has that day."""
    return FULL.fullmatch(value) is not None


def day(value: str) -> date | None:
    """The day of a date or date-time; None where it has another form, or the calendar has no such day."""
    written = value[:10]
    if not is_full_date(written):
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def iso_or_written(value: str | None) -> tuple[str | None, str | None]:
    """A date for programs: the day as YYYY-MM-DD and None; where it cannot be read, None and what was written."""
    found = None if value is None else day(value)
    return (None, value) if found is None else (found.isoformat(), None)


def moment(value: str) -> datetime | None:
    """The point in time of a date-time, in UTC; one without a zone counts as UTC. None where it is not a date-time.

    None too where its zone moves it out of the years 1 to 9999.
    """
    try:
        found = datetime.fromisoformat(value.strip())
        return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
