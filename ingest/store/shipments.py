"""Shipments: what a DSP was sent about a release, in order, and what is on its way to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.core.delivery_state import DeliveryState
from ingest.store.database import insert
from ingest.store.deliveries import OWED
from ingest.store.models import Delivery, DspAnswerRow, Package, ReleaseRow, Shipment

TICK: Final = timedelta(milliseconds=1)
"""The least by which the message of a shipment is younger than that of the one before it."""


class OtherShipment(Exception):
    """Another shipment of the release to this DSP was made at the same time."""


def shipment_of(tx: Session, delivery: int) -> Shipment | None:
    """The shipment of a delivery; None before it is made."""
    return tx.scalar(sa.select(Shipment).where(Shipment.delivery_id == delivery))


def numbered(tx: Session, number: int) -> Shipment | None:
    """The shipment of this number; None where there is none."""
    return tx.get(Shipment, number)


def before(tx: Session, row: Shipment) -> Shipment | None:
    """The shipment of the same release that was sent to the same DSP before this one; None for the first."""
    earlier = sa.select(Shipment).where(Shipment.release_id == row.release_id, Shipment.dsp == row.dsp)
    earlier = earlier.where(Shipment.place < row.place, Shipment.sent_at.is_not(None))
    return tx.scalars(earlier.order_by(Shipment.place.desc()).limit(1)).first()


def shipments_to(tx: Session, delivery: Delivery) -> Sequence[Shipment]:
    """All shipments of the delivery's release to its DSP, in order."""
    return tx.scalars(_of_release(delivery.package_id, delivery.dsp).order_by(Shipment.place)).all()


def last_sent(tx: Session, delivery: Delivery) -> Shipment | None:
    """The shipment of the delivery's release that its DSP has; None where it has none."""
    return _last_sent(tx, delivery.package_id, delivery.dsp)


def last_sent_of(tx: Session, package: Package, dsp: str) -> Shipment | None:
    """The shipment of the package's release that this DSP has; None where it has none."""
    return _last_sent(tx, package.id, dsp)


def _last_sent(tx: Session, package: int, dsp: str) -> Shipment | None:
    """What the DSP rejected last does not count: it has what it had before."""
    sent = _of_release(package, dsp).where(Shipment.sent_at.is_not(None))
    sent = sent.join(Delivery, Delivery.id == Shipment.delivery_id).where(Delivery.state != DeliveryState.REJECTED)
    return tx.scalars(sent.order_by(Shipment.place.desc()).limit(1)).first()


def _of_release(package: int, dsp: str) -> sa.Select[Shipment]:
    release = sa.select(Package.release_id).where(Package.id == package).scalar_subquery()
    return sa.select(Shipment).where(Shipment.release_id == release, Shipment.dsp == dsp)


def older_owed(tx: Session, delivery: Delivery) -> Delivery | None:
    """The oldest delivery of the same release to the same DSP that was owed before this one and still is."""
    own = tx.get_one(Package, delivery.package_id)
    older = sa.select(Delivery).join(Package, Package.id == Delivery.package_id)
    older = older.where(Package.release_id == own.release_id, Delivery.dsp == delivery.dsp)
    older = older.where(Delivery.state == OWED, Delivery.id < delivery.id)
    return tx.scalars(older.order_by(Delivery.id).limit(1)).first()


def add_shipment(
    tx: Session,
    delivery: Delivery,
    kind: str,
    plan: Mapping[str, Any],
    now: datetime,
    next_batch_id: Callable[[datetime, str | None], str],
) -> Shipment:
    """Store the shipment of a delivery, behind all others of its release to its DSP.

    Its BatchId is after every other of the DSP and its time after that of the one before, whatever the clock says.
    Raises OtherShipment where another one of the release was added to the DSP at this moment.
    """
    if shipment_of(tx, delivery.id) is not None:
        raise OtherShipment
    package = tx.get_one(Package, delivery.package_id)
    others = shipments_to(tx, delivery)
    created = max([now, *(one.created_at + TICK for one in others[-1:])])
    values = {
        "delivery_id": delivery.id,
        "release_id": package.release_id,
        "dsp": delivery.dsp,
        "place": others[-1].place + 1 if others else 1,
        "kind": kind,
        "plan": dict(plan),
        "created_at": created,
        "message_id": uuid4().hex,
    }
    while True:
        batch_id = next_batch_id(now, _last_batch_id(tx, delivery.dsp))
        row = insert(tx, Shipment).values(**values, batch_id=batch_id).on_conflict_do_nothing()
        number = tx.scalar(row.returning(Shipment.id))
        if number is not None:
            return tx.get_one(Shipment, number)
        if len(shipments_to(tx, delivery)) != len(others):
            raise OtherShipment


def _last_batch_id(tx: Session, dsp: str) -> str | None:
    return tx.scalar(sa.select(sa.func.max(Shipment.batch_id)).where(Shipment.dsp == dsp))


def with_messages(tx: Session, dsp: str, message_ids: Sequence[str]) -> Sequence[Shipment]:
    """The shipments to a DSP with one of these messages."""
    found = sa.select(Shipment).where(Shipment.dsp == dsp, Shipment.message_id.in_(message_ids))
    return tx.scalars(found.order_by(Shipment.id)).all()


def of_barcodes(tx: Session, dsp: str, keys: Sequence[str]) -> Sequence[Shipment]:
    """The shipments that were sent to a DSP about releases with one of these release_keys."""
    found = sa.select(Shipment).join(ReleaseRow, ReleaseRow.id == Shipment.release_id)
    found = found.where(Shipment.dsp == dsp, ReleaseRow.key.in_(keys), Shipment.sent_at.is_not(None))
    return tx.scalars(found.order_by(Shipment.sent_at, Shipment.id)).all()


def of_grids(tx: Session, dsp: str, grids: Sequence[str]) -> Sequence[Shipment]:
    """The shipments that were sent to a DSP about releases with one of these GRids, in their canonical form."""
    found = sa.select(Shipment).where(Shipment.dsp == dsp, Shipment.sent_at.is_not(None))
    found = found.where(Shipment.files["grid"].as_string().in_(grids))
    return tx.scalars(found.order_by(Shipment.sent_at, Shipment.id)).all()


def awaits_answer(tx: Session, dsp: str, since: datetime) -> bool:
    """Whether a shipment was sent to the DSP since that time."""
    sent = sa.select(Shipment.id).where(Shipment.dsp == dsp, Shipment.sent_at >= since)
    return tx.scalar(sent.limit(1)) is not None


def unanswered(tx: Session, dsp: str, since: datetime, before: datetime) -> Sequence[Shipment]:
    """The shipments that were sent to a DSP between these times and that it has not answered, oldest first."""
    answered = sa.exists().where(DspAnswerRow.shipment_id == Shipment.id)
    sent = sa.select(Shipment).where(Shipment.dsp == dsp, Shipment.sent_at >= since, Shipment.sent_at < before)
    return tx.scalars(sent.where(~answered).order_by(Shipment.id)).all()


def record_built(tx: Session, shipment: int, files: Mapping[str, Any], now: datetime) -> None:
    """Record that the files of a shipment are made and will not change any more."""
    row = tx.get_one(Shipment, shipment)
    row.files, row.built_at = dict(files), now
    tx.flush()


def record_sent(tx: Session, delivery: int, now: datetime) -> None:
    """Record that the DSP has the shipment of a delivery; nothing for one without a shipment."""
    row = shipment_of(tx, delivery)
    if row is not None:
        row.sent_at = now
        tx.flush()
