"""How many files of a package have been read: stored in its row and written to the log, not too often."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import sqlalchemy as sa

from ingest.core.log import Log
from ingest.core.status import Status
from ingest.store.database import Store
from ingest.store.models import Package

KEEP_SECONDS: Final = 3.0
LOG_SECONDS: Final = 10.0


@dataclass(slots=True)
class Progress:
    """Called after every file; `total` is how many there are, as it was told last.

    Updates the row three seconds after the reading began, and then as seldom; a quick reading costs no transaction. The
    log gets a line every ten seconds, and the last one.
    """

    store: Store
    package: int
    log: Log
    clock: Callable[[], float] = time.monotonic
    kept_at: float = field(init=False)
    logged_at: float = float("-inf")
    total: int = 0

    def __post_init__(self) -> None:
        self.kept_at = self.clock()

    def __call__(self, done: int, total: int, name: str) -> None:
        now, is_last, self.total = self.clock(), done == total, total
        if now - self.kept_at >= KEEP_SECONDS:
            self.kept_at = now
            self._keep(done, total)
        if is_last or now - self.logged_at >= LOG_SECONDS:
            self.logged_at = now
            self.log("measuring", package=self.package, done=done, files=total)

    def _keep(self, done: int, total: int) -> None:
        """Store the count, unless the database is busy: the next file brings another one."""
        unread = sa.update(Package).where(Package.id == self.package, Package.status == Status.INCOMING.value)
        try:
            with self.store.transaction() as tx:
                tx.execute(unread.values(files_read=done, files_in_all=total))
        except sa.exc.OperationalError as error:
            self.log("progress not kept", package=self.package, fault=str(error.orig))
