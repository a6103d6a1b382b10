"""A value of the message with the line it stands on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """One value of the message, stripped of outer blanks, with its line."""

    value: str
    line: int
