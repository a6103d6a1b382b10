"""Releases as integrators see them: those whose fields they sent, and those that came with a package.

Every query is of one label; another label's releases are as if they were not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.core.catalogue_status import ReleaseDecision, ReleaseStatus, release_status
from ingest.core.decision import By, Face
from ingest.core.identifiers import LONGEST_IDENTIFIER
from ingest.core.release import release_key
from ingest.core.status import Status
from ingest.core.text import cut
from ingest.store.database import insert
from ingest.store.models import CatalogueRelease, CatalogueTrack, Change, Package, ReleaseRow

SHOWN = CatalogueRelease.deleted_at.is_(None)
"""Also true where a release has no fields of an integrator."""


_AWAITING = (
    Package.status == Status.NEEDS_QC.value,
    ReleaseRow.decision.in_((ReleaseDecision.APPROVED.value, ReleaseDecision.REJECTED.value)),
)


class Listed(NamedTuple):
    """A release in a list; `slug` is None where its fields came with a package."""

    id: UUID
    title: str | None
    slug: str | None
    status: str | None
    decision: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of a list begins: behind this release."""

    created_at: datetime
    id: UUID


class BarcodeTaken(Exception):
    """Another release of the label has this barcode; `release` is its id."""

    def __init__(self, release: UUID) -> None:
        super().__init__(str(release))
        self.release = release


def list_releases(
    tx: Session, label: int, user: str | None = None, after: Place | None = None, limit: int | None = None
) -> list[Listed]:
    """The label's releases, newest first; of one user if given, behind `after`, at most `limit`."""
    columns = (
        ReleaseRow.id,
        ReleaseRow.title,
        CatalogueRelease.slug,
        ReleaseRow.status,
        ReleaseRow.decision,
        ReleaseRow.created_at,
    )
    query = sa.select(*columns).where(ReleaseRow.label_id == label)
    if user is None:
        joined = CatalogueRelease.release_id == ReleaseRow.id
        query = query.outerjoin(CatalogueRelease, joined).where(SHOWN)
    else:
        query = query.join(CatalogueRelease, CatalogueRelease.release_id == ReleaseRow.id)
        query = query.where(SHOWN, CatalogueRelease.label_id == label, CatalogueRelease.user_id == user)
    if after is not None:
        same = sa.and_(ReleaseRow.created_at == after.created_at, ReleaseRow.id < after.id)
        query = query.where(sa.or_(ReleaseRow.created_at < after.created_at, same))
    ordered = query.order_by(ReleaseRow.created_at.desc(), ReleaseRow.id.desc()).limit(limit)
    return list(map(Listed._make, tx.connection().execute(ordered)))


def find_release(tx: Session, label: int, release: UUID) -> ReleaseRow | None:
    """The label's release of this id; None where there is none, or it was deleted."""
    query = sa.select(ReleaseRow).outerjoin(CatalogueRelease, CatalogueRelease.release_id == ReleaseRow.id)
    return tx.scalar(query.where(ReleaseRow.id == release, ReleaseRow.label_id == label, SHOWN))


def fields_of(tx: Session, release: UUID) -> CatalogueRelease | None:
    """What an integrator keeps of the release; None where it came with a package only."""
    return tx.get(CatalogueRelease, release)


def lock_fields(tx: Session, release: UUID) -> CatalogueRelease | None:
    """As `fields_of`; others who lock the same release wait until this transaction ends."""
    query = sa.select(CatalogueRelease).where(CatalogueRelease.release_id == release).with_for_update()
    return tx.scalar(query.execution_options(populate_existing=True))


def add_release(
    tx: Session, label: int, user: str, slug: str, fields: Mapping[str, Any], now: datetime, barcode: str | None
) -> CatalogueRelease:
    """Add a release of these fields, with that barcode if it is not None.

    Raises BarcodeTaken where a release of the label has it that is neither deleted nor rejected; one that is gives its
    barcode up, and is another release from then on.
    """
    number = uuid4()
    row = ReleaseRow(id=number, label_id=label, key=None, created_at=now, updated_at=now)
    tx.add(row)
    tx.flush()
    if barcode is not None:
        set_barcode(tx, row, barcode)
    kept = CatalogueRelease(
        release_id=number,
        label_id=label,
        user_id=user,
        slug=slug,
        fields=dict(fields),
        created_at=now,
        updated_at=now,
        revision=1,
        composed=0,
        attempts=0,
        runs=0,
    )
    tx.add(kept)
    describe(row, fields, now)
    tx.flush()
    return kept


def set_barcode(tx: Session, row: ReleaseRow, barcode: str) -> None:
    """Give the release this barcode. Raises BarcodeTaken as `add_release`."""
    key = release_key(barcode)
    query = sa.select(ReleaseRow).where(ReleaseRow.label_id == row.label_id, ReleaseRow.key == key)
    other = tx.scalar(query.where(ReleaseRow.id != row.id).with_for_update())
    if other is not None:
        kept = fields_of(tx, other.id)
        is_deleted = kept is not None and kept.deleted_at is not None
        if not is_deleted and release_status(other.status, other.decision) is not ReleaseStatus.REJECTED:
            raise BarcodeTaken(other.id)
        other.key = None
        tx.flush()
    row.key, row.barcode = key, barcode[:LONGEST_IDENTIFIER]
    try:
        with tx.begin_nested():
            tx.flush()
    except sa.exc.IntegrityError:
        tx.refresh(row)
        raise BarcodeTaken(tx.scalars(query).one().id) from None


