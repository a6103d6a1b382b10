"""Deliveries: one package to one DSP, and the attempts at it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.core.outcome import Done, Failed, Outcome, Superseded
from ingest.store.database import insert
from ingest.store.models import Delivery, DeliveryAttempt

OWED, DELIVERED, SUPERSEDED, FAILED = "owed", "delivered", "superseded", "failed"
SETTLED = frozenset({DELIVERED, SUPERSEDED})
"""States in which the DSP has what the package brought, or something newer."""


def owe_delivery(tx: Session, package: int, dsp: str, now: datetime) -> Delivery:
    """Record that a DSP is owed the package; a delivery that failed is owed again, as a new run."""
    row = {"package_id": package, "dsp": dsp, "state": OWED, "attempts": 0, "runs": 1, "owed_at": now}
    again = {"state": OWED, "attempts": 0, "runs": Delivery.runs + 1, "owed_at": now, "fault": None}
    owed = insert(tx, Delivery).values(**row)
    owed = owed.on_conflict_do_update(index_elements=["package_id", "dsp"], set_=again)
    delivery = tx.scalar(owed.returning(Delivery.id))
    return tx.get_one(Delivery, delivery, populate_existing=True)


def get_delivery(tx: Session, package: int, dsp: str) -> Delivery | None:
    """The delivery of the package to this DSP, in any state; None where it was never owed."""
    return tx.scalar(sa.select(Delivery).where(Delivery.package_id == package, Delivery.dsp == dsp))


def deliveries_of(tx: Session, package: int) -> Sequence[Delivery]:
    """All deliveries of a package, by the names of the DSPs."""
    return tx.scalars(sa.select(Delivery).where(Delivery.package_id == package).order_by(Delivery.dsp)).all()


def owed_deliveries(tx: Session, before: datetime) -> Sequence[Delivery]:
    """The deliveries that have been owed since before that time."""
    owed = sa.select(Delivery).where(Delivery.state == OWED, Delivery.owed_at < before)
    return tx.scalars(owed.order_by(Delivery.id)).all()


def end_delivery(tx: Session, row: Delivery, outcome: Outcome, now: datetime) -> None:
    """Record that a delivery is not attempted any more: delivered, superseded by a newer one, or failed."""
    match outcome:
        case Done():
            row.state, row.delivered_at = DELIVERED, now
        case Superseded(by):
            row.state, row.superseded_by = SUPERSEDED, by
        case Failed():
            row.state = FAILED
    tx.flush()


def is_settled(tx: Session, package: int) -> bool:
    """Whether every DSP that was owed the package has it, or has something newer."""
    return all(one.state in SETTLED for one in deliveries_of(tx, package))


def add_attempt(tx: Session, row: Delivery, outcome: Outcome, began: datetime, now: datetime) -> None:
    """Store one attempt, from `began` to now; its run and number are those in the delivery's row.

    Nothing where the attempt of this number is stored already: it was made twice, because the first workflow died.
    """
    failed = outcome if isinstance(outcome, Failed) else None
    one = insert(tx, DeliveryAttempt).values(
        delivery_id=row.id,
        run=row.runs,
        attempt=row.attempts,
        began_at=began,
        ended_at=now,
        outcome=type(outcome).__name__.lower(),
        reason=None if failed is None else failed.reason,
        permanent=failed is not None and failed.permanent,
    )
    tx.execute(one.on_conflict_do_nothing(index_elements=["delivery_id", "run", "attempt"]))


def attempts_of(tx: Session, delivery: int) -> Sequence[DeliveryAttempt]:
    """The attempts of a delivery, in order."""
    own = sa.select(DeliveryAttempt).where(DeliveryAttempt.delivery_id == delivery)
    return tx.scalars(own.order_by(DeliveryAttempt.run, DeliveryAttempt.attempt)).all()
