"""Deliveries: one package to one DSP for one purpose, and the attempts at it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.core.delivery_state import LIVE, SENT, UNSENT, DeliveryPurpose, DeliveryState
from ingest.core.outcome import Done, Failed, Outcome, Superseded, Waits
from ingest.store.database import insert
from ingest.store.models import Delivery, DeliveryAttempt, Package
from ingest.store.releases import same_release

OWED, DELIVERED, SUPERSEDED, FAILED, HELD = "owed", "delivered", "superseded", "failed", "held"
SETTLED = SENT | {DeliveryState.SUPERSEDED}
"""States in which the DSP was sent what the package brought, or is to have something newer or nothing."""
_AGAIN: Final = {"sending_since": None, "bytes_sent": None, "bytes_in_all": None, "superseded_by": None}


def owe_delivery(
    tx: Session, package: int, dsp: str, now: datetime, *, not_before: datetime | None = None, notes: str = ""
) -> Delivery:
    """Record that a DSP is owed the package, its first delivery to it; one that failed or was held is owed again.

    A delivery that was owed before becomes a new run. A held one keeps its time and notes unless others are given.
    """
    row = get_delivery(tx, package, dsp)
    if row is None:
        return add_delivery(tx, package, dsp, DeliveryPurpose.DELIVER, now, not_before=not_before, notes=notes)
    row.not_before, row.notes = not_before or row.not_before, notes or row.notes
    owe_again(tx, row, now)
    return row


def add_delivery(
    tx: Session,
    package: int,
    dsp: str,
    purpose: DeliveryPurpose,
    now: datetime,
    *,
    not_before: datetime | None = None,
    notes: str = "",
    is_held: bool = False,
) -> Delivery:
    """Add a delivery behind all others of the package to the DSP; with `is_held` it waits for the approval.

    Raises sqlalchemy's IntegrityError where another one was added at this moment.
    """
    others = sa.select(sa.func.max(Delivery.number)).where(Delivery.package_id == package, Delivery.dsp == dsp)
    row = Delivery(
        package_id=package,
        dsp=dsp,
        number=(tx.scalar(others) or 0) + 1,
        purpose=purpose.value,
        state=HELD if is_held else OWED,
        attempts=0,
        runs=1,
        owed_at=now,
        not_before=not_before,
        notes=notes,
    )
    tx.add(row)
    tx.flush()
    return row


def owe_again(tx: Session, row: Delivery, now: datetime) -> None:
    """Owe a delivery as a new run, which begins now."""
    if row.state != HELD:
        row.runs += 1
    row.state, row.attempts, row.fault, row.owed_at = OWED, 0, None, now
    for name, value in _AGAIN.items():
        setattr(row, name, value)
    tx.flush()


def get_delivery(tx: Session, package: int, dsp: str, number: int = 1) -> Delivery | None:
    """The delivery of this number of the package to this DSP, in any state; None where it was never owed."""
    own = Delivery.package_id == package, Delivery.dsp == dsp, Delivery.number == number
    return tx.scalar(sa.select(Delivery).where(*own))


def deliveries_of(tx: Session, package: int) -> Sequence[Delivery]:
    """All deliveries of a package, by the names of the DSPs, those to one DSP in order."""
    own = sa.select(Delivery).where(Delivery.package_id == package)
    return tx.scalars(own.order_by(Delivery.dsp, Delivery.number)).all()


def of_release(tx: Session, package: Package) -> Sequence[Delivery]:
    """All deliveries of all packages of this one's release, in the order in which they were owed first."""
    own = sa.select(Delivery).join(Package, Package.id == Delivery.package_id).where(same_release(package))
    return tx.scalars(own.order_by(Delivery.id)).all()


def newest_deliveries(tx: Session, limit: int, dsp: str | None, states: Sequence[str]) -> Sequence[Delivery]:
    """The newest deliveries of all packages, the newest first; of one DSP, and in one of `states`, if any are given."""
    query = sa.select(Delivery).order_by(Delivery.id.desc()).limit(limit)
    query = query if dsp is None else query.where(Delivery.dsp == dsp)
    return tx.scalars(query.where(Delivery.state.in_(states)) if states else query).all()


def owed_deliveries(tx: Session, before: datetime) -> Sequence[Delivery]:
    """The deliveries that have been owed since before that time."""
    owed = sa.select(Delivery).where(Delivery.state == OWED, Delivery.owed_at < before)
    return tx.scalars(owed.order_by(Delivery.id)).all()


