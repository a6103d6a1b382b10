"""PKG: the release folder: is everything there, whole, and under its right name?"""

from typing import Final

from ingest.rules.package import completeness, folder, naming, order

FAMILIES: Final = (
    completeness.package,
    completeness.complete,
    folder.named,
)

EXTENDING: Final = (naming, order)
"""Modules whose rules join a family of another module; importing them registers the rules."""
