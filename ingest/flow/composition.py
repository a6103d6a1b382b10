"""Packages of integrators' releases: the job that puts a release together once it has all that it needs.

A release is composed when it has a cover and a track, and each of their files is processed; some time after its last
change, or at once when it is submitted or approved. We write its message, link its files into a folder of the storage,
and from then on the package goes the way of any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.core.alarm import Alarm, Outlook
from ingest.core.composed_release import folder_name
from ingest.core.folder_names import next_name
from ingest.core.log import Log
from ingest.flow.assigned_codes import AssignedCodes, RangeUsedUp
from ingest.flow.composed_package import Composed, ComposedPackages
from ingest.flow.engine import NOTIFY, Engine
from ingest.flow.jobs import Done, Failed, Job, Outcome, Persistence, job_key
from ingest.flow.moves import Moves
from ingest.inbound.storage import Kept, Storage
from ingest.outbound.ern.versions import NotValid
from ingest.store import catalogue, folders
from ingest.store.assets import PROCESSED, are_measured, assets_of, releases_with
from ingest.store.catalogue_tracks import tracks_sent
from ingest.store.database import Clock, Store
from ingest.store.delivery_jobs import waiting_jobs
from ingest.store.models import Asset, CatalogueRelease, CatalogueTrack, Label, Package, ReleaseFolder, ReleaseRow
from ingest.store.owed import begin_run

AGAIN: Final = timedelta(seconds=5)
"""The pause while an earlier package of the label is still being read, whose files must not be linked once more."""


def is_ready(kept: CatalogueRelease, tracks: Sequence[CatalogueTrack], known: Mapping[str, Asset]) -> bool:
    """Whether the release has a cover and a track, and each of their files is processed."""
    files = [known.get(one or "") for one in (kept.photo_asset, *(track.audio_asset for track in tracks))]
    return bool(tracks) and all(one is not None and one.state == PROCESSED for one in files)


@dataclass(frozen=True)
class Composition(Job[CatalogueRelease]):
    """The job of composing packages."""

    config: Config
    store: Store
    engine: Engine
    storage: Storage
    packages: ComposedPackages
    moves: Moves
    codes: AssignedCodes
    clock: Clock
    log: Log

    name = "compose"
    step = "compose"

    @property
    def persistence(self) -> Persistence:
        return Persistence(None, timedelta(minutes=10))

    def owe(self, tx: Session, kept: CatalogueRelease, at: datetime) -> None:
        """Owe a package of the release at that time; what was owed before is not owed any more."""
        kept.compose_at = at
        begin_run(kept)
        delay = max(0.0, (at - self.clock()).total_seconds())
        self.enqueue(tx, kept, 1, delay)

    def owe_now(self, tx: Session, kept: CatalogueRelease) -> None:
        """Owe a package at once, where something changed since the last one."""
        if kept.composed < kept.revision:
            self.owe(tx, kept, self.clock())

    def asset_ended(self, tx: Session, asset: Asset, now: datetime) -> None:
        """Owe packages of the releases that waited for this file, each `compose_seconds` after its last change.

        One that was submitted or approved is owed at once.
        """
        for kept in releases_with(tx, asset.id):
            if kept.composed < kept.revision:
                rested = kept.updated_at + timedelta(seconds=self.config.api.compose_seconds)
                self.owe(tx, kept, now if _is_awaited(tx, kept) else max(now, rested))

    def enqueue(self, tx: Session, row: CatalogueRelease, attempt: int, delay: float = 0) -> None:
        key = job_key(self.name, self.row_key(row), row.runs, attempt)
        # One at a time for a label: a content that is linked into a package must not be linked into another meanwhile.
        partition = f"compose:{row.label_id}"
        arguments = (row.release_id.hex, row.runs, attempt)
        self.engine.enqueue(tx, self.name, NOTIFY, key, *arguments, delay=delay, partition=partition)

    def attempt(self, release: str) -> Outcome:
        try:
            with self.store.transaction() as tx:
                made = self._claimed(tx, UUID(release))
        except RangeUsedUp as error:
            return Failed(f"{error} are used up", permanent=True)
        if made is None:
            return Done()
        try:
            self.packages.build(made)
        except NotValid as error:
            return Failed(f"the message is not valid ({error})", permanent=True)
        except OSError as error:
            return Failed(f"{error.strerror or error!r} ({error.filename})")
        self._finish(made)
        self.log("composed", release=release, folder=made.kept.name, label=made.kept.label)
        return Done()

    def _claimed(self, tx: Session, release: UUID) -> Composed | None:
        """What is to be composed now, with its codes and its folder; None where nothing is, or something is missing."""
        kept, now = catalogue.due_release(tx, release), self.clock()
        if kept is None or kept.compose_at is None or kept.compose_at > now or kept.composed >= kept.revision:
            return None
        tracks, known = tracks_sent(tx, release), assets_of(tx, release)
        if not is_ready(kept, tracks, known) or self._must_wait(tx, kept, known):
            return None
        self._assign(tx, kept, tracks, now)
        folder = self._folder(tx, kept, now)
        label = tx.get_one(Label, kept.label_id)
        place = Kept(label.name, folder.id, folder.name)
        return self.packages.composed(kept, tracks, known, place, label.title, now)

    def _must_wait(self, tx: Session, kept: CatalogueRelease, known: Mapping[str, Asset]) -> bool:
        """Whether a file is being read just now, by itself or in a package: one more link changes its ctime."""
        if are_measured(tx, kept.label_id, [one.sha256 or "" for one in known.values()]):
            return True
        if not catalogue.composed_incoming(tx, kept.label_id):
            return False
        places = (self.packages.contents.place(one.label_id, one.sha256 or "") for one in known.values())
        return any(place.stat().st_nlink > 1 for place in places)

    def _assign(self, tx: Session, kept: CatalogueRelease, tracks: Sequence[CatalogueTrack], now: datetime) -> None:
        """Give the release a barcode and its tracks ISRCs where they have none; they keep them."""
        if not kept.fields.get("upcCode") and (barcode := self.codes.barcode(tx)) is not None:
            catalogue.set_barcode(tx, tx.get_one(ReleaseRow, kept.release_id), barcode)
            kept.fields = {**kept.fields, "upcCode": barcode}
        for track in tracks:
            if not track.fields.get("isrcCode") and (isrc := self.codes.isrc(tx, now)) is not None:
                track.fields = {**track.fields, "isrcCode": isrc}

    def _folder(self, tx: Session, kept: CatalogueRelease, now: datetime) -> ReleaseFolder:
        """The folder of the package that is being made; a crash leaves one to go on with."""
        if kept.folder_id is not None:
            return tx.get_one(ReleaseFolder, kept.folder_id)
        fields = kept.fields
        said = fields["primaryArtistName"], fields["releaseTitle"], fields.get("upcCode"), fields["releaseDate"]
        name, taken = folder_name(*said), folders.NamesInUse(tx, kept.label_id)
        row = folders.add_composed(tx, kept.label_id, next_name(name, taken) if name in taken else name, now)
        kept.folder_id = row.id
        return row

    def _finish(self, made: Composed) -> None:
        """Record the package and have it read; nothing happens where an earlier attempt did."""
        stands = self.storage.lock(made.kept)
        with self.store.transaction() as tx:
            kept, now = catalogue.lock_fields(tx, made.release_id), self.clock()
            if kept is None or kept.folder_id != made.kept.number:
                return
            folders.end_seal(tx, made.kept.number, now, stands)
            folder = tx.get_one(ReleaseFolder, made.kept.number, populate_existing=True)
            package = self.moves.take(tx, folder, "", now)
            tx.get_one(Package, package).release_id = made.release_id
            kept.folder_id, kept.composed = None, made.revision

    def find(self, tx: Session, release: str) -> CatalogueRelease | None:
        return catalogue.due_release(tx, UUID(release))

    def owed(self, tx: Session, before: datetime) -> Sequence[CatalogueRelease]:
        return catalogue.due_releases(tx, before)

    def since(self, row: CatalogueRelease) -> datetime:
        return row.compose_at or row.updated_at

    def done(self, tx: Session, row: CatalogueRelease, outcome: Outcome, now: datetime) -> str:
        """What still lacks something is owed again by what brings it; what only waits is tried again soon."""
        is_whole = is_ready(row, tracks_sent(tx, row.release_id), assets_of(tx, row.release_id))
        if row.composed < row.revision and is_whole:
            self.owe(tx, row, max(now + AGAIN, row.compose_at or now))
            return "waiting"
        row.compose_at = None
        return "composed" if row.composed >= row.revision else "incomplete"

    def give_up(self, tx: Session, row: CatalogueRelease, failed: Failed, now: datetime) -> str:
        row.compose_at = None
        return "given up"

    def given_up(self, row: CatalogueRelease, failed: Failed) -> Alarm:
        return Alarm(f"no package could be made of release {row.release_id}", Outlook.WAITS)

    def row_key(self, row: CatalogueRelease) -> str:
        return row.release_id.hex

    def described(self, row: CatalogueRelease) -> str:
        return f"the composing of release {row.release_id}"

    def package(self, row: CatalogueRelease) -> int | None:
        return None

    def commands(self, row: CatalogueRelease) -> tuple[str, ...]:
        """As `Work.commands`; a change of the release, or its approval, composes it again."""
        return ()


def _is_awaited(tx: Session, kept: CatalogueRelease) -> bool:
    """Whether the release was submitted to DSPs, or decided, before it could be composed."""
    is_decided = tx.get_one(ReleaseRow, kept.release_id).decision is not None
    return is_decided or bool(waiting_jobs(tx, kept.release_id))
