"""Opening below a directory and never outside: openat2(2), RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS (Linux 5.6)."""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path
from typing import Final

from ingest.inbound.sftp.paths import Parts

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

    No parts open the root itself. Raises OSError: ELOOP where a symbolic link stands, EXDEV where the way leads out.
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


def check_available(directory: Path) -> None:
    """Raise OSError (ENOSYS or EPERM) where the kernel or a filter around this process does not offer openat2."""
    root = os.open(directory, DIRECTORY)
    try:
        os.close(open_beneath(root, (), DIRECTORY))
    finally:
        os.close(root)
