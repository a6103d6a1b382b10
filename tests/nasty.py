"""Texts of a million characters on which programs take longest."""

from __future__ import annotations

from typing import Final

LENGTH: Final = 1_000_000

_UNITS: Final = {
    "combining marks": "\u0300\u0316",
    "marks that decompose": "\u0f73",
    "ligatures": "\ufdfa",
    "invisible": "\u200b",
    "letters": "a",
    "digits": "9",
    "brackets": "(",
    "guests": "(feat. a",
    "dashes": "- ",
    "stars": "a*",
    "tags": "<",
    "commas": ", ",
    "lines": "a\n",
    "references": "&amp;#",
}
NASTY: Final = {
    **{name: (unit * LENGTH)[:LENGTH] for name, unit in _UNITS.items()},
    "blanks": f"A{' ' * (LENGTH - 2)}B",
}
"""By what they are made of."""
