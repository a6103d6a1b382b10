"""Invisible characters: they reorder, break or hide the text around them."""

from __future__ import annotations

import unicodedata
from typing import Final

LONGEST_VALUE: Final = 160

_DIRECTION: Final = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LINE_BREAKS: Final = frozenset("\t\r\n\u2028\u2029")


def plain(value: str) -> str:
    """A label's text, safe to quote in a sentence: one line, no control or direction characters, cut if too long."""
    kept = value if len(value) <= LONGEST_VALUE else f"{value[: LONGEST_VALUE - 1]}…"
    return kept if kept.isprintable() else "".join(_printable(character) for character in kept)


def hidden(value: str) -> str | None:
    """The first control or direction character of a name; None where it has none.

    Tabs, CR and LF are not reported: XML parsers and programs treat them as blanks.
    """
    if value.isprintable():
        return None
    return next((one for one in value if one not in "\t\r\n" and _printable(one) != one), None)


def named(character: str) -> str:
    """A description of a hidden character: `a direction character (U+202E)`."""
    kind = "direction" if character in _DIRECTION else "line break" if character in _LINE_BREAKS else "control"
    return f"a {kind} character (U+{ord(character):04X})"


def without_hidden(value: str) -> str:
    """The name without invisible characters; line breaks become blanks."""
    seen = (" " if one in _LINE_BREAKS else one for one in value if one in _LINE_BREAKS or hidden(one) is None)
    return "".join(seen).strip()


def _printable(character: str) -> str:
    if character in _LINE_BREAKS:
        return " "
    return "\ufffd" if character in _DIRECTION or unicodedata.category(character) in ("Cc", "Cs") else character
