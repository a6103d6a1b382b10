"""Writes owed reports into the labels' trees, from the rows as they are, so that no older state follows a newer one.

A report is owed from the transaction of the change until its files are written (`store.reports`). If the process dies
in between it stays owed, and the next turn writes it. A file lock per label keeps several workers out of the same
folders.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar

from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.core.alarm import Alarm, Outlook
from ingest.core.log import Log
from ingest.core.notice import NoticeKind, StatusNotice
from ingest.core.status import Status
from ingest.flow.jobs import Persistence
from ingest.flow.lateness import before
from ingest.flow.moves import KIND_OF
from ingest.flow.notify import Notify
from ingest.flow.outbox import WITH_NOTES, Outbox, operator_of
from ingest.flow.package_facts import measured, tracks_of
from ingest.flow.summaries import summary_of
from ingest.flow.uploads import newer
from ingest.host.private import make_folder
from ingest.outbound.email.wording import prepare
from ingest.outbound.report.files import clear, put, report_lock
from ingest.outbound.report.pages import report_files
from ingest.rules import snippets_of
from ingest.store import folders, packages, reports
from ingest.store.database import Clock, Store
from ingest.store.models import Package, Report

T = TypeVar("T")

TICK_SECONDS: Final = 0.25
PER_LABEL: Final = 32
SIDE_BY_SIDE: Final = 4
PERSISTENCE: Final = Persistence(give_up_after=None, longest_pause=timedelta(minutes=10))
"""The longest pause is short: a label should read its new status soon after ops solved the problem."""


@dataclass(frozen=True)
class _Job:
    """What is owed for one package, as its row said at `version`; `wanted` is None when its report is removed."""

    label: str
    package: int
    version: int
    place: str
    wanted: tuple[StatusNotice, list[tuple[Status, datetime]]] | None


@dataclass
class Reports:
    """Writes owed reports in a thread of its own. `heartbeat` is when it last began something, for the self-check."""

    config: Config
    store: Store
    notify: Notify
    outbox: Outbox
    clock: Clock
    log: Log
    heartbeat: datetime | None = None
    _stop: threading.Event = field(default_factory=threading.Event)

    def start(self) -> threading.Thread:
        """Start the thread that writes owed reports until `stop`; those that failed before are due at once."""
        prepare()
        make_folder(self.config.paths.read_only_dir)
        with self.store.transaction() as tx:
            reports.hurry_reports(tx, self.clock())
        thread = threading.Thread(target=self._run, name="reports")
        thread.start()
        return thread

    def stop(self) -> None:
        """Let the thread end after the reports under way; returns at once."""
        self._stop.set()

    def _run(self) -> None:
        with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="report") as pool:
            more = False
            while not self._stop.wait(0 if more else TICK_SECONDS):
                try:
                    more = self.turn(pool)
                except Exception as error:  # noqa: BLE001 - a supervisor: the next turn tries again
                    more = False
                    self.log("reports failed", fault=repr(error))

    def turn(self, pool: ThreadPoolExecutor) -> bool:
        """Write the reports that are owed and due, up to PER_LABEL of each label; True when more may be left.

        Folders that packages leave are cleared before any file is written: another package may get that name.
        """
        self.heartbeat = self.clock()
        with self.store.reading() as tx:
            owed = reports.owed_reports(tx, self.clock(), PER_LABEL)
            names = {row.label_id: tx.get_one(Package, row.package_id).label.name for row in owed}
        with ExitStack() as held:
            shares = {}
            for label, name in names.items():
                rows = [row for row in owed if row.label_id == label]
                if self._hold(held, name, rows):
                    shares[name] = rows
            clearing = [(row.package_id, partial(self._clear, name, row)) for name in shares for row in shares[name]]
            jobs = [job for job in self._side_by_side(pool, clearing) if job is not None]
            put = self._side_by_side(pool, [(job.package, partial(self._put, job)) for job in jobs])
            self._note_written([job for job in put if job is not None])
        return any(len(rows) == PER_LABEL for rows in shares.values())

    def _hold(self, held: ExitStack, label: str, rows: list[Report]) -> bool:
        """Lock a label's read-only folders until `held` is left; False when they are locked or cannot be.

        A label whose folders cannot be locked does not delay the others.
        """
        try:
            return held.enter_context(report_lock(self.config.paths.reports(label).parent))
        except OSError as error:
            for row in rows:
                self._note_failed(row.package_id, error)
            return False

    def _side_by_side(self, pool: ThreadPoolExecutor, steps: Sequence[tuple[int, Callable[[], T]]]) -> list[T | None]:
        """Run a step for each package in threads; all have ended when this returns or raises."""
        running = [pool.submit(self._safely, package, step) for package, step in steps]
        wait(running)
        return [one.result() for one in running]

    def _safely(self, package: int, step: Callable[[], T]) -> T | None:
        if self._stop.is_set():
            return None
        self.heartbeat = self.clock()
        try:
            return step()
        except Exception as error:  # noqa: BLE001 - a supervisor: the others are written, ops are told of this one
            self._note_failed(package, error)
            return None

    def _clear(self, label: str, row: Report) -> _Job | None:
        """Remove one package's files from folders that it left; returns what to write, None when its row changed."""
        with self.store.reading() as tx:
            wanted = None if row.retired_at else self._wanted(tx, row)
            old = [*row.left, row.name] if row.retired_at else row.left
            emptied = [name for name in old if not reports.name_is_taken(tx, row, name)]
        with self.store.reading() as tx:
            now = tx.get_one(Report, row.package_id)
            if (now.version, now.written) != (row.version, row.written):
                return None  # it changed since the turn began, and related rows may have: the next turn reads all again
        for name in emptied:
            if wanted is None or name != row.name:
                clear(self.config.paths.reports(label), name)
        return _Job(label, row.package_id, row.version, row.name, wanted)

    def _put(self, job: _Job) -> _Job:
        """Write or remove the files of one package as its row said at `job.version`; returns `job`."""
        if job.wanted is not None:
            notice, history = job.wanted
            files = report_files(notice, operator_of(self.config), history)
            put(self.config.paths.reports(job.label), job.place, files, notice.created, job.package)
        return job

    def _note_written(self, jobs: Sequence[_Job]) -> None:
        """Record in one transaction that the files of all are as wanted; else the next turn writes them again."""
        if not jobs:
            return
        with self.store.transaction() as tx:
            now = self.clock()
            for job in jobs:
                self.notify.all_clear(tx, _about(job.package), "reports are written again", "", now, job.package)
                reports.note_written(tx, job.package, job.version)
        for job in jobs:
            self.log("report written" if job.wanted else "report removed", package=job.package, place=job.place)

    def _wanted(self, tx: Session, row: Report) -> tuple[StatusNotice, list[tuple[Status, datetime]]]:
        """What an email about the package's present status would say, and its statuses so far."""
        package = tx.get_one(Package, row.package_id)
        changes = packages.changes_of(tx, package.id)
        kind, since = standing(package)
        found = packages.findings_of(tx, package.id)
        notice = StatusNotice(
            kind=kind,
            to=(),
            message_id="",
            thread_root=None,
            created=since or changes[-1].at,
            package=summary_of(package),
            findings=found,
            snippets=snippets_of(found),
            notes=next((change.note for change in reversed(changes) if KIND_OF[Status(change.new)] in WITH_NOTES), ""),
            missing=tuple(row.missing) if kind is NoticeKind.WAITING else (),
            dsps=tuple(self.outbox.dsps(tx, package)),
            facts=tuple(measured(tx, package, tracks=False)),
            tracks=tracks_of(tx, package),
            details=self.outbox.promises(tx, kind, package.id)
            | before(tx, self.config, package, self.clock())
            | newer(tx, package),
            taken=folders.names_in_use(tx, package.label_id),
        )
        return notice, [(Status(change.new), change.at) for change in changes]

    def _note_failed(self, package: int, error: Exception) -> None:
        """Record the failure, and tell ops at the first one of a version. The label's older report stays meanwhile."""
        text = f"{type(error).__name__}: {error}"
        self.log("report not written", package=package, fault=text)
        now = self.clock()
        with self.store.transaction() as tx:
            row = reports.get_report(tx, package)
            pause = PERSISTENCE.pause(row.attempts + 1 if row else 1)
            attempt = reports.note_failed(tx, package, text, now + pause)
            if attempt == 1:
                what = "reports cannot be written" if isinstance(error, OSError) else "a report cannot be made"
                alarm = Alarm(what, Outlook.RETRIED, about=_about(package))
                self.notify.alarm(tx, alarm, text, now, package)


def _about(package: int) -> str:
    return f"report:{package}"


def standing(package: Package) -> tuple[NoticeKind, datetime | None]:
    """The kind of notice for a package's present state, and when that began.

    The time is None where it began with the last change of status, which has its own.
    """
    if package.status != Status.INCOMING.value:
        return KIND_OF[Status(package.status)], None
    if package.checked_at is not None:
        return NoticeKind.TESTED, package.checked_at
    return (NoticeKind.INCOMING if package.sealed_at else NoticeKind.WAITING), package.sealed_at
