"""A label with a webhook endpoint on loopback, and the webhooks that are owed to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ingest.store.models import WebhookEndpoint, WebhookMessage
from tests.outbound.webhook.receivers import Answer, Receiver, lab_config, receiving
from tests.stage import CONFIG, Stage, by, staged


@dataclass
class Hooked:
    """The application, a receiver, and the endpoint of `anna` that leads to it."""

    on: Stage
    receiver: Receiver
    endpoint: str
    secret: str

    def owed(self) -> list[WebhookMessage]:
        with self.on.app.store.reading() as tx:
            return list(tx.scalars(sa.select(WebhookMessage).order_by(WebhookMessage.created_at, WebhookMessage.id)))

    def bodies(self) -> list[Any]:
        return [json.loads(row.body) for row in self.owed()]

    def message(self, name: str) -> WebhookMessage:
        return next(row for row in self.owed() if row.id == name)

    def row(self) -> WebhookEndpoint:
        with self.on.app.store.reading() as tx:
            return tx.get_one(WebhookEndpoint, self.endpoint)

    def send(self, name: str, run: int = 1, attempt: int = 1) -> str:
        return self.on.carry(self.on.app.webhook_sending, name, run, attempt)

    def royalty(self, payout: str = "po_1") -> str:
        """A webhook that is owed."""
        (name,) = self.on.app.webhook_endpoints.send_royalty("anna", payout, 12.5, "EUR", by("ops"))
        return name


@contextmanager
def hooked(home: Path, *answers: Answer, config: str = "") -> Iterator[Hooked]:
    with receiving(*answers) as receiver, staged(home, config=CONFIG + lab_config([receiver.port]) + config) as on:
        made, secret = on.app.webhook_endpoints.add("anna", receiver.url, (), by("ops"))
        yield Hooked(on, receiver, made.id, secret)
