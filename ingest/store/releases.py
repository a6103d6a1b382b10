"""Releases: which packages belong to which, and what is stored of each.

Two packages of a label are of the same release if their barcodes have the same `core.release.release_key`; nothing else
decides that. What is stored of a release is from one of its messages, the one that counts: the newest that we accepted,
or the newest of all while we accepted none. A takedown or purge changes nothing of what it takes down, and counts like
a refused message. The newest message is the one made last; of those made at the same time, the one that arrived last.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.core.catalogue_status import ReleaseDecision
from ingest.core.identifiers import LONGEST_IDENTIFIER, canonical_isrc
from ingest.core.kind import ACCEPTED, Kind
from ingest.core.release import Release, ReleaseTrack, release_key, track_keys
from ingest.core.status import Status
from ingest.core.text import cut
from ingest.store.database import insert
from ingest.store.models import Package, ReleaseRow, TrackRow

STATUSES: Final = sorted(status.value for status in ACCEPTED)
WENT_OUT: Final = (Status.QC_APPROVED.value, Status.DELIVERED.value, Status.TAKEN_DOWN.value)
ENDS: Final = (Status.INVALID.value, Status.QC_REJECTED.value, Status.QC_APPROVED.value)
"""Statuses of a package that end what was decided of its release before it had one."""
BRINGS: Final = Package.kind.is_(None) | Package.kind.not_in((Kind.TAKEDOWN.value, Kind.PURGE.value))
"""The condition that a package is no takedown and no purge."""


def assign_release(tx: Session, package: Package, said: Release, now: datetime) -> None:
    """Set the package's release: that of its label with this barcode, which is added where there is none.

    A package without a barcode has a release of its own. Another transaction may add the same release at the same time.
    """
    key = release_key(said.barcode)
    if key is not None or package.release_id is None:
        package.release_id = _find_or_add(tx, package.label_id, key, now)
        tx.flush()


def _find_or_add(tx: Session, label: int, key: str | None, now: datetime) -> UUID:
    row = {"id": uuid4(), "label_id": label, "key": key, "created_at": now, "updated_at": now}
    added = insert(tx, ReleaseRow).values(**row).on_conflict_do_nothing(index_elements=["label_id", "key"])
    fresh: UUID | None = tx.scalar(added.returning(ReleaseRow.id))
    if fresh is not None:
        return fresh
    return tx.scalars(sa.select(ReleaseRow.id).where(ReleaseRow.label_id == label, ReleaseRow.key == key)).one()


def describe_release(tx: Session, package: Package, said: Release, now: datetime) -> None:
    """Store what this message says of the package's release, if it is the message that counts."""
    release = package.release_id
    counts = None if release is None else counting_package(tx, release)
    if release is None or counts is None or counts.id != package.id:
        return
    row = tx.get_one(ReleaseRow, release)
    row.barcode = None if said.barcode is None else said.barcode[:LONGEST_IDENTIFIER]
    row.title, row.version, row.artist = cut(said.title), cut(said.version), cut(said.display_artist)
    row.type, row.release_date, row.updated_at = cut(said.type), cut(said.release_date), now
    _set_tracks(tx, release, said.tracks)
    tx.flush()


def counting_package(tx: Session, release: UUID) -> Package | None:
    """The package whose message counts; None where the release has no package.

    Other transactions that call this for the same release wait until this one ends, and see what it changed.
    """
    tx.execute(sa.select(ReleaseRow.id).where(ReleaseRow.id == release).with_for_update(key_share=True))
    accepted = sa.case((Package.status.in_(STATUSES) & BRINGS, 1), else_=0)
    newest = (accepted.desc(), Package.made_at.desc().nulls_last(), Package.id.desc())
    return tx.scalars(sa.select(Package).where(Package.release_id == release).order_by(*newest).limit(1)).first()


def _set_tracks(tx: Session, release: UUID, listed: Sequence[ReleaseTrack]) -> None:
    """Replace the tracks. A track that remains keeps its id."""
    rows = tracks_of(tx, release)
    before = dict(zip(track_keys(rows), rows, strict=True))
    for key, track in zip(track_keys(listed), listed, strict=True):
        row = before.pop(key, None) or TrackRow(release_id=release)
        row.disc, row.number, row.seconds = track.disc, track.number, track.seconds
        row.isrc = canonical_isrc(track.isrc or "") or None
        row.title, row.version, row.artist = cut(track.title), cut(track.version), cut(track.display_artist)
        tx.add(row)
    for gone in before.values():
        tx.delete(gone)


def tracks_of(tx: Session, release: UUID) -> Sequence[TrackRow]:
    """The tracks of a release in running order."""
    return tx.scalars(sa.select(TrackRow).where(TrackRow.release_id == release).order_by(TrackRow.number)).all()


def note_status(tx: Session, package: Package) -> None:
    """Store the status that people go by for the package's release: of the newest that was approved, else the newest.

    A decision about the release that waited for this package's verdict ends with it; a takedown stays.
    """
    if package.release_id is None:
        return
    went_out = sa.case((Package.status.in_(WENT_OUT), 1), else_=0)
    newest = sa.select(Package.status).where(Package.release_id == package.release_id)
    status = newest.order_by(went_out.desc(), Package.id.desc()).limit(1).scalar_subquery()
    own = sa.update(ReleaseRow).where(ReleaseRow.id == package.release_id)
    tx.execute(own.values(status=status).execution_options(synchronize_session=False))
    if package.status in ENDS:
        ended = own.where(ReleaseRow.decision.is_not(None), ReleaseRow.decision != ReleaseDecision.TAKEN_DOWN.value)
        tx.execute(ended.values(decision=None).execution_options(synchronize_session=False))


def packages_of(tx: Session, release: UUID) -> Sequence[Package]:
    """The packages of a release, the newest first."""
    return tx.scalars(sa.select(Package).where(Package.release_id == release).order_by(Package.id.desc())).all()


def packages_with_barcode(tx: Session, barcode: str) -> Sequence[Package]:
    """The packages of all labels' releases with this barcode, however it is written, the newest first."""
    key = release_key(barcode)
    found = sa.select(Package).join(ReleaseRow, ReleaseRow.id == Package.release_id).where(ReleaseRow.key == key)
    return [] if key is None else tx.scalars(found.order_by(Package.id.desc())).all()


def packages_under(key: str, label: int) -> sa.Select[Package]:
    """The query for the packages of the label's release with this key."""
    own = ReleaseRow.key == key, ReleaseRow.label_id == label
    return sa.select(Package).join(ReleaseRow, ReleaseRow.id == Package.release_id).where(*own)


def oldest_elsewhere(tx: Session, key: str, label: int) -> Package | None:
    """The oldest package that we accepted, of other labels' releases with this key; None where there is none."""
    # The oldest of each release first: in a single query SQLite would go through every package of these statuses.
    of_release = Package.release_id == ReleaseRow.id, Package.status.in_(STATUSES)
    each = sa.select(sa.func.min(Package.id)).where(*of_release).scalar_subquery()
    oldest = tx.scalar(sa.select(sa.func.min(each)).where(ReleaseRow.key == key, ReleaseRow.label_id != label))
    return None if oldest is None else tx.get(Package, oldest)


def same_release(package: Package) -> sa.ColumnElement[bool]:
    """The condition that a package is of the same release as this one, which is included.

    A package without a release, because it was not judged, is alone.
    """
    if package.release_id is None:
        return Package.id == package.id
    return Package.release_id == package.release_id
