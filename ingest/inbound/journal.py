"""The journal: what the SFTP server saw, as rows.

Files are recorded when opened, closed, renamed or removed, never per write.

The lock between uploads and sealing is here too (`label_lock`): a change of a label's tree holds it shared; a rename in
the tree, and the sealing of one of its folders, hold it exclusively. It is a file lock, so it works across processes
and is released when a process dies.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.config import Paths
from ingest.core.source import source_of
from ingest.host.private import make_folder
from ingest.inbound.backend import Account, Refused, Revoked, SealedFolder, SftpBackend, submitted
from ingest.inbound.storage import Kept, Storage
from ingest.store import folders, labels, packages, uploads
from ingest.store.database import Clock, Store
from ingest.store.models import SEALING

CLOSED: Final = "This account is closed. Please contact support."
CHANGED: Final = "The password or the keys of this account were changed. Log in again."
LATELY: Final = timedelta(days=30)


class Journal(SftpBackend):
    """The database as the SFTP server uses it; `SftpBackend` says what each method guarantees.

    `noticed(label, folder)` is called after every change, so that intake looks at the folder soon; `alarm` owes ops an
    email. Several processes may each have a journal, under worker names of their own. Methods raise sqlalchemy's errors
    while the database cannot be used.
    """

    def __init__(
        self,
        store: Store,
        paths: Paths,
        storage: Storage,
        worker: str,
        clock: Clock,
        noticed: Callable[[int, str], None],
        alarm: Callable[[str, str], None],
    ) -> None:
        self._store = store
        self._paths = paths
        self._storage = storage
        self._worker = worker
        self._clock = clock
        self._noticed = noticed
        self._alarm = alarm
        self._uploads: dict[int, Account] = {}
        self._connections: set[int] = set()

    def account(self, user: str) -> Account | None:
        with self._store.reading() as tx:
            label = labels.find_label(tx, user)
        if label is None:
            return None
        home = self._paths.home(label.name)
        make_folder(home / "incoming")
        return Account(
            id=label.id,
            name=label.name,
            home=home,
            password_hash=label.password_hash,
            public_keys=tuple(label.public_keys),
            enabled=label.enabled,
            max_bytes=label.max_bytes,
            max_files=label.max_files,
            max_folders=label.max_folders,
        )

    def connected(self, account: Account, address: str) -> int:
        with self._store.transaction() as tx:
            connection = uploads.add_connection(tx, account.id, self._worker, address, self._clock())
            self._connections.add(connection)
        return connection

    def disconnected(self, connection: int) -> None:
        self._connections.discard(connection)
        with self._store.transaction() as tx:
            uploads.end_connection(tx, connection, self._clock())

    def check_standing(self, account: Account) -> None:
        with self._store.reading() as tx:
            _check_standing(tx, account)

    def logged_in_lately(self, account: Account, address: str) -> bool:
        with self._store.reading() as tx:
            known = uploads.addresses_of(tx, account.id, self._clock() - LATELY)
        return source_of(address) in map(source_of, known)

    def kept(self, account: Account) -> int:
        with self._store.reading() as tx:
            return folders.kept_bytes(tx, account.id)

    @contextmanager
    def changing(self, account: Account, *paths: str, exclusive: bool = False) -> Iterator[None]:
        with label_lock(self._paths.state_dir, account.name, exclusive=exclusive):
            self._check_change(account, {path.split("/", 1)[0] for path in paths})
            yield

    def opening(self, account: Account) -> AbstractContextManager[None]:
        return label_lock(self._paths.state_dir, account.name, exclusive=False)

    def _check_change(self, account: Account, names: Collection[str]) -> None:
        with self._store.reading() as tx:
            _check_standing(tx, account)
            for name in names:
                folder = folders.live_folder(tx, account.id, name)
                if folder is not None and folder[1] == SEALING:
                    taken = folders.NamesInUse(tx, account.id)
                    raise Refused(submitted(name, _number(tx, folder[0]), taken))

    def opened(self, account: Account, connection: int, path: str, fresh: bool) -> int:
        name = path.split("/", 1)[0]
        while (upload := self._begin(account, connection, path, fresh)) is None:
            self._check_change(account, [name])  # says why, unless it changed in between
        self._noticed(account.id, name)
        return upload

    def _begin(self, account: Account, connection: int, path: str, fresh: bool) -> int | None:
        """Record an upload, and return its number; None if that may not be."""
        now, (name, *below) = self._clock(), path.split("/", 1)
        # That an upload began says nothing is kept. Its end is written to the disk, and this row with it.
        with self._store.unsynced() as rows:
            ground = uploads.ground_of(rows, account.id, name)
            if ground is None or _objection(ground.standing, account) or ground.state == SEALING:
                return None
            folder = ground.folder
            if folder is not None:
                uploads.touch_folder(rows, folder, now)
            elif below or (self._paths.incoming(account.name) / name).is_dir():
                folder = folders.note_change(rows, account.id, name, now)
            upload = uploads.add_upload(rows, account.id, folder, connection, path, fresh, now)
            self._uploads[upload] = account
        return upload

    def closed(self, upload: int, *, received: int, size: int, holes: bool, interrupted: bool) -> None:
        account, why = self._uploads[upload], ""
        if interrupted:
            # Before the row is written: if that fails, `interrupt_lost` ends it later.
            del self._uploads[upload]

        def end(rows: sa.Connection, now: datetime) -> uploads.Place | None:
            nonlocal why
            why = "" if interrupted else _objection(labels.standing(rows, account.id), account)
            return uploads.end_upload(rows, upload, received, size, holes, interrupted or bool(why), now)

        self._end(end)
        self._uploads.pop(upload, None)
        if why:
            raise Revoked(why)

    def _end(self, end: Callable[[sa.Connection, datetime], uploads.Place | None]) -> None:
        now = self._clock()
        with self._store.statements() as rows:
            place = end(rows, now)
            if place is None:
                return
            if place.folder is not None:
                uploads.touch_folder(rows, place.folder, now)
        self._noticed(place.label, place.path.split("/", 1)[0])

    def interrupt_lost(self) -> None:
        """End the rows of uploads and connections that ended while their end could not be written.

        Uploads that are still open, and those whose end is being written at this moment, are left alone.
        """
        with self._store.reading() as tx:
            begun, connected = uploads.open_rows(tx, self._worker)
        for upload in begun:
            if upload not in self._uploads:
                self._end(partial(uploads.interrupt_upload, upload=upload))
        for connection in connected - self._connections:
            self.disconnected(connection)

    def renamed(self, account: Account, connection: int, old: str, new: str) -> None:
        now = self._clock()
        with self._store.transaction() as tx:
            if "/" not in old and "/" not in new and folders.open_folder(tx, account.id, old) is not None:
                folders.rename_folder(tx, account.id, old, new, now)
            else:
                self._touch(tx, account, old)
                target = self._touch(tx, account, new)
                uploads.rename_uploads(tx, account.id, old, new, target)
        for path in (old, new):
            self._noticed(account.id, path.split("/", 1)[0])

    def touched(self, account: Account, connection: int, path: str) -> None:
        with self._store.transaction() as tx:
            self._touch(tx, account, path)
        self._noticed(account.id, path.split("/", 1)[0])

    def alarm(self, what: str, detail: str) -> None:
        self._alarm(what, detail)

    def sealed(self, account: Account) -> Sequence[SealedFolder]:
        with self._store.reading() as tx:
            rows = folders.sealed_folders(tx, account.id)
        return [self._as_shown(account, row) for row in rows]

    def sealed_folder(self, account: Account, name: str) -> SealedFolder | None:
        with self._store.reading() as tx:
            row = folders.sealed_folder(tx, account.id, name)
        return None if row is None else self._as_shown(account, row)

    def submitted(self, account: Account, sealed: SealedFolder) -> str:
        with self._store.reading() as tx:
            return submitted(sealed.name, sealed.package, folders.NamesInUse(tx, account.id))

    def _as_shown(self, account: Account, row: folders.SealedRow) -> SealedFolder:
        return SealedFolder(row.name, self._storage.view(Kept(account.name, row.folder, row.name)), row.package)

    def _touch(self, tx: Session, account: Account, path: str) -> int | None:
        """Note a change in the release folder of `path`, and return its number; its row is added if there is none.

        None for a file directly in /incoming/, which has no release folder.
        """
        name = path.split("/", 1)[0]
        if "/" not in path and not (self._paths.incoming(account.name) / name).is_dir():
            folder = folders.open_folder(tx, account.id, name)
            if folder is not None:
                folders.note_touched(folder, self._clock())
            return None if folder is None else folder.id
        return folders.note_change(tx.connection(), account.id, name, self._clock())


def _check_standing(tx: Session, account: Account) -> None:
    if why := _objection(labels.standing(tx.connection(), account.id), account):
        raise Revoked(why)


def _objection(standing: labels.Standing | None, account: Account) -> str:
    """Why sessions of this account must end; empty while they may go on."""
    if standing is None or not standing[0]:
        return CLOSED
    return "" if standing[1:] == (account.password_hash, account.public_keys) else CHANGED


def _number(tx: Session, folder: int) -> int | None:
    rows = packages.packages_of(tx, folder)
    return rows[0].id if rows else None


@contextmanager
def label_lock(state: Path, label: str, *, exclusive: bool) -> Iterator[None]:
    """Hold the lock of a label's tree during the block: shared for a change, exclusive for a rename or a sealing.

    With flock(2) alone, shared holders that overlap could keep an exclusive one waiting for ever. So everybody first
    takes another lock exclusively (in the folder `gate-turns`) and keeps it only until it has the lock itself (in
    `gates`). Both names are stored: daemons of different versions must use the same files.
    """
    with ExitStack() as waiting:
        waiting.enter_context(_locked(state / "gate-turns", label, fcntl.LOCK_EX))
        with _locked(state / "gates", label, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH):
            waiting.close()
            yield


@contextmanager
def _locked(folder: Path, name: str, how: int) -> Iterator[None]:
    """Hold flock(2) on the file `name` of `folder` during the block; both are made if missing.

    `how`: LOCK_SH or LOCK_EX.
    """
    try:
        descriptor = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        make_folder(folder)
        descriptor = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)
