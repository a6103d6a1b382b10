"""Packages, labels, emails, webhooks and DSPs by the names that people give; NotFound where there is none."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.flow.errors import NotFound
from ingest.store import webhooks
from ingest.store.labels import find_label
from ingest.store.models import Label, Notice, Package, WebhookEndpoint, WebhookMessage
from ingest.store.notices import get_notice
from ingest.store.packages import get_package


def package_numbered(tx: Session, package: int) -> Package:
    """The package of this number. Raises NotFound."""
    row = get_package(tx, package)
    if row is None:
        raise NotFound("package", package)
    return row


def email_numbered(tx: Session, email: int) -> Notice:
    """The email of this number. Raises NotFound."""
    row = get_notice(tx, email)
    if row is None:
        raise NotFound("email", email)
    return row


def label_named(tx: Session, name: str) -> Label:
    """The label of this user name. Raises NotFound."""
    row = find_label(tx, name)
    if row is None:
        raise NotFound("label", name)
    return row


def endpoint_with(tx: Session, endpoint: str, label: str | None = None) -> WebhookEndpoint:
    """The webhook endpoint of this id; with `label`, only one of that label. Raises NotFound."""
    row = webhooks.get_endpoint(tx, endpoint) if endpoint.isprintable() else None
    if row is None or (label is not None and label_named(tx, label).id != row.label_id):
        raise NotFound("endpoint", endpoint)
    return row


def webhook_with(tx: Session, webhook: str, label: str | None = None) -> WebhookMessage:
    """The webhook of this id; with `label`, only one of that label. Raises NotFound."""
    row = webhooks.get_message(tx, webhook) if webhook.isprintable() else None
    if row is None:
        raise NotFound("webhook", webhook)
    try:
        endpoint_with(tx, row.endpoint_id, label)
    except NotFound:
        raise NotFound("webhook", webhook) from None
    return row


def check_dsps(config: Config, names: Sequence[str]) -> None:
    """Raise NotFound unless every name is that of a DSP in the configuration; `unknown` has all that are not."""
    unknown = tuple(name for name in names if name not in config.dsp)
    if unknown:
        raise NotFound("dsp", unknown[0], unknown=unknown, known=tuple(sorted(config.dsp)))
