"""Characters that a label cannot see: they reorder, break or hide the words around them."""

from __future__ import annotations

import unicodedata
from typing import Final

LONGEST_VALUE: Final = 160

_DIRECTION: Final = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LINE_BREAKS: Final = frozenset("\t\r\n\u2028\u2029")


def plain(value: str) -> str:
    """A label's own text made fit to stand in a sentence: one line, no control or direction marks, not too long."""
    kept = value if value.isprintable() else "".join(_printable(character) for character in value)
    return kept if len(kept) <= LONGEST_VALUE else f"{kept[: LONGEST_VALUE - 1]}…"


def hidden(value: str) -> str | None:
    """The first control or direction character of a name; None where it has none.

    Tabs and the line ends of a text editor do no harm: every program reads them as blanks.
    """
    if value.isprintable():
        return None
    return next((one for one in value if one not in "\t\r\n" and _printable(one) != one), None)


def named(character: str) -> str:
    """What a hidden character is, as `a direction character (U+202E)`."""
    kind = "direction" if character in _DIRECTION else "line break" if character in _LINE_BREAKS else "control"
    return f"a {kind} character (U+{ord(character):04X})"


def without_hidden(value: str) -> str:
    """The name with nothing but what can be seen; a line break stood for a blank."""
    seen = (" " if one in _LINE_BREAKS else one for one in value if one in _LINE_BREAKS or hidden(one) is None)
    return "".join(seen).strip()


def _printable(character: str) -> str:
    if character in _LINE_BREAKS:
        return " "
    return "\ufffd" if character in _DIRECTION or unicodedata.category(character) in ("Cc", "Cs") else character