def next_owed(tx: Session, row: Delivery) -> Delivery | None:
    """The delivery of the same release to the same DSP that is owed next after this one; None for the last."""
    later = _to_same(tx, row).where(Delivery.id > row.id, Delivery.state == OWED)
    return tx.scalars(later.order_by(Delivery.id).limit(1)).first()


def sent_after(tx: Session, row: Delivery) -> int | None:
    """The package of a delivery of the same release to the same DSP that was owed later and sent before; or None."""
    later = _to_same(tx, row).where(Delivery.id > row.id, Delivery.state.in_(SENT))
    found = tx.scalars(later.order_by(Delivery.id.desc()).limit(1)).first()
    return None if found is None else found.package_id


def _to_same(tx: Session, row: Delivery) -> sa.Select[Delivery]:
    own = tx.get_one(Package, row.package_id)
    query = sa.select(Delivery).join(Package, Package.id == Delivery.package_id)
    return query.where(same_release(own), Delivery.dsp == row.dsp)


def end_delivery(tx: Session, row: Delivery, outcome: Outcome, now: datetime) -> None:
    """Record that a delivery is not attempted any more: delivered, superseded by a newer one, or failed."""
    row.sending_since = None
    match outcome:
        case Done():
            row.state, row.delivered_at = DELIVERED, now
        case Superseded(by):
            row.state, row.superseded_by = SUPERSEDED, by
        case Failed():
            row.state = FAILED
    tx.flush()


def supersede(tx: Session, row: Delivery, by: int) -> None:
    """Record that a delivery of which nothing was sent is not to be sent any more, because of that package."""
    row.state, row.superseded_by, row.runs = SUPERSEDED, by, row.runs + 1
    tx.flush()


def end_held(tx: Session, package: int, fault: str) -> None:
    """Record that deliveries which waited for the approval of a package are not to be sent, and why."""
    held = sa.update(Delivery).where(Delivery.package_id == package, Delivery.state == HELD)
    tx.execute(held.values(state=FAILED, fault=fault))


def take_down(tx: Session, row: Delivery) -> None:
    """Record that what earlier deliveries of the release brought to the DSP was taken down by this one."""
    for one in tx.scalars(_to_same(tx, row).where(Delivery.id < row.id, Delivery.state.in_(LIVE))):
        one.state, one.taken_down_by = DeliveryState.TAKEN_DOWN.value, row.id
    tx.flush()


def note_taken_down(tx: Session, dsp: str, package: Package) -> None:
    """Record that what a DSP has of a package's release was taken down by other means than a message of ours."""
    for one in of_release(tx, package):
        if one.dsp == dsp and one.state in LIVE:
            one.state, one.taken_down_by = DeliveryState.TAKEN_DOWN.value, None
    tx.flush()


def taken_down_by(tx: Session, row: Delivery) -> Sequence[Delivery]:
    """The deliveries of which this one took down what they brought."""
    return tx.scalars(sa.select(Delivery).where(Delivery.taken_down_by == row.id).order_by(Delivery.id)).all()


def set_state(tx: Session, row: Delivery, state: DeliveryState) -> None:
    """Set what the DSP's answers make of a delivery; one that was taken down is so no more."""
    row.state, row.taken_down_by = state.value, None
    tx.flush()


def note_sending(tx: Session | sa.Connection, delivery: int, since: datetime | None, sent: int, in_all: int) -> None:
    """Record how many bytes of how many have been put since a time; None: nothing is being sent."""
    own = sa.update(Delivery).where(Delivery.id == delivery, Delivery.state == OWED)
    tx.execute(own.values(sending_since=since, bytes_sent=sent, bytes_in_all=in_all))


def is_settled(tx: Session, package: int) -> bool:
    """Whether every DSP that was owed the package was sent it, or has something newer."""
    return all(one.state in SETTLED for one in deliveries_of(tx, package))


def is_unsent(row: Delivery) -> bool:
    """Whether the delivery is still to be sent."""
    return row.state in UNSENT


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
        reason=outcome.reason if isinstance(outcome, Failed | Waits) else None,
        permanent=failed is not None and failed.permanent,
    )
    tx.execute(one.on_conflict_do_nothing(index_elements=["delivery_id", "run", "attempt"]))


def attempts_of(tx: Session, delivery: int) -> Sequence[DeliveryAttempt]:
    """The attempts of a delivery, in order."""
    own = sa.select(DeliveryAttempt).where(DeliveryAttempt.delivery_id == delivery)
    return tx.scalars(own.order_by(DeliveryAttempt.run, DeliveryAttempt.attempt)).all()
