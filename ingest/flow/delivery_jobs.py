"""Delivery jobs: releases submitted to DSPs or redelivered by integrators (guide, "Distribution / Delivery API").

A job waits until its release has a package that passed the checks, and its deliveries wait until that is approved and
until their time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session
from ulid import ULID

from ingest.core.catalogue_status import ReleaseStatus, release_status
from ingest.core.decision import By
from ingest.core.delivery_state import DeliveryPurpose, Standing
from ingest.core.status import Status
from ingest.flow.composition import Composition
from ingest.flow.delivery_lines import delivery_line
from ingest.flow.delivery_requests import DeliveryRequests
from ingest.flow.errors import Code, CodedError, Conflict, NotFound, Refused
from ingest.flow.providers import Providers
from ingest.store import catalogue
from ingest.store import delivery_jobs as rows
from ingest.store.database import Clock, Store
from ingest.store.deliveries import of_release
from ingest.store.models import DeliveryJob, Label, Package, ReleaseRow

ID: Final = "deljob_{}"
THERE_ALREADY: Final = frozenset({Code.DSP_HAS_IT, Code.DELIVERY_UNDER_WAY, Code.NOTHING_CHANGED})
"""What a job asked for is there already, or on its way."""
REJECTED: Final = "the release is rejected"
SAID: Final[Mapping[Standing, str]] = {
    Standing.QUEUED: "queued",
    Standing.HELD: "queued",
    Standing.SENDING: "processing",
    Standing.SENT: "delivered",
    Standing.ACCEPTED: "accepted",
    Standing.REJECTED: "rejected",
    Standing.FAILED: "failed",
    Standing.SUPERSEDED: "delivered",
    Standing.TAKEN_DOWN: "taken_down",
}
"""What integrators read of how a delivery stands."""
ENDED: Final = frozenset({"delivered", "accepted", "rejected", "failed", "taken_down"})
TAKEN: Final = frozenset({"delivered", "accepted", "taken_down"})


@dataclass(frozen=True, slots=True)
class AtProvider:
    """How a release stands at a DSP, in the words of the API."""

    dsp: str
    status: str
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeliveryJobs:
    """The use cases of integrators on deliveries. A release of another label is not found."""

    store: Store
    requests: DeliveryRequests
    composition: Composition
    providers: Providers
    clock: Clock

    def submit(
        self, label: int, release: UUID, names: Sequence[str], by: By, notes: str, scheduled: datetime | None
    ) -> DeliveryJob:
        """Have a release delivered to the DSPs of these names, not before a time.

        Raises NotFound for a release, and for a name that is no DSP; Refused for a DSP that is not agreed with the
        label or may get nothing of the release; Conflict for a release that was taken down.
        """
        now = self.clock()
        with self.store.transaction() as tx:
            row, dsps = self._found(tx, label, release), self.providers.all(names)
            self._check_agreed(tx, label, dsps)
            status = release_status(row.status, row.decision)
            if status is ReleaseStatus.TAKEN_DOWN:
                raise Conflict(Code.RELEASE_TAKEN_DOWN, release=str(release))
            refused = REJECTED if status is ReleaseStatus.REJECTED else None
            job = rows.add_job(
                tx, _new_id(), label, release, rows.SUBMIT, dsps, now, scheduled=scheduled, notes=notes, refused=refused
            )
            if (kept := catalogue.lock_fields(tx, release)) is not None and refused is None:
                self.composition.owe_now(tx, kept)
        if refused is None:
            self._start(job.id, label, by)
        return self.job(label, job.id)

    def redeliver(
        self, label: int, release: UUID, names: Sequence[str], by: By, notes: str, scheduled: datetime | None
    ) -> DeliveryJob:
        """Have what changed of a release delivered again, to these DSPs or to all that have it.

        A release whose fields changed is composed and reviewed first; one that was taken down is offered again. Raises
        as `submit`, and Conflict where no DSP has the release.
        """
        now = self.clock()
        with self.store.transaction() as tx:
            row, dsps = self._found(tx, label, release), self.providers.all(names)
            self._check_agreed(tx, label, dsps)
            kept = catalogue.lock_fields(tx, release)
            is_changed = kept is not None and kept.composed < kept.revision
            was_taken_down = release_status(row.status, row.decision) is ReleaseStatus.TAKEN_DOWN
        added = None
        if not is_changed:
            added = self.requests.redeliver(str(release), by, dsps, notes, scheduled)
        with self.store.transaction() as tx:
            told = dsps or _dsps_of(tx, release)
            job = rows.add_job(
                tx, _new_id(), label, release, rows.REDELIVER, told, now, scheduled=scheduled, notes=notes
            )
            if added is not None:
                rows.start(job, now)
            if was_taken_down:
                catalogue.decide(tx, tx.get_one(ReleaseRow, release), None, now)
            if is_changed and (kept := catalogue.lock_fields(tx, release)) is not None:
                self.composition.owe_now(tx, kept)
        return self.job(label, job.id)

    def _start(self, job: str, label: int, by: By) -> None:
        """Owe the deliveries of a job, if its release has a package for them."""
        with self.store.reading() as tx:
            row = rows.find_job(tx, label, job)
            if row is None or row.started_at is not None or not _is_deliverable(tx, row.release_id):
                return
        failure = None
        for dsp in row.destinations:
            try:
                self.requests.submit(str(row.release_id), (dsp,), by, row.notes, row.scheduled_at)
            except (Conflict, Refused) as error:
                if error.code not in THERE_ALREADY:
                    failure = error
        with self.store.transaction() as tx:
            kept = rows.find_job(tx, label, job)
            if kept is not None and failure is None:
                rows.start(kept, self.clock())
            elif kept is not None:
                rows.refuse(kept, _reason(failure))

    def start_waiting(self, package: int, by: By) -> None:
        """Owe the deliveries of the jobs that waited for this package to pass its checks."""
        with self.store.reading() as tx:
            row = tx.get(Package, package)
            if row is None or row.release_id is None:
                return
            waiting = [(one.id, one.label_id) for one in rows.waiting_jobs(tx, row.release_id)]
        for job, label in waiting:
            self._start(job, label, by)

    def job(self, label: int, job: str) -> DeliveryJob:
        """One job. Raises NotFound."""
        with self.store.reading() as tx:
            row = rows.find_job(tx, label, job)
        if row is None:
            raise NotFound("job", job)
        return row

    def status(self, label: int, release: UUID, user: str | None = None) -> Sequence[AtProvider]:
        """How a release stands at each DSP that has it or is to get it. Raises NotFound.

        With a `user`, a release of another user is not found.
        """
        with self.store.snapshot() as tx:
            self._found(tx, label, release)
            kept = catalogue.fields_of(tx, release)
            if user is not None and (kept is None or kept.user_id != user):
                raise NotFound("release", str(release))
            waiting = [dsp for job in rows.waiting_jobs(tx, release) for dsp in job.destinations]
            at = {dsp: AtProvider(dsp, "queued", None) for dsp in waiting} | _at_providers(tx, release)
        return tuple(at.values())

    def status_of(self, job: DeliveryJob) -> str:
        """The status of a job: queued, processing, completed or failed (guide, "Delivery job")."""
        if job.refused is not None:
            return "failed"
        if job.started_at is None:
            return "queued"
        with self.store.reading() as tx:
            at = _at_providers(tx, job.release_id)
        states = [at[dsp].status for dsp in job.destinations if dsp in at]
        if not states or set(states) == {"queued"}:
            return "queued"
        if not ENDED.issuperset(states):
            return "processing"
        return "completed" if TAKEN.intersection(states) else "failed"

    def _found(self, tx: Session, label: int, release: UUID) -> ReleaseRow:
        row = catalogue.find_release(tx, label, release)
        if row is None:
            raise NotFound("release", str(release))
        return row

    def _check_agreed(self, tx: Session, label: int, dsps: Sequence[str]) -> None:
        agreed = tx.get_one(Label, label).dsps
        if missing := tuple(self.providers.slug(dsp) for dsp in dsps if dsp not in agreed):
            raise Refused(Code.DSP_NOT_AGREED, dsps=missing)


def _new_id() -> str:
    return ID.format(ULID())


def _reason(error: CodedError | None) -> str:
    return "" if error is None else str(error.values.get("reasons") or error.code)


def _is_deliverable(tx: Session, release: UUID) -> bool:
    """Whether a package of the release passed its checks."""
    package = catalogue.newest_package(tx, release)
    return package is not None and package.status in (Status.NEEDS_QC, Status.QC_APPROVED, Status.DELIVERED)


def _at_providers(tx: Session, release: UUID) -> dict[str, AtProvider]:
    """The last delivery of the release to each DSP, as integrators read it."""
    package = catalogue.newest_package(tx, release)
    found: dict[str, AtProvider] = {}
    for row in () if package is None else of_release(tx, package):
        line = delivery_line(tx, row)
        said = SAID[line.state]
        if line.purpose is DeliveryPurpose.TAKEDOWN:
            if said not in ("delivered", "accepted"):
                continue  # until it is sent, the DSP has the release as before
            said = "taken_down"
        found[row.dsp] = AtProvider(row.dsp, said, row.delivered_at)
    return found


def _dsps_of(tx: Session, release: UUID) -> Sequence[str]:
    return tuple(_at_providers(tx, release))
