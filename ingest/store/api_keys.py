"""Partner keys of the REST API: added, found by the hash of their secret, revoked. They are never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.store.models import ApiKey, Label

LONGEST_ID: Final = 30


def add_key(
    tx: Session,
    *,
    id: str,
    label: int,
    name: str,
    digest: str,
    start: str,
    scopes: Sequence[str],
    is_test: bool,
    now: datetime,
) -> ApiKey:
    """Add a key of a label; `digest` is the SHA-256 of its secret in hexadecimal digits, `start` how it begins."""
    row = ApiKey(
        id=id,
        label_id=label,
        name=name,
        digest=digest,
        start=start,
        scopes=list(scopes),
        is_test=is_test,
        created_at=now,
        used_at=None,
        revoked_at=None,
    )
    tx.add(row)
    tx.flush()
    return row


def list_keys(tx: Session, label: int) -> Sequence[ApiKey]:
    """The keys of a label, oldest first, with those that were revoked."""
    return tx.scalars(sa.select(ApiKey).where(ApiKey.label_id == label).order_by(ApiKey.created_at, ApiKey.id)).all()


def get_key(tx: Session, label: int, id: str) -> ApiKey | None:
    """The key of this id, if it is one of this label; None too for an id that no database stores."""
    if not id.isprintable() or len(id) > LONGEST_ID:
        return None
    return tx.scalar(sa.select(ApiKey).where(ApiKey.id == id, ApiKey.label_id == label))


def find_key(tx: Session, digest: str) -> tuple[ApiKey, Label] | None:
    """The key whose secret has this hash, with its label; also one that was revoked."""
    asked = sa.select(ApiKey, Label).join(Label, Label.id == ApiKey.label_id).where(ApiKey.digest == digest)
    row = tx.execute(asked).first()
    return None if row is None else (row[0], row[1])


def revoke_key(tx: Session, id: str, now: datetime) -> bool:
    """Revoke a key; False where it was revoked before."""
    gone = sa.update(ApiKey).where(ApiKey.id == id, ApiKey.revoked_at.is_(None)).values(revoked_at=now)
    return bool(tx.execute(gone.returning(ApiKey.id)).first())


def note_use(rows: sa.Connection, id: str, now: datetime, unless_since: datetime) -> None:
    """Record that a key was used, unless a use since `unless_since` is recorded."""
    is_due = sa.or_(ApiKey.used_at.is_(None), ApiKey.used_at < unless_since)
    rows.execute(sa.update(ApiKey).where(ApiKey.id == id, is_due).values(used_at=now))
