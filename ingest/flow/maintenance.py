"""Scheduled work: owed work that no workflow carries is enqueued again, and old files and rows are removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from ingest.config import Config
from ingest.core.log import Log
from ingest.core.status import Status
from ingest.flow.dsp_answers import DspAnswersFetch
from ingest.flow.engine import Engine
from ingest.flow.jobs import Jobs, Work
from ingest.flow.lateness import Lateness
from ingest.flow.notify import Notify
from ingest.flow.shipments import FILES
from ingest.flow.unanswered import Unanswered
from ingest.inbound.sftp.usage import forget_counts
from ingest.inbound.storage import Kept, Storage
from ingest.outbound.shipment.build import remove
from ingest.store import folders, reports, uploads, webhooks, workers
from ingest.store.database import Clock, Store
from ingest.store.shipments import numbered

SILENT: Final = timedelta(minutes=5)
"""A worker without a heartbeat for this time has its work taken over."""
SENT: Final = timedelta(days=7)
"""How long the media of a shipment are kept once it was sent: a DSP may ask for them again."""
STOPPED: Final = timedelta(minutes=1)
"""A worker that signed off and is not back after this time has its work taken over."""


@dataclass(frozen=True, slots=True)
class Maintenance:
    """The scheduled work; `works` are all kinds of work that rows may owe."""

    config: Config
    store: Store
    engine: Engine
    storage: Storage
    notify: Notify
    jobs: Jobs
    works: Sequence[Work[Any]]
    answers: DspAnswersFetch
    clock: Clock
    log: Log

    def register(self) -> None:
        """Register the scheduled workflows, under stored names; call before the engine is launched."""
        self.engine.schedule("reconcile", "* * * * *", self.reconcile)
        self.engine.schedule("prune", "30 3 * * *", self.prune)
        self.engine.schedule("dsp-answers", "*/5 * * * *", self.fetch_answers)

    def reconcile(self) -> None:
        """Every minute: enqueue owed work that no workflow carries, tell of releases that wait too long, and take over
        the work of workers that are gone.
        """
        with self.store.transaction() as tx:
            self.jobs.reconcile(tx, self.works)
            Lateness(self.config, self.notify, self.clock).tell(tx)
        self._adopt()

    def fetch_answers(self) -> None:
        """Every five minutes: read what DSPs answered, and tell ops of those that promised to and did not."""
        self.answers.fetch()
        with self.store.transaction() as tx:
            Unanswered(self.config, self.notify, self.clock).tell(tx)

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
                    self.notify.alarm(tx, f"worker {worker} fell silent", told, self.clock())
            self.log("adopted", worker=worker, workflows=adopted)

    def prune(self) -> None:
        """Every night: remove files of packages and reports, journal rows and workflows that were kept long enough."""
        keep = self.config.retention
        for status, days in (
            (Status.INVALID, keep.invalid_days),
            (Status.QC_REJECTED, keep.invalid_days),
            (Status.DELIVERED, keep.delivered_days),
            (Status.TAKEN_DOWN, keep.delivered_days),
        ):
            if days:
                self._remove_files(status, days)
        if keep.report_days:
            self._retire_reports(keep.report_days)
        self._remove_sent()
        if keep.webhook_days:
            with self.store.transaction() as tx:
                forgotten = webhooks.forget_messages(tx, self.clock() - timedelta(days=keep.webhook_days))
            self.log("webhooks forgotten", count=forgotten)
        with self.store.transaction() as tx:
            uploads.forget_history(tx, self.clock() - timedelta(days=keep.workflow_days))
        while self.engine.prune(self.clock() - timedelta(days=keep.workflow_days)):
            pass

    def _retire_reports(self, days: int) -> None:
        """Owe the removal of reports about packages that reached their last status at least `days` ago."""
        resting = [status.value for status in (Status.INVALID, Status.QC_REJECTED, Status.DELIVERED, Status.TAKEN_DOWN)]
        now = self.clock()
        with self.store.transaction() as tx:
            retired = reports.retire_reports(tx, resting, now - timedelta(days=days), now)
        self.log("reports retired", count=retired)

    def _remove_sent(self) -> None:
        """Remove the media of shipments that DSPs have had for SENT; their messages stay."""
        before = self.clock() - SENT
        for number in self.storage.shipments():
            media = self.storage.shipment(number) / FILES
            with self.store.reading() as tx:
                row = numbered(tx, number)
                is_over = row is not None and row.sent_at is not None and row.sent_at < before
            if is_over and media.is_dir():
                remove(media)
                self.log("shipment removed", shipment=number)

    def _remove_files(self, status: Status, days: int) -> None:
        """Remove sealed folders whose packages all reached `status`, their last one, longer ago than `days`."""
        before = self.clock() - timedelta(days=days)
        with self.store.reading() as tx:
            resting = folders.resting_folders(tx, status.value, before)
        for folder, label in resting:
            kept = Kept(label, folder.id, folder.name)
            if not self.storage.remove(kept):
                self.log("not removed", folder=folder.name, label=label, place=self.storage.place(kept))
                continue
            with self.store.transaction() as tx:
                folders.note_removed(tx, folder.id, self.clock())
            forget_counts(self.config.paths.home(label))
            self.log("removed", folder=folder.name, label=label, status=status.value)
