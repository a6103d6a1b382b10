"""What opens the REST API: keys of labels, and tokens of their users. Secrets are stored as hashes only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ingest.store.models.columns import Base


class ApiKey(Base):
    """A partner key: `digest` is the SHA-256 of the secret in hexadecimal digits, `start` how the secret begins."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(String(30), primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), index=True)
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    start: Mapped[str] = mapped_column(String(16))
    scopes: Mapped[list[str]]
    is_test: Mapped[bool]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ApiToken(Base):
    """A token of a user of a label, which ends by itself; `key_id` is the key that it was issued with, if any."""

    __tablename__ = "api_tokens"

    id: Mapped[str] = mapped_column(String(30), primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), index=True)
    key_id: Mapped[str | None] = mapped_column(ForeignKey("api_keys.id"), index=True)
    user_id: Mapped[str]
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
