"""Acknowledgements owed: a row is written with the verdict, and marked as written only after the file was written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.store.database import insert
from ingest.store.models import Acknowledgement


def owe_acknowledgement(tx: Session, package: int, name: str, content: str, now: datetime) -> int | None:
    """Owe the file once per package; None when it is owed already."""
    row = {"package_id": package, "name": name, "content": content, "created_at": now, "attempts": 0, "runs": 1}
    added = insert(tx, Acknowledgement).values(**row).on_conflict_do_nothing(index_elements=["package_id"])
    result: int | None = tx.scalar(added.returning(Acknowledgement.id))
    return result


def acknowledgement_of(tx: Session, package: int) -> Acknowledgement | None:
    return tx.scalar(sa.select(Acknowledgement).where(Acknowledgement.package_id == package))


def unwritten(tx: Session, before: datetime) -> Sequence[Acknowledgement]:
    """Those owed since before that time that are neither written nor given up."""
    query = sa.select(Acknowledgement).where(
        Acknowledgement.written_at.is_(None),
        Acknowledgement.given_up_at.is_(None),
        Acknowledgement.created_at < before,
    )
    return tx.scalars(query.order_by(Acknowledgement.id)).all()
