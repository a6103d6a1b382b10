"""Folders and files for the owner alone, whatever the umask of the process that makes them.

`Path.mkdir(mode=, parents=True)` gives the mode to the last folder only; those above it follow the umask.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO, Final

FOLDER: Final = 0o700
FILE: Final = 0o600
UMASK: Final = 0o077
"""The umask of every process: what libraries make of themselves is for the owner alone, too."""


def make_folder(path: Path) -> None:
    """Make the folder and what is missing above it, each for the owner alone; one that exists stays as it is.

    Raises OSError, FileExistsError where something else has one of the names.
    """
    for place in (*reversed(path.parents), path):
        if not place.is_dir():
            try:
                place.mkdir(FOLDER)
            except FileExistsError:
                if not place.is_dir():  # not made by another process meanwhile
                    raise


def create(path: Path, *, fresh: bool = False) -> BinaryIO:
    """The file, made for the owner alone and open for writing, empty.

    With `fresh` it must not exist: FileExistsError. Else one that exists keeps its mode. Raises OSError.
    """
    more = os.O_EXCL if fresh else os.O_TRUNC
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | more, FILE), "wb")


def write(path: Path, content: bytes | str) -> None:
    """Write the file as `create` makes it; text as UTF-8. Raises OSError."""
    with create(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)
