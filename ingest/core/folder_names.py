"""Names of read-only folders: valid names of one directory, whatever the release folder was called."""

from __future__ import annotations

from typing import Final

MAX_NAME: Final = 255
"""Bytes that a name may have on Linux."""


def folder_name(folder: str, ending: str = "") -> str:
    """Name of the read-only folder about `folder`, at most 255 bytes with `ending`; never a path out of its parent."""
    name = folder.replace("/", "_").replace("\0", "_")
    room = MAX_NAME - len(ending.encode())
    cut = name.encode("utf-8", "replace")[:room].decode("utf-8", "ignore") + ending
    return f"_{cut}" if cut in ("", ".", "..") else cut


def is_folder_path(path: str) -> bool:
    """True when every part of the path is a name as `folder_name` gives it."""
    return all(part == folder_name(part) for part in path.split("/"))
