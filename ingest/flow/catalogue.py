"""Releases and tracks of integrators: created, changed, deleted, looked at. A release of another label is not found.

A change of what is sent to DSPs owes a new package (`composition`), some time after the last change.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.core.catalogue_status import ReleaseDecision, ReleaseStatus, release_status
from ingest.core.slugs import email_parts, slug
from ingest.core.status import Status
from ingest.flow.assets import ARTWORK, AUDIO, Assets
from ingest.flow.composition import Composition
from ingest.flow.errors import Code, Conflict, NotFound, Refused
from ingest.store import catalogue, catalogue_tracks
from ingest.store.catalogue import BarcodeTaken, Listed, Place
from ingest.store.catalogue_tracks import ListedTrack, TrackPlace
from ingest.store.database import Clock, Store
from ingest.store.models import CatalogueRelease, CatalogueTrack, Label, Package, ReleaseRow, TrackRow

REVIEWED: Final = frozenset(
    {
        *("releaseTitle", "releaseVersion", "releaseType", "primaryArtistName", "otherArtist", "otherArtistRole"),
        *("upcCode", "releasePhoto", "trackTitle", "trackVersion", "isrcCode", "trackAudio"),
    }
)
"""Fields whose change is reviewed again: what identifies the release or a track, audio and artwork."""
NEVER_SENT: Final = frozenset({"smartLink", "userEmail", "userId", "distroSpeedType"})
"""Fields that no message says: their change owes no package."""
MOST_TRACKS: Final = 500
"""Tracks of one release."""
ChangeFields = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Gets the fields that are kept, returns those that are to be kept; it may raise."""


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that changed, with their new values; None for those that are gone."""
    names = [*after, *(name for name in before if name not in after)]
    return {name: after.get(name) for name in names if before.get(name) != after.get(name)}


def applied(before: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    """The fields after these changes."""
    return {name: value for name, value in {**before, **changed}.items() if value is not None}


@dataclass(frozen=True, slots=True)
class ReleaseSeen:
    """A release as an integrator sees it. `kept` is None where it came with a package; `package` is its newest one.

    `approved_at` is when a package of it was approved last.
    """

    row: ReleaseRow
    kept: CatalogueRelease | None
    package: Package | None
    tracks: Sequence[ListedTrack]
    approved_at: datetime | None

    @property
    def status(self) -> ReleaseStatus:
        """The status that integrators read."""
        return release_status(self.row.status, self.row.decision)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The use cases of integrators on releases and tracks. `label` is always the caller's own."""

    config: Config
    store: Store
    assets: Assets
    composition: Composition
    clock: Clock

    def releases(
        self, label: int, user: str | None = None, after: Place | None = None, limit: int | None = None
    ) -> list[Listed]:
        """The label's releases, newest first; of one user if given, behind `after`, at most `limit`."""
        with self.store.reading() as tx:
            return catalogue.list_releases(tx, label, user, after, limit)

    def release(self, label: int, release: UUID) -> ReleaseSeen:
        """One release with its tracks. Raises NotFound."""
        with self.store.snapshot() as tx:
            return self._seen(tx, label, self._release(tx, label, release))

    def create(self, label: int, fields: Mapping[str, Any]) -> ReleaseSeen:
        """Add a release of these fields, which were validated. Raises Conflict where its barcode is taken."""
        now = self.clock()
        with self.store.transaction() as tx:
            named = self._slug("releaseTitle", "releaseVersion", fields)
            barcode = fields.get("upcCode")
            try:
                kept = catalogue.add_release(tx, label, fields["userId"], named, fields, now, barcode)
            except BarcodeTaken as error:
                raise Conflict(Code.BARCODE_TAKEN, barcode=barcode or "", release=str(error.release)) from None
            kept.photo_asset = self._asset(tx, label, "releasePhoto", fields)
            return self._seen(tx, label, tx.get_one(ReleaseRow, kept.release_id))

    def update(self, label: int, release: UUID, change: ChangeFields) -> ReleaseSeen:
        """Change fields of a release: `change` gets those that it has and returns those that it shall have.

        Raises what `change` raises; NotFound; Conflict where the barcode is taken or cannot change any more, or the
        release came with a package: then a new package changes it.
        """
        now = self.clock()
        with self.store.transaction() as tx:
            row, kept = self._own(tx, label, release)
            changed = differences(kept.fields, change(kept.fields))
            if (barcode := changed.get("upcCode")) is not None:
                self._set_barcode(tx, row, barcode)
            kept.fields = applied(kept.fields, changed)
            kept.user_id = kept.fields["userId"]
            kept.updated_at = now
            if "releasePhoto" in changed:
                kept.photo_asset = self._asset(tx, label, "releasePhoto", kept.fields)
            if row.status is None:
                catalogue.describe(row, kept.fields, now)
            self._note_change(tx, row, kept, changed, now)
            return self._seen(tx, label, row)

    def delete(self, label: int, release: UUID) -> None:
        """Delete a release with its tracks. Raises NotFound, or Conflict while a DSP has it or is to get it."""
        now = self.clock()
        with self.store.transaction() as tx:
            row = self._release(tx, label, release)
            if release_status(row.status, row.decision) is ReleaseStatus.APPROVED and row.status is not None:
                raise Conflict(Code.RELEASE_LIVE, release=str(release))
            kept = catalogue.lock_fields(tx, release) or catalogue.hide_release(tx, row, now)
            catalogue.delete_release(tx, kept, now)

    def tracks(
        self,
        label: int,
        user: str | None = None,
        release: UUID | None = None,
        after: TrackPlace | None = None,
        limit: int | None = None,
    ) -> list[ListedTrack]:
        """The label's tracks by release and running order; of one user or one release if given.

        Raises NotFound for an unknown release.
        """
        with self.store.snapshot() as tx:
            if release is not None:
                self._release(tx, label, release)
            return catalogue_tracks.list_tracks(tx, label, user, release, after, limit)

    def track(self, label: int, track: UUID) -> CatalogueTrack | TrackRow:
        """One track. Raises NotFound."""
        with self.store.reading() as tx:
            return self._track(tx, label, track)

    def create_track(self, label: int, release: UUID, fields: Mapping[str, Any]) -> CatalogueTrack:
        """Add a track at the end of a release. Raises NotFound; Conflict where the release came with a package;
        Refused where it has MOST_TRACKS.
        """
        now = self.clock()
        with self.store.transaction() as tx:
            row, kept = self._own(tx, label, release)
            if len(catalogue_tracks.tracks_sent(tx, release)) >= MOST_TRACKS:
                raise Refused(Code.TOO_MANY_TRACKS, most=MOST_TRACKS)
            named = self._slug("trackTitle", "trackVersion", fields)
            track = catalogue_tracks.add_track(tx, kept, fields["userId"], named, fields, now)
            track.audio_asset = self._asset(tx, label, "trackAudio", fields)
            kept.updated_at = now
            self._note_change(tx, row, kept, fields, now)
            return track

    def update_track(self, label: int, track: UUID, change: ChangeFields) -> CatalogueTrack:
        """As `update`, for a track. Raises NotFound, or Conflict where it came with a package."""
        now = self.clock()
        with self.store.transaction() as tx:
            found = self._sent_track(tx, label, track)
            row, kept = self._own(tx, label, found.release_id)
            changed = differences(found.fields, change(found.fields))
            found.fields = applied(found.fields, changed)
            found.user_id = found.fields["userId"]
            found.updated_at = kept.updated_at = now
            if "trackAudio" in changed:
                found.audio_asset = self._asset(tx, label, "trackAudio", found.fields)
            self._note_change(tx, row, kept, changed, now)
            return found

    def delete_track(self, label: int, track: UUID) -> None:
        """Delete a track. Raises NotFound, or Conflict where it came with a package."""
        now = self.clock()
        with self.store.transaction() as tx:
            found = self._sent_track(tx, label, track)
            row, kept = self._own(tx, label, found.release_id)
            fields = found.fields
            catalogue_tracks.delete_track(tx, found)
            self._note_change(tx, row, kept, fields, now)

    def agreed_dsps(self, label: int) -> Sequence[str]:
        """The DSPs that are agreed with the label, by their names in the configuration."""
        with self.store.reading() as tx:
            return tuple(tx.get_one(Label, label).dsps)

    def _release(self, tx: Session, label: int, release: UUID) -> ReleaseRow:
        row = catalogue.find_release(tx, label, release)
        if row is None:
            raise NotFound("release", str(release))
        return row

    def _own(self, tx: Session, label: int, release: UUID) -> tuple[ReleaseRow, CatalogueRelease]:
        """A release whose fields an integrator keeps, locked."""
        row = self._release(tx, label, release)
        kept = catalogue.lock_fields(tx, release)
        if kept is None:
            raise Conflict(Code.RELEASE_CAME_AS_PACKAGE, release=str(release))
        if kept.deleted_at is not None:
            raise NotFound("release", str(release))
        return row, kept

    def _track(self, tx: Session, label: int, track: UUID) -> CatalogueTrack | TrackRow:
        found = catalogue_tracks.find_track(tx, label, track)
        if found is None:
            raise NotFound("release-track", str(track))
        return found

    def _sent_track(self, tx: Session, label: int, track: UUID) -> CatalogueTrack:
        found = self._track(tx, label, track)
        if not isinstance(found, CatalogueTrack):
            raise Conflict(Code.RELEASE_CAME_AS_PACKAGE, release=str(found.release_id))
        return found

    def _seen(self, tx: Session, label: int, row: ReleaseRow) -> ReleaseSeen:
        tracks = catalogue_tracks.list_tracks(tx, label, release=row.id)
        kept, package = catalogue.fields_of(tx, row.id), catalogue.newest_package(tx, row.id)
        return ReleaseSeen(row, kept, package, tracks, catalogue.approved_at(tx, row.id))

    def _set_barcode(self, tx: Session, row: ReleaseRow, barcode: str) -> None:
        """A DSP knows a release by its barcode, which therefore stays once one has it."""
        if row.status in (Status.DELIVERED, Status.TAKEN_DOWN):
            raise Conflict(Code.BARCODE_FIXED, barcode=row.barcode or "")
        try:
            catalogue.set_barcode(tx, row, barcode)
        except BarcodeTaken as error:
            raise Conflict(Code.BARCODE_TAKEN, barcode=barcode, release=str(error.release)) from None

    def _note_change(
        self, tx: Session, row: ReleaseRow, kept: CatalogueRelease, changed: Mapping[str, Any], now: datetime
    ) -> None:
        """Owe a package where DSPs would get something else; reopen the review where it must be made again."""
        if not set(changed) - NEVER_SENT:
            return
        kept.revision += 1
        self.composition.owe(tx, kept, now + timedelta(seconds=self.config.api.compose_seconds))
        status = release_status(row.status, row.decision)
        is_reviewed_again = status is ReleaseStatus.APPROVED and bool(REVIEWED & set(changed))
        if is_reviewed_again or status is ReleaseStatus.REJECTED:
            catalogue.decide(tx, row, ReleaseDecision.REOPENED, now)

    def _asset(self, tx: Session, label: int, field: str, fields: Mapping[str, Any]) -> str:
        """The id of the file that a field names. Raises Refused where the label has none of that name."""
        kind = ARTWORK if field == "releasePhoto" else AUDIO
        named = self.assets.named(tx, label, None, fields[field], kind)
        if named is None:
            raise Refused(Code.FILE_UNKNOWN, field=field)
        return named.id

    def _slug(self, title: str, version: str, fields: Mapping[str, Any]) -> str:
        """A slug that names the user, unless the configuration keeps the address out."""
        ending = secrets.token_hex(3)
        shown = email_parts(fields["userEmail"]) if self.config.api.slug_names_user else ()
        return slug(fields.get(title), fields.get(version), *shown, ending=ending)
