"""The daemon's check of itself: whether the database can be written, and intake and reports run.

A restart mends what hangs, and not a full disk: the daemon then waits, says so, and tells ops once it can.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from ingest.app.application import App
from ingest.host.logs import logger
from ingest.inbound.intake import Intake
from ingest.inbound.journal import Journal
from ingest.store import workers
from ingest.store.database import is_full

STALE: Final = timedelta(seconds=60)
LIMIT: Final = 3
"""Checks that may fail in a row before the process ends itself, to be started again."""
FULL: Final = "the disk of the database is full"


class Sick(Exception):
    """The self-check failed; the process ends, so that the supervisor starts it again."""


@dataclass(slots=True)
class SelfCheck:
    """Records this worker's heartbeat and looks at its parts; `look` blocks, and is called every few seconds."""

    app: App
    worker: str
    journal: Journal
    intake: Intake
    _failed: int = 0
    _full_since: datetime | None = None

    def look(self) -> str:
        """Empty while all is well, else what does not work. Raises Sick when a restart may mend it."""
        try:
            failure = self._first_failure()
        except SQLAlchemyError as error:
            if is_full(error):
                return self._note_full()
            failure = f"the database cannot be written: {error!r}"
        except Exception as error:  # noqa: BLE001 - a supervisor: every failure to write is reported
            failure = f"the database cannot be written: {error!r}"
        self._failed = self._failed + 1 if failure else 0
        if failure:
            logger("ingest").error("self-check failed", fault=failure, in_a_row=self._failed)
        if self._failed >= LIMIT:
            raise Sick(failure)
        if not self.app.engine.holds_worker():
            raise Sick("another process took over this worker's name")
        return failure

    def _first_failure(self) -> str:
        with self.app.store.transaction() as tx:
            workers.note_heartbeat(tx, self.worker, self.app.clock())
        self.journal.interrupt_lost()
        self._tell_of_full()
        for name, heartbeat in (("intake", self.intake.heartbeat), ("reports", self.app.reports.heartbeat)):
            if heartbeat is not None and self.app.clock() - heartbeat > STALE:
                return f"{name} has not turned since {heartbeat:%H:%M:%S}"
        return ""

    def _note_full(self) -> str:
        self._full_since = self._full_since or self.app.clock()
        text = f"{FULL}: nothing can be recorded until space is free"
        logger("ingest").error("disk full", fault=text, since=f"{self._full_since:%Y-%m-%d %H:%M:%S} UTC")
        return text

    def _tell_of_full(self) -> None:
        """Owe ops an email about a disk that was full, as soon as it can be written to again."""
        if self._full_since is None:
            return
        since, now = (f"{at:%Y-%m-%d %H:%M:%S} UTC" for at in (self._full_since, self.app.clock()))
        detail = f"From {since} to {now} nothing could be recorded. Work goes on by itself; give the disk more room."
        self.app.alarm(FULL, detail)
        logger("ingest").warning("disk has room again", since=since)
        self._full_since = None
