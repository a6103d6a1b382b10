"""Which labels' folders each of several workers looks at, so that they do not all read the same files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from ingest.store import workers
from ingest.store.database import Store
from ingest.store.models import Worker

ALIVE: Final = timedelta(seconds=30)
"""A worker sends a heartbeat every ten seconds; after three missed ones the others look at its share."""
PAUSE: Final = timedelta(seconds=10)


class Shares:
    """The share of the worker `name`: every label's folders are in that of exactly one worker that is alive.

    While workers start and end, two may share a label for some seconds; sealing sees to it that one takes the folder.
    """

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name
        self._count, self._place = 1, 0
        self._due: datetime | None = None

    def refresh(self, now: datetime) -> None:
        """Look which workers are alive, every ten seconds. Raises sqlalchemy's errors."""
        if self._due is not None and self._due - PAUSE <= now < self._due:
            return
        with self._store.reading() as tx:
            names = _alive(workers.list_workers(tx), now)
        names = sorted({self._name, *names})
        self._count, self._place = len(names), names.index(self._name)
        self._due = now + PAUSE

    def has(self, label: int) -> bool:
        """Whether this worker looks at the folders of the label."""
        return label % self._count == self._place


def _alive(rows: Sequence[Worker], now: datetime) -> list[str]:
    return [row.name for row in rows if row.stopped_at is None and now - row.heard_at < ALIVE]
