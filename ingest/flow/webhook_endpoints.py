"""Where labels want webhooks: endpoints added, tried out, rotated, removed, and what they got sent again.

Every decision is recorded with who took it. With `label` a method knows the endpoints and webhooks of that label only.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session
from ulid import ULID

from ingest.config import Config
from ingest.core.decision import By, DecisionKind
from ingest.core.webhook import MessageState, WebhookEvent, body_of, timestamp
from ingest.flow.errors import Code, Conflict, Refused
from ingest.flow.lookup import endpoint_with, label_named, webhook_with
from ingest.flow.password_key import Unreadable
from ingest.flow.webhook_secrets import sealed
from ingest.flow.webhook_sending import WebhookSending
from ingest.flow.webhook_views import Endpoint, endpoint_view
from ingest.flow.webhooks import Webhooks, new_message
from ingest.outbound.http.target import BadUrl, target_of
from ingest.outbound.webhook.post import Exchange
from ingest.outbound.webhook.sign import new_secret
from ingest.store import webhooks as rows
from ingest.store.database import Clock, Store
from ingest.store.decisions import record_decision
from ingest.store.models import WebhookEndpoint, WebhookMessage
from ingest.store.owed import note_attempt

OLD_SECRET: Final = timedelta(hours=24)
"""How long a replaced secret still signs beside the new one."""
LONGEST_PAYOUT: Final = 100
LARGEST_AMOUNT: Final = 10**12
BY_A_PERSON: Final = "a person disabled it"
_CURRENCY: Final = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class SampleTurns:
    """Labels of which a sample is being posted: one at a time for each, so that slow receivers hold few threads."""

    _labels: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def taken(self, label: int, endpoint: str) -> Iterator[None]:
        """The label's turn, for the block. Raises Conflict while another sample of the label is posted."""
        with self._lock:
            if label in self._labels:
                raise Conflict(Code.WEBHOOK_STILL_OWED, webhook=endpoint)
            self._labels.add(label)
        try:
            yield
        finally:
            self._labels.discard(label)


