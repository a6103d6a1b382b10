"""Tokens of labels' users: added, found by the hash of their secret, removed once they have expired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.store.models import ApiKey, ApiToken, Label


@dataclass(frozen=True, slots=True)
class FoundToken:
    """A token with its label; `is_key_revoked`: it was issued with a key that was revoked since."""

    token: ApiToken
    label: Label
    is_key_revoked: bool


def add_token(
    tx: Session, *, id: str, label: int, key: str | None, user: str, digest: str, now: datetime, expires: datetime
) -> None:
    """Add a token of a user of a label; `key` is the id of the key that it was issued with, if any."""
    row = ApiToken(id=id, label_id=label, key_id=key, user_id=user, digest=digest, created_at=now, expires_at=expires)
    tx.add(row)
    tx.flush()


def find_token(tx: Session, digest: str) -> FoundToken | None:
    """The token whose secret has this hash, also one that has expired."""
    asked = (
        sa.select(ApiToken, Label, ApiKey.revoked_at)
        .join(Label, Label.id == ApiToken.label_id)
        .outerjoin(ApiKey, ApiKey.id == ApiToken.key_id)
        .where(ApiToken.digest == digest)
    )
    row = tx.execute(asked).first()
    return None if row is None else FoundToken(row[0], row[1], row[2] is not None)


def remove_expired(tx: Session, now: datetime) -> None:
    """Remove the tokens that have expired."""
    tx.execute(sa.delete(ApiToken).where(ApiToken.expires_at <= now))
