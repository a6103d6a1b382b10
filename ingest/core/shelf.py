"""Names of folders that labels read: whatever a release folder was called, one name of one directory."""

from __future__ import annotations

from typing import Final

MAX_NAME: Final = 255
"""Bytes that a name may have on Linux."""


def shelf_name(folder: str, ending: str = "") -> str:
    """The name for a folder about `folder`, cut so that it fits with `ending`; never a way out of the directory."""
    name = folder.replace("/", "_").replace("\0", "_")
    room = MAX_NAME - len(ending.encode())
    cut = name.encode("utf-8", "replace")[:room].decode("utf-8", "ignore") + ending
    return f"_{cut}" if cut in ("", ".", "..") else cut


def is_shelf_path(path: str) -> bool:
    """True when every part of the path is a name as `shelf_name` gives it."""
    return all(part == shelf_name(part) for part in path.split("/"))
