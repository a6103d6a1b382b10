"""The workflows of a release, from sealed folder to the DSPs. Read this first.

A package is read in child processes, judged by the rules and moved to its next status; QC decides (`review`); each
agreed DSP gets a delivery. Steps run at least once, and the transaction of a step changes its rows exactly once. No
workflow waits: a retry is a new workflow, enqueued with a delay.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.core.dossier import Dossier
from ingest.core.finding import Finding
from ingest.core.kind import Kind, kind_of
from ingest.core.relative import relative_parts
from ingest.core.status import AFTER, Status
from ingest.core.verdict import judge
from ingest.flow.engine import DSP, Engine, backoff
from ingest.flow.moves import SYSTEM, Moves, batch_path, package_path, thread_of
from ingest.flow.outbox import Outbox
from ingest.flow.proof import Proof
from ingest.outbound.acknowledgement import write_acknowledgement
from ingest.outbound.dsp import CHANGED, push_to
from ingest.readers.dossier import ReaderSettings, ReadingFailed, read_dossier
from ingest.readers.json_values import from_json, to_json
from ingest.rules import check
from ingest.store import folders, notices, packages
from ingest.store.covers import known_covers
from ingest.store.database import Clock, Store
from ingest.store.known import delivered_later, known_releases, save_recordings
from ingest.store.models import Acknowledgement, Package
from ingest.store.progress import Progress

OVERTAKEN: Final = "nothing was sent: the DSP has a newer message of this release, that of package"

MOST_BYTES: Final = 64_000_000
"""Of the dossier and the findings of a package, as JSON."""
MOST_KNOWN: Final = 4_000
"""Earlier releases and recordings that a package is compared with: more than two for each file that it may have."""
MOST_OF_FAULT: Final = 20_000
"""Characters of what is said of a reading that failed: thousands of files may have failed at once."""
MOST_OF_ERROR: Final = 500
UNFORESEEN: Final = (ValueError, LookupError, TypeError, ArithmeticError, AttributeError, MemoryError, RecursionError)
"""What facts raise that no reader of ours would give."""
AWAY: Final = (OperationalError, InterfaceError, NoConnection)
"""What a database raises that is away, full or overrun; it may take the same a minute later."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The workflows and their steps; `register` makes them known to the engine."""

    config: Config
    store: Store
    engine: Engine
    moves: Moves
    outbox: Outbox
    reading: ReaderSettings
    proof: Proof
    clock: Clock
    log: Callable[..., None]

    def register(self) -> None:
        self.engine.workflow("ingest", self.ingest)
        self.engine.workflow("deliver", self.deliver)
        self.engine.workflow("tell", self.tell)
        self.engine.workflow("acknowledge", self.acknowledge)

    # From sealed folder to verdict

    def ingest(self, package: int) -> str:
        """Workflow: read the package, judge it, move it. After an error of ours it stays Incoming; ops are told.

        What the database refuses it will refuse again; where it is only away, the work is found again (`maintenance`).
        """
        try:
            read = self.engine.step("read", self.read, package)
            if not read["fault"]:
                return self.engine.commit("conclude", self.conclude, package, read["dossier"], read["findings"])
            failure = read["fault"]
        except AWAY:
            raise
        except (SQLAlchemyError, *UNFORESEEN) as error:
            failure = f"what was read could not be stored: {_where(error)}: {str(error)[:MOST_OF_ERROR]}"
        self.engine.commit("put_aside", self.put_on_hold, package, failure)
        return Status.INCOMING.value

    def read(self, package: int) -> dict[str, Any]:
        """Step: the package's dossier and findings; `fault` is empty, or says for ops why it could not be read."""
        with self.store.transaction() as tx:
            if packages.count_start(tx, package) > self.config.validation.max_starts:
                return {"fault": "the reading of this package was started again and again and never ended"}
            row = packages.get_package(tx, package)
            assert row is not None
            if changed := self.proof.stands(row):
                return {"fault": changed}
            uploads = folders.upload_facts(tx, row.origin, row.path)
            place, batch = package_path(self.config, row), batch_path(self.config, row)

        def known(dossier: Dossier) -> Any:
            with self.store.reading() as tx:
                earlier = known_releases(tx, package, row.label_id, dossier)[:MOST_KNOWN]
                return earlier + known_covers(tx, package, row.label_id, dossier)

        progress = Progress(self.store, package, self.log)
        try:
            dossier = read_dossier(place, row.path or row.folder, self.reading, uploads, known, progress, batch)
            if dossier.unread:
                unread = "; ".join(f"{unread.file}: {unread.reason}" for unread in dossier.unread)
                return {"fault": unread[:MOST_OF_FAULT]}
            findings = check(dossier, self.config.policy(row.received_at.date()))
            read: dict[str, Any] = {"dossier": to_json(dossier), "findings": [to_json(finding) for finding in findings]}
            if len(json.dumps(read)) > MOST_BYTES:
                return {"fault": f"what was read takes more than the {MOST_BYTES} bytes that are kept of a package"}
        except (ReadingFailed, OSError) as error:
            return {"fault": str(error)[:MOST_OF_FAULT]}
        except UNFORESEEN as error:
            return {"fault": f"what was read could not be judged: {_where(error)}"}
        if changed := self.proof.differs_from(row, read["dossier"]):
            return {"fault": changed}
        self.log("read", package=package, folder=row.folder, findings=len(findings))
        return {"fault": "", **read}

    def conclude(self, tx: Session, package: int, dossier: dict[str, Any], found: list[dict[str, Any]]) -> str:
        """Transaction: store dossier and findings, move the package, owe what follows. A test that passed stays."""
        now = self.clock()
        row = packages.get_package(tx, package)
        if row is None or row.status != Status.INCOMING.value:
            return "superseded"
        if changed := self.proof.stands(row):
            self.put_on_hold(tx, package, changed)
            return Status.INCOMING.value
        findings, read = [from_json(Finding, finding) for finding in found], from_json(Dossier, dossier)
        status = AFTER[judge(findings)]
        packages.set_summary(tx, package, read, dossier, now)
        packages.set_findings(tx, package, findings)
        self.moves.acknowledge(tx, package, read, findings, now)
        if status is Status.NEEDS_QC and kind_of(read) is Kind.TEST:
            self.moves.answer_test(tx, package, now)
            return Status.INCOMING.value
        if status is Status.NEEDS_QC:
            save_recordings(tx, package, row.label_id, read)
        self.moves.move(tx, package, Status.INCOMING, status, SYSTEM, "", now)
        return status.value

    def put_on_hold(self, tx: Session, package: int, failure: str) -> None:
        """Transaction: put the package on hold until `ingest retry`, and owe ops an email."""
        packages.put_on_hold(tx, package, self.clock())
        row = packages.get_package(tx, package)
        again = "" if row is None or row.runs <= 1 else f" at try {row.runs}"
        self.moves.alarm(tx, f"package {package} could not be read{again}", failure, self.clock(), package)

    # From approval to the DSPs

    def deliver(self, package: int, dsp: str, run: int, attempt: int) -> str:
        """Workflow: one attempt to deliver; `settle` records the outcome and enqueues the next attempt, if any."""
        failure = self.engine.step("push", self.push, package, dsp)
        return self.engine.commit("settle", self.settle, package, dsp, run, attempt, failure)

    def push(self, package: int, dsp: str) -> str:
        """Step: deliver the package to the DSP; may be repeated. Returns "" or what went wrong, for ops."""
        with self.store.reading() as tx:
            row = packages.get_package(tx, package)
            dossier = packages.get_dossier(tx, package)
            newer = None if row is None else delivered_later(tx, row, dsp)
        if newer is not None:
            return f"{OVERTAKEN} {newer}"
        target = self.config.dsp.get(dsp)
        if target is None:
            return f"there is no [dsp.{dsp}] in the configuration"
        if row is None or dossier is None:
            return "the package has no dossier"
        place = package_path(self.config, row)
        if (nested := dossier["folder"]["nested"]) is not None:
            try:
                place = place.joinpath(*relative_parts(nested))
            except ValueError as error:
                return f"{CHANGED}: {error}"
        digests = {entry["path"]: entry["sha256"] for entry in dossier["folder"]["entries"]}
        kinds = {entry["path"]: entry["kind"] for entry in dossier["folder"]["entries"]}
        wanted = {path: digest for path, digest in digests.items() if kinds[path] not in ("litter", "temporary")}
        name = row.barcode if row.barcode and row.barcode.isalnum() else "release"
        return push_to(target, place, f"{name}_{package}", wanted)

    def settle(self, tx: Session, package: int, dsp: str, run: int, attempt: int, failure: str) -> str:
        """Transaction: the delivery is done, is tried again later, or has failed; the last one done moves the package.

        Where the DSP has a newer message of the release, nothing was sent and the delivery counts as done.
        """
        now = self.clock()
        delivery = packages.get_delivery(tx, package, dsp)
        if delivery is None or delivery.state != packages.OWED or delivery.runs != run:
            return "superseded"
        delivery.attempts, delivery.fault = attempt, failure or None
        if failure.startswith(OVERTAKEN):
            failure = ""
        permanent = failure.startswith(CHANGED)
        if failure and not permanent and now - delivery.owed_at < timedelta(days=self.config.delivery.retry_days):
            delay = backoff(attempt).total_seconds()
            key = f"deliver:{package}:{dsp}:{run}:{attempt + 1}"
            self.engine.enqueue(tx, "deliver", DSP, key, package, dsp, run, attempt + 1, delay=delay, partition=dsp)
            if attempt == 1:
                self.moves.alarm(tx, f"delivery of package {package} to {dsp} is being retried", failure, now, package)
            return "retry"
        if failure:
            delivery.state = packages.FAILED
            if permanent:
                packages.hold_changed(tx, package, now)
            self.moves.alarm(tx, f"delivery of package {package} to {dsp} failed for good", failure, now, package)
            return packages.FAILED
        delivery.state, delivery.delivered_at = packages.DELIVERED, now
        tx.flush()
        if all(one.state == packages.DELIVERED for one in packages.deliveries_of(tx, package)):
            self.moves.move(tx, package, Status.QC_APPROVED, Status.DELIVERED, SYSTEM, "", now)
        return packages.DELIVERED

    # Emails

    def tell(self, notice: int, run: int, attempt: int) -> str:
        """Workflow: one attempt to send one email."""
        result = self.engine.step("send", self.outbox.send, notice)
        return self.engine.commit("tick_off", self.tick_off, notice, run, attempt, result)

    def tick_off(self, tx: Session, notice: int, run: int, attempt: int, result: dict[str, Any]) -> str:
        """Transaction: the email is sent, is tried again later, or is given up and ops are told."""
        now = self.clock()
        row = notices.get_notice(tx, notice)
        if row is None or row.sent_at is not None or row.given_up_at is not None or row.runs != run:
            return "superseded"
        row.attempts = attempt
        failure = result["fault"]
        row.fault = failure or None
        if not failure:
            row.sent_at = now
            row.details = without_secrets(row.details)
            return "sent"
        if not result["permanent"] and now - row.created_at < timedelta(days=self.config.email.retry_days):
            delay = backoff(attempt).total_seconds()
            self.moves.enqueue_email(
                tx, notice, run, attempt + 1, thread_of(row.audience, row.package_id, row.label_id), delay
            )
            return "retry"
        row.given_up_at, row.details = now, without_secrets(row.details)
        if row.kind != "alarm":
            self.moves.alarm(tx, f"email {notice} ({row.kind}) could not be sent", failure, now, row.package_id)
        return "given up"

    # Acknowledgements

    def acknowledge(self, answer: int, run: int, attempt: int) -> str:
        """Workflow: one attempt to write one acknowledgement into its label's tree."""
        failure = self.engine.step("write", self.write, answer)
        return self.engine.commit("note_written", self.note_written, answer, run, attempt, failure)

    def write(self, answer: int) -> str:
        """Step: write the file; may be repeated. Returns "" or what went wrong, for ops."""
        with self.store.reading() as tx:
            row = tx.get(Acknowledgement, answer)
            label = None if row is None else tx.get_one(Package, row.package_id).label.name
        if row is None or label is None or row.written_at is not None:
            return ""
        try:
            write_acknowledgement(self.config.paths.acknowledgements(label), row.name, row.content)
        except OSError as error:
            return f"{error.strerror or error!r} ({error.filename or row.name})"
        self.log("acknowledged", package=row.package_id, file=row.name)
        return ""

    def note_written(self, tx: Session, answer: int, run: int, attempt: int, failure: str) -> str:
        """Transaction: the acknowledgement is written, is tried again later, or is given up and ops are told."""
        now = self.clock()
        row = tx.get(Acknowledgement, answer)
        if row is None or row.written_at is not None or row.given_up_at is not None or row.runs != run:
            return "superseded"
        row.attempts, row.fault = attempt, failure or None
        if not failure:
            row.written_at = now
            return "written"
        if now - row.created_at < timedelta(days=self.config.delivery.retry_days):
            self.moves.enqueue_acknowledgement(tx, answer, run, attempt + 1, backoff(attempt).total_seconds())
            return "retry"
        row.given_up_at = now
        self.moves.alarm(tx, f"acknowledgement {row.name} could not be written", failure, now, row.package_id)
        return "given up"


def _where(error: BaseException) -> str:
    """The type of an error and the place that raised it; its text may be as long as what caused it, and as hostile."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {place.name}, {place.filename}:{place.lineno}"


def without_secrets(details: dict[str, Any]) -> dict[str, Any]:
    """The details of a notice that are kept once it was sent or given up: all but a password."""
    return {name: value for name, value in details.items() if name != "password"}
