"""That one worker at a time sends about one release to one DSP."""

from __future__ import annotations

import fcntl
import hashlib
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from ingest.host.private import make_folder
from ingest.store.database import Store

FILE: Final = "sending.lock"


@contextmanager
def sending_lock(store: Store, state: Path, release: str, dsp: str) -> Iterator[bool]:
    """Hold the lock of a release at a DSP until the block ends; False where another worker or thread holds it.

    It is a lock on one byte of a file, for the processes of this machine, and on PostgreSQL an advisory lock too, for
    all machines. Both end with the process, and the second with its connection. Raises OSError, and sqlalchemy's
    errors.
    """
    number = int.from_bytes(hashlib.sha256(f"{release}:{dsp}".encode()).digest()[:8], "big") >> 1
    make_folder(state)
    file = os.open(state / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not _lock_byte(file, number):
            yield False
        elif store.is_sqlite:
            yield True
        else:
            with _advisory_lock(store, number) as got:
                yield got
    finally:
        os.close(file)


def _lock_byte(file: int, offset: int) -> bool:
    """Lock one byte for this open file (F_OFD_SETLK of Linux); closing the file ends the lock."""
    wanted = struct.pack("@hhqqi", fcntl.F_WRLCK, os.SEEK_SET, offset, 1, 0)
    try:
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, wanted)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _advisory_lock(store: Store, number: int) -> Iterator[bool]:
    connection = store.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        yield bool(connection.scalar(sa.text("SELECT pg_try_advisory_lock(:number)"), {"number": number}))
    finally:
        connection.invalidate()  # back in the pool it would keep the lock
        connection.close()
