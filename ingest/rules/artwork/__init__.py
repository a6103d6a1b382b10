"""ART: the cover."""

from typing import Final

from ingest.rules.artwork import covers, image, pictures

FAMILIES: Final = (
    image.artwork,
    covers.shared,
)

EXTENDING: Final = (pictures,)
"""Modules whose rules join a family of another module; importing them registers the rules."""
