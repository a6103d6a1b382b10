"""Sealing: a settled release folder becomes ours by one rename, so that no upload can change what is judged."""

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
from ingest.inbound.fingerprint import fingerprint, is_open_for_writing, make_read_only
from ingest.inbound.journal import label_lock
from ingest.inbound.sftp.usage import forget_counts
from ingest.store import folders
from ingest.store.database import Clock, Store
from ingest.store.models import OPEN, SEALING, Label, ReleaseFolder

Take = Callable[[Session, ReleaseFolder], None]
"""Called inside the transaction that notes the sealing; makes the package and enqueues its reading."""


class OtherFilesystem(Exception):
    """The spool lies on another filesystem than the labels' folders: sealing would not be one rename."""


@dataclass(frozen=True, slots=True)
class Sealer:
    store: Store
    paths: Paths
    clock: Clock
    take: Take

    def seal(self, label: Label, folder: ReleaseFolder, is_unchanged: Callable[[], bool]) -> bool:
        """Seal the folder; False when a file of it is open for writing, or it changed since it was looked at.

        From then on nobody has a way to its files but us: no handle that was opened before can write to them.
        """
        place = self.paths.incoming(label.name) / folder.name
        _flush_files(place)
        with label_lock(self.paths.state_dir, label.name, exclusive=True):
            if not place.is_dir() or is_open_for_writing(place):
                return False
            with self.store.transaction() as tx:
                size = fingerprint(place).bytes
                if not is_unchanged() or not folders.begin_seal(tx, folder.id, folder.name, size):
                    return False
            self._move(label, folder)
            self._note(label, folder)
        return True

    def give_up(self, label: Label, folder: int, *, was_told: bool) -> None:
        """A folder that is gone from the disk is forgotten, unless it was renamed or sealed meanwhile.

        Where its label was told what is missing, an empty folder is sealed in its place, so that the story ends.
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
        place = self.paths.sealed(label.name, folder.id, folder.name)
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        folders.end_seal(tx, folder.id, self.clock(), fingerprint(place))
        row = tx.get_one(ReleaseFolder, folder.id)
        tx.refresh(row)
        self.take(tx, row)

    def recover(self) -> None:
        """Finish, or take back, what a crash left between the first and the last line of `seal`."""
        with self.store.reading() as tx:
            claimed = [(row.id, row.label_id) for row in folders.open_folders(tx) if row.state == SEALING]
            labels = {label: tx.get_one(Label, label) for _, label in claimed}
        for folder, label in claimed:
            self._finish(labels[label], folder)

    def _finish(self, label: Label, folder: int) -> None:
        """Nothing is left to do where the sealing was under way, and has ended by the time that the lock is had."""
        with label_lock(self.paths.state_dir, label.name, exclusive=True):
            with self.store.reading() as tx:
                row = tx.get_one(ReleaseFolder, folder)
            if row.state != SEALING:
                return
            if self.paths.sealed(label.name, row.id, row.name).is_dir():
                self._note(label, row)
                return
            with self.store.transaction() as tx:
                folders.abandon_seal(tx, row.id)
            forget_counts(self.paths.home(label.name))

    def note_older(self) -> None:
        """Note how the folders stand that were sealed before this was known of any."""
        with self.store.reading() as tx:
            older = folders.without_fingerprint(tx)
        for row, label in older:
            place = self.paths.sealed(label, row.id, row.name)
            if place.is_dir():
                with self.store.transaction() as tx:
                    folders.note_fingerprint(tx, row.id, fingerprint(place))

    def _move(self, label: Label, folder: ReleaseFolder) -> None:
        source = self.paths.incoming(label.name) / folder.name
        place = self.paths.sealed(label.name, folder.id, folder.name)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        source.rename(place)
        for changed in (place.parent, source.parent):
            flush(changed, follow=False)

    def _note(self, label: Label, folder: ReleaseFolder) -> None:
        """Lock the files that were moved, note how they stand, and hand the folder on."""
        place = self.paths.sealed(label.name, folder.id, folder.name)
        make_read_only(place)
        stands = fingerprint(place)
        with self.store.transaction() as tx:
            folders.end_seal(tx, folder.id, self.clock(), stands)
            row = tx.get_one(ReleaseFolder, folder.id)
            tx.refresh(row)
            self.take(tx, row)
        forget_counts(self.paths.home(label.name))


def check_filesystem(paths: Paths) -> None:
    """Raises OtherFilesystem when a folder of a label could not be sealed by one rename."""
    for place in (paths.labels_dir, paths.spool_dir):
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    if paths.labels_dir.stat().st_dev != paths.spool_dir.stat().st_dev:
        raise OtherFilesystem(f"{paths.spool_dir} and {paths.labels_dir} must lie on one filesystem")


def _flush_files(folder: Path) -> None:
    """Bring every file to the disk before the label is told that we have it; one that goes away meanwhile is not."""
    for place, _, names in os.walk(folder):
        with contextlib.suppress(FileNotFoundError):
            flush(Path(place), follow=False)
        for path in (Path(place) / name for name in names):
            with contextlib.suppress(FileNotFoundError):
                if stat.S_ISREG(path.lstat().st_mode):
                    flush(path, follow=False)
