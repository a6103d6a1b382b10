"""How far a delivery is that is being sent: kept in its row for those who look, and logged."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from ingest.core.log import Log
from ingest.outbound.dsp.transport import Progress
from ingest.store.database import Clock, Store
from ingest.store.deliveries import note_sending

KEPT_EVERY: Final = timedelta(seconds=2)
"""How often the row of a delivery is written while it is sent; such a write does not wait for the disk."""
LOGGED_EVERY: Final = timedelta(seconds=30)


@dataclass
class _Sending:
    """The bytes of one sending, counted by the threads that put files."""

    store: Store
    clock: Clock
    log: Log
    delivery: int
    dsp: str
    in_all: int
    began: datetime
    sent: int = 0
    kept_at: datetime | None = None
    logged_at: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, size: int) -> None:
        with self._lock:
            self.sent += size
            now = self.clock()
            if self.kept_at is None or now - self.kept_at >= KEPT_EVERY:
                self.kept_at = now
                self.keep()
            if self.logged_at is None or now - self.logged_at >= LOGGED_EVERY:
                self.logged_at = now
                self.log("sending", delivery=self.delivery, dsp=self.dsp, bytes=self.sent, of=self.in_all)

    def keep(self) -> None:
        with self.store.unsynced() as tx:
            note_sending(tx, self.delivery, self.began, min(self.sent, self.in_all), self.in_all)


@contextmanager
def sending(store: Store, clock: Clock, log: Log, delivery: int, dsp: str, in_all: int) -> Iterator[Progress]:
    """While the block sends the `in_all` bytes of a delivery: what to call with each number of bytes that were put.

    Raises sqlalchemy's errors.
    """
    one = _Sending(store, clock, log, delivery, dsp, in_all, clock())
    one.count(0)
    yield one.count
    log("sent", delivery=delivery, dsp=dsp, bytes=one.sent, of=in_all, seconds=(clock() - one.began).total_seconds())
