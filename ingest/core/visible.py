"""Text of any origin made safe to print: control and invisible characters appear as their codes."""

from __future__ import annotations

import unicodedata
from typing import Final

LONGEST: Final = 1000
JOINERS: Final = frozenset("\u200c\u200d")
UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str, limit: int = LONGEST) -> str:
    """Text on one line with control and invisible characters as their codes, as in `‹U+001B›[31m`.

    These are controls (C0 and C1, with ESC), direction marks and line breaks. Joiners and tags stay: they are parts of
    emoji. At most `limit` characters of the text are shown.
    """
    kept = text if len(text) <= limit else f"{text[: limit - 1]}…"
    return "".join(f"‹U+{ord(one):04X}›" if _is_unseen(one) else one for one in kept)


def _is_unseen(character: str) -> bool:
    is_part_of_emoji = character in JOINERS or "\U000e0020" <= character <= "\U000e007f"
    return not is_part_of_emoji and unicodedata.category(character) in UNSEEN
