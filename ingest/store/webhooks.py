"""Webhook endpoints, the messages owed to them, and the attempts: a message is marked delivered only after it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.core.webhook import EndpointState, MessageState, WebhookEvent, wants
from ingest.store.database import insert
from ingest.store.models import Label, WebhookAttempt, WebhookEndpoint, WebhookMessage
from ingest.store.models.webhooks import STILL_OWED

OWED: Final = MessageState.OWED.value
ENABLED: Final = EndpointState.ENABLED.value
REMOVED: Final = EndpointState.REMOVED.value
DISABLED: Final = "the endpoint was disabled"
NOTHING: Final = ""
"""What stands in the place of the secret of a removed endpoint."""


def add_endpoint(
    tx: Session, endpoint: str, *, label: int, url: str, events: Sequence[str], secret: str, now: datetime
) -> WebhookEndpoint:
    """Add an endpoint of a label under this id, enabled; `secret` is encrypted."""
    row = WebhookEndpoint(
        id=endpoint,
        label_id=label,
        url=url,
        events=list(events),
        secret=secret,
        state=ENABLED,
        created_at=now,
    )
    tx.add(row)
    tx.flush()
    return row


def get_endpoint(tx: Session, endpoint: str) -> WebhookEndpoint | None:
    """The endpoint of this id; None for one that was removed."""
    row = tx.get(WebhookEndpoint, endpoint)
    return None if row is None or row.state == REMOVED else row


def endpoints_of(tx: Session, label: int, *, alone: bool = False) -> Sequence[WebhookEndpoint]:
    """The endpoints of a label that are not removed, oldest first.

    With `alone`, other transactions that ask so for the same label wait until this one ends.
    """
    if alone:
        tx.execute(sa.select(Label.id).where(Label.id == label).with_for_update())
    own = sa.select(WebhookEndpoint).where(WebhookEndpoint.label_id == label, WebhookEndpoint.state != REMOVED)
    return tx.scalars(own.order_by(WebhookEndpoint.created_at, WebhookEndpoint.id)).all()


def meant(tx: Session, label: int, event: WebhookEvent) -> Sequence[WebhookEndpoint]:
    """The endpoints of a label that this event is for, disabled ones too."""
    return [one for one in endpoints_of(tx, label) if wants(one.events, event)]


def set_secret(row: WebhookEndpoint, secret: str, old_until: datetime) -> None:
    """Replace the secret; the one before still signs until `old_until`, and one before that no more."""
    row.old_secret, row.old_until, row.secret = row.secret, old_until, secret


def enable_endpoint(row: WebhookEndpoint) -> None:
    """Let an endpoint get webhooks again, from now on."""
    row.state, row.reason = ENABLED, None


def disable_endpoint(tx: Session, row: WebhookEndpoint, reason: str, now: datetime) -> None:
    """Record that an endpoint gets no webhooks any more; those owed to it fail."""
    row.state, row.reason = EndpointState.DISABLED.value, reason
    _fail_owed(tx, row, DISABLED, now)


def remove_endpoint(tx: Session, row: WebhookEndpoint, now: datetime) -> None:
    """Record that an endpoint is no more; its secrets are deleted, webhooks owed to it fail."""
    row.state, row.reason = REMOVED, None
    row.secret, row.old_secret, row.old_until = NOTHING, None, None
    _fail_owed(tx, row, "the endpoint was removed", now)


def _fail_owed(tx: Session, row: WebhookEndpoint, fault: str, now: datetime) -> None:
    tx.flush()
    owed = sa.update(WebhookMessage).where(WebhookMessage.endpoint_id == row.id, WebhookMessage.state == OWED)
    tx.execute(owed.values(state=MessageState.FAILED.value, fault=fault, ended_at=now))


def note_success(row: WebhookEndpoint, now: datetime) -> None:
    """Record that a webhook reached the endpoint."""
    row.last_success_at = now


def owe_message(
    tx: Session, message: str, endpoint: str, event: WebhookEvent, cause: str, body: str, now: datetime
) -> WebhookMessage | None:
    """Owe an endpoint a webhook under this id, once per `cause`; None where it is owed, or was, already."""
    row = {"id": message, "endpoint_id": endpoint, "event": event.value, "cause": cause, "body": body, "state": OWED}
    added = insert(tx, WebhookMessage).values(**row, created_at=now, owed_at=now, attempts=0, runs=1)
    added = added.on_conflict_do_nothing(index_elements=["endpoint_id", "cause"])
    known = tx.scalar(added.returning(WebhookMessage.id))
    return None if known is None else tx.get_one(WebhookMessage, known)


def miss_message(row: WebhookMessage, now: datetime) -> None:
    """Record that a webhook is not sent because its endpoint is disabled; it can be replayed once it is enabled."""
    row.fault = DISABLED
    end_message(row, MessageState.FAILED, now)


def get_message(tx: Session, message: str) -> WebhookMessage | None:
    """The webhook of this id, in any state."""
    return tx.get(WebhookMessage, message)


def owed_messages(tx: Session, before: datetime) -> Sequence[WebhookMessage]:
    """The webhooks that have been owed since before that time, oldest first."""
    owed = sa.select(WebhookMessage).where(STILL_OWED, WebhookMessage.owed_at < before)
    return tx.scalars(owed.order_by(WebhookMessage.owed_at, WebhookMessage.id)).all()


def messages_of(tx: Session, endpoint: str, limit: int) -> Sequence[WebhookMessage]:
    """The newest `limit` webhooks of an endpoint, the newest first."""
    own = sa.select(WebhookMessage).where(WebhookMessage.endpoint_id == endpoint)
    newest = (WebhookMessage.created_at.desc(), WebhookMessage.id.desc())
    return tx.scalars(own.order_by(*newest).limit(limit)).all()


def failed_messages(tx: Session, endpoint: str, since: datetime) -> Sequence[WebhookMessage]:
    """The webhooks of an endpoint created since that time that failed, oldest first."""
    own = sa.select(WebhookMessage).where(WebhookMessage.endpoint_id == endpoint, WebhookMessage.created_at >= since)
    failed = own.where(WebhookMessage.state == MessageState.FAILED.value)
    return tx.scalars(failed.order_by(WebhookMessage.created_at, WebhookMessage.id)).all()


def end_message(row: WebhookMessage, state: MessageState, now: datetime) -> None:
    """Record what became of a webhook: it was delivered, or is not attempted any more."""
    row.state, row.ended_at = state.value, now


def owe_again(row: WebhookMessage, now: datetime) -> None:
    """Owe a webhook again; its id and body stay."""
    row.state, row.owed_at, row.ended_at, row.attempts, row.fault = OWED, now, None, 0, None


def add_attempt(
    tx: Session,
    row: WebhookMessage,
    began: datetime,
    ms: int,
    status: int | None,
    error: str | None,
    reply: str | None,
) -> None:
    """Store one attempt; its run and number are those in the message's row. Nothing where it is stored already."""
    one = insert(tx, WebhookAttempt).values(
        message_id=row.id,
        run=row.runs,
        attempt=row.attempts,
        began_at=began,
        ms=ms,
        status=status,
        error=error,
        reply=reply,
    )
    tx.execute(one.on_conflict_do_nothing(index_elements=["message_id", "run", "attempt"]))


def attempts_of(tx: Session, message: str) -> Sequence[WebhookAttempt]:
    """The attempts at a webhook, in order."""
    own = sa.select(WebhookAttempt).where(WebhookAttempt.message_id == message)
    return tx.scalars(own.order_by(WebhookAttempt.run, WebhookAttempt.attempt)).all()


def forget_messages(tx: Session, before: datetime) -> int:
    """Delete webhooks created before that time that are not owed, with their attempts; returns how many.

    A removed endpoint goes with its last webhook.
    """
    old = sa.select(WebhookMessage.id).where(WebhookMessage.created_at < before, WebhookMessage.state != OWED)
    tx.execute(sa.delete(WebhookAttempt).where(WebhookAttempt.message_id.in_(old)))
    gone = tx.scalars(sa.delete(WebhookMessage).where(WebhookMessage.id.in_(old)).returning(WebhookMessage.id)).all()
    used = sa.exists().where(WebhookMessage.endpoint_id == WebhookEndpoint.id)
    tx.execute(sa.delete(WebhookEndpoint).where(WebhookEndpoint.state == REMOVED, ~used))
    return len(gone)
