"""Webhooks: which events there are, and how their bodies are written (guide, "Webhooks")."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from ingest.core.status import Status


class WebhookEvent(StrEnum):
    """What a webhook tells of; the values are stored, and receivers compare them."""

    DELIVERY_UPDATE = "delivery.update"
    RELEASE_UPDATED = "release.updated"
    ASSET_PROCESSED = "asset.processed"
    ROYALTY_CREDITED = "royalty.credited"


class EndpointState(StrEnum):
    """Whether an endpoint gets webhooks; the values are stored. A removed one is shown to nobody."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    REMOVED = "removed"


class MessageState(StrEnum):
    """What became of a webhook; the values are stored. FAILED: it is not attempted any more, until it is replayed."""

    OWED = "owed"
    DELIVERED = "delivered"
    FAILED = "failed"


REST_STATUS: Final[Mapping[Status, str]] = {
    Status.INCOMING: "Pending",
    Status.NEEDS_QC: "Pending",
    Status.INVALID: "Rejected",
    Status.QC_APPROVED: "Approved",
    Status.QC_REJECTED: "Rejected",
    Status.DELIVERED: "Approved",
    Status.TAKEN_DOWN: "Taken Down",
}
"""The statuses of the guide's Release endpoints, by those of packages."""

DELIVERY_STATUS: Final[Mapping[str, str]] = {
    "owed": "queued",
    "delivered": "delivered",
    "accepted": "accepted",
    "rejected": "rejected",
    "failed": "failed",
    "taken-down": "taken_down",
}
"""The statuses that `delivery.update` tells, by the stored states of deliveries; nobody is told of the others."""


def body_of(event: WebhookEvent, data: Mapping[str, object]) -> str:
    """The body of a webhook: `event` and `data`, and no other key, as the guide's sample has them."""
    return json.dumps({"event": event.value, "data": data}, ensure_ascii=False, separators=(",", ":"))


def timestamp(at: datetime) -> str:
    """A time as webhooks tell it: UTC with `Z`, in whole seconds."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def wants(events: Sequence[str], event: WebhookEvent) -> bool:
    """Whether an endpoint with this filter gets an event; an empty filter lets every event pass."""
    return not events or event.value in events
