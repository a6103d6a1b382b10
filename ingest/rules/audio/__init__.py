"""AUD: the master files: their format, their damage, and what their samples say."""

from typing import Final

from ingest.rules.audio import damages, exports, formats, loudness

FAMILIES: Final = (
    formats.files,
    formats.headers,
    formats.sets,
    loudness.samples,
    exports.exported,
)

EXTENDING: Final = (damages,)
"""Modules whose rules join a family of another module; importing them registers the rules."""
