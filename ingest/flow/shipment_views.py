"""Shipments as people look at them: what was sent, the message itself, and what differs from the one before."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from ingest.core.delivery_state import standing
from ingest.core.sent_file import SentFile
from ingest.flow.errors import NotFound
from ingest.flow.shipments import MESSAGE, stored_files
from ingest.inbound.storage import Storage
from ingest.store.database import Store
from ingest.store.models import Delivery, Shipment
from ingest.store.shipments import before, numbered

MOST_BYTES: Final = 20_000_000
"""Bytes of a message that are shown and compared."""


@dataclass(frozen=True, slots=True)
class ShipmentView:
    """One shipment. `files` are those that it brings, `message` its text as sent, None before it was made.

    `before` is the shipment of the same release that the DSP was sent before, `difference` what their messages differ
    in, as lines of a unified diff.
    """

    number: int
    package: int
    dsp: str
    state: str
    kind: str
    batch_id: str
    message_id: str
    created_at: datetime
    sent_at: datetime | None
    files: tuple[SentFile, ...]
    message: str | None
    before: int | None
    difference: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShipmentViews:
    """What faces of the program show about shipments."""

    store: Store
    storage: Storage

    def shipment(self, number: int) -> ShipmentView:
        """A shipment with its message and what it changed. Raises NotFound."""
        with self.store.reading() as tx:
            row = numbered(tx, number)
            if row is None:
                raise NotFound("shipment", number)
            earlier = before(tx, row)
            return self._view(tx, row, earlier)

    def _view(self, tx: Session, row: Shipment, earlier: Shipment | None) -> ShipmentView:
        delivery = tx.get_one(Delivery, row.delivery_id)
        message = self._message(row)
        old = None if earlier is None else self._message(earlier)
        return ShipmentView(
            number=row.id,
            package=delivery.package_id,
            dsp=row.dsp,
            state=standing(delivery.state, delivery.not_before, delivery.sending_since, delivery.attempts).value,
            kind=row.kind,
            batch_id=row.batch_id,
            message_id=row.message_id,
            created_at=row.created_at,
            sent_at=row.sent_at,
            files=() if row.files is None else stored_files(row.files),
            message=message,
            before=None if earlier is None else earlier.id,
            difference=() if message is None or old is None else tuple(_difference(old, message)),
        )

    def _message(self, row: Shipment) -> str | None:
        """The text of a message; None while it is not made, or when it is gone."""
        if row.built_at is None:
            return None
        try:
            with (self.storage.shipment(row.id) / MESSAGE).open("rb") as file:
                return file.read(MOST_BYTES).decode("utf-8", "replace")
        except OSError:
            return None


def _difference(old: str, new: str) -> list[str]:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), "before", "this shipment", lineterm="", n=1)
    return list(lines)
