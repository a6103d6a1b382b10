"""What one session has open: uploads, files being read, and folders being listed, each under a handle."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from ingest.inbound.backend import Gone, Refused
from ingest.inbound.sftp.protocol import Wanted
from ingest.inbound.sftp.tree import OpenFolder
from ingest.inbound.sftp.uploads import Upload

MAX_LISTINGS: Final = 8
REMOVED: Final = "We do not keep this file any more, or a newer one stands in its place. List its folder again."
READ_ONLY: Final = "Nothing can be changed through this handle: it is open for reading only."


class Reading:
    """A file open for reading only; `release` is called with the descriptor to close it. Safe from any thread."""

    def __init__(self, descriptor: int, release: Callable[[int], None]) -> None:
        self._descriptor: int | None = descriptor
        self._release = release
        self._lock = threading.Lock()

    def read(self, length: int, offset: int) -> bytes:
        """At most `length` bytes from `offset`, fewer at the end of the file.

        Raises OSError; Gone after `close_if_removed`.
        """
        with self._lock:
            return os.pread(self._held(), length, offset)

    def stat(self) -> os.stat_result:
        """fstat(2) of the file. Raises OSError; Gone after `close_if_removed`."""
        with self._lock:
            return os.fstat(self._held())

    def set_attributes(self, wanted: Wanted) -> None:
        """FSETSTAT (section 6.9): raise Refused unless the file has what is wanted already."""
        found = self.stat()
        if not wanted.is_so(found.st_size, int(found.st_mtime)):
            raise Refused(READ_ONLY)

    def close(self) -> None:
        """Release the descriptor; nothing when that was done before."""
        with self._lock:
            self._let_go()

    def close_if_removed(self) -> None:
        """Release a file that has no name any more: open, it takes space on the disk that no quota counts."""
        with self._lock:
            if self._descriptor is not None and os.fstat(self._descriptor).st_nlink == 0:
                self._let_go()

    def _held(self) -> int:
        if self._descriptor is None:
            raise Gone(REMOVED)
        return self._descriptor

    def _let_go(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            self._release(descriptor)


@dataclass(frozen=True, slots=True)
class Listing:
    """An open folder, and the NAME packets that READDIR has still to return (section 6.7)."""

    folder: OpenFolder
    pages: Iterator[bytes]

    def set_attributes(self, wanted: Wanted) -> None:
        """FSETSTAT (section 6.9): raise Refused when anything is wanted that could be changed at all."""
        if wanted != Wanted():
            raise Refused(READ_ONLY)

    def close(self) -> None:
        """Close the folder."""
        self.folder.close()


Handle = Upload | Reading | Listing


class BadHandle(Exception):
    """The request names a handle that is not open, or is not of the kind that it needs."""


class Handles:
    """The handles of one session: at most `most`, and no more of any kind while eight of them are listings.

    A listing holds the names of a whole folder in memory. Unless said otherwise, one thread at a time uses this.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._open: dict[bytes, Handle] = {}
        self._next = 0

    @property
    def uploads(self) -> int:
        """How many of the handles are uploads. Safe from any thread."""
        return sum(isinstance(handle, Upload) for handle in list(self._open.values()))

    def keep(self, opening: Callable[[], Handle]) -> bytes:
        """Call `opening` and keep the result under a new handle, which is returned.

        Raises Refused before when too many are open.
        """
        listings = sum(isinstance(handle, Listing) for handle in self._open.values())
        if len(self._open) >= self.most or listings >= MAX_LISTINGS:
            raise Refused(f"Too many files are open: close some of the {len(self._open)} first.")
        opened = opening()
        self._next += 1
        name = self._next.to_bytes(4, "big")
        self._open[name] = opened
        return name

    def get(self, name: bytes) -> Handle:
        """What is open under this handle. Raises BadHandle."""
        if handle := self._open.get(name):
            return handle
        raise BadHandle

    def upload(self, name: bytes) -> Upload:
        """The upload under this handle. Raises BadHandle."""
        handle = self.get(name)
        if isinstance(handle, Upload):
            return handle
        raise BadHandle

    def file(self, name: bytes) -> Upload | Reading:
        """The upload or file being read under this handle. Raises BadHandle."""
        handle = self.get(name)
        if isinstance(handle, Listing):
            raise BadHandle
        return handle

    def listing(self, name: bytes) -> Listing:
        """The folder being listed under this handle. Raises BadHandle."""
        handle = self.get(name)
        if isinstance(handle, Listing):
            return handle
        raise BadHandle

    def close(self, name: bytes) -> Handle:
        """CLOSE (section 6.3): end what is open under this handle, and return it.

        While the journal cannot record the end of an upload, Trouble is raised and the handle stays open for another
        CLOSE.
        """
        handle = self.get(name)
        if isinstance(handle, Upload):
            handle.end(interrupted=False)
        else:
            handle.close()
        return self._open.pop(name)

    def close_removed(self) -> None:
        """Release the files being read that have no name any more. Safe from any thread."""
        for handle in list(self._open.values()):
            if isinstance(handle, Reading):
                handle.close_if_removed()

    def interrupt(self) -> list[Exception]:
        """The session is over: close everything, uploads as interrupted; returns the errors that came of it."""
        errors: list[Exception] = []
        for handle in self._open.values():
            if isinstance(handle, Upload):
                errors += handle.interrupt()
            else:
                handle.close()
        self._open.clear()
        return errors
