"""Scheduled work: owed work that no workflow carries is enqueued again, and old files and rows are removed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.core.status import Status
from ingest.flow.engine import DSP, Engine
from ingest.flow.moves import Moves, thread_of
from ingest.inbound.sftp.usage import forget_counts
from ingest.store import acknowledgements, folders, packages, reports, uploads, workers
from ingest.store.database import Clock, Store
from ingest.store.models import Delivery, Notice, Package

MAX_RUNS: Final = 4
"""Runs after which lost work is not enqueued any more, until `ingest retry`."""
LEFT: Final = "It is not enqueued any more. `ingest retry` goes on with a package's reading or delivery."
GRACE: Final = timedelta(seconds=60)
SILENT: Final = timedelta(minutes=5)
STOPPED: Final = timedelta(minutes=1)
"""A worker that signed off and is not back after this time has its work taken over."""


@dataclass(frozen=True, slots=True)
class Maintenance:
    config: Config
    store: Store
    engine: Engine
    moves: Moves
    clock: Clock
    log: Callable[..., None]

    def register(self) -> None:
        """Register the scheduled workflows, under stored names; call before the engine is launched."""
        self.engine.schedule("reconcile", "* * * * *", self.reconcile)
        self.engine.schedule("prune", "30 3 * * *", self.prune)

    def reconcile(self) -> None:
        """Every minute: work owed by a row that no workflow carries is enqueued again, under a new key."""
        live = self.engine.live_keys()
        with self.store.transaction() as tx:
            self._find_packages(tx, live)
            self._find_deliveries(tx, live)
            self._find_notices(tx, live)
            self._find_acknowledgements(tx, live)
        self._adopt()

    def _adopt(self) -> None:
        """Take over the workflows of workers that signed off or fell silent; their open uploads are interrupted.

        Ops get an email about those that fell silent without signing off.
        """
        with self.store.reading() as tx:
            gone = workers.gone_workers(tx, self.clock() - SILENT, self.clock() - STOPPED)
            silent = {row.name: row.stopped_at is None for row in gone if row.name != self.engine.worker}
        for worker, is_silent in silent.items():
            adopted = self.engine.adopt(worker)
            with self.store.transaction() as tx:
                uploads.interrupt_lost_uploads(tx, worker, self.clock())
                workers.forget_worker(tx, worker)
                if is_silent:
                    told = f"{adopted} workflows were taken over"
                    self.moves.alarm(tx, f"worker {worker} fell silent", told, self.clock())
            self.log("adopted", worker=worker, workflows=adopted)

    def _find_packages(self, tx: Session, live: Collection[str]) -> None:
        stuck = sa.select(Package).where(
            Package.status == Status.INCOMING.value,
            Package.sealed_at < self.clock() - GRACE,
            Package.on_hold_at.is_(None),
            Package.checked_at.is_(None),
        )
        for package in tx.scalars(stuck.order_by(Package.id)):
            if f"ingest:{package.id}" not in live:
                is_last = package.runs >= MAX_RUNS
                self._lost(tx, f"the reading of package {package.id}", package.id, is_last=is_last)
                if is_last:
                    packages.put_on_hold(tx, package.id, self.clock())
                else:
                    self.moves.enqueue_reading(tx, package.id)

    def _find_deliveries(self, tx: Session, live: Collection[str]) -> None:
        owed = sa.select(Delivery).where(Delivery.state == packages.OWED, Delivery.owed_at < self.clock() - GRACE)
        for row in tx.scalars(owed.order_by(Delivery.id)):
            if f"deliver:{row.package_id}:{row.dsp}" in live:
                continue
            is_last = row.runs >= MAX_RUNS
            self._lost(tx, f"the delivery of package {row.package_id} to {row.dsp}", row.package_id, is_last=is_last)
            if is_last:
                row.state, row.fault = packages.FAILED, "the work was lost again and again"
            else:
                row.runs += 1
                key = f"deliver:{row.package_id}:{row.dsp}:{row.runs}:1"
                self.engine.enqueue(tx, "deliver", DSP, key, row.package_id, row.dsp, row.runs, 1, partition=row.dsp)

    def _find_notices(self, tx: Session, live: Collection[str]) -> None:
        unsent = sa.select(Notice).where(
            Notice.sent_at.is_(None), Notice.given_up_at.is_(None), Notice.created_at < self.clock() - GRACE
        )
        for row in tx.scalars(unsent.order_by(Notice.id)):  # emails of one thread leave in the order they were owed
            if f"tell:{row.id}" in live:
                continue
            is_last = row.runs >= MAX_RUNS
            if is_last:
                row.given_up_at, row.fault = self.clock(), row.fault or "the work was lost again and again"
            else:
                row.runs += 1
                self.moves.enqueue_email(tx, row.id, row.runs, 1, thread_of(row.audience, row.package_id, row.label_id))
            if row.kind != "alarm":
                self._lost(tx, f"the sending of email {row.id}", row.package_id, is_last=is_last)

    def _find_acknowledgements(self, tx: Session, live: Collection[str]) -> None:
        for row in acknowledgements.unwritten(tx, self.clock() - GRACE):
            if f"acknowledge:{row.id}" in live:
                continue
            is_last = row.runs >= MAX_RUNS
            self._lost(tx, f"the writing of acknowledgement {row.name}", row.package_id, is_last=is_last)
            if is_last:
                row.given_up_at, row.fault = self.clock(), row.fault or "the work was lost again and again"
            else:
                row.runs += 1
                self.moves.enqueue_acknowledgement(tx, row.id, row.runs, 1)

    def _lost(self, tx: Session, work: str, package: int | None, *, is_last: bool) -> None:
        """Tell ops; the last time with another text, since the same alarm is raised only once an hour."""
        what = f"{work} was lost again and again" if is_last else f"{work} was lost"
        self.log("lost work", what=what)
        self.moves.alarm(tx, what, LEFT if is_last else "It was enqueued again.", self.clock(), package)

    def prune(self) -> None:
        """Every night: files of packages and reports kept long enough, and finished workflows."""
        keep = self.config.retention
        for status, days in (
            (Status.INVALID, keep.invalid_days),
            (Status.QC_REJECTED, keep.invalid_days),
            (Status.DELIVERED, keep.delivered_days),
        ):
            if days:
                self._remove_files(status, days)
        if keep.report_days:
            self._retire_reports(keep.report_days)
        with self.store.transaction() as tx:
            uploads.forget_history(tx, self.clock() - timedelta(days=keep.workflow_days))
        while self.engine.prune(self.clock() - timedelta(days=keep.workflow_days)):
            pass

    def _retire_reports(self, days: int) -> None:
        """Owe the removal of reports about packages that came to rest `days` ago."""
        resting = [Status.INVALID.value, Status.QC_REJECTED.value, Status.DELIVERED.value]
        now = self.clock()
        with self.store.transaction() as tx:
            retired = reports.retire_reports(tx, resting, now - timedelta(days=days), now)
        self.log("reports retired", count=retired)

    def _remove_files(self, status: Status, days: int) -> None:
        """Remove sealed folders whose packages all came to rest in `status` longer ago than `days`."""
        before = self.clock() - timedelta(days=days)
        with self.store.reading() as tx:
            resting = folders.resting_folders(tx, status.value, before)
        for folder, label in resting:
            place = self.config.paths.sealed(label, folder.id, folder.name).parent
            shutil.rmtree(place, ignore_errors=True)
            if place.exists():
                self.log("not removed", folder=folder.name, label=label, place=str(place))
                continue
            with self.store.transaction() as tx:
                folders.note_removed(tx, folder.id, self.clock())
            forget_counts(self.config.paths.home(label))
            self.log("removed", folder=folder.name, label=label, status=status.value)
