"""The files of a release, each opened once, and the proof that a sealed one was the same for as long as it was read.

What is decoded and what is hashed come from the one descriptor that is handed out here. Only regular files are opened;
no link is followed and no pipe waited for.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import FileIO
from pathlib import Path
from typing import Final

CHANGED: Final = "changed while it was read"
GRANULE_NS: Final = 20_000_000
"""Nanoseconds within which two changes of a file may carry the same time (Linux: one tick, 10 ms at the most)."""

Stamp = tuple[int, ...]
"""Device, inode, size in bytes, and the times of the last change of content and of anything, in nanoseconds."""

Opener = Callable[[Path, str, Stamp | None], AbstractContextManager[FileIO]]
"""Gets a path, the file's name in the package, and the stamp that it had when the folder was listed."""


class ChangedWhileRead(Exception):
    """A sealed file is not what it was: what was read of it describes no single state of it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} {CHANGED}")


def stamp_of(seen: os.stat_result) -> Stamp:
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns


@contextmanager
def open_sealed(path: Path, name: str, seen: Stamp | None = None) -> Iterator[FileIO]:
    """Open a file that nobody may change any more; `seen` is its stamp of earlier.

    Raises ChangedWhileRead, from whatever the change made the reading stumble over, and OSError.
    """
    with _open(path) as file:
        before = os.fstat(file.fileno())
        stamp = stamp_of(before)
        if seen is not None and stamp != seen:
            raise ChangedWhileRead(name)
        _outlast(before.st_ctime_ns)
        try:
            yield file
        finally:
            if stamp_of(os.fstat(file.fileno())) != stamp or not _leads_to(path, stamp):
                raise ChangedWhileRead(name)


@contextmanager
def open_changing(path: Path, name: str, seen: Stamp | None = None) -> Iterator[FileIO]:  # noqa: ARG001 - an Opener
    """Open a file that may still be uploaded: it may change at any time, and that is no fault. Raises OSError."""
    with _open(path) as file:
        yield file


def _open(path: Path) -> FileIO:
    file = FileIO(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC))
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return file


def _outlast(changed: int) -> None:
    """Wait until the clock of the filesystem has moved on from `changed` (ns): a later change then has another time."""
    age = time.time_ns() - changed
    if 0 <= age < GRANULE_NS:
        time.sleep((GRANULE_NS - age) / 1e9)


def _leads_to(path: Path, stamp: Stamp) -> bool:
    """Whether the path still is that of the file: another one may have been put in its place."""
    try:
        return stamp_of(path.stat(follow_symlinks=False))[:2] == stamp[:2]
    except OSError:
        return False
