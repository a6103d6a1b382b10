"""Who is there: labels, their connections, and our own workers."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ingest.store.models.columns import Base


class Label(Base):
    """An account that uploads; `name` is its user name and the name of its home. A sandbox never reaches a real DSP."""

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
    is_sandbox: Mapped[bool] = mapped_column(server_default=sa.false())
    max_bytes: Mapped[int | None] = mapped_column(BigInteger)
    max_files: Mapped[int | None]
    max_folders: Mapped[int | None]
    created_at: Mapped[datetime]


NOT_ENDED = sa.text("ended_at IS NULL")


class Connection(Base):
    """One SFTP connection of a label, for as long as it lasts."""

    __tablename__ = "connections"
    __table_args__ = (
        Index("ix_connections_not_ended", "worker", sqlite_where=NOT_ENDED, postgresql_where=NOT_ENDED),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), index=True)
    worker: Mapped[str]
    address: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Worker(Base):
    """A daemon process: `heard_at` is its last heartbeat, `stopped_at` when it signed off, if it did."""

    __tablename__ = "workers"

    name: Mapped[str] = mapped_column(String(128), primary_key=True)
    started_at: Mapped[datetime]
    heard_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
