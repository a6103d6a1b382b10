"""Files that lie directly in a label's /incoming/, outside any release folder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.store.database import insert
from ingest.store.models import Stray


def has_strays(tx: Session, label: int) -> bool:
    """Whether the label has, or had, files outside any release folder."""
    return tx.scalar(sa.select(Stray.id).where(Stray.label_id == label).limit(1)) is not None


def see_stray(tx: Session, label: int, name: str, now: datetime) -> Stray:
    """The row of a file directly in /incoming/, added the first time it is seen."""
    fresh = insert(tx, Stray).values(label_id=label, name=name, seen_at=now)
    tx.execute(fresh.on_conflict_do_nothing(index_elements=["label_id", "name"]))
    return tx.scalars(sa.select(Stray).where(Stray.label_id == label, Stray.name == name)).one()


def forget_strays(tx: Session, label: int, present: Sequence[str]) -> None:
    """Delete the rows of files that are no longer there; one that comes back gets a new row."""
    tx.execute(sa.delete(Stray).where(Stray.label_id == label, Stray.name.not_in(present)))


def see_all_anew(tx: Session, now: datetime) -> None:
    """Count every file of every label as first seen at `now`: the clock was set since the times that are noted."""
    tx.execute(sa.update(Stray).values(seen_at=now))


def note_told(rows: Sequence[Stray], now: datetime) -> None:
    """Record that the label was told of these files."""
    for row in rows:
        row.told_at = now
