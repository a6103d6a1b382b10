"""A DSP that takes packages as folders: copied under a temporary name, verified by hash, then renamed.

The directory never shows half a package, and an attempt may be repeated after a crash.
"""

from __future__ import annotations

import glob
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from ingest.core.outcome import Done, Failed, Outcome
from ingest.core.relative import relative_parts
from ingest.host.fsync import flush
from ingest.host.openat import create_beneath, directory, read_beneath
from ingest.host.private import FOLDER

PIECE: Final = 1 << 20
CHANGED: Final = "the package is no longer what was checked"
"""The beginning of the reason of a failure that no later attempt can correct: files are not what was checked."""
FILE_MODE: Final = 0o644
ABANDONED_SECONDS: Final = 3600
"""Age from which an unfinished copy is taken for that of an interrupted attempt."""
FOLDER_MODE: Final = 0o755
"""Others may read the files whatever our umask is; access is governed by the mode of the DSP's directory."""


class NotDelivered(Exception):
    """An attempt failed; the text says why. `permanent`: no later attempt can succeed."""

    def __init__(self, reason: str, permanent: bool = False) -> None:
        super().__init__(reason)
        self.permanent = permanent


class PackageChanged(NotDelivered):
    """The files are not those that were checked any more."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{CHANGED}: {reason}", permanent=True)


def push(target: Path, source: Path, name: str, digests: Mapping[str, str | None]) -> Outcome:
    """Copy the files that `digests` names from `source` to `target/name`; never raises what an attempt may fail with.

    Where that folder exists already, as after a crash, it is compared instead.
    """
    try:
        if not target.is_dir():
            raise NotDelivered(f"the directory {target} does not exist")
        _check(digests)
        _push(target, source, name, digests)
    except NotDelivered as error:
        return Failed(str(error), error.permanent)
    except OSError as error:
        return Failed(f"{type(error).__name__}: {error.strerror or error} ({error.filename})")
    return Done()


def _push(target: Path, source: Path, name: str, digests: Mapping[str, str | None]) -> None:
    final, staging = target / name, target / f".{name}.{secrets.token_hex(4)}.part"
    if final.is_dir():
        _compare(final, digests)
        return
    _clear(target, name)
    _stage(source, staging, digests)
    try:
        staging.rename(final)
    except OSError:
        # Another attempt was faster: its folder is compared like our own.
        shutil.rmtree(staging, ignore_errors=True)
        _compare(final, digests)
        return
    flush(target)


def _check(digests: Mapping[str, str | None]) -> None:
    """Raise PackageChanged for what no attempt can deliver: a path that leads elsewhere, or a file without a digest."""
    for path, digest in digests.items():
        try:
            relative_parts(path)
        except ValueError as error:
            raise PackageChanged(str(error)) from None
        if digest is None:
            raise PackageChanged(f"no SHA-256 of {path} was recorded")


def _stage(source: Path, staging: Path, digests: Mapping[str, str | None]) -> None:
    """Copy everything into the new folder `staging`, and read it back; where that fails nothing is left of it."""
    staging.mkdir(FOLDER)
    is_whole = False
    try:
        with directory(source) as found, directory(staging) as made:
            for path, digest in digests.items():
                _copy(found, made, path, digest)
        _compare(staging, digests)
        _flush_folders(staging)
        is_whole = True
    finally:
        if not is_whole:
            shutil.rmtree(staging, ignore_errors=True)


def _clear(target: Path, name: str) -> None:
    """Remove what interrupted attempts left behind; an attempt that is still running is younger than an hour."""
    for left in target.glob(f".{glob.escape(name)}.*.part"):
        with suppress(FileNotFoundError):  # that one has just come to its end
            if time.time() - left.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(left, ignore_errors=True)


def _copy(source: int, staging: int, path: str, digest: str | None) -> None:
    """Copy one file between two open directories. Raises PackageChanged where it is not what was checked."""
    seen = hashlib.sha256()
    parts = relative_parts(path)
    with read_beneath(source, parts) as reading, create_beneath(staging, parts, FILE_MODE) as writing:
        while piece := reading.read(PIECE):
            seen.update(piece)
            rest = memoryview(piece)
            while rest:
                rest = rest[writing.write(rest) :]
        os.fsync(writing.fileno())
        os.fchmod(writing.fileno(), FILE_MODE)
    if seen.hexdigest() != digest:
        raise PackageChanged(f"{path} has SHA-256 {seen.hexdigest()} where {digest} was recorded")


def _compare(folder: Path, digests: Mapping[str, str | None]) -> None:
    """Read everything in the DSP's directory again. Raises NotDelivered where it differs."""
    with directory(folder) as root:
        for path, digest in digests.items():
            with read_beneath(root, relative_parts(path)) as written:
                found = hashlib.file_digest(written, "sha256").hexdigest()
            if found != digest:
                raise NotDelivered(f"{folder / path} has SHA-256 {found} where {digest} was sent")


def _flush_folders(folder: Path) -> None:
    for place, _, _ in os.walk(folder):
        Path(place).chmod(FOLDER_MODE)
        flush(Path(place))
