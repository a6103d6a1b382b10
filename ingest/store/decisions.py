"""What people decided: one row for each decision, written in its transaction and never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.core.decision import By, DecisionKind
from ingest.store.models import Decision


def record_decision(
    tx: Session,
    kind: DecisionKind,
    by: By,
    now: datetime,
    *,
    package: int | None = None,
    label: int | None = None,
    note: str = "",
    details: Mapping[str, Any] | None = None,
) -> int:
    """Record a decision about a package, a label or neither; returns its number."""
    row = Decision(
        kind=kind.value,
        package_id=package,
        label_id=label,
        who=by.who,
        face=by.face.value,
        at=now,
        note=note,
        details=dict(details or {}),
    )
    tx.add(row)
    tx.flush()
    return row.id


def decisions_on_package(tx: Session, package: int) -> Sequence[Decision]:
    """The decisions about a package, oldest first."""
    return tx.scalars(sa.select(Decision).where(Decision.package_id == package).order_by(Decision.id)).all()


def decisions_on_label(tx: Session, label: int) -> Sequence[Decision]:
    """The decisions about the account itself, oldest first; none about its packages."""
    return tx.scalars(sa.select(Decision).where(Decision.label_id == label).order_by(Decision.id)).all()
