"""Daemon processes that share the database, and when each was last heard of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.store.database import insert
from ingest.store.models import Worker


def hear_worker(tx: Session, name: str, now: datetime) -> None:
    """Note that the worker is alive."""
    row = insert(tx, Worker).values(name=name, started_at=now, heard_at=now)
    tx.execute(row.on_conflict_do_update(index_elements=["name"], set_={"heard_at": now}))


def silent_workers(tx: Session, since: datetime) -> Sequence[str]:
    return tx.scalars(sa.select(Worker.name).where(Worker.heard_at < since)).all()


def forget_worker(tx: Session, name: str) -> None:
    tx.execute(sa.delete(Worker).where(Worker.name == name))
