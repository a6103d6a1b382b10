"""Delivery jobs: what integrators asked of deliveries; every query that one asks for is of one label."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.store.models import DeliveryJob, Package

SUBMIT, REDELIVER = "submit", "redeliver"
"""The kinds of jobs."""


def add_job(
    tx: Session,
    job: str,
    label: int,
    release: UUID,
    kind: str,
    destinations: Sequence[str],
    now: datetime,
    *,
    scheduled: datetime | None,
    notes: str,
    refused: str | None = None,
) -> DeliveryJob:
    """Add a job under this id; `refused` is why nothing will come of it."""
    row = DeliveryJob(
        id=job,
        label_id=label,
        release_id=release,
        kind=kind,
        destinations=list(destinations),
        scheduled_at=scheduled,
        notes=notes,
        submitted_at=now,
        refused=refused,
    )
    tx.add(row)
    tx.flush()
    return row


def find_job(tx: Session, label: int, job: str) -> DeliveryJob | None:
    """The label's job of this id."""
    return tx.scalar(sa.select(DeliveryJob).where(DeliveryJob.id == job, DeliveryJob.label_id == label))


def jobs_of(tx: Session, release: UUID) -> Sequence[DeliveryJob]:
    """The jobs of a release, oldest first."""
    query = sa.select(DeliveryJob).where(DeliveryJob.release_id == release)
    return tx.scalars(query.order_by(DeliveryJob.submitted_at, DeliveryJob.id)).all()


def waiting_jobs(tx: Session, release: UUID) -> Sequence[DeliveryJob]:
    """The jobs of a release whose deliveries are not owed yet, oldest first."""
    return [one for one in jobs_of(tx, release) if one.started_at is None and one.refused is None]


def start(row: DeliveryJob, now: datetime) -> None:
    """Record that the deliveries of a job are owed."""
    row.started_at = now


def refuse(row: DeliveryJob, why: str) -> None:
    """Record that nothing comes of a job, and why, in words for the integrator."""
    row.refused = why


def job_of_delivery(tx: Session, package: int, dsp: str) -> str | None:
    """The id of the newest job that asked for deliveries of the package's release to the DSP; None without one."""
    query = sa.select(DeliveryJob).join(Package, Package.release_id == DeliveryJob.release_id)
    newest = DeliveryJob.submitted_at.desc(), DeliveryJob.id.desc()
    listed = tx.scalars(query.where(Package.id == package).order_by(*newest))
    return next((one.id for one in listed if dsp in one.destinations), None)
