"""The words for a date that is not written as YYYY-MM-DD, or that names no day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ingest.core.dates import is_full_date
from ingest.core.finding import Fault
from ingest.core.text import Text
from ingest.core.written_dates import days_of, spelled, why_no_day
from ingest.rules.subjects import said


@dataclass(frozen=True, slots=True)
class DateWords:
    """`wrong` is a clause about the date, `needed` what is needed in its place, `cure` a sentence."""

    wrong: str
    needed: str
    cure: str


def date_words(written: str) -> DateWords:
    """The words for a date as a label wrote it: its own day in the right form, wherever that can be known."""
    why, days = why_no_day(written), days_of(written)
    if is_full_date(written[:10]) and why is not None:
        wrong = f"does not exist: {why}"
    else:
        also = f", and {why}" if why is not None else ""
        wrong = f"is not in the form YYYY-MM-DD{also}"
    if len(days) == 1:
        return DateWords(wrong, days[0], f"Write {days[0]}, if {spelled(days[0])} is meant.")
    if days:
        meant = [f"{day} if {spelled(day)} is meant" for day in days]
        return DateWords(wrong, " or ".join(days), f"Write {', or '.join(meant)}.")
    if why is not None:
        return DateWords(
            wrong, "a day that exists", "Correct the date, and write it as year, month and day: YYYY-MM-DD."
        )
    cure = "Write the year, month and day with hyphens, such as 2026-04-01."
    return DateWords(wrong, "YYYY-MM-DD, such as 2026-04-01", cure)


def date_fault(fault: Callable[..., Fault], text: Text | None) -> Fault:
    """What `fault` makes of the date in `text`, with its words as `wrong` and `cure`."""
    words, line = date_words(said(text)), None if text is None else text.line
    return fault(line, found=said(text), expected=words.needed, wrong=words.wrong, cure=words.cure)
