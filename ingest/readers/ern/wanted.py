"""Elements that the guide asks for: their spellings, where they belong, and which of them a place goes without."""

from __future__ import annotations

from collections.abc import Iterable

from ingest.readers.ern.content_model import Child
from ingest.readers.ern.departure import Place

SPELLINGS = {"UPC": ("ICPN",), "EAN": ("ICPN",), "URI": ("FileName", "URL")}
"""Elements of the guide's example, and what ERN 3.8.2 has in their place."""

GUIDES = {"Release": ("ReleaseDate",), "ReleaseId": ("UPC", "EAN"), "File": ("URI",)}
"""Elements that the guide puts where the standard has them not, by their parent."""

WANTED = {
    "Deal": ("DealTerms",),
    "DealTerms": ("TerritoryCode", "ValidityPeriod"),
    "DisplayArtist": ("PartyName",),
    "ReleaseDeal": ("Deal",),
    "DealList": ("ReleaseDeal",),
    "File": ("FileName", "URL"),
    "Genre": ("GenreText",),
    "NewReleaseMessage": ("ResourceList", "ReleaseList", "DealList"),
    "Release": ("ReleaseId", "ReferenceTitle", "ReleaseType", "ReleaseDetailsByTerritory"),
    "ReleaseDetailsByTerritory": ("ReleaseDate", "DisplayArtist", "LabelName"),
    "ReleaseId": ("ICPN",),
    "ReleaseList": ("Release",),
    "PartyName": ("FullName",),
    "ReferenceTitle": ("TitleText",),
    "ResourceList": ("SoundRecording",),
    "SoundRecording": ("SoundRecordingId", "ReferenceTitle", "SoundRecordingDetailsByTerritory"),
    "SoundRecordingDetailsByTerritory": (
        "DisplayArtist",
        "IndirectResourceContributor",
        "Genre",
        "ParentalWarningType",
        "TechnicalSoundRecordingDetails",
    ),
    "SoundRecordingId": ("ISRC",),
    "TechnicalSoundRecordingDetails": ("File",),
    "ValidityPeriod": ("StartDate",),
}
"""What the guide's table asks for, and rules look for, by its parent."""

EITHER_OR = {
    "ExcludedDistributionChannel": "DistributionChannel",
    "ExcludedTerritoryCode": "TerritoryCode",
}
"""Elements that say where something does not hold, and those that say where it does: only one of the two may stand."""

ASKED_FOR = frozenset(
    {
        "CommercialModelType",
        "Deal",
        "DealList",
        "DealTerms",
        "DisplayArtist",
        "File",
        "FileName",
        "Genre",
        "ICPN",
        "ISRC",
        "LabelName",
        "ParentalWarningType",
        "Release",
        "ReleaseDate",
        "ReleaseDeal",
        "ReleaseType",
        "SoundRecording",
        "StartDate",
        "TechnicalSoundRecordingDetails",
        "TerritoryCode",
        "Title",
        "UseType",
        "Usage",
        "ValidityPeriod",
    }
)
"""Elements that releases cannot do without, though the standard leaves them free (guide, "Minimal example")."""


def all_wanted_in(name: str) -> tuple[str, ...]:
    """What rules look for within an element of this name, at any depth."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        inner = [one for one in WANTED.get(waiting.pop(), ()) if one not in found]
        found.update(dict.fromkeys(inner))
        waiting += inner
    return tuple(found)


def lacking_in(parent: Place, known: Iterable[Child]) -> tuple[str, ...]:
    """What must stand in this parent, or is asked for there, and does not; with what would stand within that."""
    here = {str(child.tag) for child in parent.element.iterchildren("*") if child not in parent.tree.made}
    asked = WANTED.get(parent.names[-1], ())
    met = {child.group for child in known if child.name in here} - {None}
    absent = [child.name for child in known if child.name not in here and child.group not in met]
    absent = [name for name in absent if name in asked or any(one.must for one in known if one.name == name)]
    return tuple(dict.fromkeys([*absent, *(inner for name in absent for inner in all_wanted_in(name))]))
