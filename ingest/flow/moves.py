"""The only way a status changes: row, change, notices, webhooks and report owed, work enqueued, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from ingest.core.notice import NoticeKind
from ingest.core.status import MOVES, Status
from ingest.flow.engine import INGEST, NOTIFY, Engine
from ingest.flow.notify import Notify
from ingest.flow.webhooks import Webhooks
from ingest.store import packages, reports
from ingest.store.catalogue import awaiting_decision
from ingest.store.deliveries import end_held
from ingest.store.delivery_jobs import waiting_jobs
from ingest.store.models import Package, ReleaseFolder
from ingest.store.other_uploads import waiting_beside

KIND_OF: Final[dict[Status, NoticeKind]] = {
    Status.INCOMING: NoticeKind.INCOMING,
    Status.NEEDS_QC: NoticeKind.NEEDS_QC,
    Status.INVALID: NoticeKind.INVALID,
    Status.QC_APPROVED: NoticeKind.QC_APPROVED,
    Status.QC_REJECTED: NoticeKind.QC_REJECTED,
    Status.DELIVERED: NoticeKind.DELIVERED,
    Status.TAKEN_DOWN: NoticeKind.TAKEN_DOWN,
}
SYSTEM: Final = "ingest"
"""Who is recorded for a change that no person made."""
READING: Final = "ingest"
"""The stored name of the workflow that reads and judges one package."""
DECIDE: Final = "decide"
"""The stored name of the workflow that carries out what was decided of a release before its package was there."""


class Moves:
    """Status changes, with the notices and webhooks that follow; every method works inside the caller's transaction."""

    def __init__(self, engine: Engine, notify: Notify, webhooks: Webhooks) -> None:
        self._engine = engine
        self._notify = notify
        self._webhooks = webhooks

    def move(
        self,
        tx: Session,
        package: int,
        old: Status,
        new: Status,
        who: str,
        note: str,
        now: datetime,
        *,
        is_told: bool = True,
    ) -> bool:
        """Move a package, owe the notices, webhooks and its report; False when it no longer has the status `old`.

        Without `is_told` the label gets no email, because another one tells it. Raises ValueError when no package moves
        from `old` to `new`.
        """
        if new not in MOVES[old]:
            raise ValueError(f"no package moves from {old} to {new}")
        change = packages.change_status(tx, package, old, new, who, note, now)
        if change is None:
            return False
        row = packages.get_package(tx, package)
        assert row is not None
        if is_told:
            self._notify.of_change(tx, row, change, KIND_OF[new], now)
        self._webhooks.release_updated(tx, row, change, now)
        reports.owe_report(tx, row, (), now)
        if new in (Status.INVALID, Status.QC_REJECTED):
            end_held(tx, package, f"the package is {new}")
        if old is Status.INCOMING:
            self._report_superseded(tx, row, now)
        if new is Status.NEEDS_QC:
            self._notify.of_review(tx, row, change, now)
            self.enqueue_decision(tx, row)
        return True

    def arrive(self, tx: Session, folder: ReleaseFolder, path: str, missing: Sequence[str], now: datetime) -> int:
        """Add the package of a release folder as Incoming and owe the label an email, once; returns its number.

        With `missing` the folder is still open, and the email says what has not arrived.
        """
        added = packages.add_package(tx, folder, path, now)
        if added is None:
            known = packages.package_of(tx, folder.id, path)
            assert known is not None
            return known.id
        change = packages.record_change(tx, added, None, Status.INCOMING, SYSTEM, "", now)
        row = packages.get_package(tx, added)
        assert row is not None
        kind = NoticeKind.WAITING if missing else NoticeKind.INCOMING
        self._notify.of_change(tx, row, change, kind, now, {"missing": list(missing)})
        self._webhooks.release_updated(tx, row, change, now)
        if missing:
            reports.owe_report(tx, row, missing, now)
        return added

    def take(self, tx: Session, folder: ReleaseFolder, path: str, now: datetime) -> int:
        """Record that a folder is sealed: add its package if need be, enqueue its reading once; returns its number."""
        package = self.arrive(tx, folder, path, (), now)
        if packages.mark_sealed(tx, package, packages.shown_name(folder.name, path), now):
            self.enqueue_reading(tx, package)
            row = tx.get_one(Package, package, populate_existing=True)
            reports.owe_report(tx, row, (), now)
            self._report_superseded(tx, row, now)
        return package

    def _report_superseded(self, tx: Session, row: Package, now: datetime) -> None:
        """Owe the reports on uploads that wait for QC and whose place this one may take: they say so."""
        older = waiting_beside(tx, row, Status.NEEDS_QC.value)
        if older:
            reports.owe_again(tx, older, now)

    def enqueue_reading(self, tx: Session, package: int) -> None:
        """Enqueue the package's reading as a new run."""
        run = packages.next_run(tx, package)
        row = packages.get_package(tx, package)
        assert row is not None
        key = f"{READING}:{package}:{run}"
        self._engine.enqueue(tx, READING, INGEST, key, package, partition=f"label:{row.label_id}")

    def enqueue_decision(self, tx: Session, package: Package) -> None:
        """Enqueue what was decided of the package's release, and what waits to be delivered of it, if anything is.

        Once per package and run.
        """
        has_jobs = package.release_id is not None and bool(waiting_jobs(tx, package.release_id))
        if has_jobs or awaiting_decision(tx, package.id) is not None:
            key = f"{DECIDE}:{package.id}:{package.runs}"
            self._engine.enqueue(tx, DECIDE, NOTIFY, key, package.id, partition=f"{DECIDE}:{package.label_id}")

    def answer_test(self, tx: Session, package: int, now: datetime) -> None:
        """Owe the answer to a test that passed; it stays Incoming, and the email says that it would have gone to QC."""
        row = packages.get_package(tx, package)
        assert row is not None
        self._notify.of_test(tx, row, now)
        reports.owe_report(tx, row, (), now)