def describe(row: ReleaseRow, fields: Mapping[str, Any], now: datetime) -> None:
    """Store what the fields say of the release, until a package of it was read."""
    row.title, row.version = cut(fields.get("releaseTitle")), cut(fields.get("releaseVersion"))
    row.artist, row.type = cut(fields.get("primaryArtistName")), cut(fields.get("releaseType"))
    row.release_date = cut(fields.get("releaseDate"))
    row.updated_at = now


def delete_release(tx: Session, kept: CatalogueRelease, now: datetime) -> None:
    """Delete the release and its tracks: its row stays, is shown to nobody, and gives its barcode up."""
    tx.execute(sa.delete(CatalogueTrack).where(CatalogueTrack.release_id == kept.release_id))
    kept.deleted_at, kept.compose_at = now, None
    tx.get_one(ReleaseRow, kept.release_id).key = None
    tx.flush()


def hide_release(tx: Session, row: ReleaseRow, now: datetime) -> CatalogueRelease:
    """Delete a release that came with packages: a row without fields marks it as deleted."""
    hidden = {
        "release_id": row.id,
        "label_id": row.label_id,
        "user_id": "",
        "slug": "",
        "fields": {},
        "created_at": now,
        "updated_at": now,
        "deleted_at": now,
        "revision": 0,
        "composed": 0,
        "attempts": 0,
        "runs": 0,
    }
    tx.execute(insert(tx, CatalogueRelease).values(**hidden).on_conflict_do_nothing(index_elements=["release_id"]))
    row.key = None
    tx.flush()
    return tx.get_one(CatalogueRelease, row.id)


def decide(
    tx: Session, row: ReleaseRow, decision: ReleaseDecision | None, now: datetime, by: By | None = None, notes: str = ""
) -> None:
    """Record what was decided of the release itself; None takes it back."""
    row.decision, row.decided_at = None if decision is None else decision.value, now
    row.decided_by = None if by is None else f"{by.face.value}:{by.who}"
    row.decision_notes = notes or None
    tx.flush()


def decided_by(row: ReleaseRow) -> By:
    """Who decided of the release itself."""
    face, _, who = (row.decided_by or "").partition(":")
    return By(who, Face(face))


def awaiting_decision(tx: Session, package: int) -> ReleaseRow | None:
    """The release of a package in Needs QC which was approved or rejected before; None for any other."""
    query = sa.select(ReleaseRow).join(Package, Package.release_id == ReleaseRow.id)
    return tx.scalar(query.where(Package.id == package, *_AWAITING))


def all_awaiting_decision(tx: Session, before: datetime) -> Sequence[Package]:
    """The packages in Needs QC since before that time whose release was approved or rejected before, oldest first."""
    query = sa.select(Package).join(ReleaseRow, ReleaseRow.id == Package.release_id)
    return tx.scalars(query.where(*_AWAITING, Package.checked_at < before).order_by(Package.id)).all()


def due_release(tx: Session, release: UUID) -> CatalogueRelease | None:
    """The fields of this release, while a package of it is owed, now or later."""
    query = sa.select(CatalogueRelease).where(CatalogueRelease.release_id == release)
    return tx.scalar(query.where(CatalogueRelease.compose_at.is_not(None), CatalogueRelease.deleted_at.is_(None)))


def due_releases(tx: Session, before: datetime) -> Sequence[CatalogueRelease]:
    """The releases of which a package has been owed since before that time, in that order."""
    query = sa.select(CatalogueRelease).where(CatalogueRelease.compose_at < before)
    return tx.scalars(query.where(CatalogueRelease.deleted_at.is_(None)).order_by(CatalogueRelease.compose_at)).all()


def composed_incoming(tx: Session, label: int) -> bool:
    """Whether a package that was composed for the label is Incoming."""
    query = sa.exists().where(
        Package.label_id == label,
        Package.status == Status.INCOMING.value,
        Package.release_id == CatalogueRelease.release_id,
    )
    return bool(tx.scalar(sa.select(query)))


def newest_package(tx: Session, release: UUID) -> Package | None:
    """The newest package of the release."""
    query = sa.select(Package).where(Package.release_id == release).order_by(Package.id.desc()).limit(1)
    return tx.scalars(query).first()


def approved_at(tx: Session, release: UUID) -> datetime | None:
    """When a package of the release was approved last."""
    query = sa.select(sa.func.max(Change.at)).join(Package, Package.id == Change.package_id)
    found: datetime | None = tx.scalar(
        query.where(Package.release_id == release, Change.new == Status.QC_APPROVED.value)
    )
    return found


def packages_of_release(tx: Session, release: UUID) -> Sequence[Package]:
    """All packages of the release, oldest first."""
    return tx.scalars(sa.select(Package).where(Package.release_id == release).order_by(Package.id)).all()
