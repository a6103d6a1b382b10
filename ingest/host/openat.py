"""Opening below a directory and never outside: openat2(2), RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS (Linux 5.6)."""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Final

from ingest.host.private import FOLDER

Parts = tuple[bytes, ...]

DIRECTORY: Final = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC

_OPENAT2: Final = 437
_RESOLVE_NO_MAGICLINKS: Final = 0x02
_RESOLVE_NO_SYMLINKS: Final = 0x04
_RESOLVE_BENEATH: Final = 0x08
_RESOLVE: Final = _RESOLVE_BENEATH | _RESOLVE_NO_SYMLINKS | _RESOLVE_NO_MAGICLINKS


class _OpenHow(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


_syscall = ctypes.CDLL(None, use_errno=True).syscall
_syscall.restype = ctypes.c_long
_syscall.argtypes = (ctypes.c_long, ctypes.c_int, ctypes.c_char_p, ctypes.POINTER(_OpenHow), ctypes.c_size_t)


def open_beneath(root: int, inside: Parts, flags: int, mode: int = 0) -> int:
    """Open `inside` below the directory descriptor `root`; returns a descriptor, closed on exec.

    Without names the root itself is opened. Raises OSError: ELOOP for a symbolic link, EXDEV for a path that leads out
    of it.
    """
    path = b"/".join(inside) or b"."
    how = _OpenHow(flags | os.O_CLOEXEC, mode, _RESOLVE)
    while True:
        found = int(_syscall(_OPENAT2, root, path, ctypes.byref(how), ctypes.sizeof(how)))
        if found >= 0:
            return found
        number = ctypes.get_errno()
        if number not in (errno.EINTR, errno.EAGAIN):
            raise OSError(number, os.strerror(number), path.decode("utf-8", "backslashreplace"))


@contextmanager
def directory(path: Path) -> Iterator[int]:
    """A descriptor of the directory at `path`, to open files below it. Raises OSError; ENOTDIR for a symbolic link."""
    root = os.open(path, DIRECTORY | os.O_NOFOLLOW)
    try:
        yield root
    finally:
        os.close(root)


def read_beneath(root: int, inside: Sequence[str]) -> FileIO:
    """The regular file at `inside` below the descriptor `root`, open for reading. Raises OSError."""
    parts = tuple(os.fsencode(part) for part in inside)
    file = FileIO(open_beneath(root, parts, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK))
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "not a regular file", "/".join(inside))
    return file


def create_beneath(root: int, inside: Sequence[str], mode: int) -> FileIO:
    """A new file at `inside` below the descriptor `root`, and the folders that contain it, those for the owner alone.

    Raises OSError.
    """
    parts = tuple(os.fsencode(part) for part in inside)
    for depth in range(1, len(parts)):
        parent = open_beneath(root, parts[: depth - 1], DIRECTORY)
        try:
            os.mkdir(parts[depth - 1], FOLDER, dir_fd=parent)
        except FileExistsError:
            pass  # an earlier file made it; where it is no folder, opening below it fails
        finally:
            os.close(parent)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    return FileIO(open_beneath(root, parts, flags, mode), "w")


def check_available(directory: Path) -> None:
    """Raise OSError (ENOSYS or EPERM) where the kernel, or a filter around this process, does not offer openat2."""
    root = os.open(directory, DIRECTORY)
    try:
        os.close(open_beneath(root, (), DIRECTORY))
    finally:
        os.close(root)
