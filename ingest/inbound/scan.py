"""What lies on the disk under a label's /incoming/, found without opening a file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

Files = tuple[tuple[str, int, int], ...]
"""Path, size in bytes and change time (ctime, in ns) of every file of a folder: equal when nothing changed."""


@dataclass(frozen=True, slots=True)
class Found:
    """Names directly in /incoming/: release folders, files, and names that are not UTF-8 (with escapes)."""

    folders: tuple[str, ...]
    files: tuple[str, ...]
    unreadable: tuple[str, ...]


def list_incoming(incoming: Path) -> Found:
    """What lies directly in /incoming/; empty when there is no such directory yet."""
    names: dict[str, list[str]] = {"folders": [], "files": [], "unreadable": []}
    try:
        with os.scandir(incoming) as entries:
            for entry in entries:
                if not _is_utf8(entry.name):
                    names["unreadable"].append(os.fsencode(entry.name).decode("ascii", "backslashreplace"))
                elif entry.is_dir(follow_symlinks=False):
                    names["folders"].append(entry.name)
                else:
                    names["files"].append(entry.name)
    except FileNotFoundError:
        pass
    return Found(*(tuple(sorted(names[kind])) for kind in ("folders", "files", "unreadable")))


def files_of(folder: Path) -> Files:
    """Every file below a release folder, links not followed; empty if it was removed or became a file meanwhile."""
    return tuple(sorted(_walk(folder, "")))


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, int, int]]:
    try:
        with os.scandir(folder) as entries:
            listed = list(entries)
        for entry in listed:
            path = f"{prefix}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path), f"{path}/")
            else:
                stat = entry.stat(follow_symlinks=False)
                yield path, stat.st_size, stat.st_ctime_ns
    except (FileNotFoundError, NotADirectoryError):
        return


def _is_utf8(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
