"""Acknowledgements owed: a row is written with the verdict, and marked as written only after the file was written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.store.database import insert
from ingest.store.models import Acknowledgement


def owe_acknowledgement(tx: Session, package: int, name: str, content: str, now: datetime) -> Acknowledgement | None:
    """Owe the file once per package; None when it is owed already."""
    row = {"package_id": package, "name": name, "content": content, "created_at": now, "attempts": 0, "runs": 1}
    added = insert(tx, Acknowledgement).values(**row).on_conflict_do_nothing(index_elements=["package_id"])
    answer = tx.scalar(added.returning(Acknowledgement.id))
    return None if answer is None else tx.get_one(Acknowledgement, answer)


def unwritten(tx: Session, before: datetime) -> Sequence[Acknowledgement]:
    """Those owed since before that time that are neither written nor given up."""
    query = sa.select(Acknowledgement).where(
        Acknowledgement.written_at.is_(None),
        Acknowledgement.given_up_at.is_(None),
        Acknowledgement.created_at < before,
    )
    return tx.scalars(query.order_by(Acknowledgement.id)).all()


def unwritten_acknowledgement(tx: Session, answer: int) -> Acknowledgement | None:
    """The row, while it is neither written nor given up."""
    row = tx.get(Acknowledgement, answer)
    return row if row is not None and row.written_at is None and row.given_up_at is None else None


def note_written(row: Acknowledgement, now: datetime) -> None:
    """Record that the file was written."""
    row.written_at = now


def give_up_acknowledgement(row: Acknowledgement, now: datetime) -> None:
    """Record that the file is not written any more."""
    row.given_up_at = now
