"""The floor of free disk: no write leads below it, however many labels and processes write at once."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ingest.inbound.sftp.quota_limits import DISK, Full, spelled

NEAR: Final = 1 << 30
"""The bytes above the floor within which writes follow one another: more than two hundred labels write at one moment,
4 MB each."""


class DiskFloor:
    """The disk that the folder `shared` lies on; flock(2) on that folder is the lock of all who write to the disk.

    Far above the floor a write shares the lock, for together those under way cannot reach it. Near the floor a write
    has the lock alone, so that what the kernel calls free has nothing taken from it until the write is done.
    """

    def __init__(self, shared: Path) -> None:
        self._folder = os.open(shared, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def close(self) -> None:
        os.close(self._folder)

    def size(self) -> int:
        """The bytes of the whole disk."""
        disk = os.fstatvfs(self._folder)
        return disk.f_blocks * disk.f_frsize

    def free(self) -> int:
        """The bytes that may still be written."""
        disk = os.fstatvfs(self._folder)
        return disk.f_bavail * disk.f_frsize

    def check(self, floor: int, count: int = 0) -> None:
        """Raise Full when `count` bytes more would leave less than `floor` bytes free."""
        if (free := self.free()) - count < floor:
            raise Full(DISK, f"{spelled(free)} free; uploads are refused under {spelled(floor)}")

    def write(self, floor: int, count: int, write: Callable[[], None]) -> None:
        """Call `write`, which takes at most `count` bytes of disk; raises Full. For one thread at a time."""
        fcntl.flock(self._folder, fcntl.LOCK_SH)
        try:
            if self.free() - count < floor + NEAR:
                fcntl.flock(self._folder, fcntl.LOCK_EX)
                self.check(floor, count)
            write()
        finally:
            fcntl.flock(self._folder, fcntl.LOCK_UN)
