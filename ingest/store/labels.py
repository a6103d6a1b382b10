"""Labels: the accounts that upload."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.store.models import Label


class LabelExists(Exception):
    """There is a label of this name already."""


def add_label(
    tx: Session,
    *,
    name: str,
    title: str,
    emails: Sequence[str],
    password_hash: str | None,
    public_keys: Sequence[str],
    dsps: Sequence[str],
    max_bytes: int | None,
    now: datetime,
    max_files: int | None = None,
    max_folders: int | None = None,
) -> Label:
    """Add a label. Raises LabelExists. Where a maximum is None the configuration's holds."""
    if find_label(tx, name) is not None:
        raise LabelExists(name)
    label = Label(
        name=name,
        title=title,
        emails=list(emails),
        password_hash=password_hash,
        public_keys=list(public_keys),
        dsps=list(dsps),
        enabled=True,
        max_bytes=max_bytes,
        max_files=max_files,
        max_folders=max_folders,
        created_at=now,
    )
    tx.add(label)
    tx.flush()
    return label


def find_label(tx: Session, name: str) -> Label | None:
    """The label of this name; None too for a name with characters that no database stores."""
    if not name.isprintable():
        return None
    return tx.scalar(sa.select(Label).where(Label.name == name))


def list_labels(tx: Session) -> Sequence[Label]:
    return tx.scalars(sa.select(Label).order_by(Label.name)).all()
