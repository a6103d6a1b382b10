"""Webhooks: where a label wants them, what is owed there, and how each attempt ended."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ingest.store.models.columns import Base
from ingest.store.models.owed import Owed

STILL_OWED = sa.text("state = 'owed'")


class WebhookEndpoint(Base):
    """A URL of a label. `events` are those that it gets, all where the list is empty.

    `secret` signs, as does `old_secret` until `old_until`; both are encrypted, for this endpoint alone
    (flow.password_key), and no plain one is ever stored. `reason` says why it is disabled. `last_success_at` is when a
    webhook last reached it.
    """

    __tablename__ = "webhook_endpoints"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), index=True)
    url: Mapped[str]
    events: Mapped[list[str]]
    secret: Mapped[str]
    old_secret: Mapped[str | None]
    old_until: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None]
    created_at: Mapped[datetime]
    last_success_at: Mapped[datetime | None]


class WebhookMessage(Owed, Base):
    """One event owed to one endpoint. `id` is told with every attempt: receivers take the same id once.

    `body` is what is sent, character for character. `cause` makes it owed once for each endpoint.
    """

    __tablename__ = "webhook_messages"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "cause"),
        Index("ix_webhook_messages_owed", "owed_at", sqlite_where=STILL_OWED, postgresql_where=STILL_OWED),
        Index("ix_webhook_messages_endpoint_created", "endpoint_id", "created_at"),
        Index("ix_webhook_messages_created_at", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    endpoint_id: Mapped[str] = mapped_column(ForeignKey("webhook_endpoints.id"))
    event: Mapped[str] = mapped_column(String(32))
    cause: Mapped[str] = mapped_column(String(200))
    body: Mapped[str]
    state: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    owed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class WebhookAttempt(Base):
    """One attempt: the `status` of the reply and the beginning of its content, else the `error`; it took `ms`."""

    __tablename__ = "webhook_attempts"
    __table_args__ = (UniqueConstraint("message_id", "run", "attempt"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("webhook_messages.id"))
    run: Mapped[int]
    attempt: Mapped[int]
    began_at: Mapped[datetime]
    ms: Mapped[int]
    status: Mapped[int | None]
    error: Mapped[str | None]
    reply: Mapped[str | None]
