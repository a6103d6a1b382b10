"""What a value of the wrong form was most likely meant to be: `3:42` is PT3M42S, `2026/04/01` is 2026-04-01."""

from __future__ import annotations

import re
from collections.abc import Callable

from ingest.core.written_dates import days_of

ISO_DATE = "[0-9]{4}(-[0-9]{2}){0,1}(-[0-9]{2}){0,1}"
"""The pattern of the standard's own date type."""

_CLOCK = re.compile(r"(?:([0-9]{1,2}):)?([0-9]{1,3}):([0-5][0-9])(?:\.[0-9]{1,3})?")
_SECONDS = re.compile(r"[0-9]{1,4}")  # more are milliseconds
_LOOSE_DURATION = re.compile(
    r"P?T?(?:([0-9]{1,2})H)?(?:([0-9]{1,4})M)?(?:([0-9]{1,5})(?:\.[0-9]{1,3})?S?)?", re.IGNORECASE
)
_MOMENT = re.compile(
    r"(.+?)(?:T|,? +)((?:[01]?[0-9]|2[0-3]):[0-5][0-9])(:[0-5][0-9])?(Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
)
_NUMBER = re.compile(r"([0-9]{1,9})(?:[.,]([0-9]{1,6}))? ?[A-Za-z%]{0,8}")


def mended(form: str, found: str) -> str | None:
    """The value in its right form; None where that would be a guess. `form` is a built-in type or a pattern."""
    mend = _MENDS.get(form)
    return None if mend is None else mend(found.strip())


def _duration(found: str) -> str | None:
    if (clock := _CLOCK.fullmatch(found)) is not None:
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
    elif _SECONDS.fullmatch(found):
        hours, minutes, seconds = 0, 0, int(found)
    elif found and (loose := _LOOSE_DURATION.fullmatch(found.replace(" ", ""))) is not None and loose.lastindex:
        hours, minutes, seconds = (int(part or 0) for part in loose.groups())
    else:
        return None
    minutes, seconds = minutes + seconds // 60, seconds % 60
    hours, minutes = hours + minutes // 60, minutes % 60
    return f"PT{hours}H{minutes}M{seconds}S" if hours else f"PT{minutes}M{seconds}S"


def _date(found: str) -> str | None:
    days = days_of(found)
    return days[0] if len(days) == 1 else None  # else day and month could be either


def _moment(found: str) -> str | None:
    match = _MOMENT.fullmatch(found)
    if match is None and ":" in found:
        return None  # what time that is would be a guess
    written, time, seconds, zone = (found, None, None, None) if match is None else match.groups()
    day = _date(written)
    return None if day is None else f"{day}T{(time or '0:00').zfill(5)}{seconds or ':00'}{zone or ''}"


def _flag(found: str) -> str | None:
    return {"true": "true", "yes": "true", "y": "true", "false": "false", "no": "false", "n": "false"}.get(
        found.lower()
    )


def _decimal(found: str) -> str | None:
    match = _NUMBER.fullmatch(found)
    if match is None or ("," in found and len(match[2]) == 3):
        return None  # a comma before three digits may stand between thousands
    return ".".join(part for part in match.groups() if part)


def _integer(found: str) -> str | None:
    match = _NUMBER.fullmatch(found)
    return match[1] if match is not None and match[2] is None else None


_MENDS: dict[str, Callable[[str], str | None]] = {
    "boolean": _flag,
    "date": _date,
    "dateTime": _moment,
    "decimal": _decimal,
    "duration": _duration,
    "integer": _integer,
    ISO_DATE: _date,
}
