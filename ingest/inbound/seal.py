"""Sealing: a settled release folder is taken over by one rename, so that no upload can change what is judged."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from ingest.config import Paths
from ingest.host.fsync import flush
from ingest.inbound.fingerprint import fingerprint, is_open_for_writing
from ingest.inbound.journal import label_lock
from ingest.inbound.sftp.removed import sweep_removed
from ingest.inbound.sftp.usage import forget_counts
from ingest.inbound.storage import Kept, Storage
from ingest.store import folders
from ingest.store.database import Clock, Store
from ingest.store.models import OPEN, SEALING, Label, ReleaseFolder

Take = Callable[[Session, ReleaseFolder], None]
"""Called in the transaction that records the sealing; makes the packages and enqueues their reading."""


@dataclass(frozen=True, slots=True)
class Sealer:
    """Hands settled folders over to the storage. `recover` finishes or takes back what a crash interrupted."""

    store: Store
    paths: Paths
    storage: Storage
    clock: Clock
    take: Take

    def seal(self, label: Label, folder: ReleaseFolder, is_unchanged: Callable[[], bool]) -> bool:
        """Seal the folder; False when a file of it is open for writing, or it changed since it was looked at.

        Once sealed, no session can write to its files, not even through a handle that was opened before. Raises
        OSError.
        """
        place = self.paths.incoming(label.name) / folder.name
        _flush_files(place)
        with label_lock(self.paths.state_dir, label.name, exclusive=True):
            if not place.is_dir() or is_open_for_writing(place):
                return False
            sweep_removed(self.paths.home(label.name))
            with self.store.transaction() as tx:
                size = fingerprint(place).bytes
                if not is_unchanged() or not folders.begin_seal(tx, folder.id, folder.name, size):
                    return False
            self.storage.keep(_kept(label.name, folder), place)
            self._note(label, folder)
        return True

    def give_up(self, label: Label, folder: int, *, was_told: bool) -> None:
        """Forget a folder that is gone from the disk, unless it was renamed or sealed meanwhile.

        Where its label was told what is missing, an empty folder is sealed in its place, so that its package gets a
        verdict.
        """
        with label_lock(self.paths.state_dir, label.name, exclusive=True), self.store.transaction() as tx:
            row = tx.get_one(ReleaseFolder, folder)
            tx.refresh(row)
            if row.state != OPEN or (self.paths.incoming(label.name) / row.name).is_dir():
                return
            if was_told:
                self._seal_nothing(tx, label, row)
            else:
                folders.forget_folder(tx, folder, self.clock())

    def _seal_nothing(self, tx: Session, label: Label, folder: ReleaseFolder) -> None:
        kept = _kept(label.name, folder)
        self.storage.keep_nothing(kept)
        folders.end_seal(tx, folder.id, self.clock(), self.storage.fingerprint(kept))
        row = tx.get_one(ReleaseFolder, folder.id)
        tx.refresh(row)
        self.take(tx, row)

    def recover(self) -> None:
        """Finish sealings that a crash interrupted after the rename, and reopen folders that were not renamed yet."""
        with self.store.reading() as tx:
            claimed = [(row.id, row.label_id) for row in folders.open_folders(tx) if row.state == SEALING]
            labels = {label: tx.get_one(Label, label) for _, label in claimed}
        for folder, label in claimed:
            self._finish(labels[label], folder)

    def _finish(self, label: Label, folder: int) -> None:
        """Finish or reopen one folder; a sealing that was merely under way has ended once the lock is held."""
        with label_lock(self.paths.state_dir, label.name, exclusive=True):
            with self.store.reading() as tx:
                row = tx.get_one(ReleaseFolder, folder)
            if row.state != SEALING:
                return
            if self.storage.holds(_kept(label.name, row)):
                self._note(label, row)
                return
            with self.store.transaction() as tx:
                folders.abandon_seal(tx, row.id)
            forget_counts(self.paths.home(label.name))

    def note_older(self) -> None:
        """Store the fingerprints of folders that were sealed by a version which stored none."""
        with self.store.reading() as tx:
            older = folders.without_fingerprint(tx)
        for row, label in older:
            kept = _kept(label, row)
            if self.storage.holds(kept):
                with self.store.transaction() as tx:
                    folders.note_fingerprint(tx, row.id, self.storage.fingerprint(kept))

    def _note(self, label: Label, folder: ReleaseFolder) -> None:
        """Make the moved files read-only, store their fingerprint, and hand the folder to `take`."""
        stands = self.storage.lock(_kept(label.name, folder))
        with self.store.transaction() as tx:
            folders.end_seal(tx, folder.id, self.clock(), stands)
            row = tx.get_one(ReleaseFolder, folder.id)
            tx.refresh(row)
            self.take(tx, row)
        forget_counts(self.paths.home(label.name))


def _kept(label: str, folder: ReleaseFolder) -> Kept:
    return Kept(label, folder.id, folder.name)


def _flush_files(folder: Path) -> None:
    """fsync(2) every file and folder before the label is told that we have them.

    One that is removed meanwhile is skipped.
    """
    for place, _, names in os.walk(folder):
        with contextlib.suppress(FileNotFoundError):
            flush(Path(place), follow=False)
        for path in (Path(place) / name for name in names):
            with contextlib.suppress(FileNotFoundError):
                if stat.S_ISREG(path.lstat().st_mode):
                    flush(path, follow=False)
