"""The minimum of free disk space: no write goes below it, however many labels and processes write at once.

Files and folders take inodes beside bytes; some of those are left, too.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ingest.inbound.sftp.quota_limits import DISK, Full, spelled

NEAR: Final = 1 << 30
"""Less than this many bytes above the floor, writes run one at a time.

A write has about 4 MB at most, so it takes more than two hundred at one moment to use this up.
"""

INODES: Final = 100
"""Nothing is made for labels while less than one in so many inodes of the disk is free.

They are for sealing, reports, emails and the database, and many more than one moment's changes take after their check.
"""


class DiskFloor:
    """The disk that the folder `shared` lies on; flock(2) on that folder is the lock of all who write to the disk.

    Far above the floor a write shares the lock: the writes under way cannot reach the floor together. Near the floor a
    write holds it exclusively, so that nobody takes of the free bytes between the check and the end of the write.
    """

    def __init__(self, shared: Path) -> None:
        self._shared = shared

    def size(self) -> int:
        """The bytes of the whole disk."""
        disk = os.statvfs(self._shared)
        return disk.f_blocks * disk.f_frsize

    def free(self) -> int:
        """The free bytes that this user may still write: statvfs(3), f_bavail."""
        disk = os.statvfs(self._shared)
        return disk.f_bavail * disk.f_frsize

    def check(self, floor: int, count: int = 0) -> None:
        """Raise Full when `count` bytes more would leave less than `floor` bytes free."""
        if (free := self.free()) - count < floor:
            raise Full(DISK, f"{spelled(free)} free; uploads are refused under {spelled(floor)}")

    def check_inodes(self) -> None:
        """Raise Full when hardly any file or folder can be made on the disk; a filesystem may have no such limit."""
        disk = os.statvfs(self._shared)
        least = disk.f_files // INODES
        if disk.f_favail < least:
            raise Full(DISK, f"{disk.f_favail:,} inodes free; files are refused under {least:,}")

    def write(self, floor: int, count: int, write: Callable[[], None]) -> None:
        """Call `write`, which takes at most `count` bytes of disk. Raises Full, OSError, and what `write` raises.

        The folder is opened for each write: no descriptor is held in between, however many labels there are.
        """
        folder = os.open(self._shared, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(folder, fcntl.LOCK_SH)
            if self.free() - count < floor + NEAR:
                fcntl.flock(folder, fcntl.LOCK_EX)
                self.check(floor, count)
            write()
        finally:
            os.close(folder)
