"""XML: whether the message can be read, and where it departs from ERN 3.8.2."""

from typing import Final

from ingest.rules.xml import departures, document, values, versions

FAMILIES: Final = (
    document.message,
    departures.departures,
    versions.versions,
)

EXTENDING: Final = (values,)
"""Modules whose rules join a family of another module; importing them registers the rules."""
