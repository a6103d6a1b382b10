"""The disk that a path lies on or would lie on, and bytes as text."""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import suppress
from pathlib import Path


def standing(path: Path) -> Path:
    """The path itself, or the nearest folder above it that exists and that this user can see."""
    while not os.access(path, os.F_OK) and path != path.parent:
        path = path.parent
    return path


def can_rename(source: Path, target: Path) -> bool:
    """Whether one rename(2) moves a file from a folder into another: False on two filesystems, or two mounts of one.

    Tried with a temporary file. Raises OSError where that cannot be made in `source`, or is not taken in `target`.
    """
    descriptor, name = tempfile.mkstemp(prefix=".rename-", dir=source)
    os.close(descriptor)
    moved = target / Path(name).name
    try:
        Path(name).rename(moved)
    except OSError as error:
        if error.errno == errno.EXDEV:
            return False
        raise
    finally:
        for left in (Path(name), moved):
            with suppress(OSError):
                left.unlink()
    return True


def size(count: int) -> str:
    """A number of bytes for people, in decimal gigabytes."""
    return f"{count / 1e9:.1f} GB"
