"""Rows that tests begin with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.store import folders, labels, packages
from ingest.store.database import Store
from ingest.store.models import Acknowledgement, Label

NOW = datetime(2026, 3, 23, 12, 0, tzinfo=UTC)


def new_label(tx: Session, name: str, **changes: Any) -> Label:
    """A label with nothing agreed, and what `changes` say instead."""
    values: dict[str, Any] = {
        "title": name.title(),
        "emails": [],
        "password_hash": None,
        "public_keys": [],
        "dsps": [],
        "max_bytes": None,
        "now": NOW,
    }
    return labels.add_label(tx, name=name, **(values | changes))


def add_label(store: Store, *, name: str = "anna", **changes: Any) -> int:
    with store.transaction() as tx:
        return new_label(tx, name, **({"emails": ["a@b.example"], "max_bytes": 10**12} | changes)).id


def add_package(store: Store, name: str = "Album", *, label: int = 1, now: datetime = NOW) -> int:
    """The package of an open release folder of this name."""
    with store.transaction() as tx:
        found = packages.add_package(tx, folders.touch_folder(tx, label, name, now), "", now)
    assert found is not None
    return found


def acknowledgement_of(tx: Session, package: int) -> Acknowledgement | None:
    return tx.scalar(sa.select(Acknowledgement).where(Acknowledgement.package_id == package))
