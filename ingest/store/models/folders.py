"""What lies in the labels' incoming folders."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ingest.store.models.columns import Base

OPEN, SEALING, SEALED, GONE = "open", "sealing", "sealed", "gone"
COMPOSING = "composing"
"""The states of a release folder. One that is composed of an integrator's release was never open."""
LIVE = sa.text("state IN ('open', 'sealing')")
"""The condition that a folder is not sealed yet: its name is unique among its label's."""


NOT_ENDED = sa.text("closed_at IS NULL")
"""The condition that an upload is open."""


class ReleaseFolder(Base):
    """A directory under /incoming/ from the moment it was first seen.

    `fingerprint` is the digest of a sealed folder's inodes, sizes and times when it was sealed, `bytes` the
    size of its files (core.fingerprint).
    """

    __tablename__ = "folders"
    __table_args__ = (
        Index("ix_folders_label_state", "label_id", "state"),
        Index("ix_folders_label_name", "label_id", "name"),
        Index("uq_folders_live", "label_id", "name", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    name: Mapped[str]
    state: Mapped[str] = mapped_column(String(16), index=True)
    seen_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    sealed_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    bytes: Mapped[int | None] = mapped_column(BigInteger)


class Upload(Base):
    """One opening of one file for writing; `received` and `size` are in bytes.

    `ending` is `open`, `closed` (the client sent a CLOSE) or `torn`, the stored value for interrupted. `fresh`: the
    file was created or truncated. `holes`: a part of it was never written, or that is not known.
    """

    __tablename__ = "uploads"
    __table_args__ = (
        Index("ix_uploads_label_path", "label_id", "path"),
        Index("ix_uploads_not_ended", "connection_id", sqlite_where=NOT_ENDED, postgresql_where=NOT_ENDED),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    folder_id: Mapped[int | None] = mapped_column(ForeignKey("folders.id"), index=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), index=True)
    path: Mapped[str]
    fresh: Mapped[bool]
    ending: Mapped[str] = mapped_column(String(8))
    received: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[int] = mapped_column(BigInteger)
    holes: Mapped[bool]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Stray(Base):
    """A file placed directly in /incoming/; the label is told of it once."""

    __tablename__ = "strays"
    __table_args__ = (UniqueConstraint("label_id", "name"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    name: Mapped[str]
    seen_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
