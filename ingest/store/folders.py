"""Release folders, from when they are first seen until their files are removed."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from ingest.core.fingerprint import Fingerprint
from ingest.store import uploads
from ingest.store.database import insert_in
from ingest.store.models import COMPOSING, GONE, LIVE, OPEN, SEALED, SEALING, Change, Label, Package, ReleaseFolder
from ingest.store.packages import rests_in


def open_folder(tx: Session, label: int, name: str) -> ReleaseFolder | None:
    """The folder of this name that is open or being sealed."""
    live = ReleaseFolder.state.in_((OPEN, SEALING))
    return tx.scalar(sa.select(ReleaseFolder).where(ReleaseFolder.label_id == label, ReleaseFolder.name == name, live))


LIVE_ONE: Final = sa.select(ReleaseFolder.id, ReleaseFolder.state).where(
    ReleaseFolder.label_id == sa.bindparam("label"),
    ReleaseFolder.name == sa.bindparam("name"),
    ReleaseFolder.state.in_((OPEN, SEALING)),
)


def live_folder(tx: Session, label: int, name: str) -> tuple[int, str] | None:
    """Number and state of the folder that `open_folder` returns, without making an object: asked for each change."""
    row = tx.connection().execute(LIVE_ONE, {"label": label, "name": name}).first()
    return None if row is None else (row[0], row[1])


def open_folders(tx: Session, label: int | None = None) -> Sequence[ReleaseFolder]:
    """The folders that are open or being sealed, oldest first; of one label if given."""
    query = sa.select(ReleaseFolder).where(ReleaseFolder.state.in_((OPEN, SEALING))).order_by(ReleaseFolder.id)
    return tx.scalars(query if label is None else query.where(ReleaseFolder.label_id == label)).all()


def names_in_use(tx: Session, label: int) -> tuple[str, ...]:
    """The names of the label's folders, open or sealed, whose files are still stored."""
    return tuple(tx.scalars(_names_in_use(label)))


@dataclass(frozen=True, slots=True)
class NamesInUse(Container[str]):
    """The names that `names_in_use` returns, each looked up in the database when it is asked for."""

    tx: Session
    label: int

    def __contains__(self, name: object) -> bool:
        return self.tx.scalar(_names_in_use(self.label).where(ReleaseFolder.name == name).limit(1)) is not None


def _names_in_use(label: int) -> sa.Select[str]:
    kept = ReleaseFolder.state.in_((OPEN, SEALING, SEALED, COMPOSING)), ReleaseFolder.removed_at.is_(None)
    return sa.select(ReleaseFolder.name).where(ReleaseFolder.label_id == label, *kept)


@cache
def _touching(dialect: str) -> Any:
    adding = insert_in(dialect, ReleaseFolder)
    touched = {"touched_at": adding.excluded.touched_at}
    elements = ["label_id", "name"]
    upsert = adding.on_conflict_do_update(index_elements=elements, index_where=LIVE, set_=touched)
    return upsert.returning(ReleaseFolder.id)


def note_change(rows: sa.Connection, label: int, name: str, now: datetime) -> int:
    """Record that something happened in the folder; adds its row when there is none. Returns its number."""
    fresh = {"label_id": label, "name": name, "state": OPEN, "seen_at": now, "touched_at": now}
    number: int = rows.execute(_touching(rows.dialect.name), fresh).scalar_one()
    return number


def touch_folder(tx: Session, label: int, name: str, now: datetime) -> ReleaseFolder:
    """As `note_change`; returns the row."""
    note_change(tx.connection(), label, name, now)
    folder = open_folder(tx, label, name)
    assert folder is not None
    tx.refresh(folder)
    return folder


def note_touched(folder: ReleaseFolder, now: datetime) -> None:
    """Record that something happened in the folder now."""
    folder.touched_at = now


def add_composed(tx: Session, label: int, name: str, now: datetime) -> ReleaseFolder:
    """Add the folder of a package that is composed; `end_seal` ends that."""
    row = ReleaseFolder(label_id=label, name=name, state=COMPOSING, seen_at=now, touched_at=now)
    tx.add(row)
    tx.flush()
    return row


def rename_folder(tx: Session, label: int, old: str, new: str, now: datetime) -> None:
    """Rename a release folder's row, which keeps its history. The row of an empty folder that was replaced ends.

    An unsealed package of the replaced folder becomes one of this folder, unless this one has a package.
    """
    folder = touch_folder(tx, label, old, now)
    replaced = open_folder(tx, label, new)
    if replaced is not None and replaced.id != folder.id:
        forget_folder(tx, replaced.id, now)
        inherit = sa.update(Package).where(Package.folder_id == replaced.id, Package.sealed_at.is_(None))
        tx.execute(inherit.where(~sa.exists().where(Other.folder_id == folder.id)).values(folder_id=folder.id))
    folder.name = new
    tx.flush()
    uploads.rename_uploads(tx, label, old, new, folder.id)


def forget_folder(tx: Session, folder: int, now: datetime) -> None:
    """Record that an open folder is gone from the disk: removed, or moved away."""
    own = sa.update(ReleaseFolder).where(ReleaseFolder.id == folder, ReleaseFolder.state == OPEN)
    tx.execute(own.values(state=GONE, removed_at=now))


