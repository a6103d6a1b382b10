"""Owed webhooks, sent by a job: tried again for three days, then given up; endpoints that never answer are disabled."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.core.alarm import Alarm, Outlook
from ingest.core.log import Log
from ingest.core.notice import NoticeKind
from ingest.core.webhook import MessageState
from ingest.flow.engine import Engine
from ingest.flow.jobs import Done, Failed, Job, Outcome, Persistence
from ingest.flow.notify import Notify
from ingest.flow.password_key import Unreadable
from ingest.flow.webhook_secrets import signing_secrets
from ingest.flow.webhooks import SEND, enqueue_webhook
from ingest.host.logs import logger
from ingest.outbound.http.client import GuardedClient
from ingest.outbound.webhook.post import Exchange, post
from ingest.outbound.webhook.sign import body_header, signed_headers
from ingest.store import webhooks as rows
from ingest.store.database import Clock, Store
from ingest.store.labels import get_label
from ingest.store.models import WebhookEndpoint, WebhookMessage

PAUSES: Final = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
"""The pauses after the first attempt, the second, and so on. The attempt after the last one is the last: 75 hours."""
JITTER: Final = 0.2
"""By which part of itself a pause is made longer at most, so that what failed together does not come back together."""
LONGEST_ASKED: Final = timedelta(hours=24)
"""How long a receiver may ask to be left alone with Retry-After."""
OURS_FOR: Final = timedelta(days=30)
"""How long a webhook is tried that fails through an error of ours."""


@dataclass(frozen=True, slots=True)
class Received(Done):
    """The receiver has it."""

    exchange: Exchange | None = None


@dataclass(frozen=True, slots=True)
class NotReceived(Failed):
    """The receiver does not have it; `exchange` is None where nothing was sent. `is_ours`: through an error of ours."""

    exchange: Exchange | None = None
    is_ours: bool = False


@dataclass(frozen=True)
class WebhookSending(Job[WebhookMessage]):
    """The job of sending owed webhooks."""

    config: Config
    store: Store
    engine: Engine
    notify: Notify
    client: GuardedClient
    clock: Clock
    log: Log

    name = SEND
    step = "post"
    late = sum(PAUSES, timedelta()) * (1 + JITTER)

    @property
    def persistence(self) -> Persistence:
        """That of webhooks which fail through an error of ours."""
        return Persistence(OURS_FOR)

    def pause(self, failed: Failed, attempt: int) -> timedelta:
        if not isinstance(failed, NotReceived) or (exchange := failed.exchange) is None:
            return super().pause(failed, attempt)
        planned = PAUSES[min(attempt, len(PAUSES)) - 1] * random.uniform(1, 1 + JITTER)
        asked = timedelta(seconds=min(exchange.retry_after or 0, LONGEST_ASKED.total_seconds()))
        return max(planned, asked)

    def is_over(self, failed: Failed, attempt: int, age: timedelta) -> bool:
        if _is_ours(failed):
            return super().is_over(failed, attempt, age)
        return failed.permanent or attempt > len(PAUSES)

    def enqueue(self, tx: Session, row: WebhookMessage, attempt: int, delay: float = 0) -> None:
        enqueue_webhook(self.engine, tx, row, attempt, delay)

    def attempt(self, message: str) -> Outcome:
        with self.store.reading() as tx:
            row = rows.get_message(tx, message)
            endpoint = None if row is None else rows.get_endpoint(tx, row.endpoint_id)
        if row is None or row.state != rows.OWED:
            return Done()
        if endpoint is None or endpoint.state != rows.ENABLED:
            return NotReceived("the endpoint gets no webhooks any more", permanent=True)
        try:
            exchange = self.exchange(endpoint, row.id, row.body)
        except Unreadable as error:
            return NotReceived(f"the webhook could not be signed: {error}", is_ours=True)
        if exchange.is_received:
            self.log("webhook sent", webhook=message, endpoint=endpoint.id, ms=exchange.ms)
            return Received(exchange)
        return NotReceived(exchange.failure, permanent=exchange.is_gone, exchange=exchange)

    def exchange(self, endpoint: WebhookEndpoint, message: str, body: str) -> Exchange:
        """Post a body to an endpoint now, signed; nothing is stored. Raises Unreadable for secrets that are lost."""
        now, content = self.clock(), body.encode()
        signing = signing_secrets(self.config.paths.state_dir, endpoint, now)
        headers = signed_headers(message, now, content, signing)
        if self.config.webhooks.body_signature:
            headers |= body_header(content, signing[0])
        return post(self.client, endpoint.url, headers, content, self.config.webhooks.timeout_seconds, now)

    def find(self, tx: Session, message: str) -> WebhookMessage | None:
        row = rows.get_message(tx, message)
        return row if row is not None and row.state == rows.OWED else None

    def owed(self, tx: Session, before: datetime) -> Sequence[WebhookMessage]:
        return rows.owed_messages(tx, before)

    def since(self, row: WebhookMessage) -> datetime:
        return row.owed_at

    def record_attempt(
        self, tx: Session, row: WebhookMessage, outcome: Outcome, began: datetime, now: datetime
    ) -> None:
        exchange = outcome.exchange if isinstance(outcome, Received | NotReceived) else None
        if exchange is not None:
            rows.add_attempt(tx, row, began, exchange.ms, exchange.status, exchange.error, exchange.reply)

    def done(self, tx: Session, row: WebhookMessage, outcome: Outcome, now: datetime) -> str:
        rows.end_message(row, MessageState.DELIVERED, now)
        if (endpoint := rows.get_endpoint(tx, row.endpoint_id)) is not None:
            rows.note_success(endpoint, now)
        return row.state

    def give_up(self, tx: Session, row: WebhookMessage, failed: Failed, now: datetime) -> str:
        """As `Job.give_up`; its endpoint is disabled where it says 410, or got nothing since this one was owed."""
        rows.end_message(row, MessageState.FAILED, now)
        endpoint = rows.get_endpoint(tx, row.endpoint_id)
        if endpoint is not None and endpoint.state == rows.ENABLED and not _is_ours(failed):
            last = endpoint.last_success_at
            if failed.permanent or last is None or last < row.owed_at:
                self._disable(tx, endpoint, row, failed.reason, now)
        return row.state

    def _disable(self, tx: Session, endpoint: WebhookEndpoint, row: WebhookMessage, reason: str, now: datetime) -> None:
        rows.disable_endpoint(tx, endpoint, reason, now)
        label = get_label(tx, endpoint.label_id)
        if label is None:
            return
        logger("ops").warning("webhook endpoint disabled", endpoint=endpoint.id, label=label.name, reason=reason)
        details = {"user": label.name, "title": label.title, "endpoint": endpoint.id, "url": endpoint.url}
        details |= {"reason": reason, "tried_since": row.owed_at.isoformat(), "attempts": str(row.attempts)}
        key = f"webhook-disabled:{row.id}:{row.runs}"
        self.notify.of_label(tx, label.id, label.emails, NoticeKind.WEBHOOK_DISABLED, key, now, details)

    def given_up(self, row: WebhookMessage, failed: Failed) -> Alarm | None:
        """As `Job.given_up`; ops are told of errors of ours only: the label is told of its own."""
        if not _is_ours(failed):
            return None
        return Alarm(f"{self.described(row)} failed for good", Outlook.WAITS, self.commands(row))

    def retried(self, row: WebhookMessage, failed: Failed) -> Alarm | None:
        """As `Job.retried`; only the first failure is told, and only one of ours."""
        if row.attempts > 1 or not _is_ours(failed):
            return None
        return Alarm(f"{self.described(row)} failed and is being retried", Outlook.RETRIED)

    def commands(self, row: WebhookMessage) -> tuple[str, ...]:
        return (f"ingest webhook replay {row.id}",)

    def row_key(self, row: WebhookMessage) -> str:
        return row.id

    def described(self, row: WebhookMessage) -> str:
        return f"the sending of webhook {row.id}"

    def package(self, row: WebhookMessage) -> int | None:
        return None


def _is_ours(failed: Failed) -> bool:
    """Whether it failed through an error of ours, as where the work was lost or the key of secrets is gone."""
    return not isinstance(failed, NotReceived) or failed.is_ours
