"""How much a label may store: bytes, files and folders under its /incoming, and a floor of free disk for everyone.

One `Space` is shared by all sessions of a label in a process, and its tally by all processes. It counts growth as it
happens and looks at the disk again before it refuses, so what was sealed or removed is never held against the label.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from ingest.inbound.door import NoSpace
from ingest.inbound.sftp.tally import Tally

RECOUNT_SECONDS: Final = 5.0
TELL_SECONDS: Final = 3600.0
DISK: Final = "the disk for uploads is full"


@dataclass(frozen=True, slots=True)
class Quota:
    """What a label may have under /incoming at one time, and the bytes that must stay free on the disk."""

    bytes: int
    files: int
    folders: int
    min_free: int


@dataclass(frozen=True, slots=True)
class Room:
    """What a label may still store, in bytes: of `total`, `free` are left."""

    total: int
    free: int


def used_under(root: Path) -> tuple[int, int, int]:
    """Bytes, files and folders under a folder, as quotas count them; nothing where it is missing."""
    size = files = folders = 0
    for folder, inner, names in os.walk(root):
        folders, files = folders + len(inner), files + len(names)
        size += sum(_size_of(Path(folder, name)) for name in names)
    return size, files, folders


class Space:
    """The room of the label `name` under `root`. Thread-safe.

    `tell(what, detail)` tells ops of what is full; it is called once an hour for each thing that is.
    """

    def __init__(
        self,
        root: Path,
        name: str,
        quota: Quota,
        tally: Tally,
        tell: Callable[[str, str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._root = root
        self._name = name
        self.quota = quota
        self._tell = tell
        self._clock = clock
        self._lock = threading.Lock()
        self._told: dict[str, float] = {}
        self._tally = tally
        self._has_counted = False

    def grow(self, count: int) -> None:
        """Take `count` more bytes. Raises NoSpace when the quota or the disk would be exceeded."""
        disk = os.statvfs(self._root)
        if (free := disk.f_bavail * disk.f_frsize) - count < self.quota.min_free:
            self.tell_disk_full(f"{spelled(free)} free; uploads are refused under {spelled(self.quota.min_free)}")
            raise NoSpace("Our disk is full at the moment. We have been told; try again later.")
        with self._tally.held():
            self._count_if(self._tally.bytes + count > self.quota.bytes)
            if fits := self._tally.bytes + count <= self.quota.bytes:
                self._tally.bytes += count
        if not fits:
            self._refuse("bytes", spelled(self.quota.bytes))

    def add_file(self) -> None:
        """Take one more file. Raises NoSpace when there are too many."""
        with self._tally.held():
            self._count_if(self._tally.files >= self.quota.files)
            if fits := self._tally.files < self.quota.files:
                self._tally.files += 1
        if not fits:
            self._refuse("files", f"{self.quota.files:,} files")

    def add_folder(self) -> None:
        """Take one more folder. Raises NoSpace when there are too many."""
        with self._tally.held():
            self._count_if(self._tally.folders >= self.quota.folders)
            if fits := self._tally.folders < self.quota.folders:
                self._tally.folders += 1
        if not fits:
            self._refuse("folders", f"{self.quota.folders:,} folders")

    def shrink(self, count: int, *, files: int = 0, folders: int = 0) -> None:
        """Give back what was removed or truncated."""
        with self._tally.held():
            self._tally.bytes = max(0, self._tally.bytes - count)
            self._tally.files = max(0, self._tally.files - files)
            self._tally.folders = max(0, self._tally.folders - folders)

    def room(self) -> Room:
        """What is left, as STATVFS tells it: the quota's view where the disk holds more."""
        disk = os.statvfs(self._root)
        free = max(0, disk.f_bavail * disk.f_frsize - self.quota.min_free)
        with self._tally.held():
            self._count_if(False)
            left = max(0, self.quota.bytes - self._tally.bytes)
        return Room(min(self.quota.bytes, disk.f_blocks * disk.f_frsize), min(free, left))

    def tell_disk_full(self, detail: str) -> None:
        """Tell ops that the disk takes no more."""
        cure = "Free some space, give the labels' folders a larger disk, or shorten [retention]."
        self._tell_once(DISK, f"{detail}. The label {self._name} was refused. {cure}")

    def _refuse(self, what: str, most: str) -> NoReturn:
        text = f"Your space here is full: at most {most} may wait under /incoming at one time."
        self._tell_once(
            f"{self._name} has used up its quota of {what}",
            f"The label was told: {text} `ingest label quota {self._name}` shows and changes what it may have.",
        )
        raise NoSpace(f"{text} Remove what you no longer need, or ask us for more.")

    def _tell_once(self, what: str, detail: str) -> None:
        with self._lock:
            due = self._clock() - self._told.get(what, -TELL_SECONDS) >= TELL_SECONDS
            if due:
                self._told[what] = self._clock()
        if due:
            self._tell(what, detail)

    def _count_if(self, is_full: bool) -> None:
        """Count the tree the first time, and again when it seems full unless that was done moments ago."""
        is_recent = 0 <= self._clock() - self._tally.counted <= RECOUNT_SECONDS
        if not self._has_counted or (is_full and not is_recent):
            self._count()

    def _count(self) -> None:
        self._tally.bytes, self._tally.files, self._tally.folders = used_under(self._root)
        self._tally.counted = self._clock()
        self._has_counted = True


def _size_of(path: Path) -> int:
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        return 0


def spelled(count: int) -> str:
    """Bytes for people, in decimal units: `200 GB`, `1.5 MB`."""
    for unit, size in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{round(count / size, 1):g} {unit}"
    return f"{count} bytes"
