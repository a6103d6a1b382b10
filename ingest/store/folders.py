"""Release folders, connections and uploads: what the SFTP server recorded, so that a restart loses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from ingest.core.facts import UploadEnd, UploadFact
from ingest.core.fingerprint import Fingerprint
from ingest.store.database import insert
from ingest.store.models import LIVE, Change, Connection, Label, Package, ReleaseFolder, Upload
from ingest.store.packages import rests_in

OPEN, SEALING, SEALED, GONE = "open", "sealing", "sealed", "gone"


def add_connection(tx: Session, label: int, worker: str, address: str, now: datetime) -> int:
    row = Connection(label_id=label, worker=worker, address=address, started_at=now, ended_at=None)
    tx.add(row)
    tx.flush()
    return row.id


def end_connection(tx: Session, connection: int, now: datetime) -> None:
    tx.execute(sa.update(Connection).where(Connection.id == connection).values(ended_at=now))


def open_folder(tx: Session, label: int, name: str) -> ReleaseFolder | None:
    """The folder of this name that is open or being sealed."""
    live = ReleaseFolder.state.in_((OPEN, SEALING))
    return tx.scalar(sa.select(ReleaseFolder).where(ReleaseFolder.label_id == label, ReleaseFolder.name == name, live))


def open_folders(tx: Session, label: int | None = None) -> Sequence[ReleaseFolder]:
    query = sa.select(ReleaseFolder).where(ReleaseFolder.state.in_((OPEN, SEALING))).order_by(ReleaseFolder.id)
    return tx.scalars(query if label is None else query.where(ReleaseFolder.label_id == label)).all()


def names_in_use(tx: Session, label: int) -> tuple[str, ...]:
    """The names of the label's folders, open or sealed, whose files are still kept."""
    kept = ReleaseFolder.state.in_((OPEN, SEALING, SEALED)), ReleaseFolder.removed_at.is_(None)
    return tuple(tx.scalars(sa.select(ReleaseFolder.name).where(ReleaseFolder.label_id == label, *kept)))


def touch_folder(tx: Session, label: int, name: str, now: datetime) -> ReleaseFolder:
    """Note that something happened in the folder; adds its row when there is none."""
    fresh = {"label_id": label, "name": name, "state": OPEN, "seen_at": now, "touched_at": now}
    tx.execute(
        insert(tx, ReleaseFolder)
        .values(**fresh)
        .on_conflict_do_update(index_elements=["label_id", "name"], index_where=LIVE, set_={"touched_at": now})
    )
    folder = open_folder(tx, label, name)
    assert folder is not None
    tx.refresh(folder)
    return folder


def rename_folder(tx: Session, label: int, old: str, new: str, now: datetime) -> None:
    """Rename a release folder's row, which keeps its history; an empty folder that it replaced is gone."""
    folder = touch_folder(tx, label, old, now)
    replaced = open_folder(tx, label, new)
    if replaced is not None and replaced.id != folder.id:
        forget_folder(tx, replaced.id, now)
        inherit = sa.update(Package).where(Package.folder_id == replaced.id, Package.sealed_at.is_(None))
        tx.execute(inherit.where(~sa.exists().where(Other.folder_id == folder.id)).values(folder_id=folder.id))
    folder.name = new
    tx.flush()
    rename_uploads(tx, label, old, new, folder.id)


def forget_folder(tx: Session, folder: int, now: datetime) -> None:
    """The folder is gone from the disk: removed, or moved away."""
    own = sa.update(ReleaseFolder).where(ReleaseFolder.id == folder, ReleaseFolder.state == OPEN)
    tx.execute(own.values(state=GONE, removed_at=now))


def begin_seal(tx: Session, folder: int, name: str) -> bool:
    """Claim the folder for sealing; False when it has another name by now, is claimed, or an upload is open in it."""
    row = tx.get_one(ReleaseFolder, folder)
    inside = sa.or_(Upload.folder_id == folder, sa.and_(Upload.label_id == row.label_id, _below(tx, row.name)))
    writing = sa.exists().where(inside, Upload.ending == UploadEnd.OPEN.value)
    claim = (
        sa.update(ReleaseFolder)
        .where(ReleaseFolder.id == folder, ReleaseFolder.name == name, ReleaseFolder.state == OPEN, ~writing)
        .values(state=SEALING)
        .returning(ReleaseFolder.id)
    )
    return tx.scalar(claim) is not None


def end_seal(tx: Session, folder: int, now: datetime, stands: Fingerprint) -> None:
    """Note that the folder is sealed, with the fingerprint of its files."""
    sealed = {"state": SEALED, "sealed_at": now, "removed_at": None}
    note_fingerprint(tx, folder, stands)
    tx.execute(sa.update(ReleaseFolder).where(ReleaseFolder.id == folder).values(**sealed))


def note_fingerprint(tx: Session, folder: int, stands: Fingerprint) -> None:
    """Store the fingerprint of a sealed folder's files, and how many bytes they are."""
    own = sa.update(ReleaseFolder).where(ReleaseFolder.id == folder)
    tx.execute(own.values(fingerprint=stands.digest, bytes=stands.bytes))


def kept_bytes(tx: Session, label: int) -> int:
    """The bytes of the label's sealed folders whose files are still kept."""
    kept = sa.select(sa.func.sum(ReleaseFolder.bytes)).where(
        ReleaseFolder.label_id == label, ReleaseFolder.state == SEALED, ReleaseFolder.removed_at.is_(None)
    )
    return int(tx.scalar(kept) or 0)


