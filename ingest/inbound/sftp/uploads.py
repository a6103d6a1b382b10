"""One file open for writing: what was received, which bytes of it are there, and how it ended."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from ingest.inbound.backend import Refused
from ingest.inbound.sftp.connection_backend import ConnectionBackend, Trouble
from ingest.inbound.sftp.paths import Parts
from ingest.inbound.sftp.protocol import Wanted
from ingest.inbound.sftp.quota import LabelQuota
from ingest.inbound.sftp.ranges import Ranges

MAX_RANGES: Final = 1024
MAX_OFFSET: Final = 1 << 46
IOV_MAX: Final = 1024


class Upload:
    """A file open for writing. `descriptor` is open for writing; `id` is the journal's. Ends exactly once, by `end`."""

    def __init__(self, backend: ConnectionBackend, quota: LabelQuota, path: Parts, id: int, descriptor: int) -> None:
        self.descriptor = descriptor
        self._backend = backend
        self._quota = quota
        self._path = path
        self._id = id
        self._ranges = Ranges(os.fstat(descriptor).st_size)
        self._received = 0
        self._failed = False

    @property
    def failed(self) -> bool:
        """True once a write, or a change of its size, could not be carried out: the file is not what the label sent."""
        return self._failed

    def read(self, length: int, offset: int) -> bytes:
        """At most `length` bytes from `offset`. Raises OSError: EBADF where the file was not opened for reading too."""
        return os.pread(self.descriptor, length, offset)

    def stat(self) -> os.stat_result:
        """fstat(2) of the file. Raises OSError."""
        return os.fstat(self.descriptor)

    def write(self, offset: int, pieces: Sequence[memoryview]) -> None:
        """Write the pieces one after another from `offset`.

        Raises NoSpace, Refused or OSError; `failed` is True from then on.
        """
        count = sum(map(len, pieces))
        try:
            self._check(offset, count)
            if not count:
                return  # a write of nothing makes no file longer
            self._quota.write(self.descriptor, offset, count, lambda: self._write_all(offset, pieces, count))
        except (Refused, OSError):
            self._failed = True
            raise
        self._received += count
        self._ranges.add(offset, offset + count)

    def _write_all(self, offset: int, pieces: Sequence[memoryview], count: int) -> None:
        """Write the pieces; what another handle cut off meanwhile is missing again."""
        self._ranges.cut(os.fstat(self.descriptor).st_size)
        _write_all(self.descriptor, pieces, offset, count)

    def set_attributes(self, wanted: Wanted) -> None:
        """FSETSTAT (section 6.9): give the file the size and the times that are wanted.

        Every handle of the file sees that, as it sees a WRITE. What a file is made longer by is a gap until it is
        written. Raises as `write` does, and `failed` is True from then on.
        """
        if wanted.size is not None:
            self._resize(wanted.size)
        if wanted.times is not None:
            os.utime(self.descriptor, wanted.times)

    def _resize(self, size: int) -> None:
        try:
            self._check(size, 0)
            self._quota.resize(self.descriptor, size)
        except (Refused, OSError):
            self._failed = True
            raise
        self._ranges.cut(size)

    def _check(self, offset: int, count: int) -> None:
        if offset + count > MAX_OFFSET:
            raise Refused("This file is larger than anything we take.")
        if len(self._ranges) > MAX_RANGES:
            raise Refused("This file arrives in too many scattered pieces. Upload it again from the start.")

    def end(self, *, interrupted: bool) -> None:
        """Record the end in the journal, then close the file.

        Raises Trouble, and leaves it open, when that cannot be recorded.

        A file of which a write failed is recorded as interrupted even after a CLOSE.
        """
        size = os.fstat(self.descriptor).st_size
        holes = not self._ranges.covers(size)
        self._backend.closed(self._path, self._id, self._received, size, holes, interrupted or self._failed)
        self._quota.close_held(self.descriptor)

    def interrupt(self) -> list[Exception]:
        """End without a CLOSE, and close the file in any case; returns the error if the journal failed."""
        try:
            self.end(interrupted=True)
        except (Trouble, Refused, OSError) as error:
            self._quota.close_held(self.descriptor)
            return [error]
        return []


def _write_all(descriptor: int, pieces: Sequence[memoryview], offset: int, count: int) -> None:
    """pwritev(2) until everything is written: the kernel may write less than it was given."""
    if len(pieces) > IOV_MAX:
        pieces = [memoryview(b"".join(pieces))]
    written = os.pwritev(descriptor, pieces, offset)
    if written == count:
        return
    rest = memoryview(b"".join(pieces))[written:]
    while rest:
        offset += written
        written = os.pwrite(descriptor, rest, offset)
        rest = rest[written:]
