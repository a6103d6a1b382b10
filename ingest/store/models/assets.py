"""Files that integrators send by the REST API, each an asset of its label."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ingest.store.models.columns import Base
from ingest.store.models.owed import Owed


class Asset(Owed, Base):
    """A file of a label. Its content is stored once for all assets that have the same `sha256`.

    `state` is `fetching` (its `source_url` is being read), `processing` (it is stored and being measured), `processed`
    or `failed`; `fault` of the last one is in words for the integrator. `type` is what it was said to be (`audio`,
    `artwork`, `image`), `media` what its content is (`WAV`, `FLAC`, `JPEG`, ...), `size` in bytes. `facts` are what
    was measured of it.
    """

    __tablename__ = "assets"
    __table_args__ = (
        Index("ix_assets_label", "label_id", "created_at"),
        Index("ix_assets_sha256", "sha256"),
        Index("ix_assets_state", "state"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    user_id: Mapped[str | None]
    type: Mapped[str] = mapped_column(String(16))
    name: Mapped[str]
    title: Mapped[str]
    media: Mapped[str | None] = mapped_column(String(16))
    size: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    source_url: Mapped[str | None]
    duration_ms: Mapped[int | None]
    facts: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    processed_at: Mapped[datetime | None]
