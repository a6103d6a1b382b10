"""Daemon processes that share the database, and when each sent its last heartbeat."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.store.database import insert
from ingest.store.models import Worker


def note_heartbeat(tx: Session, name: str, now: datetime) -> None:
    """Record that the worker is alive and not stopping."""
    row = insert(tx, Worker).values(name=name, started_at=now, heard_at=now, stopped_at=None)
    tx.execute(row.on_conflict_do_update(index_elements=["name"], set_={"heard_at": now, "stopped_at": None}))


def sign_off(tx: Session, name: str, now: datetime) -> None:
    """Record that the worker stops."""
    tx.execute(sa.update(Worker).where(Worker.name == name).values(heard_at=now, stopped_at=now))


def list_workers(tx: Session) -> Sequence[Worker]:
    """All workers, sorted by name."""
    return tx.scalars(sa.select(Worker).order_by(Worker.name)).all()


def gone_workers(tx: Session, silent: datetime, stopped: datetime) -> Sequence[Worker]:
    """Workers whose last heartbeat was before `silent`, and those that signed off before `stopped`."""
    return tx.scalars(sa.select(Worker).where((Worker.heard_at < silent) | (Worker.stopped_at < stopped))).all()


def forget_worker(tx: Session, name: str) -> None:
    """Delete the row of a worker, once its work was taken over."""
    tx.execute(sa.delete(Worker).where(Worker.name == name))
