"""Packages, their recordings, findings and changes of status."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ingest.store.models.accounts import Label
from ingest.store.models.columns import Base, Packed
from ingest.store.models.folders import ReleaseFolder

ON_HOLD = sa.text("aside_at IS NOT NULL")


class Package(Base):
    """One attempt at a release, and what has a status.

    `path` is its place below the release folder, empty unless in a batch.

    `release_id` is set when it is judged, and stays None where its message holds no release. `kind` is what it is for
    (core.kind), `made_at` when its message was made, `replaces_id` the earlier package of the same release; all are
    None before it was read. `on_hold_at` (column `aside_at`) is set while the package waits for a person. `starts`
    counts how often its reading began, `runs` its workflows. A dossier stored by an earlier version is in
    `dossier_in_full` (column `dossier`). `fingerprint` is the digest of this package's files alone
    (core.fingerprint), set where that of its whole folder no longer holds.
    """

    __tablename__ = "packages"
    __table_args__ = (
        UniqueConstraint("folder_id", "path"),
        Index("ix_packages_on_hold", "aside_at", sqlite_where=ON_HOLD, postgresql_where=ON_HOLD),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), index=True)
    folder_id: Mapped[int] = mapped_column(ForeignKey("folders.id"))
    path: Mapped[str]
    folder: Mapped[str]
    status: Mapped[str] = mapped_column(String(32), index=True)
    received_at: Mapped[datetime]
    sealed_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    on_hold_at: Mapped[datetime | None] = mapped_column("aside_at")
    starts: Mapped[int]
    runs: Mapped[int]
    title: Mapped[str | None]
    artist: Mapped[str | None]
    barcode: Mapped[str | None]
    release_type: Mapped[str | None]
    release_date: Mapped[str | None]
    track_count: Mapped[int | None]
    kind: Mapped[str | None] = mapped_column(String(16))
    made_at: Mapped[datetime | None]
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("packages.id"))
    files_read: Mapped[int | None]
    files_in_all: Mapped[int | None]
    cover_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    dossier: Mapped[dict[str, Any] | None] = mapped_column("dossier_packed", Packed, deferred=True)
    dossier_in_full: Mapped[dict[str, Any] | None] = mapped_column("dossier", JSON(none_as_null=True), deferred=True)
    removed_at: Mapped[datetime | None]
    release_id: Mapped[UUID | None] = mapped_column(ForeignKey("releases.id"), index=True)

    label: Mapped[Label] = relationship(lazy="joined", innerjoin=True)
    origin: Mapped[ReleaseFolder] = relationship(lazy="joined", innerjoin=True)


class RecordingRow(Base):
    """A recording of a package that passed, with which later packages are compared (core.dossier.AudioFingerprint)."""

    __tablename__ = "recordings"
    __table_args__ = (
        Index("ix_recordings_isrc", "isrc", "label_id"),
        Index("ix_recordings_sha256", "sha256", "label_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"), index=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    number: Mapped[int | None]
    isrc: Mapped[str]
    title: Mapped[str]
    sha256: Mapped[str | None] = mapped_column(String(64))
    seconds: Mapped[float | None]
    loudness: Mapped[float | None]
    peak: Mapped[float | None]
    sold: Mapped[bool]


class FindingRow(Base):
    """One finding of a package, with the fields of core.finding.Finding."""

    __tablename__ = "findings"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"), index=True)
    code: Mapped[str] = mapped_column(String(16))
    severity: Mapped[str] = mapped_column(String(8))
    file: Mapped[str | None]
    line: Mapped[int | None]
    track: Mapped[int | None]
    isrc: Mapped[str | None]
    found: Mapped[str | None]
    expected: Mapped[str | None]
    text: Mapped[str]
    fix: Mapped[str]


class Change(Base):
    """One change of a package's status; `old` is None for its first one."""

    __tablename__ = "changes"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"), index=True)
    old: Mapped[str | None] = mapped_column(String(32))
    new: Mapped[str] = mapped_column(String(32))
    who: Mapped[str]
    at: Mapped[datetime]
    note: Mapped[str]
