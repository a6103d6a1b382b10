"""What a label may store, and what it and ops are told when that is used up."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TELL_SECONDS: Final = 3600.0
"""The least time between two messages to ops about the same thing."""
EARLY: Final = 0.8
"""The share of the ceiling at which ops are told that a label comes near it."""
IN_ALL: Final = "bytes in all"
DISK: Final = "the disk for uploads is full"


@dataclass(frozen=True, slots=True)
class QuotaLimits:
    """The most bytes, files and folders under /incoming at one time, and the bytes that must stay free on the disk.

    `ceiling` is the most bytes that a label may have in all, sealed folders included.
    """

    bytes: int
    files: int
    folders: int
    min_free: int
    ceiling: int = 1 << 62


@dataclass(frozen=True, slots=True)
class Room:
    """What a label may store: `total` bytes, of which `free` are left, and `files`, of which `files_free` are left."""

    total: int
    free: int
    files: int
    files_free: int


class Full(Exception):
    """There is no room: the quota of `what` is used up, or the disk (DISK).

    `most` says in words what the quota allows, or how much of the disk is free.
    """

    def __init__(self, what: str, most: str) -> None:
        super().__init__(what)
        self.what, self.most = what, most


class Teller:
    """Words for the label `name` when something is full; ops are told too, once an hour for each thing."""

    def __init__(self, name: str, tell: Callable[[str, str], None], clock: Callable[[], float]) -> None:
        self._name = name
        self._tell = tell
        self._clock = clock
        self._lock = threading.Lock()
        self._told: dict[str, float] = {}

    def full(self, full: Full) -> str:
        """What the label is told when this is full; ops are told too."""
        if full.what == DISK:
            return self.disk_full(full.most)
        if full.what == IN_ALL:
            text = f"We hold as much of your music as was agreed, {full.most} in all."
            cure, help_ = "sftp.max_bytes_kept_per_label is that ceiling.", "We have been told; please write to us."
        else:
            text = f"Your space here is full: at most {full.most} may wait under /incoming at one time."
            cure = f"`ingest label quota {self._name}` shows and changes what it may have."
            help_ = "Remove what you no longer need, or ask us for more."
        self._once(f"{self._name} has used up its quota of {full.what}", f"The label was told: {text} {cure}")
        return f"{text} {help_}"

    def disk_full(self, detail: str) -> str:
        """What the label is told when the disk takes no more; ops are told too."""
        cure = "Free some space, give the labels' folders a larger disk, or shorten [retention]."
        self._once(DISK, f"{detail}. The label {self._name} was refused. {cure}")
        return "Our disk is full at the moment. We have been told; try again later."

    def near_ceiling(self, kept: int, ceiling: int) -> None:
        """Tell ops that the label's sealed folders, with `kept` bytes, come near the `ceiling`."""
        self._once(
            f"{self._name} comes near the ceiling of what is kept for a label",
            f"Its sealed folders have {spelled(kept)}; at {spelled(ceiling)} uploads are refused. Decide what waits in"
            " Needs QC, shorten [retention], or raise sftp.max_bytes_kept_per_label.",
        )

    def _once(self, what: str, detail: str) -> None:
        with self._lock:
            due = self._clock() - self._told.get(what, -TELL_SECONDS) >= TELL_SECONDS
            if due:
                self._told[what] = self._clock()
        if due:
            self._tell(what, detail)


def used_under(root: Path) -> tuple[int, int, int]:
    """Bytes, files and folders under a folder, as quotas count them; zeros where it does not exist."""
    size = files = folders = 0
    for folder, inner, names in os.walk(root):
        folders, files = folders + len(inner), files + len(names)
        size += sum(_size_of(Path(folder, name)) for name in names)
    return size, files, folders


def _size_of(path: Path) -> int:
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        return 0


def spelled(count: int) -> str:
    """Bytes for people, in decimal units: `200 GB`, `1.5 MB`."""
    for unit, size in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{round(count / size, 1):g} {unit}"
    return f"{count} bytes"
