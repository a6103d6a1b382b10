"""Acknowledgements for senders of batches: owed with the verdict, written into the label's tree as a job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.core.alarm import Alarm, Outlook
from ingest.core.dossier import Dossier
from ingest.core.file_status import FileStatus
from ingest.core.finding import Finding, Severity
from ingest.core.log import Log
from ingest.flow.engine import NOTIFY, Engine
from ingest.flow.jobs import Done, Failed, Job, Outcome, Persistence, job_key
from ingest.outbound.acknowledgement import Upload, acknowledgement, follows_choreography, write_acknowledgement
from ingest.rules import RULES
from ingest.store import acknowledgements as rows
from ingest.store.database import Store
from ingest.store.models import Acknowledgement, Package

PARTITION: Final = "acknowledge"


@dataclass(frozen=True)
class Acknowledgements(Job[Acknowledgement]):
    """The job of writing owed acknowledgements into labels' trees."""

    config: Config
    store: Store
    engine: Engine
    log: Log

    name = "acknowledge"
    step = "write"

    @property
    def persistence(self) -> Persistence:
        return Persistence(timedelta(days=self.config.delivery.retry_days))

    def owe(self, tx: Session, package: Package, dossier: Dossier, findings: Sequence[Finding], now: datetime) -> None:
        """Owe an acknowledgement, once per package: for releases of a batch and folders named as in the choreography.

        The choreography is DDEX's for batches over SFTP (`outbound.acknowledgement`). Other packages get none.
        """
        if not package.path and not follows_choreography(package.folder):
            return
        errors = (RULES[one.code].ddex_status for one in findings if one.severity is Severity.ERROR)
        status = next(errors, FileStatus.FILE_OK)
        upload = Upload(package.label.name, package.folder, package.received_at)
        name, content = acknowledgement(dossier, findings, status, upload, self.config.operator.name, now)
        owed = rows.owe_acknowledgement(tx, package.id, name, content, now)
        if owed is not None:
            self.enqueue(tx, owed, 1)

    def enqueue(self, tx: Session, row: Acknowledgement, attempt: int, delay: float = 0) -> None:
        key = job_key(self.name, self.row_key(row), row.runs, attempt)
        self.engine.enqueue(tx, self.name, NOTIFY, key, row.id, row.runs, attempt, delay=delay, partition=PARTITION)

    def attempt(self, answer: int) -> Outcome:
        with self.store.reading() as tx:
            row = rows.unwritten_acknowledgement(tx, answer)
            label = None if row is None else tx.get_one(Package, row.package_id).label.name
        if row is None or label is None:
            return Done()
        try:
            write_acknowledgement(self.config.paths.acknowledgements(label), row.name, row.content)
        except OSError as error:
            return Failed(f"{error.strerror or error!r} ({error.filename or row.name})")
        self.log("acknowledged", package=row.package_id, file=row.name)
        return Done()

    def find(self, tx: Session, answer: int) -> Acknowledgement | None:
        return rows.unwritten_acknowledgement(tx, answer)

    def owed(self, tx: Session, before: datetime) -> Sequence[Acknowledgement]:
        return rows.unwritten(tx, before)

    def since(self, row: Acknowledgement) -> datetime:
        return row.created_at

    def done(self, tx: Session, row: Acknowledgement, outcome: Outcome, now: datetime) -> str:
        rows.note_written(row, now)
        return "written"

    def give_up(self, tx: Session, row: Acknowledgement, failed: Failed, now: datetime) -> str:
        rows.give_up_acknowledgement(row, now)
        return "given up"

    def given_up(self, row: Acknowledgement, failed: Failed) -> Alarm:
        return Alarm(f"acknowledgement {row.name} could not be written", Outlook.WAITS, self.commands(row))

    def commands(self, row: Acknowledgement) -> tuple[str, ...]:
        """As `Work.commands`; nothing writes it again."""
        return (f"ingest show {row.package_id}",)

    def row_key(self, row: Acknowledgement) -> str:
        return str(row.id)

    def described(self, row: Acknowledgement) -> str:
        return f"the writing of acknowledgement {row.name}"

    def package(self, row: Acknowledgement) -> int | None:
        return row.package_id
