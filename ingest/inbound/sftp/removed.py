"""Files that were removed or replaced while a handle of some session is open on them.

Their bytes stay on the disk until the last handle closes, so they stay in the label's quota until then: such a file is
moved into `.removed/` in the label's home, beside /incoming and seen by no client, and deleted at the last close. A
handle holds flock(2) shared on its file; whether any is open, in whichever process, is found out by trying to take the
lock exclusively. The kernel releases it when a process dies. Call everything here while the label's counts are held
(`LabelQuota`), so that no file is opened, removed or closed at the same time.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from ingest.inbound.sftp.usage import NAME as COUNTS
from ingest.inbound.sftp.usage import NEVER, Usage

NAME: Final = ".removed"
_PROBING: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def hold(descriptor: int) -> None:
    """Mark the file behind an open handle as held, until the descriptor is closed. Raises OSError."""
    fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)


def is_held(descriptor: int) -> bool:
    """True when another descriptor holds the file behind `descriptor`, which must not be a handle itself.

    Raises OSError.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno == errno.EWOULDBLOCK:
            return True
        raise
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return False


def sweep_removed(home: Path) -> None:
    """Delete what no handle holds any more in the folder of the label at `home`; the disk is counted afterwards.

    Before a folder is sealed: to unlink a second name of a sealed file later would change its ctime. Raises OSError.
    """
    if not (home / NAME).exists():
        return
    usage = Usage(home / COUNTS)
    try:
        with usage:
            Removed(home / NAME).sweep()
            usage.counted = NEVER
    finally:
        usage.close()


class Removed:
    """The folder of such files, made when it is first needed. Methods raise OSError as the kernel does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def remove(self, parent: int, name: bytes) -> int | None:
        """Remove the file `name` in the directory descriptor `parent`; the bytes freed, None while a handle holds it.

        A link or a special file is removed, and frees no bytes that count.
        """
        inode = self._inode_if_held(parent, name)
        if inode is None:
            size = os.stat(name, dir_fd=parent, follow_symlinks=False).st_size
            os.unlink(name, dir_fd=parent)
            return size
        os.rename(name, self._place(inode), src_dir_fd=parent)
        return None

    def replace(self, parent: int, name: bytes, rename: Callable[[], None]) -> bool:
        """Call `rename`, which puts another file in the place of `name`.

        True when a handle holds the one that was replaced.
        """
        inode = self._inode_if_held(parent, name)
        if inode is None:
            rename()
            return False
        place = self._place(inode)
        os.link(name, place, src_dir_fd=parent, follow_symlinks=False)
        try:
            rename()
        except OSError:
            place.unlink()
            raise
        return True

    def close(self, descriptor: int) -> int | None:
        """Close a handle's descriptor; returns the bytes freed if it was the last on a removed file, else None."""
        place = self._folder / str(os.fstat(descriptor).st_ino)
        os.close(descriptor)
        with suppress(OSError):  # the handle is closed in any case; `sweep` tries again
            return self._delete(place)
        return None

    def sweep(self) -> None:
        """Delete files that no handle holds any more: a process that died leaves such files behind."""
        for place in self._entries():
            self._delete(place)

    def _entries(self) -> Iterator[Path]:
        try:
            yield from list(self._folder.iterdir())
        except FileNotFoundError:
            return

    def _delete(self, place: Path) -> int | None:
        """Delete the file unless a handle holds it; the bytes freed.

        A file that has another name still, where a process died in `replace`, loses only this one; nothing is freed.
        """
        try:
            descriptor = os.open(place, _PROBING)
        except FileNotFoundError:
            return None
        try:
            if os.fstat(descriptor).st_nlink > 1:
                place.unlink()
                return None
            if is_held(descriptor):
                return None
            place.unlink()
            return os.fstat(descriptor).st_size
        finally:
            os.close(descriptor)

    def _inode_if_held(self, parent: int, name: bytes) -> int | None:
        """The inode of the regular file `name` if a handle holds it; a file that cannot be opened is held by none."""
        try:
            descriptor = os.open(name, _PROBING, dir_fd=parent)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.EACCES, errno.ENXIO):
                return None
            raise
        try:
            found = os.fstat(descriptor)
            return found.st_ino if stat.S_ISREG(found.st_mode) and is_held(descriptor) else None
        finally:
            os.close(descriptor)

    def _place(self, inode: int) -> Path:
        """Where a held file lies: named by its inode number, which no other file has until it is deleted."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        return self._folder / str(inode)
