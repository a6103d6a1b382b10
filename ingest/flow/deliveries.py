"""Deliveries to DSPs: one package to one DSP, as a job. The last one that ends well moves the package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.core.alarm import Alarm, Outlook
from ingest.core.log import Log
from ingest.core.outcome import Superseded
from ingest.core.relative import relative_parts
from ingest.core.status import Status
from ingest.flow.engine import DSP, Engine
from ingest.flow.jobs import Done, Failed, Job, Outcome, Persistence, job_key
from ingest.flow.moves import SYSTEM, Moves
from ingest.flow.shipments import Shipments
from ingest.flow.storage import kept_of
from ingest.flow.webhooks import Webhooks
from ingest.inbound.storage import Storage
from ingest.outbound.dsp import CHANGED, push_to
from ingest.store import deliveries as rows
from ingest.store import packages
from ingest.store.database import Store
from ingest.store.known import delivered_later
from ingest.store.models import Delivery, Package

CURE: Final = (
    "If something wrote to the spool, put the files back as they were and run `ingest retry`;"
    " otherwise ask the label to upload the release again under another name."
)
UNSENT = frozenset({"litter", "temporary"})
"""Kinds of files that do not belong to a release, and are not delivered."""


@dataclass(frozen=True)
class Deliveries(Job[Delivery]):
    """The job of delivering an approved package to one DSP."""

    config: Config
    store: Store
    engine: Engine
    storage: Storage
    moves: Moves
    shipments: Shipments
    webhooks: Webhooks
    log: Log

    name = "deliver"
    step = "push"

    @property
    def persistence(self) -> Persistence:
        return Persistence(timedelta(days=self.config.delivery.retry_days))

    def owe(self, tx: Session, package: int, dsp: str, now: datetime) -> None:
        """Owe the DSP the package; a delivery that failed is owed again."""
        row = rows.owe_delivery(tx, package, dsp, now)
        self.enqueue(tx, row, 1)
        self.webhooks.delivery_update(tx, row, now)

    def enqueue(self, tx: Session, row: Delivery, attempt: int, delay: float = 0) -> None:
        key = job_key(self.name, self.row_key(row), row.runs, attempt)
        arguments = row.package_id, row.dsp, row.runs, attempt
        self.engine.enqueue(tx, self.name, DSP, key, *arguments, delay=delay, partition=row.dsp)

    def attempt(self, package: int, dsp: str) -> Outcome:
        with self.store.reading() as tx:
            row = packages.get_package(tx, package)
            dossier = packages.get_dossier(tx, package)
            owed = rows.get_delivery(tx, package, dsp)
            newer = None if row is None else delivered_later(tx, row, dsp)
        if owed is not None and owed.state != rows.OWED:
            return Done()
        if newer is not None:
            return Superseded(newer)
        target = self.config.dsp.get(dsp)
        if target is None:
            return Failed(f"there is no [dsp.{dsp}] in the configuration")
        if row is None or dossier is None:
            return Failed("the package has no dossier")
        if target.writes_messages:
            return self.shipments.deliver(package, dsp)
        with self.storage.local(kept_of(row), row.path) as release:
            try:
                place = _release_in(release, dossier)
            except ValueError as error:
                return Failed(f"{CHANGED}: {error}. {CURE}", permanent=True)
            outcome = push_to(target, place, _name_at_dsp(row), _digests(dossier))
        if isinstance(outcome, Failed) and outcome.permanent:
            return replace(outcome, reason=f"{outcome.reason}. {CURE}")
        return outcome

    def find(self, tx: Session, package: int, dsp: str) -> Delivery | None:
        row = rows.get_delivery(tx, package, dsp)
        return row if row is not None and row.state == rows.OWED else None

    def owed(self, tx: Session, before: datetime) -> Sequence[Delivery]:
        return rows.owed_deliveries(tx, before)

    def since(self, row: Delivery) -> datetime:
        return row.owed_at

    def record_attempt(self, tx: Session, row: Delivery, outcome: Outcome, began: datetime, now: datetime) -> None:
        rows.add_attempt(tx, row, outcome, began, now)

    def done(self, tx: Session, row: Delivery, outcome: Outcome, now: datetime) -> str:
        rows.end_delivery(tx, row, outcome, now)
        self.webhooks.delivery_update(tx, row, now)
        if isinstance(outcome, Done):
            self.shipments.record_sent(tx, row.id, now)
        if rows.is_settled(tx, row.package_id):
            self.moves.move(tx, row.package_id, Status.QC_APPROVED, Status.DELIVERED, SYSTEM, "", now)
        return row.state

    def give_up(self, tx: Session, row: Delivery, failed: Failed, now: datetime) -> str:
        """As `Job.give_up`; a permanent failure also puts the package on hold."""
        rows.end_delivery(tx, row, failed, now)
        self.webhooks.delivery_update(tx, row, now)
        if failed.permanent:
            packages.hold_changed(tx, row.package_id, now)
        return row.state

    def given_up(self, row: Delivery, failed: Failed) -> Alarm:
        what = f"delivery of package {row.package_id} to {row.dsp} failed for good"
        return Alarm(what, Outlook.WAITS, self.commands(row))

    def retried(self, row: Delivery, failed: Failed) -> Alarm | None:
        """As `Job.retried`; only the first failure is told."""
        what = f"delivery of package {row.package_id} to {row.dsp} failed and is being retried"
        return Alarm(what, Outlook.RETRIED, (f"ingest show {row.package_id}",)) if row.attempts == 1 else None

    def row_key(self, row: Delivery) -> str:
        return f"{row.package_id}:{row.dsp}"

    def described(self, row: Delivery) -> str:
        return f"the delivery of package {row.package_id} to {row.dsp}"

    def package(self, row: Delivery) -> int | None:
        return row.package_id


def _release_in(place: Path, dossier: Mapping[str, Any]) -> Path:
    """The folder of the release, which may lie one folder deeper. Raises ValueError for a path that leads elsewhere."""
    nested = dossier["folder"]["nested"]
    return place if nested is None else place.joinpath(*relative_parts(nested))


def _digests(dossier: Mapping[str, Any]) -> dict[str, str | None]:
    """The SHA-256 of every file that belongs to the release, by its path."""
    entries = dossier["folder"]["entries"]
    return {entry["path"]: entry["sha256"] for entry in entries if entry["kind"] not in UNSENT}


def _name_at_dsp(package: Package) -> str:
    """What the DSP sees: the same at every attempt, and another for each package."""
    barcode = package.barcode
    return f"{barcode if barcode and barcode.isalnum() else 'release'}_{package.id}"
