"""A value of the message with its line, and the limits on how much of any text is processed."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

Value = TypeVar("Value", str, str | None)

LONGEST: Final = 1000
"""Characters of a title, name or other value that are read, stored and compared; the longest title known has 865."""

MOST_MARKS: Final = 30
"""Combining marks in a row that are kept (Unicode Standard Annex 15, "Stream-Safe Text Format")."""

MARKS_BY_DECOMPOSITION: Final = frozenset("\u0f73\u0f75\u0f81\uff9e\uff9f")
"""Characters that are no combining marks themselves, but decompose into nothing else."""


@dataclass(frozen=True, slots=True)
class Text:
    """One value of the message, stripped of outer blanks, with its line."""

    value: str
    line: int


def cut(value: Value) -> Value:
    """The first LONGEST characters of a text from outside; None stays None."""
    return value if value is None else value[:LONGEST]


def normalised(form: Literal["NFC", "NFKC", "NFKD"], text: str) -> str:
    """As `unicodedata.normalize`, whose time grows with the square of the combining marks in a row, but in linear time.

    Marks after the first MOST_MARKS in a row are dropped.
    """
    return unicodedata.normalize(form, text if text.isascii() else _with_short_runs(text))


def _with_short_runs(text: str) -> str:
    kept, run = [], 0
    for character in text:
        is_mark = unicodedata.combining(character) or character in MARKS_BY_DECOMPOSITION
        run = run + 1 if is_mark else 0
        if run <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)
