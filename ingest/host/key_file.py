"""Keys of ours, each a file of random bytes that the first process which needs it makes."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from ingest.host.fsync import flush
from ingest.host.private import create, make_folder


def made_key(path: Path, count: int) -> bytes:
    """The bytes of the key at `path`, which is made of `count` random ones where there is none. Raises OSError."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        _make(path, count)
        return path.read_bytes()


def _make(path: Path, count: int) -> None:
    """Write a key so that its name never shows part of it; one that another process made meanwhile is kept.

    Made by root it is given to the owner of the folder, else the daemon could not read it.
    """
    make_folder(path.parent)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with create(unfinished, fresh=True) as file:
            if os.geteuid() == 0:
                owner = path.parent.stat()
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
            file.write(secrets.token_bytes(count))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(unfinished)
        flush(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)
