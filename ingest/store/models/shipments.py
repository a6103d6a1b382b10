"""Shipments: the message and the files that a DSP is sent by one delivery; and what DSPs answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ingest.store.models.columns import Base


class Shipment(Base):
    """What one delivery sends. `place` counts the shipments of a release to a DSP from 1; they are sent in that order.

    `plan` is what was decided when it was made (flow.shipments), `files` the files as sent once they are built.
    BatchId and MessageId are never used again.
    """

    __tablename__ = "shipments"
    __table_args__ = (
        UniqueConstraint("dsp", "batch_id", name="uq_shipments_dsp"),
        UniqueConstraint("release_id", "dsp", "place", name="uq_shipments_release_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"), unique=True)
    release_id: Mapped[UUID] = mapped_column(ForeignKey("releases.id"))
    dsp: Mapped[str] = mapped_column(String(64))
    place: Mapped[int]
    kind: Mapped[str] = mapped_column(String(24))
    batch_id: Mapped[str] = mapped_column(String(17))
    message_id: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    plan: Mapped[dict[str, Any]]
    files: Mapped[dict[str, Any] | None]
    built_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]


class DspAnswerRow(Base):
    """One answer of a DSP: `number` counts those of its file from 1; `shipment_id` is what it is about, if known.

    `status` is one of core.dsp_answer, or `unread` for a file that is no acknowledgement; `text` then says why.
    """

    __tablename__ = "dsp_answers"
    __table_args__ = (
        UniqueConstraint("dsp", "file", "number", name="uq_dsp_answers_dsp"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dsp: Mapped[str] = mapped_column(String(64))
    file: Mapped[str]
    number: Mapped[int]
    shipment_id: Mapped[int | None] = mapped_column(ForeignKey("shipments.id"), index=True)
    status: Mapped[str] = mapped_column(String(16))
    said: Mapped[str]
    text: Mapped[str]
    action: Mapped[str]
    needs_person: Mapped[bool | None]
    read_at: Mapped[datetime]
