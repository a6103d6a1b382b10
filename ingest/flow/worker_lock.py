"""That one process runs under a worker name."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import sqlalchemy as sa

from ingest.host.private import make_folder
from ingest.store.database import Store


class WorkerBusy(Exception):
    """Another process runs under this worker name."""


class WorkerLock:
    """One process per worker name: a file lock on this machine and, on PostgreSQL, an advisory lock for all machines.

    Raises WorkerBusy when another process holds it.
    """

    def __init__(self, worker: str, state: Path, store: Store) -> None:
        make_folder(state)
        self._file = os.open(state / f"worker-{worker}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._connection: sa.Connection | None = None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            raise WorkerBusy(f"another daemon runs as worker {worker!r} on {state}") from None
        if not store.is_sqlite:
            self._connection = store.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            got = self._connection.scalar(sa.text("SELECT pg_try_advisory_lock(hashtext(:name))"), {"name": worker})
            if not got:
                self.release()
                raise WorkerBusy(f"another daemon runs as worker {worker!r} on this database")

    def is_held(self) -> bool:
        """False once the connection that holds the advisory lock is lost; the file lock cannot be lost."""
        if self._connection is None:
            return True
        try:
            return bool(self._connection.scalar(sa.text("SELECT 1")))
        except sa.exc.DBAPIError:
            return False

    def release(self) -> None:
        """Release both locks; once only."""
        if self._connection is not None:
            self._connection.invalidate()  # back in the pool it would keep the advisory lock
            self._connection.close()
            self._connection = None
        os.close(self._file)
