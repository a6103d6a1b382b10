"""What moderators decide of releases: approve, reject, take down (guide, "Release Status Endpoints").

A release is decided by its package where one waits for QC. Before that the decision stands, and is carried out as soon
as a package does (`standing_decisions`).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from ingest.core.alarm import Alarm, Outlook
from ingest.core.catalogue_status import ReleaseDecision, ReleaseStatus, release_status
from ingest.core.decision import By
from ingest.core.delivery_state import LIVE, UNSENT
from ingest.core.facts import Container
from ingest.core.finding import Severity
from ingest.core.status import Status
from ingest.flow.composition import Composition
from ingest.flow.errors import Code, Conflict, NotFound, Refused
from ingest.flow.notify import Notify
from ingest.flow.providers import Providers
from ingest.flow.review import Review
from ingest.flow.takedowns import Takedowns
from ingest.flow.webhooks import Webhooks
from ingest.store import catalogue, packages
from ingest.store.assets import FAILED, assets_of
from ingest.store.database import Clock, Store
from ingest.store.deliveries import of_release
from ingest.store.delivery_jobs import jobs_of
from ingest.store.models import CatalogueRelease, Package, ReleaseRow

NO_NOTES: Final = "Our reviewer rejected this release and left no notes. Please ask us what to change."
TAKEN_DOWN: Final = "The release was taken down on request."
BY_HAND: Final = "These DSPs get packages as received, so that no message can take the release down there: tell them."
LOSSY: Final = frozenset({Container.MP3.value, Container.AAC.value, Container.OGG.value, Container.WMA.value})
"""Containers of audio that can never be approved (guide, "Audio File Requirements")."""


@dataclass(frozen=True, slots=True)
class Moderation:
    """The use cases of moderators on releases. `label` is the caller's own; another label's release is not found."""

    store: Store
    review: Review
    composition: Composition
    providers: Providers
    takedowns: Takedowns
    notify: Notify
    webhooks: Webhooks
    clock: Clock

    def approve(self, label: int, release: UUID, by: By, notes: str = "") -> None:
        """Approve a release; one that is approved stays so.

        Raises NotFound, and Conflict: it was taken down, has errors that stand in the way, or its package cannot be
        approved (`Review.approve`).
        """
        with self.store.transaction() as tx:
            row, package = self._found(tx, label, release)
            status = release_status(row.status, row.decision)
            if status is ReleaseStatus.APPROVED:
                return
            if status is ReleaseStatus.TAKEN_DOWN:
                raise Conflict(Code.RELEASE_TAKEN_DOWN, release=str(release))
            kept = catalogue.lock_fields(tx, release)
            is_current = package is not None and (kept is None or kept.composed >= kept.revision)
            if package is None or not is_current or package.status != Status.NEEDS_QC:
                self._approve_ahead(tx, row, kept, package if is_current else None, by, notes)
                return
            dsps = self.wanted(tx, row, kept, package)
        self.review.approve(package.id, by, notes, dsps)

    def _approve_ahead(
        self, tx: Session, row: ReleaseRow, kept: CatalogueRelease | None, package: Package | None, by: By, notes: str
    ) -> None:
        """Approve a release before its package can be: the package is owed at once where there is none yet."""
        if kept is not None:
            self._check_files(tx, kept)
        if package is not None and package.status == Status.INVALID:
            raise Conflict(Code.RELEASE_HAS_ERRORS, release=str(row.id), errors=_errors(tx, package))
        if package is not None and package.status == Status.QC_REJECTED:
            if kept is None:
                raise Conflict(Code.NOT_IN_NEEDS_QC, package=package.id, status=package.status, decision="approved")
            kept.revision += 1
        self._decide(tx, row, ReleaseDecision.APPROVED, by, notes)
        if kept is not None:
            self.composition.owe_now(tx, kept)

    def _check_files(self, tx: Session, kept: CatalogueRelease) -> None:
        """Raise Conflict where a file can never be approved: it could not be fetched, or is lossy."""
        known = assets_of(tx, kept.release_id).values()
        wrong = [f"{one.name}: {one.fault or 'it could not be read'}" for one in known if one.state == FAILED]
        wrong += [f"{one.name}: {one.media} is not lossless" for one in known if one.media in LOSSY]
        if wrong:
            raise Conflict(Code.RELEASE_HAS_ERRORS, release=str(kept.release_id), errors=tuple(wrong))

    def reject(self, label: int, release: UUID, by: By, notes: str = "") -> None:
        """Reject a release; one that is rejected stays so.

        Raises NotFound, and Conflict: it was taken down, or went to DSPs.
        """
        with self.store.transaction() as tx:
            row, package = self._found(tx, label, release)
            status = release_status(row.status, row.decision)
            if status is ReleaseStatus.REJECTED:
                return
            if status is ReleaseStatus.TAKEN_DOWN:
                raise Conflict(Code.RELEASE_TAKEN_DOWN, release=str(release))
            if package is None or package.status != Status.NEEDS_QC:
                if row.status in (Status.QC_APPROVED, Status.DELIVERED):
                    raise Conflict(Code.RELEASE_LIVE, release=str(release))
                self._decide(tx, row, ReleaseDecision.REJECTED, by, notes)
                return
        self.review.reject(package.id, by, notes or NO_NOTES)

    def take_down(self, label: int, release: UUID, by: By, notes: str = "") -> None:
        """Take a release down; one that was taken down stays so. Raises NotFound."""
        with self.store.transaction() as tx:
            row, package = self._found(tx, label, release)
            if release_status(row.status, row.decision) is ReleaseStatus.TAKEN_DOWN:
                return
            self._decide(tx, row, ReleaseDecision.TAKEN_DOWN, by, notes)
            kept = catalogue.lock_fields(tx, release)
            if kept is not None:
                kept.compose_at = None
        if package is not None and package.status == Status.NEEDS_QC:
            self.review.reject(package.id, by, notes or NO_NOTES)
        if package is not None:
            self._take_down_at_dsps(release, package.id, by, notes or TAKEN_DOWN)

    def _decide(self, tx: Session, row: ReleaseRow, decision: ReleaseDecision, by: By, notes: str) -> None:
        """Record what was decided of the release itself, and tell the label's systems its new status."""
        now, package = self.clock(), catalogue.newest_package(tx, row.id)
        catalogue.decide(tx, row, decision, now, by, notes)
        shown = release_status(row.status, row.decision).value
        of_package = (None, row.barcode, None) if package is None else (package.status, row.barcode, package.folder)
        cause = f"release:{row.id.hex}:{decision.value}:{now:%Y%m%dT%H%M%S%f}"
        self.webhooks.release_changed(tx, row.label_id, row.id, (shown, *of_package), cause, now)

    def _take_down_at_dsps(self, release: UUID, package: int, by: By, reason: str) -> None:
        """Send takedowns to the DSPs that have the release; ops are told of those that only a person can tell."""
        try:
            self.takedowns.takedown(str(release), by, reason)
        except Conflict:
            return  # no DSP has the release: none is to be told
        except Refused as error:
            if error.code is not Code.NO_TAKEDOWN_MESSAGE:
                raise
            by_hand = tuple(map(str, error.values["dsps"]))  # type: ignore[call-overload]
            self._take_down_elsewhere(release, package, by, reason, by_hand)

    def _take_down_elsewhere(self, release: UUID, package: int, by: By, reason: str, by_hand: Sequence[str]) -> None:
        with self.store.reading() as tx:
            having = [one.dsp for one in of_release(tx, tx.get_one(Package, package)) if one.state in LIVE | UNSENT]
        others = tuple(dict.fromkeys(dsp for dsp in having if dsp not in by_hand))
        if others:
            with suppress(Conflict):
                self.takedowns.takedown(str(release), by, reason, others)
        with self.store.transaction() as tx:
            what = f"release {release} is to be taken down by hand at {', '.join(by_hand)}"
            commands = tuple(f"ingest takedown {release} --told {dsp} --reason '...'" for dsp in by_hand)
            detail = f"The API was asked to take it down: {reason}\n{BY_HAND}"
            self.notify.alarm(tx, Alarm(what, Outlook.WAITS, commands), detail, self.clock(), package)

    def wanted(self, tx: Session, row: ReleaseRow, kept: CatalogueRelease | None, package: Package) -> Sequence[str]:
        """The DSPs that an approval is for, agreed with the label: those that the release was submitted to, if any.

        Else those that it names.
        """
        submitted = [dsp for job in jobs_of(tx, row.id) if job.refused is None for dsp in job.destinations]
        named = () if kept is None else self.providers.known(kept.fields.get("distroStores") or ())
        named = tuple(dict.fromkeys(submitted)) or named
        return tuple(dsp for dsp in named if dsp in package.label.dsps)

    def _found(self, tx: Session, label: int, release: UUID) -> tuple[ReleaseRow, Package | None]:
        row = catalogue.find_release(tx, label, release)
        if row is None:
            raise NotFound("release", str(release))
        return row, catalogue.newest_package(tx, release)


def _errors(tx: Session, package: Package) -> tuple[str, ...]:
    found = packages.findings_of(tx, package.id)
    return tuple(f"{one.code}: {one.text}" for one in found if one.severity is Severity.ERROR)
