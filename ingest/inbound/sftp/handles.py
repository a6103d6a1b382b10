"""What one session has open: uploads, files being read, and folders being listed, each under a handle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from ingest.inbound.backend import Refused
from ingest.inbound.sftp.tree import OpenFolder
from ingest.inbound.sftp.uploads import Upload

MAX_LISTINGS: Final = 8


@dataclass(frozen=True, slots=True)
class Reading:
    """A file open for reading only; `release` closes the descriptor."""

    descriptor: int
    release: Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Listing:
    """An open folder, and the pages that READDIR has still to hand out."""

    folder: OpenFolder
    pages: Iterator[bytes]


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
            _let_go(handle)
        return self._open.pop(name)

    def interrupt(self) -> list[Exception]:
        """The session is over: end what is open as interrupted, whatever happens; returns what went wrong."""
        faults: list[Exception] = []
        for handle in self._open.values():
            if isinstance(handle, Upload):
                faults += handle.interrupt()
            else:
                _let_go(handle)
        self._open.clear()
        return faults


def _let_go(handle: Reading | Listing) -> None:
    if isinstance(handle, Listing):
        handle.folder.close()
    else:
        handle.release(handle.descriptor)
