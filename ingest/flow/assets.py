"""Files of integrators: received or fetched, kept, measured by the readers, and told of when that is done.

A file that is sent is answered once its content is stored; measuring is a job. A file that is named by its address is
fetched by the same job first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session
from ulid import ULID

from ingest.config import Config
from ingest.core.alarm import Alarm
from ingest.core.facts import ArtworkFacts, AudioFacts, Container, FileEntry, FileKind
from ingest.core.log import Log
from ingest.flow.asset_addresses import AssetAddresses
from ingest.flow.asset_storage import Arriving, AssetStorage
from ingest.flow.engine import INGEST, Engine
from ingest.flow.errors import Code, NotFound, Refused
from ingest.flow.jobs import Done, Failed, Job, Outcome, Persistence, job_key
from ingest.outbound.http.client import GuardedClient, HttpError, Limits
from ingest.outbound.http.target import BadUrl
from ingest.readers.audio.magic import container_of
from ingest.readers.claims import artwork_of, audio_of
from ingest.readers.dossier import ReaderSettings
from ingest.readers.fork_client import Failure
from ingest.readers.json_values import to_json
from ingest.readers.sealed import CHANGED, stamp_of
from ingest.readers.turns import Share
from ingest.store import assets
from ingest.store.database import Clock, Store
from ingest.store.folders import kept_bytes
from ingest.store.models import Asset, Label

ID: Final = "file_{}"
AUDIO: Final = "audio"
ARTWORK: Final = "artwork"
PICTURES: Final = ((b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"))
SUFFIXES: Final = {
    "WAV": ".wav",
    "RF64": ".wav",
    "BW64": ".wav",
    "AIFF": ".aiff",
    "AIFF-C": ".aiff",
    "FLAC": ".flac",
    "MP3": ".mp3",
    "MP4": ".m4a",
    "AAC": ".aac",
    "Ogg": ".ogg",
    "WMA": ".wma",
    "JPEG": ".jpg",
    "PNG": ".png",
}
"""How names of files end, by what they are."""
GIVE_UP: Final = timedelta(days=1)
FETCH_SECONDS: Final = 3600.0
NOT_MEDIA: Final = "it is neither audio nor a JPEG or PNG picture"


def media_of(head: bytes) -> tuple[str, str] | None:
    """The type and format of a file by its first bytes: `audio` and a Container, or `artwork` and JPEG or PNG."""
    for mark, name in PICTURES:
        if head.startswith(mark):
            return ARTWORK, name
    if head[:3] == b"ID3":
        return AUDIO, Container.MP3.value
    container, _ = container_of(head)
    return None if container in (Container.OTHER, Container.EMPTY) else (AUDIO, container.value)


Told = Callable[[Session, Asset, datetime], None]
"""Called in the transaction that ends an asset: owes what follows from it."""


@dataclass(frozen=True)
class Assets(Job[Asset]):
    """The use cases of integrators on files, and the job of fetching and measuring them."""

    config: Config
    store: Store
    engine: Engine
    storage: AssetStorage
    reading: ReaderSettings
    client: GuardedClient
    addresses: AssetAddresses
    told: Sequence[Told]
    clock: Clock
    log: Log

    name = "asset"
    step = "asset"

    @property
    def persistence(self) -> Persistence:
        return Persistence(GIVE_UP, timedelta(hours=1))

    def room(self, label: int) -> int:
        """Bytes that the label may still store, beside its packages; never less than 0."""
        with self.store.reading() as tx:
            row = tx.get_one(Label, label)
            quota = row.max_bytes or self.config.sftp.max_bytes_per_label
            return max(0, quota - assets.stored_bytes(tx, label) - kept_bytes(tx, label))

    def find(self, tx: Session, asset: str) -> Asset | None:
        return assets.unfinished_asset(tx, asset)

    def get(self, label: int, asset: str) -> Asset:
        """One asset of the label. Raises NotFound."""
        with self.store.reading() as tx:
            row = assets.find_asset(tx, label, asset)
        if row is None:
            raise NotFound("asset", asset)
        return row

    def stored(self, asset: str) -> Asset | None:
        """An asset of any label whose content is stored; for those who have a signed address of it."""
        with self.store.reading() as tx:
            row = assets.any_asset(tx, asset)
        return row if row is not None and row.sha256 is not None else None

    def keep(self, label: int, user: str | None, arrived: Arriving, kind: str | None, name: str, title: str) -> Asset:
        """Keep a file that arrived whole, and owe its measuring. Raises Refused for what is neither audio nor picture.

        `kind` is what the integrator says that it is, `name` how it calls the file.
        """
        found = media_of(arrived.head)
        if found is None:
            raise Refused(Code.NOT_MEDIA)
        self.storage.keep(label, arrived)
        with self.store.transaction() as tx:
            said = kind or found[0]
            row = assets.add_asset(tx, ID.format(ULID()), label, user, self.clock(), kind=said, name=name, title=title)
            assets.note_content(row, arrived.sha256, arrived.size, found[1])
            self.enqueue(tx, row, 1)
        return row

    def named(self, tx: Session, label: int, user: str | None, reference: str, kind: str) -> Asset | None:
        """The asset that a field names: by its id, by our address of it, or by an outside one, which is fetched then.

        None where the label has no such asset, and for an address that is not encrypted.
        """
        if (own := self.addresses.asset_at(reference)) is not None:
            return assets.find_asset(tx, label, own)
        if not reference.startswith("https://"):
            return assets.find_asset(tx, label, reference)
        known = assets.fetched_from(tx, label, reference)
        if known is not None:
            return known
        name = reference.partition("?")[0].rpartition("/")[2][:200]
        row = assets.add_asset(
            tx, ID.format(ULID()), label, user, self.clock(), kind=kind, name=name, source_url=reference
        )
        self.enqueue(tx, row, 1)
        return row

    def enqueue(self, tx: Session, row: Asset, attempt: int, delay: float = 0) -> None:
        key = job_key(self.name, self.row_key(row), row.runs, attempt)
        partition = f"asset:{row.label_id}"
        self.engine.enqueue(tx, self.name, INGEST, key, row.id, row.runs, attempt, delay=delay, partition=partition)

    def attempt(self, asset: str) -> Outcome:
        with self.store.reading() as tx:
            row = assets.unfinished_asset(tx, asset)
        if row is None:
            return Done()
        if row.sha256 is None:
            fetched = self._fetch(row)
            if isinstance(fetched, Failed):
                return fetched
            row = fetched
        return self._measure(row)

    def _fetch(self, row: Asset) -> Asset | Failed:
        """Fetch the content of an asset that was named by its address."""
        try:
            with self.storage.arriving() as arriving:
                failed = asyncio.run(self._download(row.source_url or "", arriving, self.room(row.label_id)))
                found = media_of(arriving.head)
                if failed is not None or found is None:
                    return failed or Failed(NOT_MEDIA, permanent=True)
                self.storage.keep(row.label_id, arriving)
                with self.store.transaction() as tx:
                    kept = tx.get_one(Asset, row.id)
                    assets.note_content(kept, arriving.sha256, arriving.size, found[1])
                return kept
        except BadUrl as error:
            return Failed(str(error), permanent=True)
        except HttpError as error:
            return Failed(str(error))

    async def _download(self, url: str, arriving: Arriving, room: int) -> Failed | None:
        """Write what is at the address; why not, where it cannot be had. Raises HttpError, BadUrl, OSError."""
        most = min(room, self.config.api.max_file_bytes)
        limits = Limits(head=30, whole=FETCH_SECONDS, content=most)
        async with self.client.opened("GET", url, {}, b"", limits) as reply:
            if reply.status != 200:
                is_passing = reply.status >= 500 or reply.status in (408, 425, 429)
                return Failed(f"it was answered with status {reply.status}", permanent=not is_passing)
            while piece := await reply.read():
                arriving.write(piece)
        return None

    def _measure(self, row: Asset) -> Outcome:
        """Have a child read the content, and store what it measured."""
        place = self.storage.place(row.label_id, row.sha256 or "")
        kind = FileKind.IMAGE if row.media in ("JPEG", "PNG") else FileKind.AUDIO
        entry = FileEntry(f"{row.id}{SUFFIXES.get(row.media or '', '')}", row.size or 0, kind)
        request: dict[str, Any] = {"path": str(place), "name": entry.path, "stamp": stamp_of(place.stat())}
        share = Share(f"asset:{row.label_id}", [float(entry.size)])
        (facts,) = self.reading.pool.read(
            [request | self._asked(kind)],
            self.reading.limits,
            accept=lambda index, told, hashes: (artwork_of if kind is FileKind.IMAGE else audio_of)(
                told, entry, hashes
            ),
            share=share,
        )
        if isinstance(facts, Failure):
            # A package that was composed meanwhile has another link to the content, which changes a time of its inode.
            return Failed(facts.reason, facts.is_final and not facts.reason.endswith(CHANGED))
        with self.store.transaction() as tx:
            assets.note_facts(tx.get_one(Asset, row.id), to_json(_without_waveform(facts)), _milliseconds(facts))
        return Done()

    def _asked(self, kind: FileKind) -> dict[str, Any]:
        if kind is FileKind.IMAGE:
            return {"read": "artwork", "hashes": ["sha256"], "max_pixels": self.reading.max_pixels}
        limits = {"silence_level": self.reading.silence_level, "max_duration": self.reading.max_duration}
        return {"read": "audio", "hashes": ["sha256"], **limits}

    def owed(self, tx: Session, before: datetime) -> Sequence[Asset]:
        return assets.unfinished(tx, before)

    def since(self, row: Asset) -> datetime:
        return row.created_at

    def done(self, tx: Session, row: Asset, outcome: Outcome, now: datetime) -> str:
        assets.end(row, now)
        for tell in self.told:
            tell(tx, row, now)
        return assets.PROCESSED

    def give_up(self, tx: Session, row: Asset, failed: Failed, now: datetime) -> str:
        assets.end(row, now, failed.reason)
        for tell in self.told:
            tell(tx, row, now)
        return assets.FAILED

    def given_up(self, row: Asset, failed: Failed) -> Alarm | None:
        """An address that cannot be fetched is the integrator's, who is told; what our readers fail at is ours."""
        if row.sha256 is None:
            return None
        return Alarm(f"file {row.id} could not be measured")

    def row_key(self, row: Asset) -> str:
        return row.id

    def described(self, row: Asset) -> str:
        return f"the reading of file {row.id}"

    def package(self, row: Asset) -> int | None:
        return None

    def commands(self, row: Asset) -> tuple[str, ...]:
        """As `Work.commands`; an integrator sends the file again."""
        return ()


def _milliseconds(facts: AudioFacts | ArtworkFacts) -> int | None:
    seconds = facts.duration if isinstance(facts, AudioFacts) else None
    return None if seconds is None else round(seconds * 1000)


def _without_waveform(facts: AudioFacts | ArtworkFacts) -> AudioFacts | ArtworkFacts:
    """The outline is measured again with the package: here it would only take room."""
    if isinstance(facts, ArtworkFacts) or facts.measurement is None:
        return facts
    return replace(facts, measurement=replace(facts.measurement, waveform=()))
