"""Names of the read-only folders about release folders, and of release folders for corrections."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Final

MAX_NAME: Final = 255
"""Bytes that a file name may have on Linux (NAME_MAX)."""

_VERSION: Final = re.compile(r"(.+_v)([0-9]{1,4})", re.DOTALL | re.IGNORECASE)


def folder_name(folder: str, ending: str = "") -> str:
    """Name of the read-only folder about `folder`, at most 255 bytes with `ending`; it is never a path."""
    name = folder.replace("/", "_").replace("\0", "_")
    room = MAX_NAME - len(ending.encode())
    cut = name.encode("utf-8", "replace")[:room].decode("utf-8", "ignore") + ending
    return f"_{cut}" if cut in ("", ".", "..") else cut


def is_folder_path(path: str) -> bool:
    """True when every part of the path is a name as `folder_name` gives it."""
    return all(part == folder_name(part) for part in path.split("/"))


def stem(folder: str) -> str:
    """The name without the version at its end: the same for `X`, `X_v2` and `Batch/X_v3`."""
    name = folder.rpartition("/")[2] or folder
    version = _VERSION.fullmatch(name)
    return version[1][: -len("_v")] if version else name


def next_name(folder: str, taken: Container[str] = ()) -> str:
    """The name to upload a corrected release under: `X` becomes `X_v2`, `X_v2` becomes `X_v3` (guide, FAQ).

    Names in `taken` are skipped. A name that would be longer than a file system allows is shortened before its number.
    For one release of a batch, `Batch/X`, it is a name for `X` alone.
    """
    name = folder.rpartition("/")[2] or folder
    version = _VERSION.fullmatch(name)
    stem, number = (version[1][:-2], int(version[2]) + 1) if version else (name, 2)
    joint = version[1][-2:] if version else "_v"
    while (advised := _numbered(stem, f"{joint}{number}")) in taken:
        number += 1
    return advised


def _numbered(stem: str, ending: str) -> str:
    room = MAX_NAME - len(ending.encode())
    if len(stem.encode("utf-8", "replace")) <= room:
        return stem + ending
    return stem.encode("utf-8", "replace")[:room].decode("utf-8", "ignore") + ending
