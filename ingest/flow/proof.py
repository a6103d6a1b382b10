"""Proof that the files of a sealed package are those that were sealed, and those that were checked.

It is made before a package is read, before its verdict is committed, and before QC approves it; a delivery compares the
SHA-256 of every file that it sends. Equal inodes, sizes and times are proof enough (`inbound.fingerprint`). Where they
differ, as after the spool was moved to another disk, SHA-256 decides.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from ingest.core.facts import FileKind
from ingest.core.log import Log
from ingest.core.relative import relative_parts
from ingest.flow.storage import kept_of
from ingest.host.openat import directory, read_beneath
from ingest.inbound.storage import Storage
from ingest.store import packages
from ingest.store.database import Store
from ingest.store.models import Package

CURE: Final = (
    "Find out what wrote to the spool. `ingest retry` reads the files as they are now;"
    " if they are not what the label sent, ask it to upload the release again under another name."
)


@dataclass(frozen=True, slots=True)
class Proof:
    """Compares the files of sealed packages with what was recorded of them.

    Results are texts for ops; empty: no difference.
    """

    storage: Storage
    store: Store
    log: Log

    def stands(self, row: Package) -> str:
        """Empty while inodes, sizes and times are as recorded, else what differs. No file is read.

        Compared is the whole release folder, until a fingerprint of this package alone is recorded.
        """
        known = row.fingerprint or row.origin.fingerprint
        if known is None:
            return ""
        try:
            found = self.storage.fingerprint(kept_of(row), "" if row.fingerprint is None else row.path)
        except OSError as error:
            return f"the sealed files cannot be looked at: {error.strerror} ({error.filename})"
        return "" if found.digest == known else f"files of {row.origin.name} changed after it was sealed. {CURE}"

    def differs_from(self, row: Package, dossier: Mapping[str, Any]) -> str:
        """Empty when the files still have the digests of `dossier`, just read from them, else what differs."""
        changed = self.stands(row)
        if not changed:
            return ""
        return self._compared(row, dossier, changed)

    def accept(self, tx: Session, row: Package) -> None:
        """Record the files of a package as they are now, because a person decided to have it read again.

        Nothing was judged yet that they could differ from. Other packages of the same release folder are not affected.
        Files that cannot be looked at are not recorded.
        """
        if changed := self.stands(row):
            with suppress(OSError):
                packages.note_fingerprint(tx, row.id, self.storage.fingerprint(kept_of(row), row.path))
                self.log("files accepted as they are", package=row.id, folder=row.folder, was=changed)

    def differs(self, package: int) -> str:
        """Empty when the package's files have the same bytes as when they were checked, else what differs.

        Reads all files if `stands` finds a difference, and records the new fingerprint if the bytes are the same.
        """
        with self.store.reading() as tx:
            row = packages.get_package(tx, package)
            dossier = packages.get_dossier(tx, package)
        if row is None or (changed := self.stands(row)) == "":
            return ""
        return changed if dossier is None else self._compared(row, dossier, changed)

    def _compared(self, row: Package, dossier: Mapping[str, Any], changed: str) -> str:
        """Compare the digests of all files.

        The fingerprint to record is taken before: it must not cover a later change.
        """
        try:
            stands = self.storage.fingerprint(kept_of(row), row.path)
        except OSError:
            return changed
        with self.storage.local(kept_of(row), row.path) as release:
            different = _different(release, dossier)
        if different:
            return f"{different}: {changed}"
        self.log("same bytes", package=row.id, folder=row.folder, was=changed)
        with self.store.transaction() as tx:
            packages.note_fingerprint(tx, row.id, stands)
        return ""


def _different(release: Path, dossier: Mapping[str, Any]) -> str:
    """The first file of the dossier that has other bytes now, in words for ops; empty when there is none."""
    try:
        nested = dossier["folder"]["nested"]
        root = release if nested is None else release.joinpath(*relative_parts(nested))
        with directory(root) as opened:
            entries = (entry for entry in dossier["folder"]["entries"] if entry["kind"] != FileKind.LITTER.value)
            return next(filter(None, (_changed(opened, entry) for entry in entries)), "")
    except (OSError, ValueError) as error:
        return f"{release.name}: {getattr(error, 'strerror', None) or error}"


def _changed(root: int, entry: Mapping[str, Any]) -> str:
    """How one file below the open directory `root` differs from what was recorded.

    Raises ValueError for an invalid path.
    """
    parts = relative_parts(entry["path"])
    if entry["sha256"] is None:
        return f"{entry['path']} has no SHA-256 recorded"
    try:
        with read_beneath(root, parts) as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return f"{entry['path']}: {error.strerror}"
    return (
        "" if found == entry["sha256"] else f"{entry['path']} has SHA-256 {found} where {entry['sha256']} was recorded"
    )
