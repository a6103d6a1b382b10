"""Decisions about a release that stood before its package did: carried out once the package waits for QC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from ingest.core.catalogue_status import ReleaseDecision
from ingest.core.decision import By, Face
from ingest.core.log import Log
from ingest.flow.delivery_jobs import DeliveryJobs
from ingest.flow.engine import Engine
from ingest.flow.errors import CodedError
from ingest.flow.jobs import Work
from ingest.flow.moderation import NO_NOTES, Moderation
from ingest.flow.moves import DECIDE, Moves
from ingest.store import catalogue
from ingest.store.database import Clock, Store
from ingest.store.models import Package

SUBMITTER: Final = By("delivery job", Face.API)
"""Who is recorded for deliveries of a job that waited."""


@dataclass(frozen=True)
class StandingDecisions(Work[Package]):
    """The work of carrying them out. What cannot be is left to QC, who have an email about the package."""

    store: Store
    engine: Engine
    moves: Moves
    moderation: Moderation
    delivery_jobs: DeliveryJobs
    clock: Clock
    log: Log

    name = DECIDE

    def register(self) -> None:
        """Make the workflow known to the engine; call before it is launched."""
        self.engine.workflow(DECIDE, self.carry_out)

    def carry_out(self, package: int) -> str:
        """Workflow: start the delivery jobs that waited for the package, and approve or reject it as its release was.

        Returns what was done, in a word.
        """
        self.delivery_jobs.start_waiting(package, SUBMITTER)
        with self.store.reading() as tx:
            row = catalogue.awaiting_decision(tx, package)
            if row is None:
                return "superseded"
            found = tx.get_one(Package, package)
            by, notes = catalogue.decided_by(row), row.decision_notes or ""
            dsps = self.moderation.wanted(tx, row, catalogue.fields_of(tx, row.id), found)
        try:
            if row.decision == ReleaseDecision.APPROVED:
                self.moderation.review.approve(package, by, notes, dsps)
            else:
                self.moderation.review.reject(package, by, notes or NO_NOTES)
        except CodedError as error:
            self.log("decision not carried out", package=package, reason=str(error))
            with self.store.transaction() as tx:
                if (again := catalogue.awaiting_decision(tx, package)) is not None:
                    catalogue.decide(tx, again, None, self.clock())
            return "left to QC"
        return row.decision or ""

    def owed(self, tx: Session, before: datetime) -> Sequence[Package]:
        return catalogue.all_awaiting_decision(tx, before)

    def row_key(self, row: Package) -> str:
        return str(row.id)

    def described(self, row: Package) -> str:
        return f"the decision about package {row.id}"

    def package(self, row: Package) -> int | None:
        return row.id

    def runs(self, row: Package) -> int:
        return row.runs

    def enqueue_again(self, tx: Session, row: Package) -> None:
        row.runs += 1
        self.moves.enqueue_decision(tx, row)

    def give_up_lost(self, tx: Session, row: Package, now: datetime) -> None:
        if (release := catalogue.awaiting_decision(tx, row.id)) is not None:
            catalogue.decide(tx, release, None, now)
