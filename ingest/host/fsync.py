"""To the disk and not only to the kernel: what anybody is told of must still be there after a power cut."""

from __future__ import annotations

import os
from pathlib import Path


def flush(path: Path, *, follow: bool = True) -> None:
    """Bring a file's content, or a folder's names after a rename, to the disk. Raises OSError.

    Where others may put links, `follow` is False: a link then raises.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
