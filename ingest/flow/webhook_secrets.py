"""Secrets of webhook endpoints, encrypted for as long as they are stored."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from ingest.flow.password_key import PasswordKey
from ingest.store.models import WebhookEndpoint


def sealed(state: Path, endpoint: str, secret: str) -> str:
    """The secret as it is stored, for this endpoint alone. Raises OSError where the key cannot be made."""
    return PasswordKey(state).encrypt(secret, _use(endpoint))


def signing_secrets(state: Path, row: WebhookEndpoint, now: datetime) -> tuple[str, ...]:
    """The secrets that sign a webhook sent now, the newest first. Raises password_key.Unreadable."""
    stored = [row.secret]
    if row.old_secret is not None and row.old_until is not None and now < row.old_until:
        stored.append(row.old_secret)
    return tuple(PasswordKey(state).decrypt(one, _use(row.id)) for one in stored)


def _use(endpoint: str) -> str:
    return f"webhook:{endpoint}"
