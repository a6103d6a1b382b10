"""Webhook endpoints and their log, as people look at them.

With `label` a method knows the endpoints and webhooks of that label only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ingest.core.webhook import EndpointState, MessageState
from ingest.flow.lookup import endpoint_with, label_named, webhook_with
from ingest.store import labels
from ingest.store import webhooks as rows
from ingest.store.database import Store
from ingest.store.models import Label, WebhookEndpoint, WebhookMessage


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint without its secrets. `events` are those that it gets, every one where empty.

    `reason` says why it is disabled; until `old_secret_until` a replaced secret signs too.
    """

    id: str
    label: str
    url: str
    events: tuple[str, ...]
    state: EndpointState
    reason: str | None
    created_at: datetime
    last_success_at: datetime | None
    old_secret_until: datetime | None


@dataclass(frozen=True, slots=True)
class WebhookEntry:
    """A webhook in a list; `attempts` are those since it was owed last, `fault` is why the last one failed."""

    id: str
    endpoint: str
    event: str
    state: MessageState
    created_at: datetime
    ended_at: datetime | None
    attempts: int
    fault: str | None


@dataclass(frozen=True, slots=True)
class AttemptEntry:
    """One attempt: the `status` of the reply with the beginning of its content, or the `error`; it took `ms`."""

    run: int
    attempt: int
    began_at: datetime
    ms: int
    status: int | None
    error: str | None
    reply: str | None


@dataclass(frozen=True, slots=True)
class WebhookDetails:
    """A webhook with its body, character for character, and every attempt."""

    entry: WebhookEntry
    body: str
    attempts: tuple[AttemptEntry, ...]


@dataclass(frozen=True, slots=True)
class WebhookViews:
    """What faces of the program show about webhooks. Methods raise NotFound."""

    store: Store

    def every(self, label: str | None = None) -> tuple[Endpoint, ...]:
        """The endpoints of a label, oldest first; without one, those of all labels, label by label."""
        with self.store.reading() as tx:
            owners = labels.list_labels(tx) if label is None else [label_named(tx, label)]
            return tuple(endpoint_view(row, owner) for owner in owners for row in rows.endpoints_of(tx, owner.id))

    def get(self, endpoint: str, label: str | None = None) -> Endpoint:
        """The endpoint of this id."""
        with self.store.reading() as tx:
            row = endpoint_with(tx, endpoint, label)
            return endpoint_view(row, tx.get_one(Label, row.label_id))

    def newest(self, endpoint: str, label: str | None = None, limit: int = 50) -> tuple[WebhookEntry, ...]:
        """The newest `limit` webhooks of an endpoint, the newest first."""
        with self.store.reading() as tx:
            row = endpoint_with(tx, endpoint, label)
            return tuple(map(_entry, rows.messages_of(tx, row.id, limit)))

    def details(self, webhook: str, label: str | None = None) -> WebhookDetails:
        """A webhook with its body and attempts."""
        with self.store.reading() as tx:
            row = webhook_with(tx, webhook, label)
            made = [
                AttemptEntry(one.run, one.attempt, one.began_at, one.ms, one.status, one.error, one.reply)
                for one in rows.attempts_of(tx, row.id)
            ]
            return WebhookDetails(_entry(row), row.body, tuple(made))


def endpoint_view(row: WebhookEndpoint, label: Label) -> Endpoint:
    """An endpoint of that label as people look at it."""
    return Endpoint(
        id=row.id,
        label=label.name,
        url=row.url,
        events=tuple(row.events),
        state=EndpointState(row.state),
        reason=row.reason,
        created_at=row.created_at,
        last_success_at=row.last_success_at,
        old_secret_until=row.old_until,
    )


def _entry(row: WebhookMessage) -> WebhookEntry:
    return WebhookEntry(
        id=row.id,
        endpoint=row.endpoint_id,
        event=row.event,
        state=MessageState(row.state),
        created_at=row.created_at,
        ended_at=row.ended_at,
        attempts=row.attempts,
        fault=row.fault,
    )
