"""What one session has open: uploads, files being read, and folders being listed, each under a handle."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from ingest.inbound.backend import Gone, Refused
from ingest.inbound.sftp.tree import OpenFolder
from ingest.inbound.sftp.uploads import Upload

MAX_LISTINGS: Final = 8
REMOVED: Final = "We do not keep this file any more, or a newer one stands in its place. List its folder again."


class Reading:
    """A file open for reading only; `release` closes the descriptor. Safe from any thread."""

    def __init__(self, descriptor: int, release: Callable[[int], None]) -> None:
        self._descriptor: int | None = descriptor
        self._release = release
        self._lock = threading.Lock()

    def read(self, length: int, offset: int) -> bytes:
        with self._lock:
            return os.pread(self._held(), length, offset)

    def stat(self) -> os.stat_result:
        with self._lock:
            return os.fstat(self._held())

    def close(self) -> None:
        with self._lock:
            self._let_go()

    def close_if_removed(self) -> None:
        """Let go of a file that has no name any more: as long as it is open, it takes room that nobody counts."""
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
    """An open folder, and the pages that READDIR has still to hand out."""

    folder: OpenFolder
    pages: Iterator[bytes]

    def close(self) -> None:
        self.folder.close()


Handle = Upload | Reading | Listing


class BadHandle(Exception):
    """The request names a handle that is not open, or of the wrong sort."""


class Handles:
    """At most `most` handles, of which eight may be listings: each holds the names of a whole folder in memory."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._open: dict[bytes, Handle] = {}
        self._next = 0

    @property
    def uploads(self) -> int:
        return sum(isinstance(handle, Upload) for handle in list(self._open.values()))

    def keep(self, opening: Callable[[], Handle]) -> bytes:
        """Open something under a new handle; Refused, before it is opened, when too much is open."""
        listings = sum(isinstance(handle, Listing) for handle in self._open.values())
        if len(self._open) >= self.most or listings >= MAX_LISTINGS:
            raise Refused(f"Too many files are open: close some of the {len(self._open)} first.")
        opened = opening()
        self._next += 1
        name = self._next.to_bytes(4, "big")
        self._open[name] = opened
        return name

    def get(self, name: bytes) -> Handle:
        if handle := self._open.get(name):
            return handle
        raise BadHandle

    def upload(self, name: bytes) -> Upload:
        handle = self.get(name)
        if isinstance(handle, Upload):
            return handle
        raise BadHandle

    def file(self, name: bytes) -> Upload | Reading:
        handle = self.get(name)
        if isinstance(handle, Listing):
            raise BadHandle
        return handle

    def listing(self, name: bytes) -> Listing:
        handle = self.get(name)
        if isinstance(handle, Listing):
            return handle
        raise BadHandle

    def close(self, name: bytes) -> Handle:
        """CLOSE: the handle is gone only when the journal knows; while that fails it stays, for another CLOSE."""
        handle = self.get(name)
        if isinstance(handle, Upload):
            handle.end(interrupted=False)
        else:
            handle.close()
        return self._open.pop(name)

    def close_removed(self) -> None:
        """Let go of files being read that have no name any more. Safe from any thread."""
        for handle in list(self._open.values()):
            if isinstance(handle, Reading):
                handle.close_if_removed()

    def interrupt(self) -> list[Exception]:
        """The session is over: end what is open as interrupted, whatever happens; returns what went wrong."""
        faults: list[Exception] = []
        for handle in self._open.values():
            if isinstance(handle, Upload):
                faults += handle.interrupt()
            else:
                handle.close()
        self._open.clear()
        return faults
