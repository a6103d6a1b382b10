"""Artists of labels; every query is of one label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.store.models import Artist


def add_artist(
    tx: Session, artist: str, label: int, user: str | None, fields: Mapping[str, Any], now: datetime
) -> Artist:
    """Add an artist under this id; `user` is whose token asked for it."""
    row = Artist(id=artist, label_id=label, user_id=user, external_ids={}, created_at=now, updated_at=now, name="")
    set_artist(row, fields, now)
    tx.add(row)
    tx.flush()
    return row


def set_artist(row: Artist, fields: Mapping[str, Any], now: datetime) -> None:
    """Give the artist these fields, by their names in the API; it has no others then."""
    row.name = fields["name"]
    row.country = fields.get("country")
    row.primary_genre = fields.get("primaryGenre")
    row.profile_image = fields.get("profileImage")
    row.external_ids = dict(fields.get("externalIds") or {})
    row.updated_at = now


def fields_of(row: Artist) -> dict[str, Any]:
    """The artist's fields by their names in the API; those that it does not have are None."""
    return {
        "name": row.name,
        "country": row.country,
        "primaryGenre": row.primary_genre,
        "profileImage": row.profile_image,
        "externalIds": row.external_ids or None,
    }


def find_artist(tx: Session, label: int, artist: str) -> Artist | None:
    """The label's artist of this id."""
    return tx.scalar(sa.select(Artist).where(Artist.id == artist, Artist.label_id == label))


def list_artists(tx: Session, label: int, user: str | None = None) -> Sequence[Artist]:
    """The label's artists, oldest first; for a user those that its tokens or the label's keys made."""
    query = sa.select(Artist).where(Artist.label_id == label)
    if user is not None:
        query = query.where(sa.or_(Artist.user_id.is_(None), Artist.user_id == user))
    return tx.scalars(query.order_by(Artist.created_at, Artist.id)).all()
