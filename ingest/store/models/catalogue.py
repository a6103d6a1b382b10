"""What integrators keep with us by the REST API: releases and tracks by their fields, artists, delivery jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ingest.store.models.columns import Base
from ingest.store.models.owed import Owed

DUE = sa.text("compose_at IS NOT NULL")
"""The condition that a release waits to be composed."""


class CatalogueRelease(Owed, Base):
    """The fields of a release as its integrator gave them, by their names in the API (guide, "Create Release").

    `revision` counts the changes of what is composed, `composed` is the revision that the newest package was made of.
    While `compose_at` is set, a package is owed at that time; `folder_id` is the folder of one that is being made.
    `photo_asset` is the asset that the field `releasePhoto` stands for. `deleted_at` is set where it was deleted; then
    it has no tracks, and nobody is shown it.
    """

    __tablename__ = "catalogue_releases"
    __table_args__ = (
        Index("ix_catalogue_releases_label_user", "label_id", "user_id"),
        Index("ix_catalogue_releases_compose_at", "compose_at", sqlite_where=DUE, postgresql_where=DUE),
    )

    release_id: Mapped[UUID] = mapped_column(ForeignKey("releases.id"), primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    user_id: Mapped[str]
    slug: Mapped[str]
    fields: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
    revision: Mapped[int]
    composed: Mapped[int]
    compose_at: Mapped[datetime | None]
    folder_id: Mapped[int | None] = mapped_column(ForeignKey("folders.id"))
    photo_asset: Mapped[str | None] = mapped_column(ForeignKey("assets.id"), index=True)


class CatalogueTrack(Base):
    """The fields of a track of such a release; `number` is its place in the running order, counted from 1.

    `audio_asset` is the asset that the field `trackAudio` stands for.
    """

    __tablename__ = "catalogue_tracks"
    __table_args__ = (
        UniqueConstraint("release_id", "number"),
        Index("ix_catalogue_tracks_label_user", "label_id", "user_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    release_id: Mapped[UUID] = mapped_column(ForeignKey("releases.id"))
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    user_id: Mapped[str]
    number: Mapped[int]
    slug: Mapped[str]
    fields: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    audio_asset: Mapped[str | None] = mapped_column(ForeignKey("assets.id"), index=True)


class Artist(Base):
    """An artist of a label; `user_id` is whose token made it, None where a key did."""

    __tablename__ = "artists"
    __table_args__ = (Index("ix_artists_label", "label_id", "created_at"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    user_id: Mapped[str | None]
    name: Mapped[str]
    country: Mapped[str | None]
    primary_genre: Mapped[str | None]
    profile_image: Mapped[str | None]
    external_ids: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class DeliveryJob(Base):
    """A request of an integrator that a release go to DSPs; what became of it is told by the deliveries.

    `destinations` are names of DSPs. `refused` is why it failed before any delivery was owed. `started_at` is when
    its deliveries were owed, None while it waits for its time or for an approval.
    """

    __tablename__ = "delivery_jobs"
    __table_args__ = (Index("ix_delivery_jobs_release", "release_id", "submitted_at"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    release_id: Mapped[UUID] = mapped_column(ForeignKey("releases.id"))
    kind: Mapped[str] = mapped_column(String(16))
    destinations: Mapped[list[str]]
    scheduled_at: Mapped[datetime | None]
    notes: Mapped[str]
    submitted_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    refused: Mapped[str | None]


class CodeRange(Base):
    """A range of identifiers that we assign, as `isrc:QZABC26`; `next` is the number that was not assigned yet."""

    __tablename__ = "code_ranges"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    next: Mapped[int] = mapped_column(BigInteger)
