"""Which delivery of a release is newer at a DSP, what a takedown leaves there, and what answers make of either."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from ingest.core.delivery_kind import DeliveryKind
from ingest.core.delivery_state import LIVE, UNSENT, DeliveryPurpose, state_by_answer
from ingest.core.dsp_answer import AnswerStatus
from ingest.core.kind import Kind, purpose_of
from ingest.flow.stored_dossier import dossier_of
from ingest.store.deliveries import of_release, sent_after, set_state
from ingest.store.dsp_answers import answers_about
from ingest.store.known import delivered_later
from ingest.store.models import Delivery, Package
from ingest.store.shipments import shipment_of

TAKES_DOWN: Final = (Kind.TAKEDOWN.value, Kind.PURGE.value)


def is_takedown(tx: Session, row: Delivery) -> bool:
    """Whether a delivery takes music down, by a person's order or by the label's message."""
    return row.purpose == DeliveryPurpose.TAKEDOWN or tx.get_one(Package, row.package_id).kind in TAKES_DOWN


def takes_release_down(tx: Session, row: Delivery) -> bool:
    """Whether nothing of the release is left at the DSP after this delivery; something is where tracks alone go."""
    if row.purpose == DeliveryPurpose.TAKEDOWN:
        return True
    made = shipment_of(tx, row.id)
    if made is not None or not is_takedown(tx, row):
        return made is not None and made.kind == DeliveryKind.TAKEDOWN
    dossier = dossier_of(tx, row.package_id)
    return dossier is not None and purpose_of(dossier) in (Kind.TAKEDOWN, Kind.PURGE)


def newer_at_dsp(tx: Session, package: Package, dsp: str, row: Delivery | None) -> int | None:
    """The number of the package by which the DSP has something newer than this delivery; None where it has not.

    The message made last is the newer one; what a person ordered is newer than all that was sent before.
    """
    if row is None or row.purpose == DeliveryPurpose.DELIVER:
        return delivered_later(tx, package, dsp)
    return sent_after(tx, row)


def is_anywhere(tx: Session, package: Package) -> bool:
    """Whether a DSP has the release of a package, or is to get it."""
    wanted = (one for one in of_release(tx, package) if one.state in LIVE | UNSENT)
    return any(not is_takedown(tx, one) for one in wanted)


def apply_answers(tx: Session, row: Delivery) -> None:
    """Set the state of a delivery that was sent to what the DSP has answered about it so far."""
    made = shipment_of(tx, row.id)
    for answer in () if made is None else answers_about(tx, made.id):
        set_state(tx, row, state_by_answer(row.state, AnswerStatus(answer.status)))
