"""What people decide about a package: approve, reject, retry. Each decision is recorded with who took it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.core.alarm import Alarm, Outlook
from ingest.core.decision import By, DecisionKind
from ingest.core.kind import Kind
from ingest.core.release_reading import release_of
from ingest.core.status import Status
from ingest.flow.deliveries import Deliveries
from ingest.flow.errors import Code, Conflict, Refused
from ingest.flow.lookup import check_dsps, package_numbered
from ingest.flow.moves import Moves
from ingest.flow.notify import Notify
from ingest.flow.proof import Proof
from ingest.flow.stored_dossier import dossier_of
from ingest.flow.uploads import superseding
from ingest.store import packages
from ingest.store.database import Clock, Store
from ingest.store.decisions import record_decision
from ingest.store.deliveries import FAILED, HELD, OWED, deliveries_of
from ingest.store.known import SENT as WENT_OUT
from ingest.store.known import all_of_release, newer_of
from ingest.store.models import Package
from ingest.store.releases import counting_package, describe_release


@dataclass(frozen=True, slots=True)
class Review:
    """The use cases of QC and ops on packages."""

    config: Config
    store: Store
    moves: Moves
    notify: Notify
    deliveries: Deliveries
    proof: Proof
    clock: Clock

    def approve(
        self,
        package: int,
        by: By,
        notes: str = "",
        dsps: Sequence[str] = (),
        *,
        anyway: bool = False,
        not_before: datetime | None = None,
    ) -> tuple[str, ...]:
        """Move the package to QC Approved and owe a delivery to each of `dsps`, else to each DSP due.

        So is each that waited for the approval. Nothing is sent before `not_before`. Returns the names of the DSPs.

        Raises NotFound for an unknown package or DSP; Refused for a test, where no DSP is due, and where one of them
        may get nothing of the package; Conflict when the
        package is not in Needs QC, when its files changed, or when a newer package of the same release went to the
        DSPs, which an older one must not undo. A newer upload of the release that did not go to them yet is a Conflict
        too, unless `anyway` is set: the label means that one.
        """
        now = self.clock()
        self._prove(package)
        with self.store.transaction() as tx:
            row = package_numbered(tx, package)
            if row.kind == Kind.TEST.value:
                raise Refused(Code.TEST_NEVER_APPROVED, package=package)
            held = [one.dsp for one in deliveries_of(tx, package) if one.state == HELD]
            wanted = tuple(dict.fromkeys([*(dsps or self._due(tx, row)), *held]))
            if not wanted:
                raise Refused(Code.NO_DSP_AGREED, label=row.label.name)
            check_dsps(self.config, wanted)
            if (newer := newer_of(tx, row)) is not None:
                raise Conflict(Code.NEWER_WENT_OUT, package=package, newer=newer.id, status=newer.status)
            later = superseding(tx, row) if row.status == Status.NEEDS_QC.value else None
            if later is not None and not anyway:
                newer_kind = later.kind or ""
                raise Conflict(Code.NEWER_UPLOAD, package=package, newer=later.id, status=later.status, kind=newer_kind)
            if not self.moves.move(tx, package, Status.NEEDS_QC, Status.QC_APPROVED, by.who, notes, now):
                raise Conflict(Code.NOT_IN_NEEDS_QC, package=package, status=row.status, decision="approved")
            packages.release_hold(tx, package)
            self._check_contents(tx, row, wanted)
            for dsp in wanted:
                self.deliveries.owe(tx, package, dsp, now, not_before)
            details: dict[str, Any] = {"dsps": list(wanted)} | ({} if later is None else {"passed_over": later.id})
            details |= {} if not_before is None else {"not_before": not_before.isoformat()}
            record_decision(tx, DecisionKind.APPROVE, by, now, package=package, note=notes, details=details)
        return wanted

    def reject(self, package: int, by: By, notes: str) -> None:
        """Move the package to QC Rejected; the label gets the notes word for word.

        Raises NotFound; Refused without notes; Conflict when the package is not in Needs QC.
        """
        if not notes.strip():
            raise Refused(Code.NOTES_MISSING)
        with self.store.transaction() as tx:
            row = package_numbered(tx, package)
            now = self.clock()
            if not self.moves.move(tx, package, Status.NEEDS_QC, Status.QC_REJECTED, by.who, notes, now):
                raise Conflict(Code.NOT_IN_NEEDS_QC, package=package, status=row.status, decision="rejected")
            record_decision(tx, DecisionKind.REJECT, by, now, package=package, note=notes)
            self._describe(tx, row, now)

    def retry(self, package: int, by: By) -> tuple[str, ...]:
        """Try again what failed through an error of ours: the reading, or deliveries; returns what, in words.

        Raises NotFound; Conflict when nothing of the package failed, or what failed is still tried again by itself.
        """
        done = []
        with self.store.transaction() as tx:
            row = package_numbered(tx, package)
            if row.status == Status.INCOMING.value and packages.release_hold(tx, package):
                self.proof.accept(tx, row)
                self.moves.enqueue_reading(tx, package)
                done.append("validation")
            elif row.status != Status.INCOMING.value:
                packages.release_hold(tx, package)
            for delivery in deliveries_of(tx, package):
                if delivery.state == FAILED and row.status in WENT_OUT:
                    self.deliveries.owe_again(tx, delivery, self.clock())
                    done.append(f"delivery to {delivery.dsp}")
            if not done and (tried := _still_tried(tx, row)):
                raise Conflict(Code.STILL_TRIED, package=package, tried=tried)
            if not done:  # within the transaction: a hold that was lifted above stays
                raise Conflict(Code.NOTHING_FAILED, package=package, status=row.status)
            details = {"retried": done}
            record_decision(tx, DecisionKind.RETRY, by, self.clock(), package=package, details=details)
        return tuple(done)

    def _describe(self, tx: Session, row: Package, now: datetime) -> None:
        """After a rejection, describe the release by the message that counts now, if that is another package's."""
        counts = None if row.release_id is None else counting_package(tx, row.release_id)
        if counts is None or counts.id == row.id:
            return
        dossier = dossier_of(tx, counts.id)
        said = None if dossier is None else release_of(dossier)
        if said is not None:
            describe_release(tx, counts, said, now)

    def _prove(self, package: int) -> None:
        """Raise Conflict, put the package on hold and tell ops when its files are not those that were checked."""
        if changed := self.proof.differs(package):
            with self.store.transaction() as tx:
                packages.hold_changed(tx, package, self.clock())
                what = f"package {package} is no longer what was checked"
                alarm = Alarm(what, Outlook.WAITS, (f"ingest show {package}",))
                self.notify.alarm(tx, alarm, changed, self.clock(), package)
            raise Conflict(Code.FILES_CHANGED, package=package, changed=changed)

    def _check_contents(self, tx: Session, row: Package, dsps: Sequence[str]) -> None:
        """Raise Refused where a DSP that gets messages of ours may get nothing of the package, and say why."""
        for dsp in dsps:
            if (reasons := self.deliveries.shipments.proposals.refused(tx, row, dsp)) is not None:
                raise Refused(Code.NOTHING_FOR_DSP, package=row.id, dsp=dsp, reasons="; ".join(reasons))

    def _due(self, tx: Session, row: Package) -> Sequence[str]:
        """The label's agreed DSPs and those that have the release; for a takedown or purge only the latter, if any."""
        earlier = all_of_release(tx, row)
        having = [one.dsp for package in earlier for one in deliveries_of(tx, package)]
        having = [dsp for dsp in having if dsp in self.config.dsp]
        if row.kind in (Kind.TAKEDOWN.value, Kind.PURGE.value) and having:
            return having
        return [*row.label.dsps, *having]


def _still_tried(tx: Session, row: Package) -> tuple[str, ...]:
    """What of the package failed or waits and is tried again without anybody's help, in words."""
    if row.status == Status.INCOMING.value and row.checked_at is None and row.sealed_at and row.on_hold_at is None:
        return ("the reading",)
    owed = (one for one in deliveries_of(tx, row.id) if one.state == OWED and one.fault)
    return tuple(f"the delivery to {one.dsp} (attempt {one.attempts}: {one.fault})" for one in owed)
