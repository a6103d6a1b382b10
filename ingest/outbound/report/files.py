"""Report files on the disk: each is written beside the label's tree under another name, then renamed into it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from ingest.core.folder_names import is_folder_path
from ingest.host.fsync import flush
from ingest.host.private import create, make_folder

FILES: Final = ("report.json", "report.html", "report.txt", "status.txt")
"""In the order in which they are renamed into place: when status.txt is new, the others are too."""


@contextmanager
def report_lock(folder: Path) -> Iterator[bool]:
    """Lock a label's read-only folders, which lie in `folder`, against other writers; across processes.

    False when another one holds the lock. Raises OSError.
    """
    make_folder(folder)
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(descriptor)


def put(reports: Path, name: str, files: Mapping[str, bytes], at: datetime, package: int) -> None:
    """Make the folder `name` hold these files about a package, with the time stamp `at`; call with `report_lock` held.

    Different packages may be put at the same time. Raises OSError; ValueError for a name that leads elsewhere.
    """
    staging = reports.parent / f".new-{package}"
    shutil.rmtree(staging, ignore_errors=True)
    make_folder(staging)
    for file in FILES:
        _write(staging / file, files[file], at)
    folder = _folder(reports, name)
    make_folder(folder)
    for file in FILES:
        (staging / file).rename(folder / file)
    os.utime(folder, (at.timestamp(), at.timestamp()))
    for changed in {folder, folder.parent}:
        flush(changed)
    staging.rmdir()


def clear(reports: Path, name: str) -> None:
    """Remove the files of the folder `name`, and the folder if it is empty then; call with `report_lock` held.

    Files that do not exist are no error. Folders of other releases in it stay. Raises OSError; ValueError for a name
    that leads elsewhere.
    """
    folder = _folder(reports, name)
    for file in FILES:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
            (folder / file).unlink()
    for emptied in (folder, folder.parent):
        if emptied != reports:
            with contextlib.suppress(OSError):
                emptied.rmdir()


def _folder(reports: Path, name: str) -> Path:
    if not is_folder_path(name):
        raise ValueError(f"not a place for a report: {name!r}")
    return reports / name


def _write(path: Path, content: bytes, at: datetime) -> None:
    with create(path, fresh=True) as file:
        file.write(content)
        file.flush()
        os.utime(file.fileno(), (at.timestamp(), at.timestamp()))
        os.fsync(file.fileno())
