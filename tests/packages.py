"""Release folders made in code: GOOD ones, and BROKEN ones that differ from a good one by one change.

`write_good(parent, kind)` and `write_broken(parent, code)` make a folder below `parent` and return it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.broken import artwork, audio, folder, message, release, style
from tests.broken.change import Broken
from tests.good import RECEIVED, Good, write_good
from tests.messages import RELEASED, Sheet

__all__ = ["BROKEN", "RECEIVED", "RELEASED", "UNBROKEN", "Broken", "Good", "Sheet", "write_broken", "write_good"]

BROKEN: Final[dict[str, Broken]] = {
    **folder.BROKEN,
    **message.BROKEN,
    **release.BROKEN,
    **audio.BROKEN,
    **artwork.BROKEN,
    **style.BROKEN,
}

UNBROKEN: Final[dict[str, str]] = {
    "XML-016": "only a schema of the operator knows departures that no other rule names",
}
"""Codes that no package can show, and why."""


def write_broken(parent: Path, code: str) -> Path:
    """Write the package that breaks the rule `code` and no other."""
    broken = BROKEN[code]
    written = write_good(parent, broken.good)
    return broken.change(written) or written
