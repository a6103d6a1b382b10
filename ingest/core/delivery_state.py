"""How a delivery to a DSP stands, what it is for, and how people read both."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from ingest.core.dsp_answer import AnswerStatus


class DeliveryState(StrEnum):
    """The stored state of a delivery.

    HELD: it waits until its package is approved. OWED: it is sent, tried again, or waits for its time or for an older
    one. DELIVERED: the DSP was sent it. ACCEPTED, REJECTED: what the DSP answered last. SUPERSEDED: nothing was sent,
    because the DSP has something newer or is to have nothing. TAKEN_DOWN: what it brought was taken down again.
    """

    HELD = "held"
    OWED = "owed"
    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    TAKEN_DOWN = "taken-down"


UNSENT: Final = frozenset({DeliveryState.HELD, DeliveryState.OWED})
"""States in which something is still to be sent."""
LIVE: Final = frozenset({DeliveryState.DELIVERED, DeliveryState.ACCEPTED})
"""States in which the DSP has what the delivery brought."""
SENT: Final = LIVE | {DeliveryState.REJECTED, DeliveryState.TAKEN_DOWN}
"""States in which the delivery was sent, whatever became of it."""


class DeliveryPurpose(StrEnum):
    """What a delivery is for; the values are stored.

    DELIVER: what the package brings, after an approval. REDELIVER: what has changed since, or a release that was taken
    down. WHOLE: everything once more. RESEND: as REDELIVER, by itself because the DSP asked for it. TAKEDOWN: the DSP
    is to offer the release no more.
    """

    DELIVER = "deliver"
    REDELIVER = "redeliver"
    WHOLE = "whole"
    RESEND = "resend"
    TAKEDOWN = "takedown"


class Standing(StrEnum):
    """How a delivery stands, as people and programs read it."""

    QUEUED = "queued"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    TAKEN_DOWN = "taken down"


_SAID: Final[Mapping[DeliveryState, Standing]] = {
    DeliveryState.HELD: Standing.HELD,
    DeliveryState.DELIVERED: Standing.SENT,
    DeliveryState.ACCEPTED: Standing.ACCEPTED,
    DeliveryState.REJECTED: Standing.REJECTED,
    DeliveryState.FAILED: Standing.FAILED,
    DeliveryState.SUPERSEDED: Standing.SUPERSEDED,
    DeliveryState.TAKEN_DOWN: Standing.TAKEN_DOWN,
}


def standing(state: str, not_before: datetime | None, sending_since: datetime | None, attempts: int) -> Standing:
    """How a delivery stands. It counts as held until its first attempt where it must not be sent before a time."""
    if state != DeliveryState.OWED:
        return _SAID[DeliveryState(state)]
    if sending_since is not None:
        return Standing.SENDING
    return Standing.HELD if not_before is not None and attempts == 0 else Standing.QUEUED


def state_by_answer(state: str, answer: AnswerStatus) -> DeliveryState:
    """The state of a delivery after the DSP's newest answer about it; a later answer may take an earlier one back.

    An answer changes nothing of a delivery that was taken down or not sent.
    """
    now = DeliveryState(state)
    if now not in LIVE | {DeliveryState.REJECTED}:
        return now
    said = {AnswerStatus.ACCEPTED: DeliveryState.ACCEPTED, AnswerStatus.REJECTED: DeliveryState.REJECTED}
    return said.get(answer, now)
