"""Which field of the REST API a place of a composed message stands for: integrators never see the message."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

_OF_TRACK: Final[Mapping[str, str]] = {
    "ReferenceTitle": "trackTitle",
    "SubTitle": "trackVersion",
    "Title": "trackTitle",
    "ISRC": "isrcCode",
    "SoundRecordingId": "isrcCode",
    "ResourceContributor": "collaboratorName",
    "IndirectResourceContributor": "writer",
    "LanguageOfPerformance": "language",
    "ParentalWarningType": "explicitContent",
    "TechnicalSoundRecordingDetails": "trackAudio",
    "Duration": "trackAudio",
    "DisplayArtist": "primaryArtistName",
    "DisplayArtistName": "primaryArtistName",
}
_OF_RELEASE: Final[Mapping[str, str]] = {
    "ReferenceTitle": "releaseTitle",
    "SubTitle": "releaseVersion",
    "Title": "releaseTitle",
    "ReleaseId": "upcCode",
    "ICPN": "upcCode",
    "ReleaseType": "releaseType",
    "ReleaseDate": "releaseDate",
    "OriginalReleaseDate": "pastReleaseDate",
    "DisplayArtist": "primaryArtistName",
    "DisplayArtistName": "primaryArtistName",
    "ParentalWarningType": "explicitContent",
}
_OF_BOTH: Final[Mapping[str, str]] = {
    "GenreText": "genre",
    "SubGenre": "subGenre",
    "Genre": "genre",
    "PLine": "copyrightHolder",
    "CLine": "albumCopyright",
    "LabelName": "labelName",
    "ValidityPeriod": "releaseDate",
    "Image": "releasePhoto",
}
_NUMBERED: Final = re.compile(r"(\d+)_.*")
ARTWORK: Final = "artwork."


def field_at(path: Sequence[str], track: int | None) -> str | None:
    """The field that an element stands for, by the names of the elements from the root down to it.

    `track` is the number of the track that it is part of. None where no field stands for it.
    """
    own = _OF_TRACK if track is not None else _OF_RELEASE
    for name in reversed(path):
        if (field := own.get(name)) is not None:
            return of_track(field, track)
        if (field := _OF_BOTH.get(name)) is not None:
            return field
    return None


def field_of_file(name: str) -> str | None:
    """The field that a file of a composed package comes from; None for the message."""
    if name.startswith(ARTWORK):
        return "releasePhoto"
    numbered = _NUMBERED.fullmatch(name)
    return None if numbered is None else of_track("trackAudio", int(numbered[1]))


def of_track(field: str, track: int | None) -> str:
    """A field with its track, as people read it: `trackTitle of track 2`."""
    return field if track is None else f"{field} of track {track}"
