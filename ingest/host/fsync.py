"""fsync(2) of files and folders: what is reported to anybody as done must survive a power cut."""

from __future__ import annotations

import os
from pathlib import Path


def flush(path: Path, *, follow: bool = True) -> None:
    """Write a file's content, or a folder's entries after a rename, to the disk. Raises OSError.

    With `follow` False a symbolic link raises instead of being followed: for folders that others can write to.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
