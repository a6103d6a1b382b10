"""An integrator of the label `anna`: files, a release with a track, and what becomes of them, in this process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from ingest.app.catalogue_parts import CatalogueParts
from ingest.core.decision import By, Face
from ingest.flow.catalogue import ReleaseSeen
from ingest.store.models import Asset, CatalogueTrack
from tests import good
from tests.stage import Stage

KEY = By("key_1", Face.API)
"""Who decides."""

RELEASE: Mapping[str, Any] = {
    "releaseTitle": "No Balance",
    "releaseType": "Single",
    "releaseDate": "2027-02-10T12:00:00.000Z",
    "yearOfCopyright": "2027",
    "copyrightHolder": "Anna Music",
    "language": "English",
    "genre": "Afrobeats",
    "labelId": "label_1",
    "labelName": "Anna Records",
    "primaryArtistName": "Ama",
    "primaryArtistId": "artist_1",
    "albumCopyright": ["© 2027 Anna Records"],
    "distroStores": ["Alpha"],
    "userId": "user_1",
    "userEmail": "user@example.com",
    "upcCode": "5034567890120",
}
TRACK: Mapping[str, Any] = {
    "trackTitle": "No Balance",
    "language": "English",
    "lyrics": "Girl",
    "primaryArtistName": "Ama",
    "primaryArtistId": "artist_1",
    "writer": ["Ama"],
    "collaboratorName": ["Telz"],
    "collaboratorRole": ["Producer"],
    "explicitContent": False,
    "isrcCode": "QZABC2600001",
    "userId": "user_1",
    "userEmail": "user@example.com",
}
SECONDS = 40


@cache
def audio(seed: int = 1) -> bytes:
    """A master, as WAV."""
    return good.wav(SECONDS, seed)


@cache
def cover() -> bytes:
    """A cover, as JPEG."""
    return good.jpeg()


@dataclass
class Integrator:
    """One integrator, whose label is the one of that number."""

    on: Stage
    label: int = 1

    @property
    def parts(self) -> CatalogueParts:
        return self.on.app.parts

    def upload(self, content: bytes, name: str = "song.wav", *, measured: bool = True) -> Asset:
        """A file, received whole."""
        with self.parts.assets.storage.arriving() as arriving:
            arriving.write(content)
            row = self.parts.assets.keep(self.label, None, arriving, None, name, "A title")
        if measured:
            assert self.measure(row.id) == "processed"
        return self.parts.assets.get(self.label, row.id)

    def measure(self, asset: str, attempt: int = 1) -> str:
        """The job of a file."""
        return self.on.carry(self.parts.assets, asset, 1, attempt)

    def create(self, **changes: Any) -> ReleaseSeen:
        """A release; a cover is uploaded where `releasePhoto` is not given."""
        photo = changes.pop("releasePhoto", None) or self.upload(cover(), "cover.jpg").id
        fields = {name: value for name, value in {**RELEASE, "releasePhoto": photo, **changes}.items() if value}
        return self.parts.catalogue.create(self.label, fields)

    def add_track(self, release: UUID, **changes: Any) -> CatalogueTrack:
        """A track of a release; audio is uploaded where `trackAudio` is not given."""
        sound = changes.pop("trackAudio", None) or self.upload(audio()).id
        fields = {**TRACK, "trackAudio": sound, "releaseId": str(release), **changes}
        given = {name: value for name, value in fields.items() if value is not None}
        return self.parts.catalogue.create_track(self.label, release, given)

    def whole(self, **changes: Any) -> UUID:
        """A release with a cover and a track."""
        release = self.create(**changes).row.id
        self.add_track(release)
        return release

    def compose(self, release: UUID, *, rested: bool = True) -> str:
        """The job of composing the release, once it has rested."""
        if rested:
            self.on.clock.advance(minutes=2)
        run = self.seen(release).kept
        assert run is not None
        return self.on.carry(self.parts.catalogue.composition, release.hex, run.runs, 1)

    def compose_owed(self, release: UUID) -> datetime | None:
        """When a package of the release is owed."""
        kept = self.seen(release).kept
        assert kept is not None
        return kept.compose_at

    def judged(self, release: UUID) -> str:
        """The status of the release's newest package after it was composed and read."""
        assert self.compose(release) == "composed"
        package = self.seen(release).package
        assert package is not None
        return self.on.judge(package.id)

    def seen(self, release: UUID) -> ReleaseSeen:
        """The release as the integrator sees it."""
        return self.parts.catalogue.release(self.label, release)
