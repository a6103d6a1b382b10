"""Whether a sealed folder is still what it was: what the kernel tells of every file, without reading any."""

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
    """The folder's fingerprint as it stands. Raises OSError."""
    seen, size = hashlib.sha256(), 0
    for path, found in _entries(folder):
        what = [stat.S_IFMT(found.st_mode), found.st_ino]
        if not stat.S_ISDIR(found.st_mode):
            size += found.st_size
            what += [found.st_size, found.st_mtime_ns, found.st_ctime_ns]
        seen.update(os.fsencode(path) + b"\0" + repr(what).encode() + b"\n")
    return Fingerprint(seen.hexdigest(), size)


def is_open_for_writing(folder: Path) -> bool:
    """True when any process holds a file of the folder open for writing, as the kernel knows it: fcntl(2), F_SETLEASE.

    A read lease is granted only on a file that nobody has open for writing. Where the filesystem knows no leases, and
    for a file of another account, nobody is taken to write.
    """
    return any(stat.S_ISREG(found.st_mode) and _has_writer(folder / path) for path, found in _entries(folder))


def make_read_only(folder: Path) -> None:
    """Take the right to write from every file of the folder; one of another account is left as it is."""
    for path, found in _entries(folder):
        if stat.S_ISREG(found.st_mode) and stat.S_IMODE(found.st_mode) != READ_ONLY:
            with suppress(PermissionError):
                (folder / path).chmod(READ_ONLY, follow_symlinks=True)


def _has_writer(path: Path) -> bool:
    """The lease is given back at once. One who opens the file meanwhile would have the kernel signal us: by SIGURG.

    By default that would be SIGIO, which ends a process that does not wait for it; SIGURG is ignored.
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
    """All that lies below the folder, links not followed, in the order of the paths."""
    with os.scandir(folder / prefix) as listed:
        entries = sorted(listed, key=lambda entry: entry.name)
    for entry in entries:
        path = f"{prefix}{entry.name}"
        yield path, entry.stat(follow_symlinks=False)
        if entry.is_dir(follow_symlinks=False):
            yield from _entries(folder, f"{path}/")
