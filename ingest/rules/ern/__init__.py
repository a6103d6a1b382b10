"""ERN: what the XML says of the release, its tracks and its deals, and what is known of both already."""

from typing import Final

from ingest.rules.ern import advisories, blanks, content, deals, kinds, known, names, profile, recordings, release

FAMILIES: Final = (
    release.release,
    release.stated,
    kinds.messages,
    known.earlier,
    known.twins,
    known.asked,
    names.names,
    recordings.recording,
    recordings.repeated,
    recordings.delivered,
    content.sounding,
    deals.sold,
    blanks.blanks,
)

EXTENDING: Final = (
    advisories,
    profile,
)
"""Modules whose rules join a family of another module; importing them registers the rules."""
