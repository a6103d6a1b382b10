"""The disk that a path lies on or would lie on, and bytes as text."""

from __future__ import annotations

import os
from pathlib import Path


def standing(path: Path) -> Path:
    """The path itself, or the nearest folder above it that exists and that this user can see."""
    while not os.access(path, os.F_OK) and path != path.parent:
        path = path.parent
    return path


def size(count: int) -> str:
    """A number of bytes for people, in decimal gigabytes."""
    return f"{count / 1e9:.1f} GB"
