"""What a storage of sealed release folders promises. `flow.storage` keeps them in a directory."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path
from typing import Protocol

from ingest.core.fingerprint import Fingerprint


@dataclass(frozen=True, slots=True)
class Kept:
    """A release folder in the storage: whose it is, the number of its row, and its name."""

    label: str
    number: int
    name: str


class Storage(Protocol):
    """Where sealed release folders lie. A `path` is that of one release of a batch below its folder; else empty."""

    def check(self) -> None:
        """Raise OtherFilesystem, or OSError, where nothing can be kept."""

    def keep(self, kept: Kept, source: Path) -> None:
        """Take over the label's folder `source`, by one step that either happened or did not. Raises OSError."""

    def keep_nothing(self, kept: Kept) -> None:
        """Keep an empty folder, in the place of one that is gone. Raises OSError."""

    def lock(self, kept: Kept) -> Fingerprint:
        """Take the right to write from every file; returns how they stand. Raises OSError."""

    def holds(self, kept: Kept) -> bool:
        """Whether the folder is there."""

    def fingerprint(self, kept: Kept, path: str = "") -> Fingerprint:
        """How the files stand: another fingerprint means that they may have other bytes. Raises OSError."""

    def local(self, kept: Kept, path: str = "") -> AbstractContextManager[Path]:
        """The files as a folder of this machine, which is to be read within the block only. Raises OSError."""

    def open(self, kept: Kept, path: str) -> RawIOBase:
        """One file, by its path below the folder. Raises OSError, also for a path that leads elsewhere."""

    def view(self, kept: Kept) -> Path:
        """The folder of this machine that the label goes on reading over SFTP."""

    def place(self, kept: Kept, path: str = "") -> str:
        """Where the files lie, in words for ops and QC."""

    def remove(self, kept: Kept) -> bool:
        """Remove the folder; False when something of it could not be removed."""


class OtherFilesystem(Exception):
    """The storage lies on another filesystem than the labels' folders: sealing would not be one rename."""
