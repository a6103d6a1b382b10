"""Reports owed become files in the labels' trees: what the rows say now, never an older state after a newer one.

A row is behind from the transaction of the change on until its files are written (`store.reports`); whoever dies in
between leaves it behind, and the next turn writes it again. Workers on one set of folders take turns by a file lock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.core.notice import Letter, NoticeKind
from ingest.core.status import Status
from ingest.engine import backoff
from ingest.moves import KIND_OF, Moves
from ingest.outbound.report.files import alone, clear, put
from ingest.outbound.report.pages import report_files
from ingest.outbox import WITH_NOTES, Outbox, operator_of, summary_of
from ingest.store import packages, reports
from ingest.store.database import Clock, Store
from ingest.store.models import Package, Report

TICK_SECONDS: Final = 0.25
AT_A_TIME: Final = 200
LABELS_SIDE_BY_SIDE: Final = 4


@dataclass
class Reports:
    config: Config
    store: Store
    moves: Moves
    outbox: Outbox
    clock: Clock
    log: Callable[..., None]
    beat: datetime | None = None
    _stop: threading.Event = field(default_factory=threading.Event)

    def start(self) -> threading.Thread:
        """Write what is owed as it comes, in a thread of its own, until `stop`."""
        thread = threading.Thread(target=self._run, name="reports")
        thread.start()
        return thread

    def stop(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        with ThreadPoolExecutor(LABELS_SIDE_BY_SIDE, thread_name_prefix="report") as pool:
            while not self._stop.wait(TICK_SECONDS):
                try:
                    self.turn(pool)
                except Exception as fault:  # noqa: BLE001 - a supervisor: the next turn tries again
                    self.log("reports failed", fault=repr(fault))

    def turn(self, pool: ThreadPoolExecutor) -> None:
        """Write everything that is owed and due: labels side by side, the packages of one label one by one."""
        self.beat = self.clock()
        with self.store.reading() as tx:
            owed = reports.owed_reports(tx, self.clock(), AT_A_TIME)
            names = {row.label_id: tx.get_one(Package, row.package_id).label.name for row in owed}
        by_label = {label: [row.package_id for row in owed if row.label_id == label] for label in names}
        for ended in [pool.submit(self._write_all, names[label], rows) for label, rows in by_label.items()]:
            ended.result()

    def _write_all(self, label: str, owed: list[int]) -> None:
        for package in owed:
            if self._stop.is_set():
                return
            self.beat = self.clock()
            try:
                self.write(label, package)
            except Exception as fault:  # noqa: BLE001 - a supervisor: the others are written, ops are told of this one
                self._note_failed(package, fault)

    def write(self, label: str, package: int) -> None:
        """Bring the files of one package to what the rows say now; nothing where another worker is at it."""
        root = self.config.paths.reports(label)
        with alone(root.parent) as free:
            if not free:
                return
            with self.store.reading() as tx:
                row = reports.get_report(tx, package)
                if row is None or row.written >= row.version:
                    return
                wanted = None if row.retired_at else self._wanted(tx, row)
                old = [*row.left, row.name] if row.retired_at else row.left
                emptied = [name for name in old if not reports.name_is_taken(tx, row, name)]
            for name in emptied:
                if wanted is None or name != row.name:
                    clear(root, name)
            if wanted is not None:
                letter, files = wanted
                put(root, row.name, files, letter.created)
            with self.store.transaction() as tx:
                reports.note_written(tx, package, row.version)
        self.log("report written" if wanted else "report removed", package=package, place=row.name)

    def _wanted(self, tx: Session, row: Report) -> tuple[Letter, dict[str, bytes]]:
        """The letter on a package as it stands, and its files."""
        package = tx.get_one(Package, row.package_id)
        changes = packages.changes_of(tx, package.id)
        letter = self._letter(tx, package, row)
        history = [(Status(change.new), change.at) for change in changes]
        return letter, report_files(letter, operator_of(self.config), history)

    def _letter(self, tx: Session, package: Package, row: Report) -> Letter:
        """What an email on the status as it is would say; the files are of the moment when it came about."""
        changes = packages.changes_of(tx, package.id)
        kind, since = standing(package)
        return Letter(
            kind=kind,
            to=(),
            message_id="",
            thread_root=None,
            created=since or changes[-1].at,
            package=summary_of(package),
            findings=packages.findings_of(tx, package.id),
            notes=next((change.note for change in reversed(changes) if KIND_OF[Status(change.new)] in WITH_NOTES), ""),
            missing=tuple(row.missing) if kind is NoticeKind.WAITING else (),
            dsps=tuple(self.outbox.dsps(tx, package)),
            facts=tuple(self.outbox.measured(tx, package)),
            details=self.outbox.promises(kind),
        )

    def _note_failed(self, package: int, fault: Exception) -> None:
        """Ops are told at the first failure of a version; the label's older report stays until it goes well."""
        text = f"{type(fault).__name__}: {fault}"
        self.log("report not written", package=package, fault=text)
        now = self.clock()
        with self.store.transaction() as tx:
            row = reports.get_report(tx, package)
            attempt = reports.note_failed(tx, package, text, now + backoff(row.attempts + 1 if row else 1))
            if attempt == 1:
                what = "reports cannot be written" if isinstance(fault, OSError) else "a report cannot be made"
                self.moves.alarm(tx, what, text, now, package)


def standing(package: Package) -> tuple[NoticeKind, datetime | None]:
    """What a label is to know of a package now, and since when where no change of status tells."""
    if package.status != Status.INCOMING.value:
        return KIND_OF[Status(package.status)], None
    if package.checked_at is not None:
        return NoticeKind.TESTED, package.checked_at
    return (NoticeKind.INCOMING if package.sealed_at else NoticeKind.WAITING), package.sealed_at
