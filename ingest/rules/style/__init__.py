"""STY: titles, names, credits and lines, by the style guides of stores. Never errors."""

from typing import Final

from ingest.rules.style import placeholders, publishing, titles, tracks, wording

FAMILIES: Final = (
    publishing.release,
    tracks.songs,
    titles.titles,
)

EXTENDING: Final = (placeholders, wording)
"""Modules whose rules join a family of another module; importing them registers the rules."""
