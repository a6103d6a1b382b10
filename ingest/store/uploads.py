"""Uploads and their connections, as the SFTP server recorded them, so that a restart loses nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.core.facts import UploadEnd, UploadFact
from ingest.store.labels import Standing
from ingest.store.models import GONE, OPEN, SEALED, SEALING, Connection, Label, ReleaseFolder, Upload

FOUND: Final = (
    sa.select(Label.enabled, Label.password_hash, Label.public_keys, ReleaseFolder.id, ReleaseFolder.state)
    .outerjoin(
        ReleaseFolder,
        sa.and_(
            ReleaseFolder.label_id == Label.id,
            ReleaseFolder.name == sa.bindparam("name"),
            ReleaseFolder.state.in_((OPEN, SEALING)),
        ),
    )
    .where(Label.id == sa.bindparam("label"))
)
ADD: Final = sa.insert(Upload).returning(Upload.id)
END: Final = (
    sa.update(Upload)
    .where(Upload.id == sa.bindparam("upload"))
    .values({name: sa.bindparam(name) for name in ("ending", "received", "size", "holes", "closed_at")})
    .returning(Upload.label_id, Upload.folder_id, Upload.path)
)
TOUCH: Final = (
    sa.update(ReleaseFolder)
    .where(ReleaseFolder.id == sa.bindparam("folder"))
    .values(touched_at=sa.bindparam("touched_at"))
)
"""The statements of each upload, made once and executed without objects: there may be hundreds of uploads a second."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What decides whether a file may be opened: the label's standing, and the release folder of the file.

    `folder` and `state` are None while no folder of this name is open or being sealed.
    """

    standing: Standing
    folder: int | None
    state: str | None


def ground_of(rows: sa.Connection, label: int, name: str) -> Ground | None:
    """What decides whether a file may be opened in the folder `name`; None for an unknown label."""
    row = rows.execute(FOUND, {"label": label, "name": name}).first()
    return None if row is None else Ground((row[0], row[1], tuple(row[2])), row[3], row[4])


def add_connection(tx: Session, label: int, worker: str, address: str, now: datetime) -> int:
    """Record a connection of a label to this worker; returns its number."""
    row = Connection(label_id=label, worker=worker, address=address, started_at=now, ended_at=None)
    tx.add(row)
    tx.flush()
    return row.id


def end_connection(tx: Session, connection: int, now: datetime) -> None:
    """Record that a connection ended."""
    tx.execute(sa.update(Connection).where(Connection.id == connection).values(ended_at=now))


def addresses_of(tx: Session, label: int, since: datetime) -> set[str]:
    """The addresses that the label has logged in from since that time, as far as they are kept."""
    mine = sa.select(Connection.address).where(Connection.label_id == label, Connection.started_at >= since)
    return set(tx.scalars(mine.distinct()))


def add_upload(
    rows: sa.Connection, label: int, folder: int | None, connection: int, path: str, fresh: bool, now: datetime
) -> int:
    """Record an upload that is open; returns its number. `folder` is None for a file directly in /incoming/."""
    row = {
        "label_id": label,
        "folder_id": folder,
        "connection_id": connection,
        "path": path,
        "fresh": fresh,
        "ending": UploadEnd.OPEN.value,
        "received": 0,
        "size": 0,
        "holes": False,
        "opened_at": now,
    }
    number: int = rows.execute(ADD, row).scalar_one()
    return number


@dataclass(frozen=True, slots=True)
class Place:
    """Where an upload lies: its label, its release folder if it lies in one, and its path below /incoming."""

    label: int
    folder: int | None
    path: str


def end_upload(
    rows: sa.Connection, upload: int, received: int, size: int, holes: bool, interrupted: bool, now: datetime
) -> Place | None:
    """Record how an upload ended, in place of what was recorded before. None where there is no such row."""
    ending = (UploadEnd.INTERRUPTED if interrupted else UploadEnd.CLOSED).value
    ended = {"upload": upload, "ending": ending, "received": received, "size": size, "holes": holes, "closed_at": now}
    row = rows.execute(END, ended).first()
    return None if row is None else Place(row[0], row[1], row[2])


def interrupt_upload(rows: sa.Connection, now: datetime, upload: int) -> Place | None:
    """Mark an open upload as interrupted, with unknown gaps. None, and nothing done, once it has ended."""
    is_open = Upload.id == upload, Upload.ending == UploadEnd.OPEN.value
    ended = sa.update(Upload).where(*is_open).values(ending=UploadEnd.INTERRUPTED.value, holes=True, closed_at=now)
    row = rows.execute(ended.returning(Upload.label_id, Upload.folder_id, Upload.path)).first()
    return None if row is None else Place(row[0], row[1], row[2])


def touch_folder(rows: sa.Connection, folder: int, now: datetime) -> None:
    """Record that something happened in the folder of this number."""
    rows.execute(TOUCH, {"folder": folder, "touched_at": now})


def rename_uploads(tx: Session, label: int, old: str, new: str, folder: int | None) -> None:
    """Rename the paths of uploads after a file or folder was renamed; those of sealed folders stay.

    The path of an open upload always changes: it must lead to its file. Ended uploads of a replaced file are deleted.
    """
    ended = sa.select(ReleaseFolder.id).where(ReleaseFolder.state.in_((SEALED, GONE)))
    is_open = Upload.ending == UploadEnd.OPEN.value
    still = sa.or_(Upload.folder_id.is_(None), Upload.folder_id.not_in(ended), is_open)
    covered = sa.delete(Upload).where(Upload.label_id == label, Upload.path == new, still)
    tx.execute(covered.where(Upload.ending != UploadEnd.OPEN.value))
    moved = sa.select(Upload).where(Upload.label_id == label, sa.or_(Upload.path == old, _below(tx, old)), still)
    for upload in tx.scalars(moved):
        upload.path = new + upload.path[len(old) :]
        upload.folder_id = folder


def _below(tx: Session, folder: str) -> sa.ColumnElement[bool]:
    """Paths below a folder as a range of code points (`0` follows `/`), which needs collation C on PostgreSQL."""
    path = Upload.path if tx.get_bind().dialect.name == "sqlite" else sa.collate(Upload.path, "C")
    return sa.and_(path > f"{folder}/", path < f"{folder}0")


@dataclass(frozen=True, slots=True)
class UploadState:
    """The last upload of one path of a folder."""

    path: str
    ending: UploadEnd
    received: int
    holes: bool
    connected: bool


def uploads_of(tx: Session, folder: int) -> list[UploadState]:
    """The last upload of every path of the folder, and whether its connection is still open."""
    rows = tx.execute(
        sa.select(Upload, Connection.ended_at)
        .join(Connection, Connection.id == Upload.connection_id)
        .where(Upload.folder_id == folder)
        .order_by(Upload.id)
    )
    last: dict[str, UploadState] = {}
    for upload, ended_at in rows:
        last[upload.path] = UploadState(
            upload.path, UploadEnd(upload.ending), upload.received, upload.holes, ended_at is None
        )
    return list(last.values())


def is_connected(tx: Session, label: int) -> bool:
    """Whether a connection of the label is open, wherever it uploads."""
    return tx.scalar(sa.select(sa.exists().where(Connection.label_id == label, Connection.ended_at.is_(None)))) or False


def upload_facts(tx: Session, folder: ReleaseFolder, path: str) -> tuple[UploadFact, ...]:
    """The uploads of the release at `path`, with paths relative to it, for the dossier."""
    start = f"{folder.name}/{path}/" if path else f"{folder.name}/"
    inside = len(start)
    return tuple(
        UploadFact(state.path[inside:], state.received, state.ending, state.holes)
        for state in uploads_of(tx, folder.id)
        if state.path.startswith(start)
    )


def is_open_in(tx: Session, folder: ReleaseFolder) -> sa.ColumnElement[bool]:
    """The condition that an upload is open in the folder, by its row or by its path."""
    inside = sa.or_(Upload.folder_id == folder.id, sa.and_(Upload.label_id == folder.label_id, _below(tx, folder.name)))
    return sa.exists().where(inside, Upload.ending == UploadEnd.OPEN.value)


def interrupt_lost_uploads(tx: Session, worker: str, now: datetime) -> None:
    """Mark the open uploads of a worker that ended, and of its SFTP workers (WORKER/NUMBER), as interrupted.

    Their connections are marked as ended.
    """
    own = sa.or_(Connection.worker == worker, Connection.worker.startswith(f"{worker}/", autoescape=True))
    tx.execute(sa.update(Upload).where(*_open_of(own)).values(ending=UploadEnd.INTERRUPTED.value, closed_at=now))
    tx.execute(sa.update(Connection).where(own, Connection.ended_at.is_(None)).values(ended_at=now))


def open_rows(tx: Session, worker: str) -> tuple[set[int], set[int]]:
    """The numbers of the uploads and connections of this worker that have not ended in the database."""
    own = Connection.worker == worker
    connections = sa.select(Connection.id).where(own, Connection.ended_at.is_(None))
    return set(tx.scalars(sa.select(Upload.id).where(*_open_of(own)))), set(tx.scalars(connections))


def _open_of(own: sa.ColumnElement[bool]) -> tuple[sa.ColumnElement[bool], ...]:
    """The conditions that an upload is open, and its connection, which may have ended, is one of `own`.

    `closed_at` is empty exactly while the upload is open. It leads to the few open ones by their index; from there each
    connection is found by its number, of which there may be hundreds of thousands.
    """
    connected = sa.exists().where(Connection.id == Upload.connection_id, own)
    return Upload.closed_at.is_(None), Upload.ending == UploadEnd.OPEN.value, connected


def forget_history(tx: Session, before: datetime) -> None:
    """Delete the uploads of folders that ended before that time, and connections without uploads."""
    ended = sa.select(ReleaseFolder.id).where(
        ReleaseFolder.state.in_((SEALED, GONE)), ReleaseFolder.touched_at < before
    )
    loose = sa.and_(Upload.folder_id.is_(None), Upload.closed_at < before)
    tx.execute(sa.delete(Upload).where(sa.or_(Upload.folder_id.in_(ended), loose)))
    used = sa.select(Upload.connection_id)
    tx.execute(sa.delete(Connection).where(Connection.ended_at < before, Connection.id.not_in(used)))
