"""The tables. Product rows are the truth; the workflow engine's tables beside them can be rebuilt from these."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


UNSTORABLE = re.compile("[\0\ud800-\udfff]")
LONGEST_IDENTIFIER = 200
"""Characters of an identifier that a row keeps: whatever a label wrote there, it must fit into an index."""
LIVE = sa.text("state IN ('open', 'sealing')")
BEHIND = sa.text("written < version")


class Moment(TypeDecorator[datetime]):
    """An aware point in time; stored as UTC, read back as UTC on every database."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a point in time needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Words(TypeDecorator[str]):
    """Text from anywhere: what no database stores (NUL, half a surrogate pair) becomes U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return UNSTORABLE.sub("\ufffd", value)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: Moment, dict[str, Any]: JSON, list[str]: JSON, str: Words}


class Label(Base):
    """An account that uploads; `name` is its user name and the name of its home."""

    __tablename__ = "labels"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[str]
    emails: Mapped[list[str]]
    password_hash: Mapped[str | None]
    public_keys: Mapped[list[str]]
    dsps: Mapped[list[str]]
    enabled: Mapped[bool]
    max_bytes: Mapped[int | None] = mapped_column(BigInteger)
    max_files: Mapped[int | None]
    max_folders: Mapped[int | None]
    created_at: Mapped[datetime]


class Connection(Base):
    """One SFTP connection of a label, for as long as it lasts."""

    __tablename__ = "connections"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), index=True)
    worker: Mapped[str]
    address: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ReleaseFolder(Base):
    """A directory under /incoming/ from the moment it was first seen; `state` is open, sealing, sealed or gone."""

    __tablename__ = "folders"
    __table_args__ = (
        Index("ix_folders_label_state", "label_id", "state"),
        Index("uq_folders_live", "label_id", "name", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    name: Mapped[str]
    state: Mapped[str] = mapped_column(String(16))
    seen_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    sealed_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


class Upload(Base):
    """One opening of one file for writing; `ending` is open, closed (the client said so) or torn (it vanished)."""

    __tablename__ = "uploads"
    __table_args__ = (Index("ix_uploads_label_path", "label_id", "path"), {"sqlite_autoincrement": True})

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
    """A file placed directly in /incoming/; the label is told once."""

    __tablename__ = "strays"
    __table_args__ = (UniqueConstraint("label_id", "name"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    name: Mapped[str]
    seen_at: Mapped[datetime]
    told_at: Mapped[datetime | None]


class Package(Base):
    """A release folder we took: the thing that has a status. `path` is its place below the release folder.

    `kind` is what it is for (core.kind), `made_at` when its message was made, `replaces_id` the earlier package of the
    same release; all are None before it was read.
    """

    __tablename__ = "packages"
    __table_args__ = (
        UniqueConstraint("folder_id", "path"),
        Index("ix_packages_barcode", "barcode"),
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
    aside_at: Mapped[datetime | None]
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
    dossier: Mapped[dict[str, Any] | None] = mapped_column(JSON, deferred=True)
    removed_at: Mapped[datetime | None]

    label: Mapped[Label] = relationship(lazy="joined", innerjoin=True)
    origin: Mapped[ReleaseFolder] = relationship(lazy="joined", innerjoin=True)


class RecordingRow(Base):
    """A recording of a package that passed: what later packages are compared with. Its sound is as in core.Heard."""

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


class Acknowledgement(Base):
    """An answer owed to the sender of a batch, as a file; one per package. `written_at` is set after it was written."""

    __tablename__ = "acknowledgements"
    __table_args__ = (
        Index("ix_acknowledgements_written_at", "written_at", "given_up_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"), unique=True)
    name: Mapped[str]
    content: Mapped[str]
    created_at: Mapped[datetime]
    attempts: Mapped[int]
    runs: Mapped[int]
    written_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    fault: Mapped[str | None]


class FindingRow(Base):
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
    """One move of a package: old is None for its first status."""

    __tablename__ = "changes"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"), index=True)
    old: Mapped[str | None] = mapped_column(String(32))
    new: Mapped[str] = mapped_column(String(32))
    who: Mapped[str]
    at: Mapped[datetime]
    note: Mapped[str]


class Delivery(Base):
    """One package to one DSP; `state` is owed, delivered or failed."""

    __tablename__ = "deliveries"
    __table_args__ = (UniqueConstraint("package_id", "dsp"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"))
    dsp: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), index=True)
    attempts: Mapped[int]
    runs: Mapped[int]
    owed_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    fault: Mapped[str | None]


class Notice(Base):
    """An email owed. `key` makes it owed once; `sent_at` is set after it was sent, never before."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_sent_at", "sent_at", "given_up_at"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(32))
    audience: Mapped[str] = mapped_column(String(8))
    recipients: Mapped[list[str]]
    label_id: Mapped[int | None] = mapped_column(ForeignKey("labels.id"))
    package_id: Mapped[int | None] = mapped_column(ForeignKey("packages.id"), index=True)
    change_id: Mapped[int | None] = mapped_column(ForeignKey("changes.id"))
    details: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    message_id: Mapped[str]
    attempts: Mapped[int]
    runs: Mapped[int]
    sent_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    fault: Mapped[str | None]


class Report(Base):
    """The files about a package in its label's `/reports/`, owed while `written` is behind `version`.

    They lie in `top`, the name that its release folder has there, or below it in `path` for a release of a batch.
    `left` are places where older ones may still lie, `missing` what had not arrived while the folder was open.
    A failed attempt is made again at `due_at`. From `retired_at` on there are to be no files.
    """

    __tablename__ = "reports"
    __table_args__ = (
        Index("ix_reports_owed", "due_at", sqlite_where=BEHIND, postgresql_where=BEHIND),
        Index("ix_reports_label_top", "label_id", "top"),
    )

    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"), primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    folder_id: Mapped[int] = mapped_column(ForeignKey("folders.id"))
    top: Mapped[str]
    path: Mapped[str]
    left: Mapped[list[str]]
    missing: Mapped[list[str]]
    version: Mapped[int]
    written: Mapped[int]
    due_at: Mapped[datetime]
    attempts: Mapped[int]
    fault: Mapped[str | None]
    retired_at: Mapped[datetime | None]

    @property
    def name(self) -> str:
        """The folder of the files, below `/reports/`."""
        return f"{self.top}/{self.path}" if self.path else self.top


class Worker(Base):
    """A daemon process: when it was last heard of, and when it said that it stops, if it did."""

    __tablename__ = "workers"

    name: Mapped[str] = mapped_column(String(128), primary_key=True)
    started_at: Mapped[datetime]
    heard_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
