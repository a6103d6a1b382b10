"""Whether a sealed folder changed, by what the kernel knows of its files, without reading them."""

from __future__ import annotations

import fcntl
import hashlib
import os
import signal
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from ingest.core.fingerprint import Fingerprint

READ_ONLY: Final = 0o440


def fingerprint(folder: Path) -> Fingerprint:
    """The folder's fingerprint now, from path, inode, size, mtime and ctime of its files. Raises OSError."""
    seen, size = hashlib.sha256(), 0
    for path, found in _entries(folder):
        what = [stat.S_IFMT(found.st_mode), found.st_ino]
        if not stat.S_ISDIR(found.st_mode):
            size += found.st_size
            what += [found.st_size, found.st_mtime_ns, found.st_ctime_ns]
        seen.update(os.fsencode(path) + b"\0" + repr(what).encode() + b"\n")
    return Fingerprint(seen.hexdigest(), size)


def is_open_for_writing(folder: Path) -> bool:
    """True when any process has a file of the folder open for writing, as the kernel knows it: fcntl(2), F_SETLEASE.

    A read lease is granted only on a file that nobody has open for writing. False where the kernel cannot tell: on a
    filesystem without leases, and for a file of another user.
    """
    return any(stat.S_ISREG(found.st_mode) and _has_writer(folder / path) for path, found in _entries(folder))


def make_read_only(folder: Path) -> None:
    """Set mode 0440 on every file of the folder; files of another user are left as they are. Raises OSError."""
    for path, found in _entries(folder):
        if stat.S_ISREG(found.st_mode) and stat.S_IMODE(found.st_mode) != READ_ONLY:
            with suppress(PermissionError):
                (folder / path).chmod(READ_ONLY, follow_symlinks=True)


def _has_writer(path: Path) -> bool:
    """Try to take a read lease on the file, and give it back at once.

    The kernel signals us when somebody opens the file for writing meanwhile. By default that is SIGIO, which ends the
    process; SIGURG, which is set here, is ignored by default.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


def _entries(folder: Path, prefix: str = "") -> Iterator[tuple[str, os.stat_result]]:
    """Everything below the folder with its lstat(2), depth first, sorted by name. Links are not followed."""
    with os.scandir(folder / prefix) as listed:
        entries = sorted(listed, key=lambda entry: entry.name)
    for entry in entries:
        path = f"{prefix}{entry.name}"
        yield path, entry.stat(follow_symlinks=False)
        if entry.is_dir(follow_symlinks=False):
            yield from _entries(folder, f"{path}/")
