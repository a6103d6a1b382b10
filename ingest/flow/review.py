"""The decisions of people: approve, reject, retry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.core.kind import Kind
from ingest.core.release import release_of
from ingest.core.status import Status
from ingest.flow.deliveries import Deliveries
from ingest.flow.moves import Moves
from ingest.flow.notify import Notify
from ingest.flow.proof import Proof
from ingest.flow.stored_dossier import dossier_of
from ingest.store import packages
from ingest.store.database import Clock, Store
from ingest.store.deliveries import FAILED, deliveries_of
from ingest.store.known import all_of_release, newer_of
from ingest.store.models import Package
from ingest.store.releases import counting_package, describe_release


class Undecidable(Exception):
    """The decision cannot be taken; the text says why and what would help."""


@dataclass(frozen=True, slots=True)
class Review:
    config: Config
    store: Store
    moves: Moves
    notify: Notify
    deliveries: Deliveries
    proof: Proof
    clock: Clock

    def approve(self, package: int, reviewer: str, notes: str = "", dsps: Sequence[str] = ()) -> tuple[str, ...]:
        """QC Approved, and one delivery owed for each of `dsps`, else for each DSP that is due; returns their names.

        Raises Undecidable when the package is a test or not in Needs QC, when its files changed, when a DSP is not
        configured, or when a newer package of the same release went to the DSPs: an older one must not undo it.
        """
        now = self.clock()
        self._prove(package)
        with self.store.transaction() as tx:
            row = self._package(packages.get_package(tx, package), package)
            if row.kind == Kind.TEST.value:
                raise Undecidable(f"package {package} is a test; a test is never approved")
            wanted = tuple(dict.fromkeys(dsps or self._due(tx, row)))
            self._known(wanted, row)
            if (newer := newer_of(tx, row)) is not None:
                raise Undecidable(
                    f"package {newer.id} of the same release is {newer.status} and newer;"
                    f" approving package {package} would undo it"
                )
            if not self.moves.move(tx, package, Status.NEEDS_QC, Status.QC_APPROVED, reviewer, notes, now):
                raise Undecidable(f"package {package} is {row.status}; only a package in Needs QC can be approved")
            packages.release_hold(tx, package)
            for dsp in wanted:
                self.deliveries.owe(tx, package, dsp, now)
        return wanted

    def reject(self, package: int, reviewer: str, notes: str) -> None:
        """QC Rejected; the notes go to the label word for word. Raises Undecidable."""
        if not notes.strip():
            raise Undecidable("a rejection needs notes: the label must know what to fix")
        with self.store.transaction() as tx:
            row = self._package(packages.get_package(tx, package), package)
            now = self.clock()
            if not self.moves.move(tx, package, Status.NEEDS_QC, Status.QC_REJECTED, reviewer, notes, now):
                raise Undecidable(f"package {package} is {row.status}; only a package in Needs QC can be rejected")
            self._describe(tx, row, now)

    def _describe(self, tx: Session, row: Package, now: datetime) -> None:
        """Let the release be what its other messages say, now that this package does not count any more."""
        counts = None if row.release_id is None else counting_package(tx, row.release_id)
        if counts is None or counts.id == row.id:
            return
        dossier = dossier_of(tx, counts.id)
        said = None if dossier is None else release_of(dossier)
        if said is not None:
            describe_release(tx, counts, said, now)

    def retry(self, package: int) -> tuple[str, ...]:
        """Try again what failed through an error of ours: the reading, or the deliveries that failed; returns what.

        Raises Undecidable when nothing of the package failed.
        """
        done = []
        with self.store.transaction() as tx:
            row = self._package(packages.get_package(tx, package), package)
            if row.status == Status.INCOMING.value and packages.release_hold(tx, package):
                self.proof.accept(tx, row)
                self.moves.enqueue_reading(tx, package)
                done.append("validation")
            elif row.status != Status.INCOMING.value:
                packages.release_hold(tx, package)
            for delivery in deliveries_of(tx, package):
                if delivery.state == FAILED:
                    self.deliveries.owe(tx, package, delivery.dsp, self.clock())
                    done.append(f"delivery to {delivery.dsp}")
        if not done:
            raise Undecidable(f"package {package} is {row.status} and nothing of it failed through our fault")
        return tuple(done)

    def _prove(self, package: int) -> None:
        """Raise Undecidable, put the package on hold and tell ops when its files are not those that were checked."""
        if changed := self.proof.differs(package):
            with self.store.transaction() as tx:
                packages.hold_changed(tx, package, self.clock())
                self.notify.alarm(
                    tx, f"package {package} is no longer what was checked", changed, self.clock(), package
                )
            raise Undecidable(f"package {package} is on hold: {changed}")

    def _due(self, tx: Session, row: Package) -> Sequence[str]:
        """The label's agreed DSPs and those that have the release; for a takedown or purge only those that have it."""
        earlier = all_of_release(tx, row)
        having = [one.dsp for package in earlier for one in deliveries_of(tx, package)]
        having = [dsp for dsp in having if dsp in self.config.dsp]
        if row.kind in (Kind.TAKEDOWN.value, Kind.PURGE.value) and having:
            return having
        return [*row.label.dsps, *having]

    def _package(self, row: Package | None, package: int) -> Package:
        if row is None:
            raise Undecidable(f"there is no package {package}; `ingest packages` lists them")
        return row

    def _known(self, wanted: Sequence[str], row: Package) -> None:
        if not wanted:
            raise Undecidable(
                f"no DSP is agreed with {row.label.name}; name one with --dsp, or agree with `label dsps`"
            )
        for dsp in wanted:
            if dsp not in self.config.dsp:
                known = ", ".join(sorted(self.config.dsp)) or "none"
                raise Undecidable(f"there is no DSP {dsp!r} in the configuration; known: {known}")
