"""What we owe to others: deliveries, emails, reports, acknowledgements.

A row owes its work until it is done or given up.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ingest.store.models.columns import Base

BEHIND = sa.text("written < version")


class Owed:
    """What the rows of all jobs have: attempts of the present run, its number, why the last attempt failed."""

    attempts: Mapped[int]
    runs: Mapped[int]
    fault: Mapped[str | None]


class Delivery(Owed, Base):
    """One package to one DSP; `state` is one of core.delivery_state, and `purpose` what it is for.

    `number` counts the deliveries of the package to the DSP from 1. It is superseded where the DSP has a newer message
    of the release: that of the package `superseded_by`. It is not sent before `not_before`. While it is sent,
    `sending_since` is set and `bytes_sent` of `bytes_in_all` have been put. `taken_down_by` is the delivery by which
    what this one brought was taken down; None for one that a person took down elsewhere.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("package_id", "dsp", "number", name="uq_deliveries_package_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"))
    dsp: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), index=True)
    owed_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    superseded_by: Mapped[int | None] = mapped_column(ForeignKey("packages.id"))
    number: Mapped[int]
    purpose: Mapped[str] = mapped_column(String(16))
    not_before: Mapped[datetime | None]
    notes: Mapped[str]
    sending_since: Mapped[datetime | None]
    bytes_sent: Mapped[int | None] = mapped_column(BigInteger)
    bytes_in_all: Mapped[int | None] = mapped_column(BigInteger)
    taken_down_by: Mapped[int | None] = mapped_column(ForeignKey("deliveries.id"))


class DeliveryAttempt(Base):
    """One attempt of a delivery; `outcome` is done, superseded, failed or waits, `reason` why, in words for ops."""

    __tablename__ = "delivery_attempts"
    __table_args__ = (UniqueConstraint("delivery_id", "run", "attempt"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"))
    run: Mapped[int]
    attempt: Mapped[int]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None]
    permanent: Mapped[bool]


class Notice(Owed, Base):
    """An email owed. `key` makes it owed once; `sent_at` is set after it was sent, never before.

    Of its recipients, `reached` have it already and `refused` never get it: attempts go to the others only. It counts
    as owed since `owed_at`: when it was created, or sent again by a person. `dropped_at` is set where a person left
    it unsent after it was given up. `about` names what an alarm and its all-clear are about.
    """

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_sent_at", "sent_at", "given_up_at"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(32))
    audience: Mapped[str] = mapped_column(String(8))
    recipients: Mapped[list[str]]
    reached: Mapped[list[str]]
    refused: Mapped[list[str]]
    label_id: Mapped[int | None] = mapped_column(ForeignKey("labels.id"))
    package_id: Mapped[int | None] = mapped_column(ForeignKey("packages.id"), index=True)
    change_id: Mapped[int | None] = mapped_column(ForeignKey("changes.id"))
    details: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    owed_at: Mapped[datetime]
    message_id: Mapped[str]
    sent_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]
    about: Mapped[str | None] = mapped_column(index=True)


class Report(Base):
    """The files about a package in its label's `/reports/`, owed while `written` is behind `version`.

    They lie in `top`, the name that its release folder has there, or below it in `path` for a release of a batch. In
    the folders `left` older files may still lie; `missing` is what had not arrived while the folder was open. A failed
    attempt is repeated at `due_at`. From `retired_at` on the files are to be removed.
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


class Acknowledgement(Owed, Base):
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
    written_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
