"""Counts of what a label stores, shared by every process that serves it: a small mapped file beside its /incoming."""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import threading
from pathlib import Path
from typing import Final

NAME: Final = ".tally"
"""The file's name in the label's home. It is a stored name: older versions made it too."""
NEVER: Final = -1.0
"""The value of `counted` while the counts are invalid: the disk must be counted before they are used."""
_COUNTS: Final = struct.Struct("<qqqdq")
_COUNTED, _COUNTED_AT = struct.Struct("<d"), struct.calcsize("<qqq")


class Usage:
    """The counts; read and change them only within a `with` block of this object.

    The block holds them exclusively, over all threads and processes; the lock is released when a process dies. What the
    block changed is kept, also when it raises. `kept` are the bytes of the sealed folders. `counted` is when the disk
    was last counted, by the clock of `LabelQuota`, or `NEVER`; after a reboot of the machine it may lie in the future.

    While the counts are held, the file says that they are not known: a process that dies in between, when they may no
    longer equal the disk, has the next one count anew.

    The file is opened by the first block after the object was made or closed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._open: tuple[int, mmap.mmap] | None = None
        self.bytes = self.files = self.folders = self.kept = 0
        self.counted = NEVER

    def __enter__(self) -> None:
        self._lock.acquire()
        try:
            file, counts = self._opened()
            fcntl.flock(file, fcntl.LOCK_EX)
            self.bytes, self.files, self.folders, self.counted, self.kept = _COUNTS.unpack_from(counts)
            _COUNTED.pack_into(counts, _COUNTED_AT, NEVER)
        except BaseException:
            self._lock.release()
            raise

    def __exit__(self, *raised: object) -> None:
        try:
            file, counts = self._opened()
            _COUNTS.pack_into(counts, 0, self.bytes, self.files, self.folders, self.counted, self.kept)
            fcntl.flock(file, fcntl.LOCK_UN)
        finally:
            self._lock.release()

    def close(self) -> None:
        """Unmap and close the file, once no block holds the counts; the next block opens it again."""
        with self._lock:
            if self._open is not None:
                (file, counts), self._open = self._open, None
                counts.close()
                os.close(file)

    def _opened(self) -> tuple[int, mmap.mmap]:
        """The descriptor of the file, and the file mapped; call it with the lock held."""
        if self._open is None:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                os.ftruncate(file, _COUNTS.size)
                self._open = file, mmap.mmap(file, _COUNTS.size)
            except BaseException:
                os.close(file)
                raise
        return self._open


def forget_counts(home: Path) -> None:
    """Invalidate the counts of the label at `home`, so that the disk is counted before their next use.

    To be called after files of this label were moved or removed other than by a session.
    """
    if (home / NAME).exists():
        usage = Usage(home / NAME)
        try:
            with usage:
                usage.counted = NEVER
        finally:
            usage.close()