def without_fingerprint(tx: Session) -> Sequence[tuple[ReleaseFolder, str]]:
    """Sealed folders still kept that have no fingerprint, each with its label's name."""
    rows = tx.execute(
        sa.select(ReleaseFolder, Label.name)
        .join(Label, Label.id == ReleaseFolder.label_id)
        .where(ReleaseFolder.state == SEALED, ReleaseFolder.removed_at.is_(None), ReleaseFolder.fingerprint.is_(None))
    )
    return [(folder, name) for folder, name in rows]


def abandon_seal(tx: Session, folder: int) -> None:
    claimed = sa.update(ReleaseFolder).where(ReleaseFolder.id == folder, ReleaseFolder.state == SEALING)
    tx.execute(claimed.values(state=OPEN))


Other = aliased(Package)


@dataclass(frozen=True, slots=True)
class SealedRow:
    folder: int
    name: str
    package: int | None


def sealed_folders(tx: Session, label: int) -> Sequence[SealedRow]:
    """The label's sealed folders whose files are still kept, newest first."""
    rows = tx.execute(
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
    return [SealedRow(folder, name, package) for folder, name, package in rows]


def add_upload(
    tx: Session, label: int, folder: int | None, connection: int, path: str, fresh: bool, now: datetime
) -> int:
    row = Upload(
        label_id=label,
        folder_id=folder,
        connection_id=connection,
        path=path,
        fresh=fresh,
        ending=UploadEnd.OPEN.value,
        received=0,
        size=0,
        holes=False,
        opened_at=now,
        closed_at=None,
    )
    tx.add(row)
    tx.flush()
    return row.id


def end_upload(
    tx: Session, upload: int, received: int, size: int, holes: bool, interrupted: bool, now: datetime
) -> bool:
    """Store how the session saw the upload end, in place of what was assumed before. False without such a row."""
    row = tx.get(Upload, upload)
    if row is not None:
        row.ending = (UploadEnd.INTERRUPTED if interrupted else UploadEnd.CLOSED).value
        row.received, row.size, row.holes, row.closed_at = received, size, holes, now
    return row is not None


def interrupt_upload(tx: Session, now: datetime, upload: int) -> bool:
    """Mark an open upload as interrupted, with unknown gaps. False, and nothing done, once it has ended."""
    is_open = Upload.id == upload, Upload.ending == UploadEnd.OPEN.value
    ended = sa.update(Upload).where(*is_open).values(ending=UploadEnd.INTERRUPTED.value, holes=True, closed_at=now)
    return tx.execute(ended.returning(Upload.id)).first() is not None


def rename_uploads(tx: Session, label: int, old: str, new: str, folder: int | None) -> None:
    """Rename the path of uploads after a file or a folder was renamed; uploads of sealed folders keep theirs.

    An upload that is open lies where its file lies, whatever became of the folder it was begun in.
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


def upload_facts(tx: Session, folder: ReleaseFolder, path: str) -> tuple[UploadFact, ...]:
    """The uploads of the release at `path`, with paths relative to it, for the dossier."""
    start = f"{folder.name}/{path}/" if path else f"{folder.name}/"
    inside = len(start)
    return tuple(
        UploadFact(state.path[inside:], state.received, state.ending, state.holes)
        for state in uploads_of(tx, folder.id)
        if state.path.startswith(start)
    )


def interrupt_lost_uploads(tx: Session, worker: str, now: datetime) -> None:
    """After a restart: mark the open uploads of this worker and of its SFTP workers (WORKER/NUMBER) as interrupted.

    Their connections are marked as ended.
    """
    own = sa.or_(Connection.worker == worker, Connection.worker.startswith(f"{worker}/", autoescape=True))
    mine = sa.select(Connection.id).where(own)
    tx.execute(
        sa.update(Upload)
        .where(Upload.ending == UploadEnd.OPEN.value, Upload.connection_id.in_(mine))
        .values(ending=UploadEnd.INTERRUPTED.value, closed_at=now)
    )
    tx.execute(sa.update(Connection).where(own, Connection.ended_at.is_(None)).values(ended_at=now))


def open_rows(tx: Session, worker: str) -> tuple[set[int], set[int]]:
    """Uploads and connections of this worker that have not ended, as the rows say."""
    mine = sa.select(Connection.id).where(Connection.worker == worker)
    uploads = sa.select(Upload.id).where(Upload.ending == UploadEnd.OPEN.value, Upload.connection_id.in_(mine))
    return set(tx.scalars(uploads)), set(tx.scalars(mine.where(Connection.ended_at.is_(None))))


def touch_all_open(tx: Session, now: datetime) -> None:
    """After a restart: count every open folder as touched now, since changes meanwhile were not recorded."""
    tx.execute(sa.update(ReleaseFolder).where(ReleaseFolder.state == OPEN).values(touched_at=now))


def resting_folders(tx: Session, status: str, before: datetime) -> Sequence[tuple[ReleaseFolder, str]]:
    """Sealed folders still kept whose packages all have `status` since before that time, with their label's name."""
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
    """The files of a sealed folder were removed."""
    tx.execute(sa.update(ReleaseFolder).where(ReleaseFolder.id == folder).values(removed_at=now))


def forget_history(tx: Session, before: datetime) -> None:
    """Delete uploads of folders that ended before that time, and connections that nothing points at any more."""
    ended = sa.select(ReleaseFolder.id).where(
        ReleaseFolder.state.in_((SEALED, GONE)), ReleaseFolder.touched_at < before
    )
    loose = sa.and_(Upload.folder_id.is_(None), Upload.closed_at < before)
    tx.execute(sa.delete(Upload).where(sa.or_(Upload.folder_id.in_(ended), loose)))
    used = sa.select(Upload.connection_id)
    tx.execute(sa.delete(Connection).where(Connection.ended_at < before, Connection.id.not_in(used)))
