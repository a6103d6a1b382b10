"""What a storage of sealed release folders guarantees. `flow.storage` implements it in a directory."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path
from typing import Protocol

from ingest.core.fingerprint import Fingerprint


@dataclass(frozen=True, slots=True)
class Kept:
    """A sealed release folder in the storage: its label's user name, the number of its row, and its name."""

    label: str
    number: int
    name: str


class Storage(Protocol):
    """Where sealed release folders are stored.

    `path` selects one release of a batch in the folder; empty: the whole folder.
    """

    def check(self) -> None:
        """Raise OtherFilesystem, or OSError, where nothing can be stored."""

    def keep(self, kept: Kept, source: Path) -> None:
        """Take over the label's folder `source` in one step that either happened or did not, also after a crash.

        Raises OSError.
        """

    def staging(self, number: int) -> Path:
        """The folder of this machine in which what is to be kept under this number is put together."""

    def keep_nothing(self, kept: Kept) -> None:
        """Store an empty folder in the place of one that is gone. Raises OSError."""

    def lock(self, kept: Kept) -> Fingerprint:
        """Make every file read-only; returns the fingerprint afterwards. Raises OSError."""

    def holds(self, kept: Kept) -> bool:
        """Whether the folder is stored."""

    def fingerprint(self, kept: Kept, path: str = "") -> Fingerprint:
        """The fingerprint of the files now: a different one means that they may have other bytes. Raises OSError."""

    def local(self, kept: Kept, path: str = "") -> AbstractContextManager[Path]:
        """The files as a folder of this machine; it may be read within the block only. Raises OSError."""

    def open(self, kept: Kept, path: str) -> RawIOBase:
        """One file, opened for reading, by its path below the folder.

        Raises OSError, also for a path that leads out of it.
        """

    def view(self, kept: Kept) -> Path:
        """The folder of this machine that the label goes on reading over SFTP."""

    def place(self, kept: Kept, path: str = "") -> str:
        """Where the files lie, as text for ops and QC."""

    def shipment(self, number: int) -> Path:
        """The folder of this machine for what the shipment of this number sends; whoever makes it may make it anew."""

    def shipments(self) -> Sequence[int]:
        """The numbers of the shipments that have a folder, in order."""

    def remove(self, kept: Kept) -> bool:
        """Remove the folder; False when something of it could not be removed."""


class OtherFilesystem(Exception):
    """The storage lies on another filesystem than the labels' folders: sealing could not be one rename."""
