"""The artists of a release, as lists, emails and JSON name them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ingest.core.message import Message
from ingest.core.resources import Artist

MAIN_ARTIST: Final = "MainArtist"


def artists_of(message: Message | None) -> list[str]:
    """The main artists of the release, or those of its tracks where the release itself names none (as in the guide)."""
    if message is None:
        return []
    release = message.main_release
    if release is not None:
        if names := _main(release.display_artists):
            return names
        if release.display_artist_name is not None:
            return [release.display_artist_name.value]
    tracks = (message.recording_of(track) for track in message.tracks)
    return list(dict.fromkeys(name for track in tracks for name in _main(track.display_artists)))


def _main(named: Sequence[Artist]) -> list[str]:
    """The names of the main artists; of all of them where none has that role."""
    main = [artist for artist in named if any(role.value == MAIN_ARTIST for role in artist.roles)]
    return [artist.name.value for artist in main or named if artist.name is not None]
