"""What really lies on the disk for a label, whatever the server counts."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingest.config import Paths

REMOVED: Final = ".removed"
"""Beside a label's /incoming: files that have no name there any more but are held open."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Bytes, files and folders: what counts against a quota, or how much a quota allows."""

    bytes: int
    files: int
    folders: int


def stored(paths: Paths, label: str, processes: Iterable[int | str] = ("self",)) -> Counts:
    """Every inode once, by its size: what has a name under /incoming or in `.removed`, and files without a name that
    one of these processes holds open.
    """
    home = paths.home(label)
    inodes: dict[int, int] = {}
    for place in (home / "incoming", home / REMOVED):
        for folder, _, names in os.walk(place):
            inodes.update(_inode(Path(folder, name)) for name in names)
    for process in processes:
        for descriptor in Path(f"/proc/{process}/fd").iterdir():
            inodes.update(_deleted(descriptor, home))
    count = sum(len(inner) for _, inner, _ in os.walk(home / "incoming"))
    return Counts(sum(inodes.values()), len(inodes), count)


def bytes_under(folder: Path) -> int:
    """The size of every file below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _inode(path: Path) -> tuple[int, int]:
    found = path.lstat()
    return found.st_ino, found.st_size


def _deleted(descriptor: Path, home: Path) -> Iterator[tuple[int, int]]:
    """The file behind a descriptor, when it has no name any more and had one under `home`."""
    try:
        target, found = str(descriptor.readlink()), descriptor.stat()
    except FileNotFoundError:
        return
    if target.startswith(f"{home}/") and stat.S_ISREG(found.st_mode) and found.st_nlink == 0:
        yield found.st_ino, found.st_size


def open_files(below: Path, process: int | str = "self") -> list[str]:
    """What a process has open below a folder, by the kernel's word."""
    names: list[str] = []
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        try:
            names.append(str(descriptor.readlink()))
        except FileNotFoundError:
            continue
    return [name for name in names if name.startswith(f"{below}/") and ".wav" in name]
