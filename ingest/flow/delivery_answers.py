"""What a DSP's answer does to a delivery: it is accepted, rejected, or sent once more by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from ingest.core.delivery_state import DeliveryPurpose, DeliveryState, state_by_answer
from ingest.core.dsp_answer import AnswerStatus
from ingest.core.status import Status
from ingest.flow.deliveries import Deliveries
from ingest.flow.delivery_order import apply_answers, takes_release_down
from ingest.flow.moves import SYSTEM
from ingest.store import deliveries as rows
from ingest.store.models import Delivery, Package

REJECTED_DOWN: Final = "the DSP rejected the takedown"
BY_PERSONS: Final = frozenset({DeliveryPurpose.RESEND, DeliveryPurpose.TAKEDOWN})
"""What deliveries are for that are not sent again by themselves."""


@dataclass(frozen=True, slots=True)
class DeliveryAnswers:
    """Records answers in the rows of deliveries."""

    deliveries: Deliveries

    def note(self, tx: Session, row: Delivery, answer: AnswerStatus, now: datetime) -> None:
        """Record what the DSP answered about a delivery last; one that rejects a takedown has the release still."""
        turned = state_by_answer(row.state, answer)
        if turned == row.state:
            return
        rows.set_state(tx, row, turned)
        self.deliveries.webhooks.delivery_update(tx, row, now)
        if turned is DeliveryState.REJECTED:
            self._restore(tx, row, now)
        elif takes_release_down(tx, row):
            self.deliveries.take_down(tx, row, now)
            self.deliveries.note_gone(tx, tx.get_one(Package, row.package_id), now, row.notes, is_told=False)

    def may_be_resent(self, tx: Session, row: Delivery) -> bool:
        """Whether a rejected delivery may be sent again by itself: once, and nothing newer was sent or is owed."""
        is_last = rows.next_owed(tx, row) is None and rows.sent_after(tx, row) is None
        return row.state == DeliveryState.REJECTED and row.purpose not in BY_PERSONS and is_last

    def resend(self, tx: Session, row: Delivery, now: datetime) -> None:
        """Owe the DSP once more what it rejected, as a new delivery with a message of its own."""
        added = rows.add_delivery(tx, row.package_id, row.dsp, DeliveryPurpose.RESEND, now, notes=row.notes)
        self.deliveries.begin(tx, added, now)

    def _restore(self, tx: Session, row: Delivery, now: datetime) -> None:
        """What this delivery took down is not taken down."""
        for one in rows.taken_down_by(tx, row):
            rows.set_state(tx, one, DeliveryState.DELIVERED)
            apply_answers(tx, one)
            self.deliveries.webhooks.delivery_update(tx, one, now)
            old, new = Status.TAKEN_DOWN, Status.DELIVERED
            self.deliveries.moves.move(tx, one.package_id, old, new, SYSTEM, REJECTED_DOWN, now, is_told=False)
