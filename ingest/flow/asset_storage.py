"""Where the contents of assets lie: `.assets/LABEL/SHA256` beside the sealed folders, each content of a label once."""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final

from ulid import ULID

from ingest.config import Paths
from ingest.host.fsync import flush
from ingest.host.private import make_folder

ASSETS: Final = ".assets"
"""Beside the folders of labels, whose names begin with a letter."""
ARRIVING: Final = "arriving"
FILE_MODE: Final = 0o440
CHECKED_EVERY: Final = 64_000_000
"""Bytes after which the free space of the disk is looked at again."""


class DiskFull(Exception):
    """Less than the least free space would be left."""


class Arriving:
    """A file that arrives piece by piece, hashed as it is written. Nothing stays of it unless it is kept."""

    def __init__(self, place: Path, min_free: int) -> None:
        make_folder(place.parent)
        self._place, self._min_free = place, min_free
        self._file = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._digest = hashlib.sha256()
        self._checked = -CHECKED_EVERY
        self.size = 0
        self.head = b""

    def __enter__(self) -> Arriving:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)
        with suppress(FileNotFoundError):
            self._place.unlink()

    def write(self, piece: bytes) -> None:
        """Append bytes. Raises DiskFull and OSError."""
        if self.size - self._checked >= CHECKED_EVERY:
            self._checked = self.size
            if shutil.disk_usage(self._place.parent).free < self._min_free + len(piece):
                raise DiskFull
        if len(self.head) < 1 << 16:
            self.head += piece[: 1 << 16]
        rest = memoryview(piece)
        while rest:
            rest = rest[os.write(self._file, rest) :]
        self._digest.update(piece)
        self.size += len(piece)

    @property
    def sha256(self) -> str:
        """The digest of what was written so far, in lower-case hex."""
        return self._digest.hexdigest()

    def keep(self, target: Path) -> None:
        """Move the file to `target`, written to the disk; a file that is there already is the same content, and stays.

        Nothing of the file changes any more once this returns, no time of its inode either.
        """
        os.fchmod(self._file, FILE_MODE)
        os.fsync(self._file)
        make_folder(target.parent)
        with suppress(FileExistsError):
            os.link(self._place, target)
        self._place.unlink()
        flush(target.parent)


@dataclass(frozen=True, slots=True)
class AssetStorage:
    """The contents of assets, in a directory on the filesystem of the sealed folders."""

    paths: Paths
    min_free: int
    _root: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_root", self.paths.spool_dir / ASSETS)

    def arriving(self) -> Arriving:
        """A new file for a content that arrives. Raises OSError."""
        return Arriving(self._root / ARRIVING / str(ULID()), self.min_free)

    def keep(self, label: int, arrived: Arriving) -> None:
        """Keep the content of a label that arrived whole. Raises OSError."""
        arrived.keep(self.place(label, arrived.sha256))

    def place(self, label: int, sha256: str) -> Path:
        """Where a content of the label lies."""
        return self._root / str(label) / sha256[:2] / sha256

    def sweep(self) -> None:
        """Remove what arrived only in part before the last end of the program; call while nothing arrives."""
        with suppress(FileNotFoundError):
            for left in (self._root / ARRIVING).iterdir():
                left.unlink()
