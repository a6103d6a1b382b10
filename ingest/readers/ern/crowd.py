"""How many recordings, tracks, releases and deals a message may hold.

The time for which judging and storing a message makes everything else wait grows with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ingest.core.message import Message

MOST: Final[Mapping[str, int]] = {"recordings": 4_000, "tracks": 4_000, "releases": 4_001, "deals": 20_000}
"""By the field of Message. The releases are one for each track, and the main release."""


def crowd_of(message: Message) -> str:
    """What the message holds more of than is taken, in words; empty where it holds no more of anything."""
    counts = {what: len(getattr(message, what)) for what in MOST}
    what = next((what for what, count in counts.items() if count > MOST[what]), "")
    return f"it holds {counts[what]:,} {what}, and we take {MOST[what]:,}" if what else ""