@dataclass(frozen=True, slots=True)
class WebhookEndpoints:
    """The use cases on webhooks. Methods raise NotFound for an unknown label, endpoint or webhook."""

    config: Config
    store: Store
    webhooks: Webhooks
    sending: WebhookSending
    clock: Clock
    samples: SampleTurns = field(default_factory=SampleTurns)

    def add(self, label: str, url: str, events: Sequence[str], by: By) -> tuple[Endpoint, str]:
        """Add an endpoint that gets these events, all where none is named; returns it and its secret.

        The secret is not shown again. Raises Refused for a URL that no request is made to, for an unknown event, and
        where the label has as many endpoints as it may.
        """
        wanted = self._checked(url, events)
        name, secret = f"whk_{ULID()}", new_secret()
        stored = sealed(self.config.paths.state_dir, name, secret)
        with self.store.transaction() as tx:
            owner = label_named(tx, label)
            most = self.config.webhooks.max_endpoints_per_label
            if len(rows.endpoints_of(tx, owner.id, alone=True)) >= most:
                raise Refused(Code.TOO_MANY_ENDPOINTS, label=label, most=most)
            row = rows.add_endpoint(tx, name, label=owner.id, url=url, events=wanted, secret=stored, now=self.clock())
            self._record(tx, DecisionKind.ADD_WEBHOOK, by, row, url=url, events=wanted)
            return endpoint_view(row, owner), secret

    def remove(self, endpoint: str, by: By, label: str | None = None) -> None:
        """Remove an endpoint: what is owed to it is not sent, and its secrets are deleted."""
        with self.store.transaction() as tx:
            row = endpoint_with(tx, endpoint, label)
            rows.remove_endpoint(tx, row, self.clock())
            self._record(tx, DecisionKind.REMOVE_WEBHOOK, by, row, url=row.url)

    def enable(self, endpoint: str, by: By, label: str | None = None) -> None:
        """Let a disabled endpoint get webhooks again; those that it missed can be replayed."""
        with self.store.transaction() as tx:
            row = endpoint_with(tx, endpoint, label)
            if row.state != rows.ENABLED:
                self._record(tx, DecisionKind.ENABLE_WEBHOOK, by, row, reason=row.reason)
                rows.enable_endpoint(row)

    def disable(self, endpoint: str, by: By, label: str | None = None) -> None:
        """Send an endpoint nothing until it is enabled again."""
        with self.store.transaction() as tx:
            row = endpoint_with(tx, endpoint, label)
            if row.state == rows.ENABLED:
                rows.disable_endpoint(tx, row, BY_A_PERSON, self.clock())
                self._record(tx, DecisionKind.DISABLE_WEBHOOK, by, row)

    def rotate(self, endpoint: str, by: By, label: str | None = None) -> str:
        """Give an endpoint a new secret and return it; it is not shown again.

        For 24 hours the one before signs too; one that was replaced within that time signs no more.
        """
        secret = new_secret()
        with self.store.transaction() as tx:
            row = endpoint_with(tx, endpoint, label)
            stored = sealed(self.config.paths.state_dir, row.id, secret)
            rows.set_secret(row, stored, self.clock() + OLD_SECRET)
            self._record(tx, DecisionKind.ROTATE_WEBHOOK, by, row)
        return secret

    def test(self, endpoint: str, label: str | None = None) -> Exchange:
        """Post a sample `delivery.update` to an endpoint now, a disabled one too, and keep it in its log.

        It is tried once. The call takes as long as the receiver, up to the time-out; not for a thread with an event
        loop. Raises Conflict while another sample of the label is posted, and where the secret cannot be decrypted.
        """
        began = self.clock()
        with self.store.reading() as tx:
            row = endpoint_with(tx, endpoint, label)
        message, body = new_message(), body_of(WebhookEvent.DELIVERY_UPDATE, sample(began))
        try:
            with self.samples.taken(row.label_id, endpoint):
                exchange = self.sending.exchange(row, message, body)
        except Unreadable as error:
            raise Conflict(Code.SECRET_UNREADABLE, endpoint=endpoint, reason=str(error)) from None
        with self.store.transaction() as tx:
            kept = rows.owe_message(tx, message, row.id, WebhookEvent.DELIVERY_UPDATE, f"test:{message}", body, began)
            assert kept is not None
            note_attempt(kept, 1, None if exchange.is_received else exchange.failure)
            rows.add_attempt(tx, kept, began, exchange.ms, exchange.status, exchange.error, exchange.reply)
            state = MessageState.DELIVERED if exchange.is_received else MessageState.FAILED
            rows.end_message(kept, state, self.clock())
        return exchange

    def replay(self, webhook: str, by: By, label: str | None = None) -> None:
        """Owe a webhook again that was delivered or failed, under the same id.

        Raises Conflict where it is still owed, or its endpoint is disabled.
        """
        with self.store.transaction() as tx:
            row = webhook_with(tx, webhook, label)
            endpoint = _enabled(endpoint_with(tx, row.endpoint_id))
            if row.state == rows.OWED:
                raise Conflict(Code.WEBHOOK_STILL_OWED, webhook=webhook)
            self._owe_again(tx, endpoint, [row], by)

    def replay_failed(self, endpoint: str, since: datetime, by: By, label: str | None = None) -> tuple[str, ...]:
        """Owe every webhook of an endpoint again that failed and was made since that time; returns their ids.

        Raises Conflict where the endpoint is disabled.
        """
        with self.store.transaction() as tx:
            row = _enabled(endpoint_with(tx, endpoint, label))
            failed = rows.failed_messages(tx, row.id, since)
            if failed:
                self._owe_again(tx, row, failed, by)
            return tuple(one.id for one in failed)

    def send_royalty(self, label: str, payout: str, amount: float, currency: str, by: By) -> tuple[str, ...]:
        """Tell the label's endpoints of a payout, each once per `payout`; returns the ids of the webhooks.

        Raises Refused for values that cannot be told, and where no endpoint gets the event.
        """
        _check_payout(payout, amount, currency)
        with self.store.transaction() as tx:
            owner = label_named(tx, label)
            owed = self.webhooks.royalty_credited(tx, owner.id, payout, amount, currency, self.clock())
            if not owed:
                raise Refused(Code.NOBODY_LISTENS, label=label, event=WebhookEvent.ROYALTY_CREDITED.value)
            details = {"payout": payout, "amount": amount, "currency": currency, "webhooks": list(owed)}
            record_decision(tx, DecisionKind.SEND_WEBHOOK, by, self.clock(), label=owner.id, details=details)
        return owed

    def _checked(self, url: str, events: Sequence[str]) -> list[str]:
        """The events without duplicates. Raises Refused."""
        try:
            target_of(url, self.config.http)
        except BadUrl as error:
            raise Refused(Code.URL_REFUSED, url=url, reason=str(error)) from None
        known = tuple(event.value for event in WebhookEvent)
        for event in events:
            if event not in known:
                raise Refused(Code.EVENT_REFUSED, event=event, known=known)
        return list(dict.fromkeys(events))

    def _owe_again(self, tx: Session, endpoint: WebhookEndpoint, owed: Sequence[WebhookMessage], by: By) -> None:
        for row in owed:
            rows.owe_again(row, self.clock())
            self.sending.enqueue_again(tx, row)
        self._record(tx, DecisionKind.REPLAY_WEBHOOK, by, endpoint, webhooks=[row.id for row in owed])

    def _record(self, tx: Session, kind: DecisionKind, by: By, row: WebhookEndpoint, **details: Any) -> None:
        told = {"endpoint": row.id, **details}
        record_decision(tx, kind, by, self.clock(), label=row.label_id, details=told)


def sample(at: datetime) -> dict[str, object]:
    """The data of a webhook that only tests; its ids are of nothing."""
    return {
        "deliveryJobId": "deljob_test",
        "releaseId": "00000000-0000-0000-0000-000000000000",
        "provider": "test",
        "status": "accepted",
        "timestamp": timestamp(at),
    }


def _enabled(row: WebhookEndpoint) -> WebhookEndpoint:
    if row.state != rows.ENABLED:
        raise Conflict(Code.ENDPOINT_DISABLED, endpoint=row.id)
    return row


def _check_payout(payout: str, amount: float, currency: str) -> None:
    if not payout.isprintable() or not 0 < len(payout) <= LONGEST_PAYOUT:
        raise Refused(Code.PAYOUT_REFUSED, reason=f"its id has 1 to {LONGEST_PAYOUT} printable characters")
    if not math.isfinite(amount) or abs(amount) > LARGEST_AMOUNT:
        raise Refused(Code.PAYOUT_REFUSED, reason=f"the amount is a number up to {LARGEST_AMOUNT}")
    if not _CURRENCY.fullmatch(currency):
        raise Refused(Code.PAYOUT_REFUSED, reason="the currency is three capital letters (ISO 4217), as EUR")
