"""Releases and their tracks (core.release), whatever became of their packages."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ingest.store.models.columns import Base


class ReleaseRow(Base):
    """A release of a label. `key` is the release_key of its barcode (core.release), None where it has none.

    It may have many packages, or none. Its other fields are those of the message that counts (store.releases).
    `status` is that of the package that people go by, None while there is none (store.releases.note_status).
    `decision` is what was decided of the release itself, not of a package (core.catalogue_status.ReleaseDecision), by
    `decided_by`, an account of the face that is named before it, as `api:key_...`.
    """

    __tablename__ = "releases"
    __table_args__ = (
        UniqueConstraint("label_id", "key"),
        Index("ix_releases_key", "key"),
        Index("ix_releases_label_created", "label_id", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    key: Mapped[str | None]
    barcode: Mapped[str | None]
    title: Mapped[str | None]
    version: Mapped[str | None]
    artist: Mapped[str | None]
    type: Mapped[str | None]
    release_date: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    status: Mapped[str | None] = mapped_column(String(32))
    decision: Mapped[str | None] = mapped_column(String(16))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decision_notes: Mapped[str | None]


class TrackRow(Base):
    """A track of a release; `number` counts from 1 over the whole release. Its id stays while the release changes."""

    __tablename__ = "tracks"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    release_id: Mapped[UUID] = mapped_column(ForeignKey("releases.id"), index=True)
    disc: Mapped[int]
    number: Mapped[int]
    isrc: Mapped[str | None]
    title: Mapped[str | None]
    version: Mapped[str | None]
    artist: Mapped[str | None]
    seconds: Mapped[float | None]
