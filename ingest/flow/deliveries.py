"""Deliveries to DSPs: one package to one DSP, as a job. The last one that ends well moves the package.

Those of one release to one DSP go one after the other, in the order in which they were owed; takedowns go before
deliveries of other releases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from ingest.config import Config, Dsp
from ingest.core.alarm import Alarm, Outlook
from ingest.core.log import Log
from ingest.core.outcome import Superseded, Waits
from ingest.core.relative import relative_parts
from ingest.core.status import Status
from ingest.flow.delivery_order import (
    TAKES_DOWN,
    apply_answers,
    is_anywhere,
    is_takedown,
    newer_at_dsp,
    takes_release_down,
)
from ingest.flow.engine import DSP, Engine
from ingest.flow.jobs import Done, Failed, Job, Outcome, Persistence, job_key
from ingest.flow.lookup import check_sandbox
from ingest.flow.moves import SYSTEM, Moves
from ingest.flow.sending_lock import sending_lock
from ingest.flow.sending_progress import sending
from ingest.flow.shipments import Shipments
from ingest.flow.storage import kept_of
from ingest.flow.webhooks import Webhooks
from ingest.inbound.storage import Storage
from ingest.outbound.dsp import CHANGED, push_to
from ingest.store import deliveries as rows
from ingest.store import known, packages
from ingest.store.database import Store
from ingest.store.models import Delivery, Package

CURE: Final = (
    "If something wrote to the spool, put the files back as they were and run `ingest retry`;"
    " otherwise ask the label to upload the release again under another name."
)
FIRST, NEXT = 1, 2
"""Priorities in the queue of a DSP: takedowns, and everything else."""
ELSEWHERE: Final = "another worker is sending to this DSP about this release"
HELD: Final = "it is held until {:%Y-%m-%d %H:%M} UTC"
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

    def owe(
        self, tx: Session, package: int, dsp: str, now: datetime, not_before: datetime | None = None, notes: str = ""
    ) -> Delivery:
        """Owe the DSP the package, not to be sent before a time; a delivery that failed or was held is owed again.

        Raises as `begin`.
        """
        row = rows.owe_delivery(tx, package, dsp, now, not_before=not_before, notes=notes)
        self.begin(tx, row, now)
        return row

    def begin(self, tx: Session, row: Delivery, now: datetime) -> None:
        """Enqueue the first attempt of a delivery that is owed, for the time from which it may be sent.

        Raises Refused where only one of label and DSP is a sandbox, whoever asks for the delivery.
        """
        if (package := packages.get_package(tx, row.package_id)) is not None:
            check_sandbox(self.config, package.label.name, (row.dsp,), is_sandbox=package.label.is_sandbox)
        wait = timedelta() if row.not_before is None else max(row.not_before - now, timedelta())
        self.enqueue(tx, row, 1, wait.total_seconds())
        self.webhooks.delivery_update(tx, row, now)

    def owe_again(self, tx: Session, row: Delivery, now: datetime) -> None:
        """Owe a delivery again, as a new run. Raises as `begin`."""
        rows.owe_again(tx, row, now)
        self.begin(tx, row, now)

    def enqueue(self, tx: Session, row: Delivery, attempt: int, delay: float = 0) -> None:
        key = job_key(self.name, self.row_key(row), row.runs, attempt)
        number = () if row.number == 1 else (row.number,)
        arguments = row.package_id, row.dsp, *number, row.runs, attempt
        priority = FIRST if is_takedown(tx, row) else NEXT
        self.engine.enqueue(tx, self.name, DSP, key, *arguments, delay=delay, partition=row.dsp, priority=priority)

    def attempt(self, package: int, dsp: str, number: int = 1) -> Outcome:
        with self.store.reading() as tx:
            row = packages.get_package(tx, package)
        release = None if row is None else row.release_id
        name = f"package {package}" if release is None else str(release)
        with sending_lock(self.store, self.config.paths.state_dir, name, dsp) as is_ours:
            return self._attempt(package, dsp, number) if is_ours else Waits(ELSEWHERE)

    def _attempt(self, package: int, dsp: str, number: int) -> Outcome:
        with self.store.reading() as tx:
            row = packages.get_package(tx, package)
            dossier = packages.get_dossier(tx, package)
            owed = rows.get_delivery(tx, package, dsp, number)
            newer = None if row is None else newer_at_dsp(tx, row, dsp, owed)
            is_sandbox = row is not None and row.label.is_sandbox
        if owed is not None and owed.state != rows.OWED:
            return Done()
        if newer is not None:
            return Superseded(newer)
        target = self.config.dsp.get(dsp)
        if target is None:
            return Failed(f"there is no [dsp.{dsp}] in the configuration")
        if row is None or dossier is None:
            return Failed("the package has no dossier")
        if target.sandbox != is_sandbox:
            return Failed(f"[dsp.{dsp}] has sandbox = {str(target.sandbox).lower()}, and the label is not of that kind")
        if owed is not None and owed.not_before is not None and owed.not_before > self.shipments.clock():
            return Waits(HELD.format(owed.not_before), owed.not_before)
        if target.writes_messages:
            return self.shipments.deliver(package, dsp, number)
        return self._send_as_received(row, dossier, target, owed)

    def _send_as_received(
        self, row: Package, dossier: Mapping[str, Any], target: Dsp, owed: Delivery | None
    ) -> Outcome:
        with self.storage.local(kept_of(row), row.path) as release:
            try:
                place = _release_in(release, dossier)
            except ValueError as error:
                return Failed(f"{CHANGED}: {error}. {CURE}", permanent=True)
            digests = _digests(dossier)
            if owed is None or target.path is not None:
                outcome = push_to(target, place, _name_at_dsp(row, owed), digests)
            else:
                in_all = sum((place / path).stat().st_size for path in digests if (place / path).is_file())
                clock = self.shipments.clock
                with sending(self.store, clock, self.log, owed.id, owed.dsp, in_all) as progress:
                    outcome = push_to(target, place, _name_at_dsp(row, owed), digests, progress)
        if isinstance(outcome, Failed) and outcome.permanent:
            return replace(outcome, reason=f"{outcome.reason}. {CURE}")
        return outcome

    def find(self, tx: Session, package: int, dsp: str, number: int = 1) -> Delivery | None:
        row = rows.get_delivery(tx, package, dsp, number)
        return row if row is not None and row.state == rows.OWED else None

    def owed(self, tx: Session, before: datetime) -> Sequence[Delivery]:
        return rows.owed_deliveries(tx, before)

    def since(self, row: Delivery) -> datetime:
        return row.owed_at if row.not_before is None else max(row.owed_at, row.not_before)

    def record_attempt(self, tx: Session, row: Delivery, outcome: Outcome, began: datetime, now: datetime) -> None:
        row.sending_since = None
        rows.add_attempt(tx, row, outcome, began, now)

    def done(self, tx: Session, row: Delivery, outcome: Outcome, now: datetime) -> str:
        rows.end_delivery(tx, row, outcome, now)
        if isinstance(outcome, Done):
            self._note_sent(tx, row, now)
        package = tx.get_one(Package, row.package_id)
        if isinstance(outcome, Done) and takes_release_down(tx, row):
            self.note_gone(tx, package, now, row.notes, is_told=package.kind not in TAKES_DOWN)
        elif isinstance(outcome, Done) and not is_takedown(tx, row):
            self.moves.move(tx, package.id, Status.TAKEN_DOWN, Status.DELIVERED, SYSTEM, "", now)
        self.conclude(tx, package.id, now)
        self._wake_next(tx, row, now)
        return row.state

    def conclude(self, tx: Session, package: int, now: datetime) -> None:
        """Move an approved package to Delivered to DSPs where all of its deliveries were sent."""
        if rows.is_settled(tx, package):
            self.moves.move(tx, package, Status.QC_APPROVED, Status.DELIVERED, SYSTEM, "", now)

    def note_gone(self, tx: Session, package: Package, now: datetime, reason: str, *, is_told: bool) -> None:
        """Move all packages that brought a release to Taken Down where no DSP has it nor is to get it.

        The label gets one email with the reason, about the newest of them, unless `is_told` is False.
        """
        if is_anywhere(tx, package):
            return
        for one in known.went_out(tx, package):
            for old in (Status.DELIVERED, Status.QC_APPROVED):
                if self.moves.move(tx, one.id, old, Status.TAKEN_DOWN, SYSTEM, reason, now, is_told=is_told):
                    is_told = False

    def _note_sent(self, tx: Session, row: Delivery, now: datetime) -> None:
        """Record that the DSP has the shipment, what it took down, and what the DSP has answered meanwhile."""
        self.shipments.record_sent(tx, row.id, now)
        if takes_release_down(tx, row):
            self.take_down(tx, row, now)
        apply_answers(tx, row)
        self.webhooks.delivery_update(tx, row, now)

    def take_down(self, tx: Session, row: Delivery, now: datetime) -> None:
        """Record that what earlier deliveries brought to the DSP was taken down by this one."""
        rows.take_down(tx, row)
        for one in rows.taken_down_by(tx, row):
            self.webhooks.delivery_update(tx, one, now)

    def _wake_next(self, tx: Session, row: Delivery, now: datetime) -> None:
        """Attempt the next delivery of the release to this DSP at once, which waited for this one."""
        following = rows.next_owed(tx, row)
        if following is not None and following.attempts > 0:
            rows.owe_again(tx, following, now)
            self.enqueue(tx, following, 1)

    def give_up(self, tx: Session, row: Delivery, failed: Failed, now: datetime) -> str:
        """As `Job.give_up`; a permanent failure also puts the package on hold."""
        rows.end_delivery(tx, row, failed, now)
        self.webhooks.delivery_update(tx, row, now)
        if failed.permanent:
            packages.hold_changed(tx, row.package_id, now)
        self._wake_next(tx, row, now)
        return row.state

    def given_up(self, row: Delivery, failed: Failed) -> Alarm:
        what = f"delivery of package {row.package_id} to {row.dsp} failed for good"
        return Alarm(what, Outlook.WAITS, self.commands(row))

    def retried(self, row: Delivery, failed: Failed) -> Alarm | None:
        """As `Job.retried`; only the first failure is told."""
        what = f"delivery of package {row.package_id} to {row.dsp} failed and is being retried"
        return Alarm(what, Outlook.RETRIED, (f"ingest show {row.package_id}",)) if row.attempts == 1 else None

    def row_key(self, row: Delivery) -> str:
        number = "" if row.number == 1 else f":{row.number}"
        return f"{row.package_id}:{row.dsp}{number}"

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


def _name_at_dsp(package: Package, delivery: Delivery | None) -> str:
    """What the DSP sees: the same at every attempt, and another for each delivery of a package."""
    barcode = package.barcode
    number = "" if delivery is None or delivery.number == 1 else f"_{delivery.number}"
    return f"{barcode if barcode and barcode.isalnum() else 'release'}_{package.id}{number}"
