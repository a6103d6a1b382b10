"""The folder of a package that is composed: our message, and the files of the release under the names it gives them."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from ingest.config import Config
from ingest.core.composed_release import ComposedTrack, audio_name, composed_offers, composed_release
from ingest.core.facts import ArtworkFacts, AudioFacts
from ingest.core.release import Release
from ingest.core.sent_file import SentAudio, SentFile, SentImage
from ingest.flow.asset_storage import AssetStorage
from ingest.flow.assets import SUFFIXES
from ingest.host.fsync import flush
from ingest.host.private import make_folder
from ingest.inbound.storage import Kept, Storage
from ingest.outbound.ern.outgoing import MessageParty, Outgoing, Transmission
from ingest.outbound.ern.versions import write
from ingest.readers.json_values import from_json
from ingest.store.models import Asset, CatalogueRelease, CatalogueTrack

MESSAGE: Final = "metadata.xml"
VERSION: Final = "3.8.2"
CODECS: Final = {"WAV": "PCM", "RF64": "PCM", "BW64": "PCM", "AIFF": "PCM", "AIFF-C": "PCM", "FLAC": "FLAC"}
"""AudioCodecTypes by container."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a package that is composed: its name there, and where its content lies."""

    name: str
    content: Path


@dataclass(frozen=True, slots=True)
class Composed:
    """A package as it is to be made, of one revision of a release."""

    release_id: UUID
    revision: int
    kept: Kept
    title: str
    release: Release
    files: Sequence[File]
    facts: Mapping[str, AudioFacts | ArtworkFacts]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ComposedPackages:
    """Makes the folders of packages that are composed."""

    config: Config
    storage: Storage
    contents: AssetStorage

    def build(self, made: Composed) -> None:
        """The folder in the storage, unless it is there from an attempt that did not end. Raises NotValid, OSError."""
        if self.storage.holds(made.kept):
            return
        staging = self.storage.staging(made.kept.number)
        with suppress(FileNotFoundError):
            shutil.rmtree(staging)
        make_folder(staging)
        for file in made.files:
            os.link(file.content, staging / file.name)
        message = staging / MESSAGE
        message.write_bytes(self._message(made))
        flush(message)
        flush(staging)
        self.storage.keep(made.kept, staging)

    def _message(self, made: Composed) -> bytes:
        """The ERN message of the account that sent the release. Raises NotValid."""
        recipient = MessageParty(self.config.ddex.party_id or self.config.operator.name, self.config.operator.name)
        transmission = Transmission(
            message_id=f"{made.release_id.hex}-{made.revision}",
            thread_id=made.release_id.hex,
            sender=MessageParty(made.kept.label, made.title or made.kept.label),
            recipients=(recipient,),
            created=made.made_at,
        )
        api = self.config.api
        offers = composed_offers(api.models, api.uses, made.release.release_date or "")
        sent = {file.name: _sent(file, made.facts[file.name]) for file in made.files}
        return write(VERSION, Outgoing(transmission, made.release, offers, sent))

    def composed(
        self,
        kept: CatalogueRelease,
        tracks: Sequence[CatalogueTrack],
        known: Mapping[str, Asset],
        place: Kept,
        title: str,
        now: datetime,
    ) -> Composed:
        """A package of the release, of files that are processed, to be made in that place."""
        files, facts, listed = [], {}, []
        for track in tracks:
            asset = known[track.audio_asset or ""]
            name = audio_name(track.number, track.fields["trackTitle"], SUFFIXES.get(asset.media or "", ""))
            files.append(File(name, self.contents.place(kept.label_id, asset.sha256 or "")))
            facts[name] = _facts(asset)
            listed.append(ComposedTrack(track.fields, name, (asset.duration_ms or 0) / 1000 or None))
        picture = known[kept.photo_asset or ""]
        cover = f"artwork{SUFFIXES.get(picture.media or '', '')}"
        files.append(File(cover, self.contents.place(kept.label_id, picture.sha256 or "")))
        facts[cover] = _facts(picture)
        release = composed_release(kept.fields, listed, cover)
        return Composed(kept.release_id, kept.revision, place, title, release, files, facts, now)


def _facts(asset: Asset) -> AudioFacts | ArtworkFacts:
    if asset.media in ("JPEG", "PNG"):
        return from_json(ArtworkFacts, asset.facts)
    return from_json(AudioFacts, asset.facts)


def _sent(file: File, facts: AudioFacts | ArtworkFacts) -> SentFile:
    """How the message describes a file; what was not measured of it is left out."""
    with file.content.open("rb") as content:
        md5 = hashlib.file_digest(content, "md5").hexdigest()
    audio = image = None
    if isinstance(facts, AudioFacts):
        if facts.sample_rate and facts.bits and facts.channels and facts.duration:
            codec = CODECS.get(facts.container.value, facts.codec or facts.container.value)
            audio = SentAudio(codec, facts.sample_rate, facts.bits, facts.channels, facts.duration)
    elif facts.width and facts.height:
        image = SentImage(facts.format, facts.width, facts.height)
    return SentFile(file.name, file.name, facts.size, md5, "", "", audio, image)
