"""How much a label may store: bytes, files and folders under its /incoming, and a minimum of free disk for everyone.

One `LabelQuota` is shared by all sessions of a label in a process, and its counts (`Usage`) by all processes. Whatever
changes a size, a file or a folder does so while it holds the lock of the counts, so they equal the disk whenever nobody
holds it. Bytes of a file that was removed or replaced count until its last handle closes (`removed`). The disk is
counted again every ten minutes and before anything is refused, because of what was sealed, or changed by other means
than SFTP.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ingest.inbound.backend import NoSpace
from ingest.inbound.sftp import removed
from ingest.inbound.sftp.disk_floor import DiskFloor
from ingest.inbound.sftp.quota_limits import EARLY, IN_ALL, Full, QuotaLimits, Room, Teller, spelled, used_under
from ingest.inbound.sftp.removed import Removed
from ingest.inbound.sftp.usage import NEVER, Usage

RECOUNT_SECONDS: Final = 5.0
"""The least time between two counts of the disk before refusals."""
COUNT_SECONDS: Final = 600.0
"""The age at which counts of the disk are made again."""


class LabelQuota:
    """The quota of the label `name`, whose /incoming is `root`. Thread-safe.

    Methods that store more raise NoSpace when that is not allowed, and OSError as the kernel does. `tell(what, detail)`
    tells ops of what is full, once an hour for each thing. `kept()` is how many bytes the label's sealed folders have,
    those included that are being sealed, or None while that cannot be found out; it is called whenever the disk is
    counted. `quota` may be set at any time and applies to every session from then on.
    """

    def __init__(
        self,
        root: Path,
        name: str,
        quota: QuotaLimits,
        usage: Usage,
        tell: Callable[[str, str], None],
        clock: Callable[[], float] = time.monotonic,
        kept: Callable[[], int | None] = lambda: 0,
    ) -> None:
        self._root = root
        self.quota = quota
        self._teller = Teller(name, tell, clock)
        self._clock = clock
        self._ask_kept = kept
        self._usage = usage
        self._floor = DiskFloor(root.parent.parent)
        self._removed = Removed(root.with_name(removed.NAME))
        self._has_counted = False

    def close(self) -> None:
        """Close the file of the counts; a method that is called afterwards opens it again."""
        self._usage.close()

    def write(self, descriptor: int, offset: int, count: int, write: Callable[[], None]) -> None:
        """Call `write`, which writes `count` bytes at `offset` into the file behind the handle `descriptor`.

        Bytes within the file's present size count nothing more in the quota: its holes count already. They need disk
        all the same.
        """
        try:
            with self._usage:
                self._count_if(False)
                size = os.fstat(descriptor).st_size
                if more := max(0, offset + count - size):
                    self._check_bytes(more)
                try:
                    self._floor.write(self.quota.min_free, max(count, more), write)
                except OSError:
                    self._usage.bytes += os.fstat(descriptor).st_size - size
                    raise
                self._usage.bytes += more
        except Full as full:
            raise NoSpace(self._teller.full(full)) from None

    def resize(self, descriptor: int, size: int) -> None:
        """Cut or extend the file behind the handle `descriptor` to `size` bytes, ftruncate(2).

        What it grows by counts, and needs disk, as if it were written; what it loses is free at once.
        """
        with self.held():
            more = size - os.fstat(descriptor).st_size
            if more > 0:
                self._check_bytes(more)
                self._floor.write(self.quota.min_free, more, lambda: os.ftruncate(descriptor, size))
            elif more < 0:
                os.ftruncate(descriptor, size)
            self._usage.bytes += more

    def check_floor(self) -> None:
        """Raise NoSpace when less disk is free than must be."""
        with self.held():
            self._floor.check(self.quota.min_free)

    def entries(self) -> int:
        """How many files and folders the label has under /incoming, removed ones that are still open included."""
        with self.held():
            return self._usage.files + self._usage.folders

    def check_file(self, *, is_new: bool) -> None:
        """Raise NoSpace unless a file may be opened for writing now, and made if it is new."""
        with self.held():
            self._floor.check(self.quota.min_free)
            self._check_bytes(0)
            if is_new:
                self._check_files()
            kept = self._usage.kept
        if kept >= EARLY * self.quota.ceiling:
            self._teller.near_ceiling(kept, self.quota.ceiling)

    def make_folder(self, make: Callable[[], None]) -> None:
        """Call `make`, which makes a folder, and count it."""
        with self.held():
            self._floor.check(self.quota.min_free)
            self._floor.check_inodes()
            self._count_if(self._usage.folders >= self.quota.folders)
            if self._usage.folders >= self.quota.folders:
                raise Full("folders", f"{self.quota.folders:,} folders")
            make()
            self._usage.folders += 1

    def remove_folder(self, remove: Callable[[], None]) -> None:
        """Call `remove`, which removes an empty folder or renames another onto it, and count one folder less."""
        with self.held():
            remove()
            self._usage.folders -= 1

    def remove_file(self, parent: int, name: bytes) -> None:
        """Remove the file `name` in the directory descriptor `parent`.

        Its bytes count until the last handle on it closes.
        """
        with self.held():
            self._remove(parent, name)

    def replace_file(self, parent: int, name: bytes, rename: Callable[[], None]) -> None:
        """Call `rename`, which replaces the file `name`; its bytes count until the last handle on it closes."""
        with self.held():
            size = os.stat(name, dir_fd=parent, follow_symlinks=False).st_size
            if not self._removed.replace(parent, name, rename):
                self._usage.bytes -= size
                self._usage.files -= 1

    def open_held(self, opening: Callable[[], int]) -> int:
        """Call `opening`, which opens an existing file, for a handle; returns the descriptor.

        Only `close_held` may close it: if the file is removed meanwhile, it counts until then.
        """
        with self.held():
            return _marked(opening())

    def open_to_write(
        self, parent: int, name: bytes, opening: Callable[[int], int], *, creates: bool, truncates: bool
    ) -> int:
        """Open the file `name` in the directory descriptor `parent` for writing; close it as after `open_held`.

        `opening` is called with the flags of open(2) that make a file, or 0. With `truncates` the file is empty
        afterwards: one that another handle has open is removed and a new one made in its place, so that nothing written
        through the old handle reaches the new file. Raises OSError as the kernel does.
        """
        with self.held():
            if creates and not _stands(parent, name):
                return self._make(opening)
            descriptor = opening(0)
            if not truncates:
                return _marked(descriptor)
            if removed.is_held(descriptor):
                os.close(descriptor)
                return self._make_anew(parent, name, opening)
            self._usage.bytes -= os.fstat(descriptor).st_size
            os.ftruncate(descriptor, 0)
            return _marked(descriptor)

    def close_held(self, descriptor: int) -> None:
        """Close the descriptor of a handle."""
        with self._usage:
            freed = self._removed.close(descriptor)
            if freed is not None:
                self._usage.bytes -= freed
                self._usage.files -= 1

    def room(self) -> Room:
        """What the label may still store: the smaller of what its quota and the disk have left. For STATVFS."""
        free = max(0, self._floor.free() - self.quota.min_free)
        with self.held():
            left = max(0, min(self.quota.bytes, self.quota.ceiling - self._usage.kept) - self._usage.bytes)
            files = max(0, self.quota.files - self._usage.files)
        return Room(min(self.quota.bytes, self._floor.size()), min(free, left), self.quota.files, files)

    def tell_disk_full(self, detail: str) -> None:
        """Tell ops that a write failed because the disk is full."""
        self._teller.disk_full(detail)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock of the counts: within the block nothing else changes the label's files, in any process.

        A rename that replaces nothing is done within it too, or a count of the disk might see the file twice or not at
        all.
        """
        try:
            with self._usage:
                self._count_if(False)
                yield
        except Full as full:
            raise NoSpace(self._teller.full(full)) from None

    def _check_bytes(self, more: int) -> None:
        self._count_if(self._usage.bytes + more > self.quota.bytes)
        if self._usage.bytes + more > self.quota.bytes:
            raise Full("bytes", spelled(self.quota.bytes))
        self._count_if(self._usage.bytes + more + self._usage.kept > self.quota.ceiling)
        if self._usage.bytes + more + self._usage.kept > self.quota.ceiling:
            raise Full(IN_ALL, spelled(self.quota.ceiling))

    def _check_files(self) -> None:
        self._floor.check_inodes()
        self._count_if(self._usage.files >= self.quota.files)
        if self._usage.files >= self.quota.files:
            raise Full("files", f"{self.quota.files:,} files")

    def _make(self, opening: Callable[[int], int]) -> int:
        self._check_files()
        descriptor = _marked(opening(os.O_CREAT | os.O_EXCL))
        self._usage.files += 1
        return descriptor

    def _make_anew(self, parent: int, name: bytes, opening: Callable[[int], int]) -> int:
        self._check_files()
        self._remove(parent, name)
        return self._make(opening)

    def _remove(self, parent: int, name: bytes) -> None:
        freed = self._removed.remove(parent, name)
        if freed is not None:
            self._usage.bytes -= freed
            self._usage.files -= 1

    def _count_if(self, is_full: bool) -> None:
        """Count the disk unless the last count is recent enough; if `is_full`, it must be more recent."""
        age = self._clock() - self._usage.counted
        is_known = self._has_counted and self._usage.counted != NEVER and 0 <= age < COUNT_SECONDS
        if not is_known or (is_full and age > RECOUNT_SECONDS):
            self._count()

    def _count(self) -> None:
        """Count the disk, then ask for `kept`: a folder sealed between the two counts twice, rather than not at all."""
        self._removed.sweep()
        before = self._usage.bytes + self._usage.kept
        live, held = used_under(self._root), used_under(self._root.with_name(removed.NAME))
        self._usage.bytes, self._usage.files, self._usage.folders = live[0] + held[0], live[1] + held[1], live[2]
        kept = self._ask_kept()
        # While `kept` is not known, whatever is missing from /incoming counts as sealed.
        self._usage.kept = max(self._usage.kept, before - self._usage.bytes) if kept is None else kept
        self._usage.counted = self._clock()
        self._has_counted = True


def _marked(descriptor: int) -> int:
    """The descriptor, marked as that of a handle until it is closed. Closes it and raises OSError where that fails."""
    try:
        removed.hold(descriptor)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _stands(parent: int, name: bytes) -> bool:
    try:
        os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True
