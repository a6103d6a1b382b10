"""How much a label may store: bytes and entries under its /incoming, and a floor of free disk for everyone.

One `Space` is shared by all sessions of a label. It counts growth as it happens and looks at the disk again before it
refuses, so what was sealed or removed meanwhile is never held against the label.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingest.inbound.door import NoSpace

MAX_ENTRIES: Final = 50_000
RECOUNT_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Room:
    """What a label may still store, in bytes: of `total`, `free` are left."""

    total: int
    free: int


class Space:
    """The room of one label under `root`; `max_bytes` None for no quota. Thread-safe."""

    def __init__(
        self, root: Path, max_bytes: int | None, min_free: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._root = root
        self.max_bytes = max_bytes
        self._min_free = min_free
        self._clock = clock
        self._lock = threading.Lock()
        self._counted: float | None = None
        self._bytes = 0
        self._entries = 0

    def grow(self, count: int) -> None:
        """Take `count` more bytes. Raises NoSpace when the quota or the disk would be exceeded."""
        disk = os.statvfs(self._root)
        if disk.f_bavail * disk.f_frsize - count < self._min_free:
            raise NoSpace("Our disk is full at the moment. We have been told; try again later.")
        with self._lock:
            self._count_if(self.max_bytes is not None and self._bytes + count > self.max_bytes)
            if self.max_bytes is not None and self._bytes + count > self.max_bytes:
                raise NoSpace(
                    f"Your space here is full ({_gigabytes(self.max_bytes)}). "
                    "Remove folders that you no longer need, or ask us for more."
                )
            self._bytes += count

    def add_entry(self) -> None:
        """Take one more file or folder. Raises NoSpace when there are too many."""
        with self._lock:
            self._count_if(self._entries >= MAX_ENTRIES)
            if self._entries >= MAX_ENTRIES:
                raise NoSpace(f"You have {MAX_ENTRIES} files and folders here, the most we take. Remove some first.")
            self._entries += 1

    def shrink(self, count: int, entries: int = 0) -> None:
        """Give back bytes and entries that were removed or truncated."""
        with self._lock:
            self._bytes = max(0, self._bytes - count)
            self._entries = max(0, self._entries - entries)

    def room(self) -> Room:
        """What is left, as STATVFS tells it: the quota's view where there is a quota."""
        disk = os.statvfs(self._root)
        free = max(0, disk.f_bavail * disk.f_frsize - self._min_free)
        if self.max_bytes is None:
            return Room(disk.f_blocks * disk.f_frsize, free)
        with self._lock:
            self._count_if(False)
            return Room(self.max_bytes, min(free, max(0, self.max_bytes - self._bytes)))

    def _count_if(self, is_full: bool) -> None:
        """Count the tree the first time, and again when it seems full unless that was done moments ago."""
        if self._counted is None or (is_full and self._clock() - self._counted > RECOUNT_SECONDS):
            self._count()

    def _count(self) -> None:
        total = entries = 0
        for folder, folders, files in os.walk(self._root):
            entries += len(folders) + len(files)
            total += sum(_size_of(Path(folder, file)) for file in files)
        self._bytes, self._entries = total, entries
        self._counted = self._clock()


def _size_of(path: Path) -> int:
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        return 0


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB"
