"""What each SFTP worker opens for itself: the database, its own journal, read-only folders.

In the journal it has a worker name of its own, `WORKER/NUMBER`: when it dies, the uploads that it had open, and no
others, are marked as interrupted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ingest.config import Config, Paths
from ingest.flow.storage import DirectoryStorage
from ingest.host.logs import configure, hear_interpreter, logger
from ingest.host.private import make_folder
from ingest.inbound.journal import Journal
from ingest.inbound.sftp.sftp_worker import Alarm, Noticed, WorkerParts
from ingest.store import uploads
from ingest.store.database import Store


def now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def open_sftp_worker(config: Config, worker: str, number: int, noticed: Noticed, alarm: Alarm) -> Iterator[WorkerParts]:
    """Open what SFTP worker `number` needs; uploads that an earlier one of this number left open become interrupted."""
    configure(config.log.level, config.log.format)
    hear_interpreter()
    name = f"{worker}/{number}"
    store = Store(config.database_url)
    try:
        with store.transaction() as tx:
            uploads.interrupt_lost_uploads(tx, name, now())
        journal = Journal(store, config.paths, DirectoryStorage(config.paths), name, now, noticed, alarm)
        yield WorkerParts(
            journal,
            logger("sftp"),
            lambda account: read_only_folders(config.paths, account.name),
            journal.interrupt_lost,
        )
    finally:
        store.close()


def read_only_folders(paths: Paths, label: str) -> dict[str, Path]:
    """The read-only folders beside a label's /incoming: its reports always, acknowledgements where there are any."""
    make_folder(paths.reports(label))
    return {"reports": paths.reports(label), "acknowledgements": paths.acknowledgements(label)}
