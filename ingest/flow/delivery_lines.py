"""Deliveries as people look at them: how each stands, what it sends, and what the DSP answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from ingest.core.delivery_state import DeliveryPurpose, Standing, standing
from ingest.store.deliveries import deliveries_of
from ingest.store.dsp_answers import answers_about
from ingest.store.models import Delivery
from ingest.store.shipments import shipment_of


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """A delivery to one DSP; `fault` says why the last attempt failed, or what it waits for.

    `shipment`, `kind` and `batch_id` are those of the message that it sends, None before that is made, and where the
    DSP gets packages as received. `answer` is what the DSP answered last: accepted, rejected or unclear, in `answered`
    its own words, and `answered_at` when they were read. It is not sent before `not_before`. `bytes_sent` of
    `bytes_in_all` have been put by the last attempt. `number` counts the deliveries of the package to the DSP from 1.
    """

    id: int
    package: int
    dsp: str
    number: int
    purpose: DeliveryPurpose
    state: Standing
    attempts: int
    fault: str | None
    owed_at: datetime
    not_before: datetime | None
    delivered_at: datetime | None
    superseded_by: int | None
    notes: str
    bytes_sent: int | None
    bytes_in_all: int | None
    shipment: int | None = None
    kind: str | None = None
    batch_id: str | None = None
    answer: str | None = None
    answered: str | None = None
    answered_at: datetime | None = None


def delivery_lines(tx: Session, package: int) -> tuple[DeliveryLine, ...]:
    """The deliveries of a package, by the names of the DSPs, those to one DSP in order."""
    return tuple(delivery_line(tx, one) for one in deliveries_of(tx, package))


def delivery_line(tx: Session, row: Delivery) -> DeliveryLine:
    """One delivery."""
    line = DeliveryLine(
        id=row.id,
        package=row.package_id,
        dsp=row.dsp,
        number=row.number,
        purpose=DeliveryPurpose(row.purpose),
        state=standing(row.state, row.not_before, row.sending_since, row.attempts),
        attempts=row.attempts,
        fault=row.fault,
        owed_at=row.owed_at,
        not_before=row.not_before,
        delivered_at=row.delivered_at,
        superseded_by=row.superseded_by,
        notes=row.notes,
        bytes_sent=row.bytes_sent,
        bytes_in_all=row.bytes_in_all,
    )
    made = shipment_of(tx, row.id)
    if made is None:
        return line
    line = replace(line, shipment=made.id, kind=made.kind, batch_id=made.batch_id)
    last = next(reversed(answers_about(tx, made.id)), None)
    if last is None:
        return line
    said = f"{last.said}: {last.text}" if last.text else last.said
    return replace(line, answer=last.status, answered=said, answered_at=last.read_at)
