"""Webhooks owed: which endpoints are told of what, in the transaction of what happened. Each is owed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session
from ulid import ULID

from ingest.core.catalogue_status import release_status
from ingest.core.status import Status
from ingest.core.webhook import DELIVERY_STATUS, REST_STATUS, WebhookEvent, body_of, timestamp
from ingest.flow.engine import WEBHOOK, Engine
from ingest.store import webhooks as rows
from ingest.store.delivery_jobs import job_of_delivery
from ingest.store.models import Delivery, Package, ReleaseRow, WebhookMessage

SEND: Final = "webhook"
"""The stored name of the workflow that attempts to send one webhook."""


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Owes webhooks and enqueues their first attempts; every method works inside the caller's transaction."""

    engine: Engine

    def release_updated(self, tx: Session, package: Package, change: int, now: datetime) -> None:
        """Tell of a change of a package's status; `releaseId` is null until its message was read."""
        status = Status(package.status)
        release = None if package.release_id is None else tx.get(ReleaseRow, package.release_id, populate_existing=True)
        shown = REST_STATUS[status] if release is None else release_status(release.status, release.decision).value
        told = (shown, status.value, package.barcode, package.folder)
        self.release_changed(tx, package.label_id, package.release_id, told, f"change:{change}", now)

    def release_changed(
        self,
        tx: Session,
        label: int,
        release: UUID | None,
        told: tuple[str, str | None, str | None, str | None],
        cause: str,
        now: datetime,
    ) -> None:
        """Tell of a change of a release's status, once per `cause`; also of a release that has no package.

        `told` are the status in the API, the status of its package (ingestStatus), its barcode, and its package's name.
        """
        keys = ("status", "ingestStatus", "upcCode", "packageName")
        data = {"releaseId": None if release is None else str(release), **dict(zip(keys, told, strict=True))}
        self.owe(tx, label, WebhookEvent.RELEASE_UPDATED, cause, {**data, "timestamp": timestamp(now)}, now)

    def delivery_update(self, tx: Session, delivery: Delivery, now: datetime) -> None:
        """Tell of the state that a delivery has now; nothing for states that the API has no word for.

        `deliveryJobId` is null where no job of the API asked for it.
        """
        job = job_of_delivery(tx, delivery.package_id, delivery.dsp)
        package = tx.get_one(Package, delivery.package_id)
        if (status := DELIVERY_STATUS.get(delivery.state)) is None:
            return
        data = {
            "deliveryJobId": job,
            "releaseId": None if package.release_id is None else str(package.release_id),
            "provider": delivery.dsp,
            "status": status,
            "timestamp": timestamp(now),
        }
        cause = f"delivery:{delivery.id}:{delivery.runs}:{delivery.state}:{now:%Y%m%dT%H%M%S%f}"
        self.owe(tx, package.label_id, WebhookEvent.DELIVERY_UPDATE, cause, data, now)

    def asset_processed(
        self, tx: Session, label: int, asset: str, status: str, duration_ms: int | None, now: datetime
    ) -> None:
        """Tell that an asset was processed, once per asset and status; `duration_ms` is None for a picture."""
        data = {"assetId": asset, "status": status, "durationMs": duration_ms}
        self.owe(tx, label, WebhookEvent.ASSET_PROCESSED, f"asset:{asset}:{status}", data, now)

    def royalty_credited(
        self, tx: Session, label: int, payout: str, amount: float, currency: str, now: datetime
    ) -> tuple[str, ...]:
        """Tell of a payout, once per `payout`; returns the ids of the webhooks. Nothing here ever pays out."""
        data = {"payoutId": payout, "amount": amount, "currency": currency}
        return self.owe(tx, label, WebhookEvent.ROYALTY_CREDITED, f"royalty:{payout}", data, now)

    def owe(
        self, tx: Session, label: int, event: WebhookEvent, cause: str, data: Mapping[str, object], now: datetime
    ) -> tuple[str, ...]:
        """Owe an event to every endpoint of the label that gets it; returns the ids of the webhooks.

        For a disabled endpoint it is kept as failed, so that it can be replayed. `cause` names what happened:
        the same one is owed to each endpoint once. It has 200 characters at most.
        """
        body = body_of(event, data)
        owed = []
        for endpoint in rows.meant(tx, label, event):
            row = rows.owe_message(tx, new_message(), endpoint.id, event, cause, body, now)
            if row is not None and endpoint.state == rows.ENABLED:
                enqueue_webhook(self.engine, tx, row, 1)
                owed.append(row.id)
            elif row is not None:
                rows.miss_message(row, now)
        return tuple(owed)


def new_message() -> str:
    """The id of a new webhook. It sorts by the time at which it was made."""
    return f"msg_{ULID()}"


def enqueue_webhook(engine: Engine, tx: Session, row: WebhookMessage, attempt: int, delay: float = 0) -> None:
    """Enqueue one attempt to send; those to one endpoint leave one after the other, and wait for no other endpoint."""
    key = f"{SEND}:{row.id}:{row.runs}:{attempt}"
    engine.enqueue(tx, SEND, WEBHOOK, key, row.id, row.runs, attempt, delay=delay, partition=row.endpoint_id)