def begin_seal(tx: Session, folder: int, name: str, size: int) -> bool:
    """Claim the folder for sealing; from then on its `size` in bytes counts as stored.

    False when it has another name by now, is claimed already, or an upload is open in it.
    """
    row = tx.get_one(ReleaseFolder, folder)
    claim = (
        sa.update(ReleaseFolder)
        .where(ReleaseFolder.id == folder, ReleaseFolder.name == name, ReleaseFolder.state == OPEN)
        .where(~uploads.is_open_in(tx, row))
        .values(state=SEALING, bytes=size)
        .returning(ReleaseFolder.id)
    )
    return tx.scalar(claim) is not None


def end_seal(tx: Session, folder: int, now: datetime, stands: Fingerprint) -> None:
    """Record that the folder is sealed, with the fingerprint of its files."""
    sealed = {"state": SEALED, "sealed_at": now, "removed_at": None}
    note_fingerprint(tx, folder, stands)
    tx.execute(sa.update(ReleaseFolder).where(ReleaseFolder.id == folder).values(**sealed))


def note_fingerprint(tx: Session, folder: int, stands: Fingerprint) -> None:
    """Store the fingerprint of a sealed folder's files, and their size in bytes."""
    own = sa.update(ReleaseFolder).where(ReleaseFolder.id == folder)
    tx.execute(own.values(fingerprint=stands.digest, bytes=stands.bytes))


def kept_bytes(tx: Session, label: int) -> int:
    """The bytes of the label's sealed folders that are still stored, and of those that are being sealed.

    A folder that is being sealed may still lie in /incoming, or in the storage already: it counts here in both cases.
    """
    kept = sa.select(sa.func.sum(ReleaseFolder.bytes)).where(
        ReleaseFolder.label_id == label,
        ReleaseFolder.state.in_((SEALING, SEALED)),
        ReleaseFolder.removed_at.is_(None),
    )
    return int(tx.scalar(kept) or 0)


def without_fingerprint(tx: Session) -> Sequence[tuple[ReleaseFolder, str]]:
    """Sealed folders still stored that have no fingerprint, each with its label's name."""
    rows = tx.execute(
        sa.select(ReleaseFolder, Label.name)
        .join(Label, Label.id == ReleaseFolder.label_id)
        .where(ReleaseFolder.state == SEALED, ReleaseFolder.removed_at.is_(None), ReleaseFolder.fingerprint.is_(None))
    )
    return [(folder, name) for folder, name in rows]


def abandon_seal(tx: Session, folder: int) -> None:
    """Take back the claim on a folder that was not moved."""
    claimed = sa.update(ReleaseFolder).where(ReleaseFolder.id == folder, ReleaseFolder.state == SEALING)
    tx.execute(claimed.values(state=OPEN, bytes=None))


Other = aliased(Package)


@dataclass(frozen=True, slots=True)
class SealedRow:
    """A sealed folder: the number of its row, its name, and the number of its first package, if it has one."""

    folder: int
    name: str
    package: int | None


def sealed_folders(tx: Session, label: int) -> Sequence[SealedRow]:
    """The label's sealed folders that are still stored, newest first."""
    return [SealedRow(folder, name, package) for folder, name, package in tx.execute(_sealed_folders(label))]


def sealed_folder(tx: Session, label: int, name: str) -> SealedRow | None:
    """The newest of the label's sealed folders of this name that is still stored."""
    rows = tx.execute(_sealed_folders(label).where(ReleaseFolder.name == name).limit(1))
    return next((SealedRow(folder, name, package) for folder, name, package in rows), None)


def _sealed_folders(label: int) -> sa.Select[int, str, int]:
    return (
        sa.select(ReleaseFolder.id, ReleaseFolder.name, sa.func.min(Package.id))
        .outerjoin(Package, Package.folder_id == ReleaseFolder.id)
        .where(
            ReleaseFolder.label_id == label,
            ReleaseFolder.state.in_((SEALING, SEALED)),
            ReleaseFolder.removed_at.is_(None),
        )
        .group_by(ReleaseFolder.id, ReleaseFolder.name)
        .order_by(ReleaseFolder.id.desc())
    )


def touch_all_open(tx: Session, now: datetime) -> None:
    """Count every open folder as touched now, at a restart: changes meanwhile were not recorded."""
    tx.execute(sa.update(ReleaseFolder).where(ReleaseFolder.state == OPEN).values(touched_at=now))


def resting_folders(tx: Session, status: str, before: datetime) -> Sequence[tuple[ReleaseFolder, str]]:
    """Sealed folders still stored whose packages all have had `status` since before that time.

    Each with the name of its label.
    """
    last = sa.select(sa.func.max(Change.at)).where(Change.package_id == Package.id).scalar_subquery()
    busy = sa.select(Package.folder_id).where(sa.or_(sa.not_(rests_in([status])), last >= before))
    rows = tx.execute(
        sa.select(ReleaseFolder, Label.name)
        .join(Label, Label.id == ReleaseFolder.label_id)
        .where(ReleaseFolder.state == SEALED, ReleaseFolder.removed_at.is_(None), ReleaseFolder.sealed_at < before)
        .where(ReleaseFolder.id.not_in(busy))
    )
    return [(folder, name) for folder, name in rows]


def note_removed(tx: Session, folder: int, now: datetime) -> None:
    """Record that the files of a sealed folder were removed."""
    tx.execute(sa.update(ReleaseFolder).where(ReleaseFolder.id == folder).values(removed_at=now))
