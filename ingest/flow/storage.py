"""The storage of sealed release folders, in a directory. No other module composes a path in it."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path
from typing import Final

from ingest.config import Paths
from ingest.core.fingerprint import Fingerprint
from ingest.core.relative import relative_parts
from ingest.host.disk import can_rename
from ingest.host.fsync import flush
from ingest.host.openat import directory, read_beneath
from ingest.host.private import make_folder
from ingest.inbound.fingerprint import fingerprint, make_read_only
from ingest.inbound.storage import Kept, OtherFilesystem, Storage
from ingest.store.models import Package

SHIPMENTS: Final = ".shipments"
"""Beside the folders of labels, whose names begin with a letter."""
STAGING: Final = ".composing"
OTHER: Final = "{} and {} must lie on one filesystem, under one mount"


@dataclass(frozen=True, slots=True)
class DirectoryStorage(Storage):
    """Folders below `[paths] spool`, as `LABEL/NUMBER/NAME`; a rename takes a folder over.

    The directory lies on the filesystem of the labels' folders (`check`).
    """

    paths: Paths

    def check(self) -> None:
        for place in (self.paths.labels_dir, self.paths.spool_dir):
            make_folder(place)
        if not can_rename(self.paths.labels_dir, self.paths.spool_dir):
            raise OtherFilesystem(OTHER.format(self.paths.spool_dir, self.paths.labels_dir))

    def keep(self, kept: Kept, source: Path) -> None:
        place = self.view(kept)
        make_folder(place.parent)
        try:
            source.rename(place)
        except OSError as error:
            if error.errno == errno.EXDEV:
                raise OtherFilesystem(OTHER.format(self.paths.spool_dir, source)) from error
            raise
        for changed in (place.parent, source.parent):
            flush(changed, follow=False)

    def staging(self, number: int) -> Path:
        return self.paths.spool_dir / STAGING / str(number)

    def keep_nothing(self, kept: Kept) -> None:
        make_folder(self.view(kept))

    def lock(self, kept: Kept) -> Fingerprint:
        make_read_only(self.view(kept))
        return fingerprint(self.view(kept))

    def holds(self, kept: Kept) -> bool:
        return self.view(kept).is_dir()

    def fingerprint(self, kept: Kept, path: str = "") -> Fingerprint:
        return fingerprint(self._inside(kept, path))

    @contextmanager
    def local(self, kept: Kept, path: str = "") -> Iterator[Path]:
        yield self._inside(kept, path)

    def open(self, kept: Kept, path: str) -> RawIOBase:
        try:
            parts = relative_parts(path)
        except ValueError as error:
            raise FileNotFoundError(f"{error}") from None
        with directory(self.view(kept)) as root:
            return read_beneath(root, parts)

    def view(self, kept: Kept) -> Path:
        return self.paths.spool_dir / kept.label / str(kept.number) / kept.name

    def place(self, kept: Kept, path: str = "") -> str:
        return str(self._inside(kept, path))

    def shipment(self, number: int) -> Path:
        return self.paths.spool_dir / SHIPMENTS / str(number)

    def shipments(self) -> Sequence[int]:
        place = self.paths.spool_dir / SHIPMENTS
        return sorted(int(one.name) for one in place.iterdir() if one.name.isdecimal()) if place.is_dir() else ()

    def remove(self, kept: Kept) -> bool:
        place = self.view(kept).parent
        shutil.rmtree(place, ignore_errors=True)
        return not place.exists()

    def _inside(self, kept: Kept, path: str) -> Path:
        return self.view(kept) / path


def kept_of(package: Package) -> Kept:
    """The folder in the storage that holds the package."""
    return Kept(package.label.name, package.origin.id, package.origin.name)
