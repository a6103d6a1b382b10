"""Deliveries as people look at them: how each stands, what it sends, and what the DSP answered."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from ingest.store.deliveries import deliveries_of
from ingest.store.dsp_answers import answers_about
from ingest.store.models import Delivery
from ingest.store.shipments import shipment_of


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """A delivery to one DSP; `fault` says why the last attempt failed.

    `shipment`, `kind` and `batch_id` are those of the message that it sends, None before that is made, and where the
    DSP gets packages as received. `answer` is what the DSP answered last: accepted, rejected or unclear, and in
    `answered` its own words.
    """

    dsp: str
    state: str
    attempts: int
    fault: str | None
    shipment: int | None = None
    kind: str | None = None
    batch_id: str | None = None
    answer: str | None = None
    answered: str | None = None


def delivery_lines(tx: Session, package: int) -> tuple[DeliveryLine, ...]:
    """The deliveries of a package, by the names of the DSPs."""
    return tuple(_delivery(tx, one) for one in deliveries_of(tx, package))


def _delivery(tx: Session, row: Delivery) -> DeliveryLine:
    line = DeliveryLine(row.dsp, row.state, row.attempts, row.fault)
    made = shipment_of(tx, row.id)
    if made is None:
        return line
    line = replace(line, shipment=made.id, kind=made.kind, batch_id=made.batch_id)
    last = next(reversed(answers_about(tx, made.id)), None)
    if last is None:
        return line
    return replace(line, answer=last.status, answered=f"{last.said}: {last.text}" if last.text else last.said)
