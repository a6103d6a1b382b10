"""Labels: the accounts that upload."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.store.database import insert
from ingest.store.models import Label, Package, ReleaseRow


class LabelExists(Exception):
    """There is a label of this name already."""


def add_label(
    tx: Session,
    *,
    name: str,
    title: str,
    emails: Sequence[str],
    password_hash: str | None,
    public_keys: Sequence[str],
    dsps: Sequence[str],
    max_bytes: int | None,
    now: datetime,
    max_files: int | None = None,
    max_folders: int | None = None,
    is_sandbox: bool = False,
) -> Label:
    """Add a label. Raises LabelExists, also where two add it at the same time.

    None for a maximum: the configured one.
    """
    row = insert(tx, Label).values(
        name=name,
        title=title,
        emails=list(emails),
        password_hash=password_hash,
        public_keys=list(public_keys),
        dsps=list(dsps),
        enabled=True,
        is_sandbox=is_sandbox,
        max_bytes=max_bytes,
        max_files=max_files,
        max_folders=max_folders,
        created_at=now,
    )
    added = tx.scalar(row.on_conflict_do_nothing(index_elements=["name"]).returning(Label.id))
    if added is None:
        raise LabelExists(name)
    return tx.get_one(Label, added)


def change_label(label: Label, **values: Any) -> dict[str, dict[str, Any]]:
    """Set columns of a label; returns `old` and `new` of each that had another value, by the name of the column."""
    changed = {name: {"old": getattr(label, name), "new": value} for name, value in values.items()}
    changed = {name: both for name, both in changed.items() if both["old"] != both["new"]}
    for name, both in changed.items():
        setattr(label, name, both["new"])
    return changed


def find_label(tx: Session, name: str) -> Label | None:
    """The label of this name; None too for a name with characters that no database stores."""
    if not name.isprintable():
        return None
    return tx.scalar(sa.select(Label).where(Label.name == name))


def get_label(tx: Session, label: int) -> Label | None:
    """The label of this number."""
    return tx.get(Label, label)


def list_labels(tx: Session) -> Sequence[Label]:
    """All labels, sorted by name."""
    return tx.scalars(sa.select(Label).order_by(Label.name)).all()


def has_releases(tx: Session, label: int) -> bool:
    """Whether there is a package or a release of the label."""
    of_label = (sa.exists().where(table.label_id == label) for table in (Package, ReleaseRow))
    return bool(tx.scalar(sa.select(sa.or_(*of_label))))


STANDING: Final = sa.select(Label.enabled, Label.password_hash, Label.public_keys).where(
    Label.id == sa.bindparam("label")
)


Standing = tuple[bool, str | None, tuple[str, ...]]
"""Whether a label may log in, its password's hash, and its keys."""


def standing(rows: sa.Connection, label: int) -> Standing | None:
    """The standing of a label; None for an unknown one."""
    row = rows.execute(STANDING, {"label": label}).first()
    return None if row is None else (row[0], row[1], tuple(row[2]))
