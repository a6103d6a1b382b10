"""Tracks as integrators see them; every query is of one label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.store.models import CatalogueRelease, CatalogueTrack, ReleaseRow, TrackRow

Columns = sa.Select[*tuple[Any, ...]]


class ListedTrack(NamedTuple):
    """A track in a list; `slug` is None where its fields came with a package."""

    id: UUID
    release: UUID
    number: int
    title: str | None
    slug: str | None


@dataclass(frozen=True, slots=True)
class TrackPlace:
    """Where a page of a list begins: behind this track of this release."""

    release: UUID
    number: int


def list_tracks(
    tx: Session,
    label: int,
    user: str | None = None,
    release: UUID | None = None,
    after: TrackPlace | None = None,
    limit: int | None = None,
) -> list[ListedTrack]:
    """The label's tracks, by release and running order; of one user or one release if given."""
    sent, read = _sent(label, user, release), _read(label, release)
    every = sa.union_all(sent, read).subquery() if user is None else sent.subquery()
    query = sa.select(every)
    if after is not None:
        same = sa.and_(every.c.release == after.release, every.c.number > after.number)
        query = query.where(sa.or_(every.c.release > after.release, same))
    ordered = query.order_by(every.c.release, every.c.number).limit(limit)
    return list(map(ListedTrack._make, tx.connection().execute(ordered)))


def _sent(label: int, user: str | None, release: UUID | None) -> Columns:
    """Tracks whose fields an integrator sent."""
    title = CatalogueTrack.fields["trackTitle"].as_string()
    query = sa.select(
        CatalogueTrack.id.label("id"),
        CatalogueTrack.release_id.label("release"),
        CatalogueTrack.number.label("number"),
        title.label("title"),
        CatalogueTrack.slug.label("slug"),
    ).where(CatalogueTrack.label_id == label)
    if user is not None:
        query = query.where(CatalogueTrack.user_id == user)
    return query if release is None else query.where(CatalogueTrack.release_id == release)


def _read(label: int, release: UUID | None) -> Columns:
    """Tracks that came with a package, of releases that no integrator sent."""
    query = (
        sa.select(
            TrackRow.id.label("id"),
            TrackRow.release_id.label("release"),
            TrackRow.number.label("number"),
            TrackRow.title.label("title"),
            sa.null().label("slug"),
        )
        .join(ReleaseRow, ReleaseRow.id == TrackRow.release_id)
        .where(ReleaseRow.label_id == label)
        .where(~sa.exists().where(CatalogueRelease.release_id == TrackRow.release_id))
    )
    return query if release is None else query.where(TrackRow.release_id == release)


def find_track(tx: Session, label: int, track: UUID) -> CatalogueTrack | TrackRow | None:
    """The label's track of this id, with an integrator's fields or as it came with a package."""
    sent = tx.get(CatalogueTrack, track)
    if sent is not None:
        return sent if sent.label_id == label else None
    query = (
        sa.select(TrackRow)
        .join(ReleaseRow, ReleaseRow.id == TrackRow.release_id)
        .where(TrackRow.id == track, ReleaseRow.label_id == label)
        .where(~sa.exists().where(CatalogueRelease.release_id == TrackRow.release_id))
    )
    return tx.scalar(query)


def tracks_sent(tx: Session, release: UUID) -> Sequence[CatalogueTrack]:
    """The tracks of a release that an integrator sent, in running order."""
    query = sa.select(CatalogueTrack).where(CatalogueTrack.release_id == release)
    return tx.scalars(query.order_by(CatalogueTrack.number)).all()


def add_track(
    tx: Session, release: CatalogueRelease, user: str, slug: str, fields: Mapping[str, Any], now: datetime
) -> CatalogueTrack:
    """Add a track at the end of a release whose row is locked."""
    last = tx.scalar(
        sa.select(sa.func.max(CatalogueTrack.number)).where(CatalogueTrack.release_id == release.release_id)
    )
    track = CatalogueTrack(
        release_id=release.release_id,
        label_id=release.label_id,
        user_id=user,
        number=(last or 0) + 1,
        slug=slug,
        fields=dict(fields),
        created_at=now,
        updated_at=now,
    )
    tx.add(track)
    tx.flush()
    return track


def delete_track(tx: Session, track: CatalogueTrack) -> None:
    """Delete a track of a release whose row is locked; those behind it move up."""
    release, number = track.release_id, track.number
    tx.delete(track)
    tx.flush()
    for behind in tracks_sent(tx, release):
        if behind.number > number:
            behind.number -= 1
            tx.flush()
