"""What happens to a release, from sealed folder to verdict. Read this first.

A package is read in child processes, judged by the rules and moved to its next status; QC decides (`review`); each
agreed DSP gets a delivery (`deliveries`). Emails, deliveries and acknowledgements are jobs (`jobs`). A workflow keeps
no checkpoints: it ends with one transaction, and after a crash before that runs again from its beginning; once that is
committed, the rows say that nothing is left to do. No workflow waits: a retry is a new workflow, enqueued with a delay.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.core.alarm import Alarm, Outlook
from ingest.core.dossier import Dossier, KnownRelease
from ingest.core.facts import UploadFact
from ingest.core.finding import Finding
from ingest.core.kind import Kind, kind_of
from ingest.core.log import Log
from ingest.core.release_reading import release_of
from ingest.core.status import AFTER, Status
from ingest.core.verdict import judge
from ingest.flow.acknowledgements import Acknowledgements
from ingest.flow.engine import Engine
from ingest.flow.jobs import Work
from ingest.flow.moves import READING, SYSTEM, Moves
from ingest.flow.notify import Notify
from ingest.flow.proof import Proof
from ingest.flow.storage import kept_of
from ingest.flow.stored_dossier import to_stored
from ingest.inbound.storage import Storage
from ingest.readers.dossier import ReaderSettings, ReadingFailed, read_dossier
from ingest.readers.json_values import to_json
from ingest.rules import check
from ingest.store import packages, uploads
from ingest.store.covers import known_covers
from ingest.store.database import Clock, Store
from ingest.store.known import known_releases, save_recordings
from ingest.store.models import Package
from ingest.store.progress import Progress
from ingest.store.releases import describe_release

NOTHING_LEFT: Final = "superseded"
"""What the workflow returns where the package is not Incoming any more."""
MOST_BYTES: Final = 64_000_000
"""Of the dossier and the findings of a package, as JSON."""
MOST_KNOWN: Final = 4_000
"""Earlier releases and recordings that a package is compared with: more than two for each file that it may have."""
LONGEST_FAILURE: Final = 20_000
"""Characters that are kept of why a reading failed: thousands of files may have failed at once."""
LONGEST_ERROR: Final = 500
"""Characters that are kept of the database's own text."""
UNFORESEEN: Final = (ValueError, LookupError, TypeError, ArithmeticError, AttributeError, MemoryError, RecursionError)
"""What judging raises for facts that no working reader gives, as from a child process that a file took control of."""
AWAY: Final = (OperationalError, InterfaceError, NoConnection)
"""What a database raises that is unreachable, full or overloaded; it may accept the same a minute later."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of reading a package of so many files; `stored` is the dossier as its row keeps it."""

    dossier: Dossier
    stored: dict[str, Any]
    findings: tuple[Finding, ...]
    files: int


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The workflow from sealed folder to verdict; `register` makes it known to the engine."""

    config: Config
    store: Store
    engine: Engine
    storage: Storage
    moves: Moves
    notify: Notify
    acknowledgements: Acknowledgements
    reading: ReaderSettings
    proof: Proof
    clock: Clock
    log: Log

    def register(self) -> None:
        """Make the workflow known to the engine; call before it is launched."""
        self.engine.workflow(READING, self.ingest)

    def ingest(self, package: int) -> str:
        """Workflow: read the package, judge it, move it; returns its status.

        After an error of ours it stays Incoming and on hold, and ops are told. What the database refuses it would
        refuse again; where it was only unreachable, the lost work is enqueued again (`maintenance`).
        """
        try:
            read = self.read(package)
            if isinstance(read, Judged):
                return self.engine.commit(self.conclude, package, read)
            failure = read
        except AWAY:
            raise
        except (SQLAlchemyError, *UNFORESEEN) as error:
            failure = f"what was read could not be stored: {_where(error)}: {str(error)[:LONGEST_ERROR]}"
        if not failure:
            return NOTHING_LEFT
        self.engine.commit(self.put_on_hold, package, failure)
        return Status.INCOMING.value

    def read(self, package: int) -> Judged | str:
        """The package read and judged, or why it could not be, in words for ops; empty where it has its verdict."""
        with self.store.transaction() as tx:
            starts, row = packages.count_start(tx, package), packages.get_package(tx, package)
            if row is None or row.status != Status.INCOMING.value:
                return ""
            if starts > self.config.validation.max_starts:
                return "the reading of this package was started again and again and never ended"
            if changed := self.proof.stands(row):
                return changed
            received = uploads.upload_facts(tx, row.origin, row.path)
        try:
            read = self._judged(row, received)
        except (ReadingFailed, OSError) as error:
            return str(error)[:LONGEST_FAILURE]
        except UNFORESEEN as error:
            return f"what was read could not be judged: {_where(error)}"
        if changed := self.proof.differs_from(row, read.stored):
            return changed
        self.log("read", package=package, folder=row.folder, findings=len(read.findings))
        return read

    def _judged(self, row: Package, received: tuple[UploadFact, ...]) -> Judged:
        """Read the package's files and judge them; raises ReadingFailed, OSError, or one of UNFORESEEN."""

        def known(dossier: Dossier) -> tuple[KnownRelease, ...]:
            with self.store.reading() as tx:
                earlier = known_releases(tx, row.id, row.label_id, dossier)[:MOST_KNOWN]
                return earlier + known_covers(tx, row.id, row.label_id, dossier)

        progress = Progress(self.store, row.id, self.log)
        with self.storage.local(kept_of(row)) as folder:
            batch = folder if row.path else None
            name = row.path or row.folder
            reading = replace(self.reading, label=row.label.name)
            dossier = read_dossier(folder / row.path, name, reading, received, known, progress, batch)
        if dossier.unread:
            raise ReadingFailed("; ".join(f"{unread.file}: {unread.reason}" for unread in dossier.unread))
        findings = tuple(check(dossier, self.config.policy(row.received_at.date())))
        judged = Judged(dossier, to_stored(dossier), findings, progress.total)
        if len(json.dumps([judged.stored, [to_json(finding) for finding in findings]])) > MOST_BYTES:
            raise ReadingFailed(f"what was read takes more than the {MOST_BYTES} bytes that are kept of a package")
        return judged

    def conclude(self, tx: Session, package: int, read: Judged) -> str:
        """Transaction: store dossier, findings and release, move the package, owe what follows."""
        now = self.clock()
        row = packages.get_package(tx, package)
        if row is None or row.status != Status.INCOMING.value:
            return NOTHING_LEFT
        if changed := self.proof.stands(row):
            self.put_on_hold(tx, package, changed)
            return Status.INCOMING.value
        packages.set_summary(tx, package, read.dossier, read.stored, now, read.files)
        packages.set_findings(tx, package, read.findings)
        self.acknowledgements.owe(tx, row, read.dossier, read.findings, now)
        self.notify.all_clear(tx, _about(package), f"package {package} was read", "", now, package)
        status = self._move_on(tx, row, AFTER[judge(read.findings)], read.dossier, now)
        if (said := release_of(read.dossier)) is not None:
            describe_release(tx, row, said, now)
        return status.value

    def _move_on(self, tx: Session, row: Package, status: Status, read: Dossier, now: datetime) -> Status:
        """Move a package that was judged to `status`; a test that passed is answered and stays Incoming."""
        if status is Status.NEEDS_QC and kind_of(read) is Kind.TEST:
            self.moves.answer_test(tx, row.id, now)
            return Status.INCOMING
        if status is Status.NEEDS_QC:
            save_recordings(tx, row.id, row.label_id, read)
        self.moves.move(tx, row.id, Status.INCOMING, status, SYSTEM, "", now)
        return status

    def put_on_hold(self, tx: Session, package: int, failure: str) -> None:
        """Transaction: put the package on hold until `ingest retry`, and owe ops an email."""
        packages.put_on_hold(tx, package, self.clock())
        row = packages.get_package(tx, package)
        again = "" if row is None or row.runs <= 1 else f" at try {row.runs}"
        commands = f"ingest show {package}", f"ingest retry {package}"
        alarm = Alarm(f"package {package} could not be read{again}", Outlook.WAITS, commands, _about(package))
        self.notify.alarm(tx, alarm, failure, self.clock(), package)


@dataclass(frozen=True)
class Readings(Work[Package]):
    """The reading of sealed packages as work that their rows owe.

    A failure is not retried, but puts the package on hold.
    """

    moves: Moves

    name = READING

    def owed(self, tx: Session, before: datetime) -> Sequence[Package]:
        return packages.unread_packages(tx, before)

    def row_key(self, row: Package) -> str:
        return str(row.id)

    def described(self, row: Package) -> str:
        return f"the reading of package {row.id}"

    def package(self, row: Package) -> int | None:
        return row.id

    def runs(self, row: Package) -> int:
        return row.runs

    def enqueue_again(self, tx: Session, row: Package) -> None:
        self.moves.enqueue_reading(tx, row.id)

    def give_up_lost(self, tx: Session, row: Package, now: datetime) -> None:
        packages.put_on_hold(tx, row.id, now)


def _about(package: int) -> str:
    """What alarms about the reading of a package are about, those about lost work too (jobs.about_work)."""
    return f"{READING}:{package}"


def _where(error: BaseException) -> str:
    """The type of an error and the place that raised it: its text may be long, and may come from the label's file."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {place.name}, {place.filename}:{place.lineno}"
