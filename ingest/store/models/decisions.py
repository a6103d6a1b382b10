"""What people decided."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ingest.store.models.columns import Base


class Decision(Base):
    """One decision (core.decision), about a package, a label, or neither (an alarm to ops); never changed or removed.

    `note` is what the person wrote, `details` what the decision was: the DSPs, what was tried again, or for an account
    each changed value as `old` and `new`. No password stands there, and no hash of one.
    """

    __tablename__ = "decisions"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    package_id: Mapped[int | None] = mapped_column(ForeignKey("packages.id"), index=True)
    label_id: Mapped[int | None] = mapped_column(ForeignKey("labels.id"), index=True)
    who: Mapped[str]
    face: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    note: Mapped[str]
    details: Mapped[dict[str, Any]]
